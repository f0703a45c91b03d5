// The validator on real logs, in memory and on disk: real shares, crashes at every commit, records that are no block.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openLmdbEventLog } from '@assay/adapter-lmdb';
import { openMemoryEventLog } from '@assay/adapter-memory';
import {
  LogError,
  TOPIC,
  topicSpecs,
  type EventLog,
  type PartitionSession,
  type Position,
  type StoredRecord,
} from '@assay/event-log';
import { Random, systemClock } from '@assay/kernel';
import { REJECT_CODE, REJECT_REASONS } from '@assay/mining';
import { noTracer, parseSettings, Registry, silentLogger } from '@assay/platform';
import {
  decodeVerified,
  encodeSubmitted,
  parseSourceHeader,
  ShareColumnsBuilder,
  type ShareRow,
} from '@assay/share-block';
import { validatorSettings, type ValidatorConfig } from './config.ts';
import { IntegrityEvents } from './integrity-events.ts';
import { IntegrityReports } from './integrity-reports.ts';
import { Judge } from './judge.ts';
import { easyJob, mine } from './testing/mine-shares.ts';
import { validatePartition, type ValidatorParts } from './validate-partition.ts';
import { ValidatorMetrics } from './validator-metrics.ts';
import { startValidator, VALIDATOR_GROUP } from './validator.ts';

const PARTITIONS = 2;
/** Small, so that the pipeline takes many turns and the window reaches over several of them. */
const CONFIG: ValidatorConfig = {
  ...parseSettings(validatorSettings, {}),
  readRecords: 3,
  duplicateWindowShares: 40,
  duplicateWindowRecords: 12,
  maxRecordBytes: 20_000,
};
const ALL = { maxRecords: 10_000, maxBytes: 1e9, waitMs: 0 };

function blockBytes(rows: readonly ShareRow[], gateway = 'gw-1'): Uint8Array {
  const builder = new ShareColumnsBuilder(gateway, { capacity: Math.max(1, rows.length), maxJobBytes: 1e9 });
  for (const row of rows) builder.append(row);
  return encodeSubmitted(builder.build());
}

/** Blocks of good, bad and repeated shares, records that are no block, and an empty block; the same for the same seed. */
const records: Uint8Array[] = ((): Uint8Array[] => {
  const random = new Random(7);
  const jobs = [easyJob(1), easyJob(2)];
  const pool: ShareRow[] = [];
  let nonce = 0;
  return Array.from({ length: 40 }, (_, n) => {
    if (n % 13 === 5) return random.bytes(300);
    if (n === 20) return blockBytes([]);
    const rows = Array.from({ length: 1 + random.below(6) }, (): ShareRow => {
      const known = pool[Math.max(0, pool.length - 1 - random.below(60))];
      if (known && random.chance(0.3)) return known;
      const row = mine(random.pick(jobs), { nonce, worker: `acme.north.m${random.below(3)}` }, !random.chance(0.2));
      nonce = row.nonce + 1;
      const sent = random.chance(0.1)
        ? { ...row, rejectCode: REJECT_CODE[random.pick(['stale', 'low_difficulty'] as const)] }
        : row;
      pool.push(sent);
      return sent;
    });
    return blockBytes(rows, random.pick(['gw-1', 'gw-2']));
  });
})();

async function fill(log: EventLog): Promise<void> {
  await log.ensureTopics(topicSpecs(PARTITIONS));
  for (const [n, value] of records.entries()) await log.append(TOPIC.sharesSubmitted, [{ value }], n % PARTITIONS);
}

async function verified(log: EventLog): Promise<(readonly StoredRecord[])[]> {
  return Promise.all(Array.from({ length: PARTITIONS }, (_, p) => log.readFrom(TOPIC.sharesVerified, p, 0, ALL)));
}

const plain = (lists: (readonly StoredRecord[])[]): unknown =>
  lists.map((list) => list.map(({ value, headers }) => ({ headers, value: Buffer.from(value).toString('base64') })));

function partsOn(log: EventLog, registry = new Registry()): ValidatorParts {
  const metrics = new ValidatorMetrics(registry, systemClock);
  const logger = silentLogger;
  return {
    config: CONFIG,
    log,
    judge: new Judge(7000),
    metrics,
    logger,
    events: new IntegrityEvents(logger, metrics, systemClock, new IntegrityReports(log, systemClock, logger)),
    clock: systemClock,
    tracer: noTracer,
  };
}

