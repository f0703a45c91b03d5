// Latencies through the log into the real engine: summed by minute and hour, once, whatever happens to the inserts; seen by nobody else.
import { MemoryEventLog, MemoryLiveState, MemoryLogDisk } from '@assay/adapter-memory';
import { AnalyticsError, type AnalyticsStore } from '@assay/analytics';
import { TOPIC, topicSpecs } from '@assay/event-log';
import { systemClock } from '@assay/kernel';
import { Registry, silentLogger, type RunningService } from '@assay/platform';
import type { TimedWorker, WorkerLatencies } from '@assay/tenancy';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { startAggregator } from './start-aggregator.ts';
import { startTestStore, type TestStore } from './testing/test-store.ts';

const CONFIG = { batchShares: 500, batchBytes: 1 << 20, batchLingerMs: 20 };
/** The start of an hour not long ago, so that retention leaves its rows alone. */
const HOUR_US = Math.floor(Date.now() / 3_600_000) * 3_600e6 - 7_200e6;
const MINUTE_US = 60e6;

let clickHouse: TestStore;
let store: AnalyticsStore;

beforeAll(async () => {
  clickHouse = await startTestStore();
  ({ store } = clickHouse);
});
afterAll(() => clickHouse.stop());

describe('latencies', () => {
  let disk: MemoryLogDisk;
  let log: MemoryEventLog;
  let running: RunningService[];

  beforeEach(async () => {
    for (const table of ['latency_1m', 'latency_1h']) await store.command(`TRUNCATE TABLE assay.${table}`);
    disk = new MemoryLogDisk({ clock: systemClock });
    log = new MemoryEventLog(disk);
    await log.ensureTopics(topicSpecs(2));
    running = [];
  });
  afterEach(async () => {
    await Promise.all(running.map((service) => service.stop()));
    await log.close();
  });

  async function start(through: AnalyticsStore = store): Promise<void> {
    running.push(
      await startAggregator(CONFIG, {
        log: new MemoryEventLog(disk),
        store: through,
        live: new MemoryLiveState({ clock: systemClock }),
        clock: systemClock,
        logger: silentLogger,
        registry: new Registry(),
      }),
    );
  }
  const record = (gateway: string, minute: number, ...workers: readonly TimedWorker[]): Promise<unknown> => {
    const latencies: WorkerLatencies = { gateway, atUs: HOUR_US + minute * MINUTE_US, workers };
    return log.append(TOPIC.workerLatencies, [{ key: gateway, value: Buffer.from(JSON.stringify(latencies)) }]);
  };
  const caughtUp = (): Promise<void> =>
    vi.waitFor(async () => expect(await log.lag('aggregator', TOPIC.workerLatencies)).toBe(0), {
      timeout: 20_000,
      interval: 20,
    });
  const rows = (table: string): Promise<unknown[]> =>
    store.query(
      `SELECT toString(tenant) AS tenant, toString(worker) AS worker, toFloat64(dateDiff('minute', fromUnixTimestamp64Micro({hour:Int64}), at)) AS minute,
         toFloat64(sum(answers)) AS answers, sum(total_ms) AS total, max(slowest_ms) AS slowest
       FROM assay.${table} GROUP BY tenant, worker, at ORDER BY worker, at`,
      { hour: HOUR_US },
    );
  const row = (worker: string, minute: number, answers: number, total: number, slowest: number): unknown => ({
    tenant: worker.split('.')[0],
    worker,
    minute,
    answers,
    total,
    slowest,
  });

  it('stand by the minute and the hour, of all gateways together', async () => {
    await start();
    await record('g1', 1, ['acme.n.m1', 2, 8_000, 5_000], ['beta.m1', 1, 700, 700]);
    await record('g2', 1, ['acme.n.m1', 1, 301_000, 301_000]);
    await record('g1', 59, ['acme.n.m1', 1, 1_000, 1_000]);
    await record('g1', 60, ['acme.n.m1', 1, 2_000, 2_000]);
    await caughtUp();
    expect(await rows('latency_1m')).toEqual([
      row('acme.n.m1', 1, 3, 309, 301),
      row('acme.n.m1', 59, 1, 1, 1),
      row('acme.n.m1', 60, 1, 2, 2),
      row('beta.m1', 1, 1, 0.7, 0.7),
    ]);
    expect(await rows('latency_1h')).toEqual([
      row('acme.n.m1', 0, 4, 310, 301),
      row('acme.n.m1', 60, 1, 2, 2),
      row('beta.m1', 0, 1, 0.7, 0.7),
    ]);
  });

  it('count once where an insert is tried again, though the first had come through', async () => {
    let lost = 0;
    const lossy: AnalyticsStore = {
      ...store,
      ping: () => store.ping(),
      query: (...args: Parameters<AnalyticsStore['query']>) => store.query(...args),
      command: (...args: Parameters<AnalyticsStore['command']>) => store.command(...args),
      close: () => store.close(),
      insertArrow: async (...args) => {
        await store.insertArrow(...args);
        if (lost++ < 2) throw new AnalyticsError('unavailable', 'the answer was lost', { retriable: true });
      },
    } as AnalyticsStore;
    await start(lossy);
    await record('g1', 3, ['acme.n.m1', 1, 4_000, 4_000]);
    await caughtUp();
    expect(lost).toBeGreaterThan(2);
    expect(await rows('latency_1m')).toEqual([row('acme.n.m1', 3, 1, 4, 4)]);
    expect(await rows('latency_1h')).toEqual([row('acme.n.m1', 0, 1, 4, 4)]);
  });

  it('are set aside where they cannot be read, and hold up nothing', async () => {
    await start();
    const tooMany = Array.from({ length: 201 }, (_, i): TimedWorker => [`acme.m${i}`, 1, 1, 1]);
    await record('g1', 1, ...tooMany);
    await record('g1', 2, ['acme.n.m1', -1, 1_000, 1_000]);
    await record('g1', 3);
    await record('g1', 4, ['acme.n.m1', 1, 1_000, 1_000]);
    await caughtUp();
    expect(await rows('latency_1m')).toEqual([row('acme.n.m1', 4, 1, 1, 1)]);
    const dead = await log.readFrom(TOPIC.sharesDead, 0, 0, { maxRecords: 10, maxBytes: 1e6, waitMs: 0 });
    expect(dead.map(({ headers }) => headers?.['reason'])).toEqual(['bad_latencies', 'bad_latencies']);
  });
});
