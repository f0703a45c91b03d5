// npm run bench -- --cluster: the figures that docs/capacity.md reckons with, on real Kafka and the services' own processes.
import type { BenchRow } from '../bench-row.ts';
import { BenchCluster } from './bench-cluster.ts';
import { gatewayLoad } from './gateway-load.ts';
import { bothTopicsBytes, clickHouseBytes, kafkaBytes } from './storage.ts';
import { Throughput } from './throughput.ts';

/** Takes some ten minutes, much of it mining. */
export async function clusterBench(): Promise<BenchRow[]> {
  const bench = await BenchCluster.start();
  try {
    return [
      ...(await new Throughput(bench).rows()),
      ...(await bothTopicsBytes(bench)),
      ...(await clickHouseBytes(bench)),
      ...(await kafkaBytes(bench)),
      ...(await gatewayLoad(bench)),
    ];
  } finally {
    await bench.stop();
  }
}