/** The session of a validator that dies when it wants to commit, unless it is let. */
function dyingAtCommit(session: PartitionSession, lives: () => boolean): PartitionSession {
  return {
    topic: session.topic,
    partition: session.partition,
    signal: session.signal,
    committed: () => session.committed(),
    bounds: () => session.bounds(),
    read: (offset, limits) => session.read(offset, limits),
    commit(position: Position) {
      if (!lives()) throw new Error('the validator died before its commit');
      return session.commit(position);
    },
  };
}

const logs: [string, (dir: string) => Promise<EventLog>][] = [
  [
    'in memory',
    async () => openMemoryEventLog({ clock: systemClock, limits: { restartPauseMs: 1, revokeGraceMs: 1000 } }),
  ],
  [
    'on disk',
    (dir) =>
      openLmdbEventLog({ dir, clock: systemClock, limits: { restartPauseMs: 1, groupPollMs: 5, idlePollMs: 1 } }),
  ],
];

describe.each(logs)('on a log %s', (_name, open) => {
  let dir: string;
  let log: EventLog;
  let registry: Registry;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'assay-validator-'));
    log = await open(dir);
    registry = new Registry();
    await fill(log);
  });
  afterEach(async () => {
    await log.close();
    await rm(dir, { recursive: true, force: true });
  });

  const caughtUp = (): Promise<void> =>
    vi.waitFor(async () => expect(await log.lag(VALIDATOR_GROUP, TOPIC.sharesSubmitted)).toBe(0), {
      timeout: 20_000,
      interval: 5,
    });

  async function runToTheEnd(): Promise<(readonly StoredRecord[])[]> {
    const validator = await startValidator(CONFIG, { log, logger: silentLogger, registry, clock: systemClock });
    expect((await validator.ready()).ready).toBe(true);
    await caughtUp();
    await validator.stop();
    expect((await validator.ready()).ready).toBe(false);
    return verified(log);
  }

  async function metric(name: string): Promise<Record<string, number>> {
    const { values } = await registry.getSingleMetric(name)!.get();
    return Object.fromEntries(values.map(({ labels, value }) => [Object.values(labels).join(' '), value]));
  }

  test('every block has its verified record in its own partition, in order, and is counted', async () => {
    const lists = await runToTheEnd();
    const dead = await log.readFrom(TOPIC.sharesDead, 0, 0, ALL);
    const skipped = new Set([...dead.map(({ headers }) => headers!['origin']), `${TOPIC.sharesSubmitted}:0:10`]);
    const tally: Record<string, number> = {};
    for (const [partition, list] of lists.entries()) {
      const expected = Array.from({ length: records.length / PARTITIONS }, (_, offset) => ({
        partition,
        offset,
      })).filter(({ offset }) => !skipped.has(`${TOPIC.sharesSubmitted}:${partition}:${offset}`));
      expect(list.map(({ headers }) => parseSourceHeader(headers))).toEqual(expected);
      for (const { value } of list) {
        for (const code of decodeVerified(value).verifiedRejectCode)
          tally[REJECT_REASONS[code]!] = (tally[REJECT_REASONS[code]!] ?? 0) + 1;
      }
    }
    // The sample holds every case, or the test proves little.
    expect(Object.keys(tally).sort()).toEqual(['', 'duplicate', 'low_difficulty', 'stale']);
    const counted = await metric('assay_validator_shares_total');
    expect(counted).toEqual(
      Object.fromEntries(
        Object.entries(tally).map(([reason, n]) => [`${reason === '' ? 'accepted' : 'rejected'} ${reason}`, n]),
      ),
    );
  });

  test('is not ready while shares cannot be proved, and says why', async () => {
    let full = true;
    const append: EventLog['append'] = (topic, ...rest) =>
      full && topic === TOPIC.sharesVerified
        ? Promise.reject(new LogError('full', 'the disk is full', { retriable: true }))
        : log.append(topic, ...rest);
    const limited = new Proxy(log, {
      get: (target, name) => {
        if (name === 'append') return append;
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
    let laterUs = 0;
    const clock = { nowUs: () => systemClock.nowUs() + laterUs };
    const validator = await startValidator(CONFIG, { log: limited, logger: silentLogger, registry, clock });
    await vi.waitFor(
      async () => {
        const { ready, checks } = await validator.ready();
        expect([ready, checks['group']]).toEqual([false, 'ok']);
        expect(checks['shares']).toMatch(
          /^shares are not being proved: .* gets? nowhere: shares\.submitted\/\d \(\d+x\): the disk is full/,
        );
      },
      { timeout: 20_000, interval: 5 },
    );
    // What is stuck grows older, though nothing is read meanwhile.
    const oldest = async (): Promise<number> => {
      const page = await registry.getSingleMetricAsString('assay_validator_lag_seconds');
      return Math.max(...[...page.matchAll(/\} (\S+)$/gm)].map(([, seconds]) => Number(seconds)));
    };
    laterUs = 100_000_000;
    expect(await oldest()).toBeGreaterThan(100);
    full = false;
    await caughtUp();
    expect((await validator.ready()).ready).toBe(true);
    await validator.stop();
  });

  test('what is no block goes to shares.dead as it was, and holds nothing up', async () => {
    await runToTheEnd();
    const dead = await log.readFrom(TOPIC.sharesDead, 0, 0, ALL);
    const noise = records.map((value, n) => ({ value, n })).filter(({ n }) => n % 13 === 5);
    expect(dead).toHaveLength(noise.length);
    for (const { value, n } of noise) {
      const letter = dead.find(
        ({ headers }) =>
          headers!['origin'] === `${TOPIC.sharesSubmitted}:${n % PARTITIONS}:${Math.floor(n / PARTITIONS)}`,
      )!;
      expect(Buffer.from(letter.value).equals(Buffer.from(value))).toBe(true);
      expect(letter.headers!['reason']).toBe('unknown_schema');
    }
    expect(await metric('assay_validator_dead_letters_total')).toEqual({ unknown_schema: noise.length });
  });

  test('disagreements with a gateway are counted by its name and the reason', async () => {
    const lists = await runToTheEnd();
    const expected: Record<string, number> = {};
    for (const { value } of lists.flat()) {
      const block = decodeVerified(value);
      for (let i = 0; i < block.count; i++) {
        if ((block.rejectCode[i] === 0) === (block.verifiedRejectCode[i] === 0)) continue;
        const reason =
          block.rejectCode[i] === 0
            ? REJECT_REASONS[block.verifiedRejectCode[i]!]
            : `refuted_${REJECT_REASONS[block.rejectCode[i]!]}`;
        expected[`${block.gateway} ${reason}`] = (expected[`${block.gateway} ${reason}`] ?? 0) + 1;
      }
    }
    expect(Object.keys(expected).some((key) => key.includes('low_difficulty'))).toBe(true);
    expect(Object.keys(expected).some((key) => key.includes('refuted_low_difficulty'))).toBe(true);
    expect(await metric('assay_validator_disagreements_total')).toEqual(expected);
  });

  test('a validator that dies before commits, again and again, writes the records of one that never died, each once', async () => {
    const whole = openMemoryEventLog({ clock: systemClock });
    await fill(whole);
    const untroubled = await whole.join(
      VALIDATOR_GROUP,
      [TOPIC.sharesSubmitted],
      (session) => validatePartition(session, partsOn(whole)),
      () => undefined,
    );
    await vi.waitFor(async () => expect(await whole.lag(VALIDATOR_GROUP, TOPIC.sharesSubmitted)).toBe(0), {
      timeout: 20_000,
      interval: 5,
    });
    await untroubled.close();

    const random = new Random(99);
    let deaths = 0;
    const parts = partsOn(log);
    const troubled = await log.join(
      VALIDATOR_GROUP,
      [TOPIC.sharesSubmitted],
      (session) =>
        validatePartition(
          dyingAtCommit(session, () => random.chance(0.3)),
          parts,
        ),
      () => deaths++,
    );
    await caughtUp();
    await troubled.close();

    expect(deaths).toBeGreaterThan(5);
    expect(plain(await verified(log))).toEqual(plain(await verified(whole)));
    await whole.close();
  });

  test('a group that lost its position starts anew from what the verified partition says', async () => {
    const before = await runToTheEnd();
    const member = await log.join(
      'another group',
      [TOPIC.sharesSubmitted],
      (session) => validatePartition(session, partsOn(log)),
      () => undefined,
    );
    await vi.waitFor(async () => expect(await log.lag('another group', TOPIC.sharesSubmitted)).toBe(0), {
      timeout: 20_000,
      interval: 5,
    });
    await member.close();
    expect(plain(await verified(log))).toEqual(plain(before));
  });
});

