// The aggregator on the real engine: what comes out of ClickHouse is what went into the log, whatever happens in between.
import { MemoryEventLog, MemoryLiveState, MemoryLogDisk } from '@assay/adapter-memory';
import { AnalyticsError } from '@assay/analytics';
import type { AnalyticsStore } from '@assay/analytics';
import { TOPIC, topicSpecs, type GroupMember, type PartitionSession } from '@assay/event-log';
import { Random, systemClock } from '@assay/kernel';
import { LIVE_SLOT_US, LIVE_WINDOWS } from '@assay/live-state';
import { REJECT_REASONS, sealJob } from '@assay/mining';
import { Registry, silentLogger } from '@assay/platform';
import type { RunningService } from '@assay/platform';
import { Rollup, summarise } from '@assay/rollup';
import { encodeVerified, sourceHeader } from '@assay/share-block';
import type { VerifiedBlock } from '@assay/share-block';
// eslint-disable-next-line @nx/enforce-module-boundaries -- seeded blocks, in tests only
import { randomBlocks } from '@assay/sim';
import type { GatewayDisagreement, WorkerEvent } from '@assay/tenancy';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { liveDeltas } from './live-deltas.ts';
import { WRITTEN_TABLES } from './lost-store.ts';
import { startAggregator } from './start-aggregator.ts';
import { startTestStore, type TestStore } from './testing/test-store.ts';

const WORKERS = ['acme.hall1.r1.m1', 'acme.hall1.r1.m2', 'beta.site.7', 'solo'];
const CONFIG = { batchShares: 500, batchBytes: 1 << 20, batchLingerMs: 20 };
const DAYS = 86_400_000_000;

let clickHouse: TestStore;
let store: AnalyticsStore;

beforeAll(async () => {
  clickHouse = await startTestStore();
  ({ store } = clickHouse);
});
afterAll(() => clickHouse.stop());

/** A difficulty in units of 1e-8, without going through a product that a double cannot hold. */
const unitsOf = (difficulty: number): bigint =>
  BigInt(Math.floor(difficulty)) * 100_000_000n + BigInt(Math.round((difficulty % 1) * 1e8));

type Insert = AnalyticsStore['insertArrow'];

/** The real store, its inserts going through `insertArrow`. */
function storeWith(insertArrow: Insert): AnalyticsStore {
  return {
    query: (...args) => store.query(...args),
    command: (sql) => store.command(sql),
    ping: () => store.ping(),
    close: async () => undefined,
    insertArrow,
  };
}

/** Dies, as its process would, before or after the n-th insert took effect; nothing is written after that. */
function dyingInsert(dieAt: number, after: boolean, onDeath: () => void): Insert {
  let inserts = 0;
  const die = (): never => {
    onDeath();
    throw new Error('the process died here');
  };
  return async (...args) => {
    const mine = inserts++;
    if (mine > dieAt || (mine === dieAt && !after)) die();
    await store.insertArrow(...args);
    if (mine === dieAt) die();
  };
}

/** A log that counts how many bytes of shares its reader was handed and has not committed. */
class HandedOut extends MemoryEventLog {
  reads = 0;
  most = 0;
  #held = 0;

