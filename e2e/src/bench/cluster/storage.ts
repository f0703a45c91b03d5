// What a share takes on disk: in Kafka by the size of its block, in ClickHouse as a raw row and in rollups.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { openKafkaEventLog, type KafkaEventLogOptions } from '@assay/adapter-kafka';
import { TOPIC, topicSpecs } from '@assay/event-log';
import { MICROS_PER_SECOND, systemClock } from '@assay/kernel';
import type { BenchRow } from '../bench-row.ts';
import { SubmittedBlocks } from '../submitted-blocks.ts';
import type { BenchCluster } from './bench-cluster.ts';

const BLOCK_SIZES = [10, 100, 1000] as const;
const COMPRESSIONS = ['none', 'lz4', 'gzip'] as const satisfies readonly KafkaEventLogOptions['compression'][];
const SHARES = 20_000;
const TABLES = ['shares', 'rollup_1m', 'rollup_1h', 'rollup_1d'] as const;

/** Bytes of a share in Kafka's files, by the number of shares in its block: one record, as a gateway appends it. */
export async function kafkaBytes(bench: BenchCluster): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const blockShares of BLOCK_SIZES) {
    const blocks = oneByOne(blockShares, SHARES / blockShares);
    const plain = blocks.reduce((sum, block) => sum + block.length, 0) / SHARES;
    for (const compression of COMPRESSIONS) {
      const topic = `bench.${blockShares}.${compression}`;
      const log = await openKafkaEventLog({
        brokers: bench.cluster.kafka.bootstrap,
        clientId: 'bench-bytes',
        clock: systemClock,
        compression,
      });
      try {
        await log.ensureTopics([{ ...topicSpecs(1)[0]!, name: topic }]);
        for (const value of blocks) await log.append(topic, [{ value }], 0);
      } finally {
        await log.close();
      }
      const stored = bytesOfTopic(join(bench.dir, 'kafka'), topic) / SHARES;
      rows.push({
        name: `cluster, Kafka bytes of a submitted share, blocks of ${blockShares}, ${compression}`,
        unit: 'bytes',
        value: stored,
        baseline: 'its share of the block itself',
        baselineValue: plain,
        ratio: stored / plain,
      });
    }
  }
  return rows;
}

/** Bytes in Kafka of a submitted and a verified share together, over all that the throughput phases left. */
export async function bothTopicsBytes(bench: BenchCluster): Promise<BenchRow[]> {
  const shares = await bench.count('SELECT count() AS n FROM assay.shares');
  const bytes = [TOPIC.sharesSubmitted, TOPIC.sharesVerified].map((topic) =>
    bytesOfTopic(join(bench.dir, 'kafka'), topic),
  ) as [number, number];
  return [
    {
      name: 'cluster, Kafka bytes of a verified share, blocks of 1000',
      unit: 'bytes',
      value: bytes[1] / shares,
      baseline: 'the same share as it was submitted',
      baselineValue: bytes[0] / shares,
      ratio: bytes[1] / bytes[0],
    },
  ];
}

/** Bytes of a row in ClickHouse once its parts are merged, against the row uncompressed. */
export async function clickHouseBytes(bench: BenchCluster): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const table of TABLES) {
    await bench.store.command(`OPTIMIZE TABLE assay.${table} FINAL`);
    const [found] = await bench.store.query<Record<'disk' | 'plain' | 'count', string>>(
      `SELECT sum(bytes_on_disk) AS disk, sum(data_uncompressed_bytes) AS plain, sum(rows) AS count
       FROM system.parts WHERE database = 'assay' AND table = {table:String} AND active`,
      { table },
    );
    const [disk, plain, count] = [Number(found!.disk), Number(found!.plain), Number(found!.count)];
    rows.push({
      name: `cluster, ClickHouse bytes of a row of ${table} (${count.toLocaleString('en-US')} rows)`,
      unit: 'bytes',
      value: disk / count,
      baseline: 'the row uncompressed',
      baselineValue: plain / count,
      ratio: disk / plain,
    });
  }
  return rows;
}

/** Shares as they come in the field: every one from another machine and on an extranonce2 of its own. */
function oneByOne(blockShares: number, count: number): Uint8Array[] {
  const blocks = new SubmittedBlocks({
    fromUs: systemClock.nowUs() - 3600 * MICROS_PER_SECOND,
    blockShares,
    workers: 1000,
    sharesPerExtranonce2: 1,
  });
  return Array.from({ length: count }, () => blocks.next());
}

function bytesOfTopic(dir: string, topic: string): number {
  return partitionDirs(dir)
    .filter((path) => new RegExp(`/${topic.replaceAll('.', '\\.')}-\\d+$`).test(path))
    .reduce((sum, path) => sum + logBytes(path), 0);
}

function partitionDirs(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Segments hold records; Kafka allocates their indexes ahead and they do not grow with the shares. */
function logBytes(partitionDir: string): number {
  return readdirSync(partitionDir)
    .filter((name) => name.endsWith('.log'))
    .reduce((sum, name) => sum + statSync(join(partitionDir, name)).size, 0);
}
