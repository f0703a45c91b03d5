// How long machines took to answer, over HTTP from a real ClickHouse: of the last hour, and per step of short and long ranges.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyLive, NOW_MINUTE, NOW_US } from '../../sample/sample-farm.ts';
import { SampleGateway } from '../../sample/sample-gateway.ts';
import { startSampleStore, type SampleStore } from '../../sample/sample-store.ts';

const SERIES = `query ($name: String!, $range: RangeInput!) {
  worker(name: $name) { latencySeries(range: $range) { stepSeconds points { at meanMs slowestMs answers } } }
}`;
const MEASURED = 'acme.north.r1.m1';
const NEVER = 'acme.north.r1.m2';
/** Nothing was measured in the newest so many minutes. */
const QUIET_MINUTES = 3;
const DAY_MINUTES = 1440;
const DAYS = 100;

const iso = (minute: number): string => new Date(minute * 60_000).toISOString();

let sample: SampleStore;
let pool: SampleGateway;

beforeAll(async () => {
  sample = await startSampleStore();
  pool = await SampleGateway.start({}, { store: sample.store });
  const connectedSinceUs = NOW_US - 3600e6;
  await applyLive(
    pool.live,
    [MEASURED, NEVER].map((worker) => ({ worker, connectedSinceUs })),
  );
  // Twice a minute at 20 ms, by another gateway once at 50 ms; in the newest minute 200 ms.
  const insert = (partition: number, answers: number, total: string, slowest: number): Promise<void> =>
    sample.store.command(`
      INSERT INTO assay.latency_1m (tenant, worker, at, log_partition, answers, total_ms, slowest_ms)
      SELECT 'acme', '${MEASURED}', fromUnixTimestamp((${NOW_MINUTE - QUIET_MINUTES} - number) * 60), ${partition}, ${answers}, ${total}, ${slowest}
      FROM numbers(${DAYS * DAY_MINUTES})`);
  await insert(0, 2, 'if(number = 0, 400, 40)', 25);
  await insert(1, 1, 'if(number = 0, 200, 50)', 50);
});
afterAll(async () => {
  await pool.stop();
  await sample.stop();
});

describe('the latency of a machine', () => {
  it('is that of the last hour, with the newest minute of all gateways', async () => {
    const { data } = await pool.ask(
      `{ a: worker(name: "${MEASURED}") { latency { newestMs newestAt meanMs slowestMs answers } } b: worker(name: "${NEVER}") { latency { meanMs } } }`,
    );
    const minutes = 60 - QUIET_MINUTES;
    expect(data.a.latency).toMatchObject({
      newestMs: 200,
      newestAt: iso(NOW_MINUTE - QUIET_MINUTES),
      slowestMs: 50,
      answers: 3 * minutes,
    });
    expect(data.a.latency.meanMs).toBeCloseTo((90 * (minutes - 1) + 600) / (3 * minutes), 6);
    expect(data.b.latency).toBeNull();
  });

  it('has a point for each step, and none of what was not measured', async () => {
    const range = { from: iso(NOW_MINUTE - 10), to: iso(NOW_MINUTE), maxPoints: 10 };
    const { data } = await pool.ask(SERIES, { name: MEASURED, range });
    const { stepSeconds, points } = data.worker.latencySeries;
    expect([stepSeconds, points.length]).toEqual([60, 10]);
    const means = points.map(({ meanMs }: { meanMs: number | null }) => meanMs);
    expect(means).toEqual([30, 30, 30, 30, 30, 30, 30, 200, null, null]);
    expect(points[9]).toEqual({ at: iso(NOW_MINUTE - 1), meanMs: null, slowestMs: null, answers: 0 });
  });

  it('is read from hours where the range is long, and says the same', async () => {
    const range = { from: iso(NOW_MINUTE - 95 * DAY_MINUTES), to: iso(NOW_MINUTE), maxPoints: 100 };
    const { data } = await pool.ask(SERIES, { name: MEASURED, range });
    const { stepSeconds, points } = data.worker.latencySeries;
    expect(stepSeconds).toBe(86_400);
    expect(points[10]).toMatchObject({ meanMs: 30, slowestMs: 50, answers: 3 * DAY_MINUTES });
  });

  it('costs as many values as points are asked for', async () => {
    const range = { from: iso(NOW_MINUTE - 10), to: iso(NOW_MINUTE), maxPoints: 2000 };
    const many = `query ($range: RangeInput!) { workers(first: 1000) { nodes { latencySeries(range: $range) { points { meanMs } } } } }`;
    const { errors } = await pool.ask(many, { range });
    expect(errors?.[0]?.extensions.code).toBe('QUERY_TOO_COMPLEX');
  });
});