  override join(...[group, topics, handle, onError]: Parameters<MemoryEventLog['join']>): Promise<GroupMember> {
    const observed = (session: PartitionSession): Promise<void> => {
      if (session.topic !== TOPIC.sharesVerified) return handle(session);
      // What a read brings beyond the batch is handed out again: counted from the committed offset, it is held once.
      const sizes = new Map<number, number>();
      return handle({
        topic: session.topic,
        partition: session.partition,
        signal: session.signal,
        committed: () => session.committed(),
        bounds: () => session.bounds(),
        read: async (offset, limits) => {
          const records = await session.read(offset, limits);
          if (records.length > 0) this.reads++;
          for (const record of records) {
            if (!sizes.has(record.offset)) this.#held += record.value.length;
            sizes.set(record.offset, record.value.length);
          }
          this.most = Math.max(this.most, this.#held);
          return records;
        },
        commit: async (position) => {
          await session.commit(position);
          for (const [offset, bytes] of sizes) {
            if (offset >= position.offset) continue;
            sizes.delete(offset);
            this.#held -= bytes;
          }
        },
      });
    };
    return super.join(group, topics, observed, onError);
  }
}

describe('aggregator on the embedded ClickHouse', () => {
  let disk: MemoryLogDisk;
  let live: MemoryLiveState;
  let producer: MemoryEventLog;
  let running: RunningService[];
  let published: { block: VerifiedBlock; partition: number }[];
  let sourceOffset: number;
  const random = new Random(7);
  const blocks = randomBlocks({
    random,
    gateway: 'g1',
    workers: WORKERS,
    rejected: 0.2,
    late: 0.2,
    latestUs: 3 * DAYS,
  });

  beforeEach(async () => {
    for (const table of WRITTEN_TABLES) await store.command(`TRUNCATE TABLE assay.${table}`);
    disk = new MemoryLogDisk({ clock: systemClock });
    producer = new MemoryEventLog(disk);
    await producer.ensureTopics(topicSpecs(2));
    live = new MemoryLiveState({ clock: systemClock });
    running = [];
    published = [];
    sourceOffset = 0;
  });
  afterEach(async () => {
    await Promise.all(running.map((service) => service.stop()));
    await producer.close();
  });

  async function start(
    log = new MemoryEventLog(disk),
    through: AnalyticsStore = store,
    registry = new Registry(),
  ): Promise<RunningService> {
    const service = await startAggregator(CONFIG, {
      log,
      store: through,
      live,
      clock: systemClock,
      logger: silentLogger,
      registry,
    });
    running.push(service);
    return service;
  }
  async function publish(block: VerifiedBlock, partition: number, source = sourceOffset++): Promise<void> {
    const headers = sourceHeader(partition, source);
    await producer.append(TOPIC.sharesVerified, [{ value: encodeVerified(block), headers }], partition);
    if (source === sourceOffset - 1) published.push({ block, partition });
  }
  const publishRandom = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++)
      await publish(blocks.next(systemClock.nowUs(), 1 + random.below(40)), random.below(2));
  };
  const publishEvents = (...events: (WorkerEvent | GatewayDisagreement)[]): Promise<unknown> =>
    producer.append(
      TOPIC.workerEvents,
      events.map((event) => ({ key: event.gateway, value: Buffer.from(JSON.stringify(event)) })),
    );
  const caughtUp = (): Promise<void> =>
    vi.waitFor(async () => {
      expect(await producer.lag('aggregator', TOPIC.sharesVerified)).toBe(0);
      expect(await producer.lag('aggregator', TOPIC.workerEvents)).toBe(0);
    }, { timeout: 20_000, interval: 20 }); // prettier-ignore

  /** Everything that must hold between log, raw shares and rollups. */
  async function expectExact(): Promise<void> {
    const shares = published.reduce((sum, { block }) => sum + block.count, 0);
    const [raw] = await store.query<Record<string, number>>(
      `SELECT toUInt32(count()) AS rows, toUInt32(uniqExact(log_partition, log_offset, log_row)) AS places, toUInt32(uniqExact(extranonce1, extranonce2, nonce)) AS shares FROM assay.shares`,
    );
    expect(raw).toEqual({ rows: shares, places: shares, shares });
    let units = 0n;
    for (const { block } of published) {
      for (let i = 0; i < block.count; i++)
        if (block.verifiedRejectCode[i] === 0) units += unitsOf(block.difficulty[i]!);
    }
    const reasons = REJECT_REASONS.slice(1);
    for (const [table, bucket] of [
      ['rollup_1m', 'toStartOfMinute(submitted_at)'],
      ['rollup_1h', 'toStartOfHour(submitted_at)'],
      ['rollup_1d', 'toStartOfDay(submitted_at)'],
    ] as const) {
      const [sums] = await store.query<{ units: string }>(
        `SELECT toString(toInt128(sum(work) * 100000000)) AS units FROM assay.${table}`,
      );
      expect(BigInt(sums!.units)).toBe(units);
      const columns = (each: (name: string) => string): string =>
        ['accepted', 'rejected', ...reasons.map((r) => `rejected_${r}`)].map(each).join(', ');
      const rolled = `SELECT toString(tenant) AS t, toString(worker) AS w, toString(algorithm) AS a, toUnixTimestamp(at) AS at, ${columns((c) => `toUInt64(sum(${c})) AS ${c}`)},
        toInt128(sum(work) * 100000000) AS units, max(best_share) AS best, min(first_share) AS first, max(last_share) AS last FROM assay.${table} GROUP BY t, w, a, at`;
      const ofReason = reasons.map((r) => `countIf(reject_reason = '${r}')`).join(', ');
      const counted = `SELECT toString(tenant) AS t, toString(worker) AS w, toString(algorithm) AS a, toUnixTimestamp(toDateTime(${bucket}, 'UTC')) AS at,
        countIf(verdict = 'accepted'), countIf(verdict = 'rejected'), ${ofReason},
        sumIf(toInt128(floor(difficulty)) * 100000000 + toInt128(round((difficulty - floor(difficulty)) * 100000000)), verdict = 'accepted'), maxIf(share_difficulty, verdict = 'accepted'),
        minOrNullIf(submitted_at, verdict = 'accepted'), maxOrNullIf(submitted_at, verdict = 'accepted') FROM assay.shares GROUP BY t, w, a, at`;
      expect(await store.query(`(${rolled}) EXCEPT (${counted})`)).toEqual([]);
      expect(await store.query(`(${counted}) EXCEPT (${rolled})`)).toEqual([]);
    }
    const [jobs] = await store.query<Record<string, number>>(
      `SELECT toUInt32(count()) AS orphans FROM assay.shares WHERE job_hash != '' AND job_hash NOT IN (SELECT hash FROM assay.jobs)`,
    );
    expect(jobs).toEqual({ orphans: 0 });
  }

