// What durability costs: an append of a 50 KB block to the embedded log resolves after its flush. Held against the same bytes written to a plain file, first
// without a flush (how much of the latency is the flush), then with one fdatasync each (what the disk gives to whoever does not share flushes).
import { mkdtemp, open, rm, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLmdbEventLog, type LmdbEventLog } from '@assay/adapter-lmdb';
import { Random, systemClock } from '@assay/kernel';
import type { BenchRow } from './bench-row.ts';

const BLOCK_BYTES = 50_000;
const ROUNDS = 5;
const APPENDS_PER_ROUND = 200;
/** Blocks a busy gateway has under way at once. */
const OUTSTANDING = 8;
const TOPIC = 'bench';

type Append = () => Promise<unknown>;

interface Latencies {
  readonly p50: number;
  readonly p99: number;
}

async function latenciesMs(append: Append): Promise<Latencies> {
  const sorted: number[] = [];
  for (let i = 0; i < APPENDS_PER_ROUND; i++) {
    const start = performance.now();
    await append();
    sorted.push(performance.now() - start);
  }
  sorted.sort((a, b) => a - b);
  return { p50: sorted[APPENDS_PER_ROUND >> 1]!, p99: sorted[Math.floor(APPENDS_PER_ROUND * 0.99)]! };
}

async function perSecond(append: Append, outstanding: number): Promise<number> {
  const start = performance.now();
  let left = APPENDS_PER_ROUND * 2;
  const lane = async (): Promise<void> => {
    while (left-- > 0) await append();
  };
  await Promise.all(Array.from({ length: outstanding }, lane));
  return (APPENDS_PER_ROUND * 2 * 1000) / (performance.now() - start);
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

function row(
  name: string,
  unit: string,
  baseline: string,
  rounds: readonly { ours: number; theirs: number }[],
): BenchRow {
  const ratios = rounds.map(({ ours, theirs }) => ours / theirs);
  return {
    name,
    unit,
    value: median(rounds.map(({ ours }) => ours)),
    baseline,
    baselineValue: median(rounds.map(({ theirs }) => theirs)),
    ratio: median(ratios),
    spread: `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`,
  };
}

/** Latency rows: lower is better, the ratio says how many times slower than the unflushed write. Rate rows: higher is better. */
export async function logAppend(): Promise<BenchRow[]> {
  const dir = await mkdtemp(join(tmpdir(), 'assay-bench-log-'));
  const log = await openLmdbEventLog({ dir: join(dir, 'log'), clock: systemClock });
  const file = await open(join(dir, 'plain'), 'a');
  try {
    await log.ensureTopics([{ name: TOPIC, partitions: 1, retentionBytes: 2 ** 30, retentionUs: 3_600_000_000 }]);
    return await measure(log, file);
  } finally {
    await file.close();
    await log.close();
    await rm(dir, { recursive: true, force: true });
  }
}

async function measure(log: LmdbEventLog, file: FileHandle): Promise<BenchRow[]> {
  const block = new Random(1).bytes(BLOCK_BYTES);
  const flushed: Append = () => log.append(TOPIC, [{ value: block }], 0);
  const unflushed: Append = () => file.write(block);
  const synced: Append = async () => {
    await file.write(block);
    await file.datasync();
  };
  await latenciesMs(flushed);
  await latenciesMs(unflushed);

  const p50: { ours: number; theirs: number }[] = [];
  const p99: typeof p50 = [];
  const rate: typeof p50 = [];
  for (let round = 0; round < ROUNDS; round++) {
    const [ours, theirs] = [await latenciesMs(flushed), await latenciesMs(unflushed)];
    // What the unflushed writes left behind is flushed here, not in the next measurement.
    await file.datasync();
    p50.push({ ours: ours.p50, theirs: theirs.p50 });
    p99.push({ ours: ours.p99, theirs: theirs.p99 });
    rate.push({ ours: await perSecond(flushed, OUTSTANDING), theirs: await perSecond(synced, 1) });
  }
  const unflushedWrite = 'the same bytes written to a file, not flushed';
  return [
    row('log append, flushed, 50 KB block, p50', 'ms', unflushedWrite, p50),
    row('log append, flushed, 50 KB block, p99', 'ms', unflushedWrite, p99),
    row('log append, flushed, 50 KB blocks, 8 under way', '1/s', 'a file, one fdatasync per block', rate),
  ];
}
