// What the upstream credited beside what was verified, on the real engine: real records through the log, some of them twice, inserts whose
// outcome is lost, and a ledger that comes out to the share all the same.
import { MemoryEventLog, MemoryLiveState, MemoryLogDisk } from '@assay/adapter-memory';
import { AnalyticsError, type AnalyticsStore } from '@assay/analytics';
import { TOPIC, topicSpecs } from '@assay/event-log';
import { Random, systemClock } from '@assay/kernel';
import { Registry, silentLogger, type RunningService } from '@assay/platform';
import { encodeVerified, sourceHeader, type UpstreamRecord, type UpstreamShare } from '@assay/share-block';
// eslint-disable-next-line @nx/enforce-module-boundaries -- seeded blocks, in tests only
import { randomBlocks } from '@assay/sim';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { startAggregator } from './start-aggregator.ts';
import { startTestStore, type TestStore } from './testing/test-store.ts';

const CONFIG = { batchShares: 500, batchBytes: 1 << 20, batchLingerMs: 20 };
const ASSIGNED = 64;
const UPSTREAM = 256;
const LEG = {
  gateway: 'g1',
  source: 'pool',
  endpoint: 'pool.example:3333',
  upstreamJobId: 'b7',
  upstreamDifficulty: UPSTREAM,
} as const;

let clickHouse: TestStore;
let store: AnalyticsStore;

beforeAll(async () => {
  clickHouse = await startTestStore();
  ({ store } = clickHouse);
});
afterAll(() => clickHouse.stop());

