// A sampled block can be followed from the gateway's thread to every table of ClickHouse; without sampling no record says anything of it.
import { join } from 'node:path';
import { openLmdbEventLog } from '@assay/adapter-lmdb';
import { TOPIC } from '@assay/event-log';
import { systemClock } from '@assay/kernel';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CpuMiner } from '../harness/cpu-miner.ts';
import { PoolProcess } from '../harness/pool-process.ts';
import { waitFor } from '../harness/wait-for.ts';
import { startOtlpReceiver, type OtlpReceiver, type ReceivedSpan } from './otlp-receiver.ts';

const ALL = { maxRecords: 10_000, maxBytes: 1e9, waitMs: 0 };
const EASY = { ASSAY_MIN_DIFFICULTY: '0.00001', ASSAY_MAX_DIFFICULTY: '0.00001' };
const SUBMITS = 5;

let receiver: OtlpReceiver;
let pool: PoolProcess;
beforeEach(async () => {
  receiver = await startOtlpReceiver();
});
afterEach(async () => {
  await pool.dispose();
  receiver.close();
});

async function mineSome(): Promise<void> {
  const miner = new CpuMiner({ port: pool.ports.stratum, user: 'acme.north.m1', password: 'x', submits: SUBMITS });
  await waitFor('shares', 60_000, () => miner.accepted + miner.rejected >= SUBMITS);
  const rows = async (): Promise<number> =>
    Number((await pool.sql<{ n: string }>('SELECT count() AS n FROM assay.shares'))[0]!.n);
  await waitFor('rows', 60_000, async () => (await rows()) >= SUBMITS);
  miner.close();
}

/** The header of every record in the pool's log; the pool must have stopped. */
async function headers(topic: string): Promise<(string | undefined)[]> {
  const log = await openLmdbEventLog({ dir: join(pool.dataDir, 'log'), clock: systemClock });
  try {
    return (await log.readFrom(topic, 0, 0, ALL)).map((record) => record.headers?.['traceparent']);
  } finally {
    await log.close();
  }
}

it('follows every block from the gateway to each insert when all are sampled', async () => {
  pool = await PoolProcess.launch({ ...EASY, ASSAY_OTLP_URL: receiver.url, ASSAY_TRACE_SAMPLE: '1' });
  await mineSome();
  await pool.stop();
  const { spans } = receiver;
  const named = (name: string): ReceivedSpan[] => spans.filter((span) => span.name === name);
  const byId = new Map(spans.map((span) => [span.spanId, span]));

  const blocks = named('gateway block');
  const submitted = await headers(TOPIC.sharesSubmitted);
  expect(blocks.length).toBeGreaterThan(0);
  expect([...submitted].sort()).toEqual(blocks.map(({ traceId, spanId }) => `00-${traceId}-${spanId}-01`).sort());
  for (const block of blocks) {
    expect(block).toMatchObject({ service: 'stratum-gateway' });
    expect(block.parentSpanId ?? '').toBe('');
    const within = spans.filter((span) => span.parentSpanId === block.spanId).map(({ name }) => name);
    expect(within.sort()).toEqual(['append', 'linger', 'prove', 'validator block']);
  }
  const proved = named('validator block');
  const verified = await headers(TOPIC.sharesVerified);
  expect([...verified].sort()).toEqual(proved.map(({ traceId, spanId }) => `00-${traceId}-${spanId}-01`).sort());

  // Each block's proof is linked from exactly one batch, and the batch belongs to the trace of its first.
  const batches = named('aggregator batch');
  const links = batches.flatMap((batch) => batch.links!.map(({ spanId }) => spanId));
  expect(links.sort()).toEqual(proved.map(({ spanId }) => spanId).sort());
  for (const batch of batches) {
    const first = byId.get(batch.parentSpanId!)!;
    expect(first.name).toBe('validator block');
    expect(batch.traceId).toBe(first.traceId);
    expect(batch.links![0]!.spanId).toBe(first.spanId);
    const within = spans.filter((span) => span.parentSpanId === batch.spanId);
    expect(within.every(({ traceId }) => traceId === batch.traceId)).toBe(true);
    const inserts = within.map(({ name }) => name);
    for (const table of ['shares', 'rollup_1m', 'rollup_1h', 'rollup_1d']) expect(inserts).toContain(`insert ${table}`);
    expect(inserts).toContain('live state');
  }
  expect(spans.map(({ name }) => name)).toContain('insert jobs');
  expect(spans.filter(({ status }) => status.code === 2)).toEqual([]);
});

it('leaves no trace of itself when none is sampled', async () => {
  pool = await PoolProcess.launch({ ...EASY, ASSAY_OTLP_URL: receiver.url });
  await mineSome();
  await pool.stop();
  expect(receiver.spans).toEqual([]);
  for (const topic of [TOPIC.sharesSubmitted, TOPIC.sharesVerified]) {
    const found = await headers(topic);
    expect(found.length).toBeGreaterThan(0);
    expect(found.every((header) => header === undefined)).toBe(true);
  }
});

it('goes on mining, proving and storing when the collector is dead', async () => {
  receiver.close();
  pool = await PoolProcess.launch({ ...EASY, ASSAY_OTLP_URL: receiver.url, ASSAY_TRACE_SAMPLE: '1' });
  await mineSome();
  const failed = /^assay_trace_spans_total\{service="stratum-gateway",outcome="failed"\} [1-9]/m;
  await waitFor('spans that were given up', 60_000, async () =>
    failed.test(await (await fetch(`${pool.url}/metrics`)).text()),
  );
  await pool.stop();
});