  it('writes every share, job and rollup, late shares to the minute they were submitted in', async () => {
    await start();
    await publishRandom(30);
    await caughtUp();
    await expectExact();
  });

  it('holds what its limits allow while ClickHouse is slow, however large the backlog', async () => {
    const limits = { batchShares: 1_000_000, batchBytes: 1 << 20, batchLingerMs: 20 };
    /** Bytes of one read; what a batch cannot take of it is dropped and read again. */
    const readBytes = 4 * 2 ** 20;
    // Few shares and a large job, so that bytes cost ClickHouse little.
    const block = blocks.next(systemClock.nowUs(), 10);
    const jobs = block.jobs.map((job) => sealJob({ ...job, coinbase2: new Uint8Array(16_000) }));
    const value = encodeVerified({ ...block, jobs });
    const send = (partition: number, source: number): Promise<unknown> =>
      producer.append(TOPIC.sharesVerified, [{ value, headers: sourceHeader(partition, source) }], partition);
    const records = Math.ceil((16 * 2 ** 20) / value.length);
    for (let n = 0; n < records; n++) for (const partition of [0, 1]) await send(partition, n);

    let inserts = 0;
    let open = (): void => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    const slow = storeWith(async (...args) => {
      inserts++;
      await opened;
      return store.insertArrow(...args);
    });
    const log = new HandedOut(disk);
    running.push(
      await startAggregator(limits, {
        log,
        store: slow,
        live,
        clock: systemClock,
        logger: silentLogger,
        registry: new Registry(),
      }),
    );
    // Two partitions, each with a batch for shares, jobs, three rollups and perhaps events under way.
    await vi.waitFor(() => expect(inserts).toBeGreaterThanOrEqual(10), { timeout: 20_000 });
    const stuck = [log.reads, inserts];
    for (let n = 0; n < 50; n++) for (const partition of [0, 1]) await send(partition, records + n);
    expect([log.reads, inserts]).toEqual(stuck);
    open();
    await caughtUp();
    expect(log.most).toBeLessThanOrEqual(2 * (limits.batchBytes + readBytes));
    expect(log.most).toBeGreaterThan(limits.batchBytes);
    const [rows] = await store.query(`SELECT toUInt32(count()) AS n FROM assay.shares`);
    expect(rows).toEqual({ n: 10 * 2 * (records + 50) });
  });