test('records in the verified topic that no validator wrote are passed over', async () => {
  const log = openMemoryEventLog({ clock: systemClock });
  await log.ensureTopics(topicSpecs(1));
  const noise = new Uint8Array(10);
  const foreign = [
    { value: noise },
    { value: noise, headers: { source: 'x' } },
    { value: noise, headers: { source: '7:99' } },
  ];
  await log.append(TOPIC.sharesVerified, foreign, 0);
  await log.append(TOPIC.sharesSubmitted, [{ value: blockBytes([mine(easyJob(1))]) }], 0);
  const validator = await startValidator(CONFIG, {
    log,
    logger: silentLogger,
    registry: new Registry(),
    clock: systemClock,
  });
  await vi.waitFor(async () => expect(await log.lag(VALIDATOR_GROUP, TOPIC.sharesSubmitted)).toBe(0), { interval: 5 });
  await validator.stop();
  const [written, ...more] = await log.readFrom(TOPIC.sharesVerified, 0, foreign.length, ALL);
  expect(written!.headers).toEqual({ source: '0:0' });
  expect(more).toEqual([]);
  await log.close();
});

test('a verified block too large for the log goes to shares.dead', async () => {
  const log = openMemoryEventLog({ clock: systemClock });
  await log.ensureTopics(topicSpecs(1));
  const row = mine(easyJob(1));
  const value = blockBytes(Array.from({ length: 400 }, (_, nonce) => ({ ...row, nonce })));
  await log.append(TOPIC.sharesSubmitted, [{ value }, { value: blockBytes([row]) }], 0);
  const validator = await startValidator(CONFIG, {
    log,
    logger: silentLogger,
    registry: new Registry(),
    clock: systemClock,
  });
  await vi.waitFor(async () => expect(await log.lag(VALIDATOR_GROUP, TOPIC.sharesSubmitted)).toBe(0), { interval: 5 });
  await validator.stop();
  const [letter, ...more] = await log.readFrom(TOPIC.sharesDead, 0, 0, ALL);
  expect(letter!.headers).toMatchObject({ origin: `${TOPIC.sharesSubmitted}:0:0`, reason: 'too_large' });
  expect(more).toEqual([]);
  expect((await log.readFrom(TOPIC.sharesVerified, 0, 0, ALL)).map(({ headers }) => headers)).toEqual([
    { source: '0:1' },
  ]);
  await log.close();
});

