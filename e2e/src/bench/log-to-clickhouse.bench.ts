// How fast a full log becomes rows: the validator, the aggregator and ClickHouse each in a process of its own, as in the cluster, on
// whatever cores there are. Time runs from the shares being in the log to all of them being visible to a query. Against inserting
// the same rows from Arrow blocks that are ready into the same ClickHouse, which is what is left when our two services cost nothing.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@clickhouse/client';
import { createClickHouseStore } from '@assay/adapter-clickhouse';
import { openLmdbEventLog } from '@assay/adapter-lmdb';
import { loadMigrations, migrate, type AnalyticsStore } from '@assay/analytics';
import { startEmbeddedClickHouse } from '@assay/embedded-clickhouse';
import { TOPIC, topicSpecs, type EventLog } from '@assay/event-log';
import { assert, MICROS_PER_SECOND, systemClock } from '@assay/kernel';
import { Lifecycle, silentLogger } from '@assay/platform';
import { waitFor } from '../harness/wait-for.ts';
import { BenchProcess } from './bench-process.ts';
import type { BenchRow } from './bench-row.ts';
import { cpuUsOf } from './process-cpu.ts';
import { median, summarizeRounds, type Round } from './round-summary.ts';
import { BLOCK_SHARES, SubmittedBlocks } from './submitted-blocks.ts';

/** Unmeasured, in which engines compile what is hot and caches fill. */
const WARM_UP_SHARES = 100_000;
/** Enough that the aggregator's linger over the last, partial batch (0.8 s at most) weighs little. */
const SHARES_PER_ROUND = 600_000;
const ROUNDS = 3;
/** Rows of one ready Arrow block; the aggregator's own batches have as many. */
const READY_ROWS = 50_000;
const TIMEOUT_MS = 120_000;
const TTL = {
  shares_ttl_days: 90,
  rollup_1m_ttl_days: 90,
  rollup_1h_ttl_days: 90,
  rollup_1d_ttl_days: 90,
  events_ttl_days: 90,
};
interface Cost {
  readonly validatorUs: number;
  readonly aggregatorUs: number;
  readonly clickHouseUs: number;
}

/** The parts of a run, started in order and stopped in reverse. */
async function startParts(lifecycle: Lifecycle, nodeOptions: NodeOptions) {
  const dir = mkdtempSync(join(tmpdir(), 'assay-bench-clickhouse-'));
  await lifecycle.start(
    'directory',
    async () => dir,
    async () => rmSync(dir, { recursive: true, force: true }),
  );
  const engine = await lifecycle.start(
    'clickhouse',
    () => startEmbeddedClickHouse({ dataDir: join(dir, 'clickhouse'), port: 0 }),
    (part) => part.close(),
  );
  const clickHouse = { url: engine.url, username: engine.username, password: engine.password };
  const store = await lifecycle.start(
    'store',
    async () => createClickHouseStore(clickHouse),
    (part) => part.close(),
  );
  await migrate(store, await loadMigrations(), TTL);
  await store.command('CREATE TABLE assay.ready AS assay.shares');
  const logDir = join(dir, 'log');
  const log = await lifecycle.start(
    'log',
    () => openLmdbEventLog({ dir: logDir, clock: systemClock }),
    (part) => part.close(),
  );
  await log.ensureTopics(topicSpecs(1));
  const service = (program: 'validator-process' | 'aggregator-process', options: readonly string[] = []) =>
    lifecycle.start(
      program,
      async () => {
        const child = await BenchProcess.start(program, {}, options);
        await child.call('start', { logDir, clickHouse });
        return child;
      },
      (part) => part.stop(),
    );
  const validator = await service('validator-process', nodeOptions.validator);
  const aggregator = await service('aggregator-process', nodeOptions.aggregator);
  return { engine, clickHouse, store, log, validator, aggregator };
}

type Parts = Awaited<ReturnType<typeof startParts>>;

async function rowsIn(store: AnalyticsStore, table: string): Promise<number> {
  const [row] = await store.query<{ n: string }>(`SELECT count() AS n FROM assay.${table}`);
  return Number(row!.n);
}

/** Appends the blocks and waits until all their shares are visible. Returns shares per second and what each process spent. */
async function pipeline(parts: Parts, blocks: readonly Uint8Array[], expected: number): Promise<[number, Cost]> {
  const { log, store, engine, validator, aggregator } = parts;
  const cpu = async (): Promise<Cost> => ({
    validatorUs: (await validator.usage()).cpuUs,
    aggregatorUs: (await aggregator.usage()).cpuUs,
    clickHouseUs: cpuUsOf(engine.pid),
  });
  const before = await cpu();
  await append(log, blocks);
  const began = performance.now();
  await waitFor('every share in ClickHouse', TIMEOUT_MS, async () => (await rowsIn(store, 'shares')) >= expected);
  const seconds = (performance.now() - began) / 1000;
  const after = await cpu();
  const shares = blocks.length * BLOCK_SHARES;
  const cost = {
    validatorUs: (after.validatorUs - before.validatorUs) / shares,
    aggregatorUs: (after.aggregatorUs - before.aggregatorUs) / shares,
    clickHouseUs: (after.clickHouseUs - before.clickHouseUs) / shares,
  };
  return [shares / seconds, cost];
}