describe('upstream records', () => {
  let disk: MemoryLogDisk;
  let log: MemoryEventLog;
  let running: RunningService[];

  beforeEach(async () => {
    for (const table of ['shares', 'jobs', 'upstream_shares', 'upstream_jobs'])
      await store.command(`TRUNCATE TABLE assay.${table}`);
    disk = new MemoryLogDisk({ clock: systemClock });
    log = new MemoryEventLog(disk);
    await log.ensureTopics(topicSpecs(2));
    running = [];
  });
  afterEach(async () => {
    await Promise.all(running.map((service) => service.stop()));
    await log.close();
  });

  async function start(through: AnalyticsStore = store, registry = new Registry()): Promise<RunningService> {
    const service = await startAggregator(CONFIG, {
      log: new MemoryEventLog(disk),
      store: through,
      live: new MemoryLiveState({ clock: systemClock }),
      clock: systemClock,
      logger: silentLogger,
      registry,
    });
    running.push(service);
    return service;
  }
  const record = (...records: readonly UpstreamRecord[]): Promise<unknown> =>
    log.append(
      TOPIC.upstreamShares,
      records.map((one) => ({ key: one.gateway, value: Buffer.from(JSON.stringify(one)) })),
    );
  const caughtUp = (): Promise<void> =>
    vi.waitFor(async () => {
      expect(await log.lag('aggregator', TOPIC.sharesVerified)).toBe(0);
      expect(await log.lag('aggregator', TOPIC.upstreamShares)).toBe(0);
    }, { timeout: 20_000, interval: 20 }); // prettier-ignore

  interface Found {
    readonly jobHash: string;
    readonly share: UpstreamShare;
  }

  /** Verified shares, and for each that the upstream wants what a source would put on record of it. */
  async function mine(count: number): Promise<{ qualifying: Found[]; verified: number }> {
    const random = new Random(11);
    const workers = ['acme.hall1.r1.m1', 'acme.hall1.r1.m2', 'beta.site.7'];
    const nowUs = systemClock.nowUs();
    const made = randomBlocks({
      random,
      gateway: LEG.gateway,
      workers,
      algorithms: ['sha256d'],
      difficulties: [ASSIGNED],
      rejected: 0,
      late: 0,
      latestUs: 1,
    }).next(nowUs, count);
    // One share in four at 64 reaches 256, as they do on the average.
    const shareDifficulty = Float64Array.from({ length: count }, (_, i) =>
      i % 4 === 3 ? UPSTREAM * (1 + i) : ASSIGNED,
    );
    const block = { ...made, shareDifficulty };
    const { hashes, job, jobs, submittedAtUs, tenant, worker } = block;
    for (const { hash } of jobs) await record({ ...LEG, type: 'job', jobHash: hash, atUs: nowUs - 60_000_000 });
    await log.append(TOPIC.sharesVerified, [{ value: encodeVerified(block), headers: sourceHeader(0, 0) }], 0);
    const qualifying = Array.from({ length: count }, (_, i): Found => {
      const sentAtUs = submittedAtUs[i]! + 2_000;
      const jobHash = jobs[job[i]!]!.hash;
      const share: UpstreamShare = {
        ...LEG,
        type: 'share',
        jobHash,
        hash: Buffer.from(hashes.slice(32 * i, 32 * (i + 1)).reverse()).toString('hex'),
        tenant: tenant.values[tenant.codes[i]!]!,
        worker: worker.values[worker.codes[i]!]!,
        account: 'farm',
        submittedAtUs: submittedAtUs[i]!,
        sentAtUs,
        answeredAtUs: sentAtUs + 25_000,
        attempts: 1,
        verdict: 'accepted',
        reason: '',
        blockCandidate: false,
      };
      return { jobHash, share };
    }).filter((_, i) => i % 4 === 3);
    return { qualifying, verified: count };
  }

  const ledger = (): Promise<Record<string, unknown>[]> =>
    store.query(
      `SELECT standing, toUInt32(count()) AS shares, sum(upstream_difficulty) AS work FROM assay.upstream_ledger GROUP BY standing ORDER BY standing`,
    );

  it('reconcile with the shares verified, to the share, whatever is written twice', async () => {
    // The first three inserts take effect, and their answers are lost: they are made again under the same tokens.
    let lost = 3;
    const insertArrow: AnalyticsStore['insertArrow'] = async (table, ...rest) => {
      await store.insertArrow(table, ...rest);
      if (table === 'upstream_shares' && lost-- > 0)
        throw new AnalyticsError('unavailable', 'the answer was lost', { retriable: true });
    };
    const first = await start({ ...store, query: (...args) => store.query(...args), command: (sql) => store.command(sql), ping: () => store.ping(), close: async () => undefined, insertArrow }); // prettier-ignore
    const { qualifying } = await mine(400);
    expect(qualifying).toHaveLength(100);
    const said = qualifying.map(({ share }, i): UpstreamShare => {
      if (i < 4) return { ...share, verdict: 'rejected', reason: '23 Low difficulty share' };
      if (i < 6) return { ...share, verdict: 'unanswered', answeredAtUs: 0, reason: 'the connection was lost' };
      if (i < 7)
        return { ...share, verdict: 'unsent', sentAtUs: 0, answeredAtUs: 0, attempts: 0, reason: 'the job was gone' };
      return share;
    });
    // Two never came to the log.
    const put = said.slice(0, -2);
    await record(...put.slice(0, 60));
    await vi.waitFor(() => expect(lost).toBeLessThan(0), { timeout: 20_000 });
    await first.stop();
    // The gateway did not know whether the log had taken the last ones, and wrote them again.
    await record(...put.slice(30, 60), ...put.slice(60));
    await start();
    await caughtUp();

    expect(await ledger()).toEqual([
      { standing: 'credited', shares: 91, work: 91 * UPSTREAM },
      { standing: 'not_forwarded', shares: 2, work: 2 * UPSTREAM },
      { standing: 'rejected', shares: 4, work: 4 * UPSTREAM },
      { standing: 'unanswered', shares: 2, work: 2 * UPSTREAM },
      { standing: 'unsent', shares: 1, work: UPSTREAM },
    ]);
    // Tokens kept what was inserted twice out; only what the log had twice is there twice until a merge.
    const rows = await store.query<Record<string, number>>(
      'SELECT toUInt32(count()) AS rows, toUInt32(uniqExact(log_partition, log_offset)) AS records, toUInt32(uniqExact(hash)) AS shares FROM assay.upstream_shares',
    );
    expect(rows[0]!['rows']).toBe(rows[0]!['records']);
    expect(rows[0]!['shares']).toBe(98);
    const once = await store.query('SELECT toUInt32(count()) AS n FROM assay.upstream_shares FINAL');
    expect(once).toEqual([{ n: 98 }]);
    const [credited] = await store.query<Record<string, unknown>>(
      `SELECT answer_ms, verified, attempts, source, endpoint, account, difficulty, upstream_reason FROM assay.upstream_ledger WHERE standing = 'credited' LIMIT 1`,
    );
    expect(credited).toEqual({
      answer_ms: 25,
      verified: 1,
      attempts: 1,
      source: 'pool',
      endpoint: 'pool.example:3333',
      account: 'farm',
      difficulty: ASSIGNED,
      upstream_reason: '',
    });
  });

  it('keep the answer that came last, where a share has two', async () => {
    await start();
    const { qualifying } = await mine(40);
    const shares = qualifying.map(({ share }) => share);
    await record(...shares.slice(0, 5));
    await record(...shares.slice(0, 5).map((share): UpstreamShare => ({ ...share, verdict: 'unanswered', answeredAtUs: 0 }))); // prettier-ignore
    await record(...shares.slice(5));
    await caughtUp();
    expect(await ledger()).toEqual([{ standing: 'credited', shares: 10, work: 10 * UPSTREAM }]);
  });

  it('names what was passed on and not verified, and sets aside what it cannot read', async () => {
    const registry = new Registry();
    await start(store, registry);
    const { qualifying } = await mine(8);
    const { share } = qualifying[0]!;
    await record(share, { ...qualifying[1]!.share, hash: 'ab'.repeat(32) });
    await record({ ...share, tenant: 'beta', worker: 'acme.x' });
    await record({ ...share, verdict: 'maybe' as 'accepted' });
    await caughtUp();
    expect(await ledger()).toMatchObject([
      { standing: 'credited', shares: 1 },
      { standing: 'not_forwarded', shares: 1 },
      { standing: 'not_verified', shares: 1 },
    ]);
    const dead = await log.readFrom(TOPIC.sharesDead, 0, 0, { maxRecords: 10, maxBytes: 1e6, waitMs: 0 });
    expect(dead.map(({ headers }) => headers?.['reason']).sort()).toEqual(['bad_tenant', 'bad_upstream_record']);
    expect(await registry.getSingleMetricAsString('assay_aggregator_dead_records_total')).toContain(
      'topic="upstream.shares",reason="bad_upstream_record"} 1',
    );
  });

  it('are spread over batches where clocks made them of more months than one insert takes', async () => {
    await start();
    const { qualifying } = await mine(4);
    const { share } = qualifying[0]!;
    const months = Array.from({ length: 150 }, (_, i) => ({
      ...share,
      submittedAtUs: Date.UTC(2026 - Math.floor(i / 12), i % 12) * 1000,
    }));
    await record(...months);
    await caughtUp();
    // Most are past their time, and the table drops them as it pleases: what counts is that the ones after them are not held up.
    await record(share);
    await caughtUp();
    expect(await ledger()).toMatchObject([{ standing: 'credited', shares: 1 }, { standing: 'not_verified' }]);
  });
});