test('a validator whose partition another has taken over stops without a fuss', async () => {
  const log = openMemoryEventLog({ clock: systemClock });
  await log.ensureTopics(topicSpecs(1));
  await log.append(TOPIC.sharesSubmitted, [{ value: blockBytes([mine(easyJob(1))]) }], 0);
  let returned = false;
  const failures: unknown[] = [];
  const member = await log.join(
    VALIDATOR_GROUP,
    [TOPIC.sharesSubmitted],
    async (session) => {
      if (returned) return;
      const fenced = dyingAtCommit(session, () => {
        throw new LogError('fenced', 'held by another', { retriable: false });
      });
      await validatePartition(fenced, partsOn(log));
      returned = true;
    },
    (error) => failures.push(error),
  );
  await vi.waitFor(() => expect(returned).toBe(true), { interval: 5 });
  await member.close();
  expect(failures).toEqual([]);
  await log.close();
});

test('what comes within the linger is written at once, and a log that is behind is not made to wait', async () => {
  const log = openMemoryEventLog({ clock: systemClock });
  await log.ensureTopics(topicSpecs(1));
  const registry = new Registry();
  // So long that nobody waits for it to end: what is behind a read of eight records or more never lingers.
  const config: ValidatorConfig = { ...parseSettings(validatorSettings, {}), readRecords: 32, lingerMs: 600_000 };
  const block = async (): Promise<unknown> =>
    log.append(TOPIC.sharesSubmitted, [{ value: blockBytes([mine(easyJob(1))]) }], 0);
  const judged = (count: number): Promise<void> =>
    vi.waitFor(async () => expect((await log.bounds(TOPIC.sharesVerified, 0)).end).toBe(count), { interval: 5 });
  for (let i = 0; i < 2 * config.readRecords; i++) await block();
  const validator = await startValidator(config, { log, logger: silentLogger, registry, clock: systemClock });
  await judged(2 * config.readRecords);
  await block();
  await judged(2 * config.readRecords + 1);
  // It lingers now: this is not read before its time, nor does stopping wait for that.
  await block();
  await validator.stop();
  expect((await log.bounds(TOPIC.sharesVerified, 0)).end).toBe(2 * config.readRecords + 1);
  await log.close();
});
