// A gateway on Kafka under a steady load of real miners: what a share costs it and Kafka, and how many shares share a block.
import { Farm } from '@assay/sim';
import { TOPIC } from '@assay/event-log';
import { loadFarm } from '../../harness/load-farm.ts';
import { waitFor } from '../../harness/wait-for.ts';
import type { BenchRow } from '../bench-row.ts';
import type { BenchCluster } from './bench-cluster.ts';

/** Machines and their shares a second each. */
const LOADS = [
  [100, 2],
  [200, 10],
] as const;
const SECONDS = 20;
const START_TIMEOUT_MS = 30_000;

export async function gatewayLoad(bench: BenchCluster): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const [machines, rate] of LOADS) {
    const latenciesMs: number[] = [];
    const sentAtMs = new Map<string, number>();
    let answers = 0;
    const farm = new Farm(
      loadFarm(machines, rate),
      { host: '127.0.0.1', port: bench.cluster.stratumPorts[0]! },
      machines,
      {
        onSubmit: (work, nonce) =>
          void sentAtMs.set(`${work.extranonce1}|${work.extranonce2}|${nonce}`, performance.now()),
        onAnswer: ({ work, nonce }) => {
          answers++;
          const key = `${work.extranonce1}|${work.extranonce2}|${nonce}`;
          const sent = sentAtMs.get(key);
          if (sent === undefined) return;
          sentAtMs.delete(key);
          latenciesMs.push(performance.now() - sent);
        },
      },
    );
    try {
      await waitFor('machines under way', START_TIMEOUT_MS, () => answers > machines * rate);
      const [cpu, blocks, from] = [bench.cpuUs(), await bench.records(TOPIC.sharesSubmitted), answers];
      latenciesMs.length = 0;
      const began = performance.now();
      await waitFor('the time of the load', 2 * SECONDS * 1000, () => performance.now() - began >= SECONDS * 1000);
      const [after, blocksAfter, shares] = [bench.cpuUs(), await bench.records(TOPIC.sharesSubmitted), answers - from];
      const perSecond = Math.round(shares / ((performance.now() - began) / 1000));
      latenciesMs.sort((a, b) => a - b);
      const at = (fraction: number): number => latenciesMs[Math.floor(fraction * (latenciesMs.length - 1))]!;
      const gatewayUs = (after['stratum-gateway'] - cpu['stratum-gateway']) / shares;
      const kafkaUs = (after.kafka - cpu.kafka) / shares;
      const named = (what: string): string => `cluster, gateway on Kafka at ${perSecond} shares/s, ${what}`;
      rows.push(
        {
          name: named('CPU of a share'),
          unit: 'us',
          value: gatewayUs,
          baseline: "Kafka's CPU",
          baselineValue: kafkaUs,
          ratio: gatewayUs / kafkaUs,
        },
        {
          name: named('shares in a block'),
          unit: 'shares',
          value: shares / (blocksAfter - blocks),
          baseline: 'one',
          baselineValue: 1,
          ratio: shares / (blocksAfter - blocks),
        },
        {
          name: named('acknowledgement p99'),
          unit: 'ms',
          value: at(0.99),
          baseline: 'p50',
          baselineValue: at(0.5),
          ratio: at(0.99) / at(0.5),
        },
      );
    } finally {
      farm.stop();
    }
  }
  return rows;
}