  it('stores a share as it was: hash in display order, header version, hex, reasons', async () => {
    await start();
    const block = blocks.next(systemClock.nowUs(), 30);
    await publish(block, 1);
    await caughtUp();
    const rows = await store.query<Record<string, unknown>>(
      'SELECT *, toUnixTimestamp64Micro(submitted_at) AS us FROM assay.shares ORDER BY log_row',
    );
    const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
    rows.forEach((row, i) => {
      const job = block.jobs[block.job[i]!];
      const mask = block.versionMask[i]!;
      const version = job === undefined ? 0 : ((job.version & ~mask) | (block.versionBits[i]! & mask)) >>> 0;
      const part = ({ bytes, offsets }: VerifiedBlock['extranonce1']): string =>
        hex(bytes.subarray(offsets[i], offsets[i + 1]));
      expect(row).toMatchObject({
        worker: block.worker.values[block.worker.codes[i]!],
        tenant: block.tenant.values[block.tenant.codes[i]!],
        algorithm: job?.algorithm ?? '',
        us: String(block.submittedAtUs[i]),
        verdict: block.verifiedRejectCode[i] === 0 ? 'accepted' : 'rejected',
        reject_reason: REJECT_REASONS[block.verifiedRejectCode[i]!],
        difficulty: block.difficulty[i],
        share_difficulty: block.shareDifficulty[i],
        job_hash: job?.hash ?? '',
        hash: block.shareDifficulty[i] === 0 ? '' : hex(block.hashes.slice(32 * i, 32 * (i + 1)).reverse()),
        extranonce1: part(block.extranonce1),
        extranonce2: part(block.extranonce2),
        nonce: block.nonce[i],
        version,
        log_partition: 1,
        log_offset: '0',
        log_row: i,
      });
    });
    expect(rows).toHaveLength(30);
  });

  it('drops a record that a validator wrote twice, also after a restart', async () => {
    const first = await start();
    await publishRandom(5);
    const { block, partition } = published[published.length - 1]!;
    await publish(block, partition, sourceOffset - 1);
    published.pop();
    await caughtUp();
    await first.stop();
    await publish(block, partition, sourceOffset - 1);
    published.pop();
    await start();
    await publishRandom(3);
    await caughtUp();
    await expectExact();
  });

  it('writes what the log still has again when ClickHouse has lost its data, and only then', async () => {
    const first = await start();
    await publishEvents({ type: 'gateway_started', atUs: systemClock.nowUs(), gateway: 'g1' });
    await publishRandom(30);
    await caughtUp();
    await first.stop();
    for (const table of WRITTEN_TABLES) await store.command(`TRUNCATE TABLE assay.${table}`);
    const second = await start();
    await vi.waitFor(expectExact, { timeout: 20_000, interval: 50 });
    await publishRandom(5);
    await caughtUp();
    await second.stop();
    await start();
    await publishRandom(5);
    await caughtUp();
    await expectExact();
    const [events] = await store.query('SELECT toUInt32(count()) AS n FROM assay.events WHERE type = {type:String}', {
      type: 'gateway_started',
    });
    expect(events).toEqual({ n: 1 });
  });

  // A batch makes five inserts: shares, jobs, three rollups. These points lie in the first three or four batches, at each of their tables.
  it.each([0, 1, 2, 3, 4, 7, 10, 13].map((n) => [n, n % 2 === 1] as const))(
    'loses nothing and counts nothing twice when it dies at insert %i (after it took effect: %s)',
    async (dieAt, after) => {
      await publishRandom(60); // More than one batch in each partition.
      const log = new MemoryEventLog(disk);
      let dead = false;
      const insert = dyingInsert(dieAt, after, () => {
        dead = true;
        log.crash();
      });
      const crashed = await start(log, storeWith(insert));
      await vi.waitFor(() => expect(dead).toBe(true), { timeout: 20_000, interval: 5 });
      running.splice(running.indexOf(crashed), 1);
      await start();
      await caughtUp();
      await expectExact();
      await crashed.stop();
    },
  );