async function append(log: EventLog, blocks: readonly Uint8Array[]): Promise<void> {
  await Promise.all(blocks.map((value) => log.append(TOPIC.sharesSubmitted, [{ value }], 0)));
}

/** The rows of `assay.shares` from row `from` on, in the order of the log, as Arrow streams that are ready to be inserted. */
async function readyBlocks({ clickHouse }: Parts, from: number, rows: number): Promise<Uint8Array[]> {
  const client = createClient(clickHouse);
  const streams: Uint8Array[] = [];
  for (let at = from; at < from + rows; at += READY_ROWS) {
    const query = `SELECT * FROM assay.shares WHERE log_offset * ${BLOCK_SHARES} + log_row >= ${at}
      AND log_offset * ${BLOCK_SHARES} + log_row < ${at + READY_ROWS}
      FORMAT ArrowStream SETTINGS output_format_arrow_string_as_string = 1`;
    const { stream } = await client.exec({ query });
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    streams.push(Buffer.concat(chunks));
  }
  await client.close();
  return streams;
}

/** Inserts ready blocks one after the other, as the aggregator does. Returns rows per second and what ClickHouse spent on a row. */
async function readyInsert(parts: Parts, from: number, rows: number): Promise<[number, number]> {
  const { store, engine } = parts;
  const streams = await readyBlocks(parts, from, rows);
  const began = performance.now();
  const cpuBefore = cpuUsOf(engine.pid);
  for (const [i, stream] of streams.entries())
    await store.insertArrow('ready', stream, { deduplicationToken: `ready:${from}:${i}` });
  const expected = from + rows;
  await waitFor('every ready row', TIMEOUT_MS, async () => (await rowsIn(store, 'ready')) >= expected);
  const seconds = (performance.now() - began) / 1000;
  return [rows / seconds, (cpuUsOf(engine.pid) - cpuBefore) / rows];
}

async function checkEverythingArrived(store: AnalyticsStore, shares: number): Promise<void> {
  const [row] = await store.query<Record<'accepted' | 'rolled' | 'ready', string>>(
    `SELECT (SELECT countIf(verdict = 'accepted') FROM assay.shares) AS accepted,
       (SELECT sum(accepted) FROM assay.rollup_1m) AS rolled, (SELECT count() FROM assay.ready) AS ready`,
  );
  const { accepted, rolled, ready } = row!;
  const right = [accepted, rolled, ready].every((count) => Number(count) === shares);
  assert(right, `of ${shares} shares ${accepted} were accepted, ${rolled} rolled up and ${ready} inserted ready`);
}

export interface NodeOptions {
  readonly validator?: readonly string[];
  readonly aggregator?: readonly string[];
}

/** The rows of BENCHMARKS.md about shares on their way into ClickHouse; takes about a minute, most of it mining. */
export async function logToClickHouse(nodeOptions: NodeOptions = {}): Promise<BenchRow[]> {
  const lifecycle = new Lifecycle(silentLogger);
  const parts = await startParts(lifecycle, nodeOptions);
  try {
    const source = new SubmittedBlocks({ fromUs: systemClock.nowUs() - 3600 * MICROS_PER_SECOND });
    const rounds: Round[] = [];
    const spent: Round[] = [];
    const costs: Cost[] = [];
    const sizes = [WARM_UP_SHARES, ...Array.from({ length: ROUNDS }, () => SHARES_PER_ROUND)];
    let from = 0;
    for (const [round, shares] of sizes.entries()) {
      const blocks = Array.from({ length: shares / BLOCK_SHARES }, () => source.next());
      const [ours, cost] = await pipeline(parts, blocks, from + shares);
      const [baseline, baselineUs] = await readyInsert(parts, from, shares);
      from += shares;
      if (round === 0) continue;
      spent.push({ ours: cost.validatorUs + cost.aggregatorUs + cost.clickHouseUs, baseline: baselineUs });
      rounds.push({ ours, baseline });
      costs.push(cost);
    }
    await checkEverythingArrived(parts.store, from);
    const each = (part: keyof Cost): string => median(costs.map((cost) => cost[part])).toFixed(1);
    process.stderr.write(
      `bench: log to ClickHouse, us of CPU a share: validator ${each('validatorUs')}, aggregator ${each('aggregatorUs')}, ClickHouse ${each('clickHouseUs')}\n`,
    );
    return [
      {
        name: 'log to ClickHouse, validator + aggregator',
        unit: 'shares/s',
        baseline: 'inserting the same rows from ready Arrow blocks',
        ...summarizeRounds(rounds),
      },
      {
        name: 'CPU of a share, validator + aggregator + ClickHouse',
        unit: 'us',
        baseline: 'ClickHouse, inserting ready Arrow blocks',
        ...summarizeRounds(spent),
      },
    ];
  } finally {
    await lifecycle.stop();
  }
}