  it('sets aside what it cannot read, says why, and goes on', async () => {
    const registry = new Registry();
    await start(new MemoryEventLog(disk), store, registry);
    await producer.append(
      TOPIC.sharesVerified,
      [{ value: Buffer.from('not arrow'), headers: sourceHeader(0, sourceOffset++) }],
      0,
    );
    await producer.append(TOPIC.workerEvents, [{ key: 'g1', value: Buffer.from('{"type":"authorized"}') }]);
    await publishRandom(4);
    await caughtUp();
    await expectExact();
    const dead = await producer.readFrom(TOPIC.sharesDead, 0, 0, { maxRecords: 10, maxBytes: 1e6, waitMs: 0 });
    expect(dead.map(({ headers }) => headers?.['reason']).sort()).toEqual(['bad_event', 'unknown_schema']);
    expect(dead.map(({ value }) => Buffer.from(value).toString())).toContain('not arrow');
    expect(dead.find(({ headers }) => headers?.['reason'] === 'bad_event')!.headers!['message']).toContain('worker: ');
    expect(await registry.getSingleMetricAsString('assay_aggregator_dead_records_total')).toContain(
      'reason="unknown_schema"} 1',
    );
  });

  it('keeps trying while ClickHouse is away, and says so', async () => {
    let away = true;
    const failure = new AnalyticsError('unavailable', 'away', { retriable: true });
    const flaky = storeWith((...args) => (away ? Promise.reject(failure) : store.insertArrow(...args)));
    const registry = new Registry();
    await start(new MemoryEventLog(disk), flaky, registry);
    await publishRandom(3);
    await vi.waitFor(
      async () =>
        expect(await registry.getSingleMetricAsString('assay_aggregator_retries_total')).toContain(
          'insert into shares',
        ),
      { timeout: 10_000 },
    );
    expect(await store.query('SELECT count() AS n FROM assay.shares')).toEqual([{ n: '0' }]);
    // The batch is stuck, and its age grows with the time it is: it must not stand where it was last looked.
    const lagSeconds = async (): Promise<number> => {
      const page = await registry.getSingleMetricAsString('assay_aggregator_lag_seconds');
      return Math.max(...[...page.matchAll(/shares\.verified.*\} (\S+)$/gm)].map(([, value]) => Number(value)));
    };
    const before = await lagSeconds();
    expect(before).toBeGreaterThan(0);
    await vi.waitFor(async () => expect(await lagSeconds()).toBeGreaterThan(before + 0.2));
    away = false;
    await caughtUp();
    await expectExact();
    await vi.waitFor(async () => expect(await lagSeconds()).toBe(0), { timeout: 10_000 });
  });

  it.each([
    [
      'a constraint that no share meets',
      'ALTER TABLE assay.shares ADD CONSTRAINT never CHECK difficulty < 0',
      'ALTER TABLE assay.shares DROP CONSTRAINT never',
      'VIOLATED_CONSTRAINT',
    ],
    [
      'a column gone',
      'ALTER TABLE assay.shares RENAME COLUMN nonce TO nonce_was',
      'ALTER TABLE assay.shares RENAME COLUMN nonce_was TO nonce',
      'nonce',
    ],
    [
      'a table gone',
      'RENAME TABLE assay.shares TO assay.hidden',
      'RENAME TABLE assay.hidden TO assay.shares',
      'UNKNOWN_TABLE',
    ],
    [
      'too many parts',
      'ALTER TABLE assay.shares MODIFY SETTING parts_to_throw_insert = 1, parts_to_delay_insert = 1',
      'ALTER TABLE assay.shares RESET SETTING parts_to_throw_insert, parts_to_delay_insert',
      'TOO_MANY_PARTS',
    ],
  ])(
    'stops at a batch that ClickHouse refuses for %s, says why, and goes on once that is mended',
    async (_what, spoil, mend, said) => {
      // Something must be there for a limit of one part to be reached.
      await start();
      await publishRandom(4);
      await caughtUp();
      const registry = new Registry();
      await running.pop()!.stop();
      const log = new MemoryEventLog(disk);
      const service = await start(log, store, registry);
      await vi.waitFor(async () => expect((await service.ready()).ready).toBe(true), { timeout: 20_000 });
      await store.command(spoil);
      try {
        await publishRandom(4);
        await vi.waitFor(
          async () => {
            const { ready, checks } = await service.ready();
            expect(ready).toBe(false);
            expect(checks['batches']).toMatch(
              /^insert into shares.* has failed \d+ times in \d+ s and is tried again: /,
            );
            expect(checks['batches']).toContain(said);
          },
          { timeout: 20_000, interval: 20 },
        );
        const page = await registry.metrics();
        expect(page).toMatch(/assay_aggregator_failing_attempts\{what="insert into shares"\} [12]/);
        expect(page).toContain('assay_aggregator_partition_failures_total 0');
        expect(await producer.lag('aggregator', TOPIC.sharesVerified)).toBeGreaterThan(0);
      } finally {
        await store.command(mend);
      }
      // What cannot succeed is tried some four times a minute; somebody who mended it may as well start the aggregator again.
      await service.stop();
      const after = await start(new MemoryEventLog(disk));
      await caughtUp();
      await expectExact();
      await vi.waitFor(async () => expect((await after.ready()).ready).toBe(true), { timeout: 20_000 });
      expect(await producer.readFrom(TOPIC.sharesDead, 0, 0, { maxRecords: 1, maxBytes: 1, waitMs: 0 })).toEqual([]);
    },
  );

  it('goes on by itself when what ClickHouse refused is mended', async () => {
    const registry = new Registry();
    await start(new MemoryEventLog(disk), store, registry);
    await store.command('ALTER TABLE assay.shares ADD CONSTRAINT never CHECK difficulty < 0');
    await publishRandom(2);
    await vi.waitFor(
      async () => expect(await registry.metrics()).toMatch(/failing_attempts\{what="insert into shares"\} [12]/),
      { timeout: 20_000 },
    );
    await store.command('ALTER TABLE assay.shares DROP CONSTRAINT never');
    await caughtUp();
    await expectExact();
    expect(await registry.metrics()).not.toContain('failing_attempts{');
  });

  it('drops nothing because of a record that names a source nobody submitted', async () => {
    const registry = new Registry();
    await start(new MemoryEventLog(disk), store, registry);
    await publishRandom(6);
    await caughtUp();
    const forged = encodeVerified(blocks.next(systemClock.nowUs(), 3));
    for (const source of [2 ** 53 - 1, 1_000_000])
      await producer.append(TOPIC.sharesVerified, [{ value: forged, headers: sourceHeader(0, source) }], 0);
    await publishRandom(6);
    for (const headers of [{ source: '1:7' }, { trace: 'x' }])
      await producer.append(TOPIC.sharesVerified, [{ value: forged, headers }], 0);
    await publishRandom(6);
    await caughtUp();
    await expectExact();
    const dead = await producer.readFrom(TOPIC.sharesDead, 0, 0, { maxRecords: 10, maxBytes: 1e6, waitMs: 0 });
    expect(dead.map(({ headers }) => headers!['reason'])).toEqual([
      'bad_source',
      'bad_source',
      'bad_source',
      'no_source',
    ]);
    expect(await registry.getSingleMetricAsString('assay_aggregator_duplicate_records_total')).toContain('_total 0');
  });

  const authorized = (worker: string, connection: string, atUs: number): WorkerEvent => ({
    type: 'authorized', atUs, gateway: 'g1', tenant: worker.split('.')[0]!, worker, connection, algorithm: 'sha256d',
    remoteAddress: '10.1.2.3', userAgent: 'bmminer/2.0', difficulty: 512, expectedHashRateHs: 1e14,
  }); // prettier-ignore

  it('stores events and the latest facts about workers, whatever order they come in', async () => {
    await start();
    const now = systemClock.nowUs();
    await publishEvents(
      { type: 'gateway_started', atUs: now - 10e6, gateway: 'g1' },
      authorized(WORKERS[0]!, 'c1', now),
    );
    await publishEvents({ ...authorized(WORKERS[0]!, 'c0', now - 5e6), userAgent: 'older' } as WorkerEvent);
    await publishEvents({
      type: 'disconnected',
      atUs: now + 1e6,
      gateway: 'g1',
      tenant: 'acme',
      worker: WORKERS[0]!,
      connection: 'c1',
      reason: 'idle',
    });
    await caughtUp();
    const events = await store.query(
      'SELECT type, worker, gateway, connection, reason, user_agent FROM assay.events ORDER BY at',
    );
    expect(events).toEqual([
      { type: 'gateway_started', worker: '', gateway: 'g1', connection: '', reason: '', user_agent: '' },
      { type: 'authorized', worker: WORKERS[0], gateway: 'g1', connection: 'c0', reason: '', user_agent: 'older' },
      {
        type: 'authorized',
        worker: WORKERS[0],
        gateway: 'g1',
        connection: 'c1',
        reason: '',
        user_agent: 'bmminer/2.0',
      },
      { type: 'disconnected', worker: WORKERS[0], gateway: 'g1', connection: 'c1', reason: 'idle', user_agent: '' },
    ]);
    const workers = await store.query(
      `SELECT tenant, worker, site, user_agent, remote_address, expected_hash_rate, difficulty, algorithm,
        toFloat64(toUnixTimestamp64Micro(first_seen)) AS first, toFloat64(toUnixTimestamp64Micro(last_seen)) AS last FROM assay.workers FINAL`,
    );
    expect(workers).toEqual([
      { tenant: 'acme', worker: WORKERS[0], site: 'hall1', user_agent: 'bmminer/2.0', remote_address: '10.1.2.3', expected_hash_rate: 1e14, difficulty: 512, algorithm: 'sha256d', first: now - 5e6, last: now + 1e6 },
    ]); // prettier-ignore
    // c0 is still open.
    await vi.waitFor(async () => expect(await live.worker(now, WORKERS[0]!)).toMatchObject({ connections: 1 }), {
      timeout: 10_000,
    });
  });

  it('stores where a validator disagrees with a gateway, which is nothing to the live state', async () => {
    await start();
    const now = systemClock.nowUs();
    const disagreement: GatewayDisagreement = {
      type: 'integrity',
      atUs: now,
      gateway: 'g1',
      reason: 'unproven',
      accepted: 7,
      rejected: 0,
    };
    await publishEvents(disagreement, authorized(WORKERS[0]!, 'c1', now));
    await caughtUp();
    const columns = 'tenant, worker, type, gateway, reason, toFloat64(accepted) AS accepted';
    expect(await store.query(`SELECT ${columns} FROM assay.events WHERE type = 'integrity'`)).toEqual([
      { tenant: '', worker: '', type: 'integrity', gateway: 'g1', reason: 'unproven', accepted: 7 },
    ]);
    await vi.waitFor(async () => expect(await live.worker(now, WORKERS[0]!)).toMatchObject({ connections: 1 }), {
      timeout: 10_000,
    });
  });

  it('tells a burst of rejects once, in ClickHouse, also when restarted in the middle of it', async () => {
    const bursting = randomBlocks({
      random: new Random(3),
      gateway: 'g9',
      workers: [WORKERS[1]!],
      rejected: 0.9,
      late: 0,
      latestUs: 0,
    });
    const first = await start();
    const minuteStart = Math.floor(systemClock.nowUs() / 60e6) * 60e6;
    for (let i = 0; i < 3; i++) {
      await publish(bursting.next(minuteStart + 30e6, 15), 0);
      await caughtUp();
    }
    await first.stop();
    await start();
    await publish(bursting.next(minuteStart + 31e6, 15), 0);
    await caughtUp();
    const told = await store.query<{ n: string }>(
      `SELECT worker, gateway, tenant, accepted + rejected AS shares FROM assay.events WHERE type = 'reject_burst'`,
    );
    expect(told).toEqual([{ worker: WORKERS[1], gateway: 'g9', tenant: 'acme', shares: '30' }]);
  });

  it('keeps one live state with another aggregator, through a loss of it and a hand-over, as exactly as one alone', async () => {
    const now = systemClock.nowUs();
    const recent = randomBlocks({
      random,
      gateway: 'g1',
      workers: WORKERS,
      algorithms: ['sha256d'],
      difficulties: [512, 0.25],
      rejected: 0.1,
      late: 1,
      latestUs: 600e6,
    });
    const publishSome = async (): Promise<void> => {
      for (let i = 0; i < 8; i++) await publish(recent.next(now, 20), i % 2);
    };
    const isLive = (): Promise<void> =>
      vi.waitFor(async () => {
        const atUs = systemClock.nowUs();
        expect(await live.standing(atUs)).toEqual({ live: true, asOfUs: atUs });
      }, { timeout: 20_000, interval: 50 }); // prettier-ignore
    const first = await start();
    await publishEvents(
      { type: 'gateway_started', atUs: now - 9e6, gateway: 'g1' },
      authorized(WORKERS[0]!, 'c1', now),
    );
    await publishSome();
    await isLive();

    await start(); // Takes half of the partitions over.
    await publishSome();
    live.lose();
    expect((await live.standing(systemClock.nowUs())).live).toBe(false);
    await publishEvents(authorized(WORKERS[0]!, 'c2', now + 1));
    await publishSome();
    await isLive();

    await first.stop(); // And the other half.
    await publishSome();
    await caughtUp();
    await isLive();

    const slots = new Rollup(LIVE_SLOT_US);
    for (const { block } of published) summarise(slots, block);
    const alone = new MemoryLiveState({ clock: systemClock });
    const [partition, nothing] = [{ topic: 'x', partition: 0 }, { lineage: 'l', fromOffset: 0, endOffset: 1, reachedUs: now, events: [] }] as const; // prettier-ignore
    await alone.rebuild('', async () => ({ workers: [], partitions: [{ ...partition, fromOffset: 0, submittedFromUs: 0 }] })); // prettier-ignore
    const all = { ...partition, ...nothing, deltas: liveDeltas(slots, systemClock.nowUs()) };
    const outcome = await alone.apply(all);
    if (outcome.kind === 'behind') await alone.apply({ ...all, fills: outcome.gap.token });
    const expected = await alone.workers(now + 60e6);
    expect(expected).toHaveLength(WORKERS.length);
    for (const want of expected) {
      const is = (await live.worker(now + 60e6, want.worker))!;
      expect(is).toMatchObject({ lastShareAtUs: want.lastShareAtUs, bestShareDifficulty: want.bestShareDifficulty, firstSeenUs: want.firstSeenUs }); // prettier-ignore
      for (const { name } of LIVE_WINDOWS)
        expect(is.rates[name].hashRateHs / want.rates[name].hashRateHs, `${want.worker} ${name}`).toBeCloseTo(1, 9);
    }
    expect((await live.worker(now, WORKERS[0]!))!.connections).toBe(2);
  });

  it('shows live rates, and after a restart the same ones, with who is connected', async () => {
    const first = await start();
    const now = systemClock.nowUs();
    const mining = {
      random,
      gateway: 'g1',
      workers: WORKERS,
      algorithms: ['sha256d'],
      difficulties: [512],
      rejected: 0.1,
    } as const;
    const older = randomBlocks({ ...mining, late: 1, latestUs: 3 * DAYS });
    const recent = randomBlocks({ ...mining, late: 1, latestUs: 600e6 });
    await publishEvents(
      { type: 'gateway_started', atUs: now - 9e6, gateway: 'g1' },
      authorized(WORKERS[0]!, 'c1', now - 8e6),
      authorized(WORKERS[3]!, 'c2', now - 7e6),
    );
    for (let i = 0; i < 20; i++) await publish((i % 2 === 0 ? older : recent).next(now, 60), i % 2);
    await caughtUp();
    await vi.waitFor(async () => expect(await first.ready()).toMatchObject({ ready: true }), { timeout: 10_000 });
    const before = await live.workers(now + 60e6);
    expect(before).toHaveLength(4);
    await first.stop();

    live = new MemoryLiveState({ clock: systemClock });
    const second = await start();
    expect((await live.standing(systemClock.nowUs())).live).toBe(false);
    await vi.waitFor(async () => expect(await second.ready()).toMatchObject({ ready: true }), { timeout: 10_000 });
    for (const was of before) {
      const is = (await live.worker(now + 60e6, was.worker))!;
      expect(is).toMatchObject({
        algorithm: 'sha256d',
        connections: was.connections,
        connectedSinceUs: was.connectedSinceUs,
        lastShareAtUs: was.lastShareAtUs,
        bestShareDifficulty: was.bestShareDifficulty,
        expectedHashRateHs: was.expectedHashRateHs,
      });
      for (const { name } of LIVE_WINDOWS) {
        const { hashRateHs, lowHs, highHs } = was.rates[name];
        expect(hashRateHs).toBeGreaterThan(0);
        expect(is.rates[name].hashRateHs / hashRateHs).toBeCloseTo(1, 2);
        expect(is.rates[name].lowHs / lowHs).toBeCloseTo(1, 2);
        expect(is.rates[name].highHs / highHs).toBeCloseTo(1, 2);
      }
    }
    await publishRandom(5);
    await caughtUp();
    await expectExact();
  });
});
