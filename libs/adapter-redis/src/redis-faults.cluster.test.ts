// What the adapter does when Redis does not: away at the start, flushed, killed, stopped for a while.
import { systemClock } from '@assay/kernel';
import { decayedFrom, LiveStateError, type LiveOutcome, type LiveState, type LiveUpdate } from '@assay/live-state';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openRedisLiveState } from './redis-live-state.ts';
import { OwnRedis } from './testing/own-redis.ts';

const TIMEOUT_MS = 300;
const place = { topic: 'shares.verified', partition: 0 };

const update = (fromOffset: number, endOffset: number, over: Partial<LiveUpdate> = {}): LiveUpdate => {
  const nowUs = systemClock.nowUs();
  const delta = {
    tenant: 't',
    worker: `t.${endOffset}`,
    algorithm: 'sha256d',
    accepted: 1,
    sinceUs: nowUs,
    bestShareDifficulty: 1,
    lastShareAtUs: nowUs,
    difficulty: 1,
    difficultyAtUs: nowUs,
    decayed: decayedFrom({ atUs: nowUs, work: 1, workSquared: 1 }),
  } as const;
  return { ...place, lineage: 'l', fromOffset, endOffset, reachedUs: nowUs, deltas: [delta], events: [], ...over };
};
/** An empty base, and the partition at 0. */
async function begin(live: LiveState): Promise<void> {
  await live.rebuild('', async () => ({ workers: [], partitions: [{ ...place, fromOffset: 0, submittedFromUs: 0 }] }));
  const outcome = await live.apply(update(0, 0, { deltas: [] }));
  if (outcome.kind !== 'behind') throw new Error(outcome.kind);
  await live.apply(update(0, 0, { deltas: [], fills: outcome.gap.token }));
}
/** Milliseconds until it failed, with the error every caller can tell from a bug. */
async function failsWithin(call: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await expect(call()).rejects.toThrow(LiveStateError);
  return performance.now() - startedMs;
}
/** The first outcome there is: until Redis is connected again there is none. */
const untilAnswered = (live: LiveState, of: LiveUpdate): Promise<LiveOutcome> =>
  vi.waitFor(() => live.apply(of), { timeout: 20_000, interval: 20 });

describe('live state while Redis is not well', () => {
  let server: OwnRedis;
  let live: LiveState;
  let warnings: string[];
  const open = async (): Promise<LiveState> =>
    openRedisLiveState({
      url: server.url,
      clock: systemClock,
      commandTimeoutMs: TIMEOUT_MS,
      onWarning: (message) => warnings.push(message),
    });
  beforeEach(async () => {
    warnings = [];
    server = await OwnRedis.create();
  });
  afterEach(async () => {
    await live.close();
    await server.remove();
  });

  it('opens without a Redis, fails at once until there is one, and says so once', async () => {
    live = await open();
    for (let i = 0; i < 5; i++) expect(await failsWithin(() => live.apply(update(0, 1)))).toBeLessThan(TIMEOUT_MS);
    expect(await failsWithin(() => live.standing(1))).toBeLessThan(TIMEOUT_MS);
    await server.start();
    expect(await untilAnswered(live, update(0, 1))).toEqual({ kind: 'lost', epoch: '' });
    expect(warnings).toEqual([expect.stringContaining('Redis is away'), 'Redis is back']);
  });

  it('is lost, and built again, after a flush', async () => {
    await server.start();
    live = await open();
    await begin(live);
    expect(await live.apply(update(0, 1))).toEqual({ kind: 'applied' });
    const admin = new Redis(server.url);
    await admin.flushall();
    await admin.script('FLUSH');
    admin.disconnect();
    expect((await live.standing(systemClock.nowUs())).live).toBe(false);
    expect(await live.apply(update(1, 2))).toEqual({ kind: 'lost', epoch: '' });
    await begin(live);
    expect(await live.apply(update(0, 1))).toEqual({ kind: 'applied' });
    expect((await live.standing(systemClock.nowUs())).live).toBe(true);
  });

  it('gives up its calls when Redis is killed, finds it empty afterwards, and subscribers are told that all may have changed', async () => {
    await server.start();
    live = await open();
    await begin(live);
    let changes: unknown[] = [];
    live.subscribe((changed) => changes.push(changed));
    await vi.waitFor(() => expect(changes).toContain('all'), { timeout: 5_000 });
    await server.kill();
    expect(await failsWithin(() => live.apply(update(0, 1)))).toBeLessThan(2 * TIMEOUT_MS);
    changes = [];
    await server.start();
    expect(await untilAnswered(live, update(0, 1))).toEqual({ kind: 'lost', epoch: '' });
    await begin(live);
    await vi.waitFor(() => expect(changes).toContain('all'), { timeout: 10_000 });
    await live.apply(update(0, 1));
    await vi.waitFor(() => expect(changes).toContainEqual(new Set(['t.1'])), { timeout: 5_000 });
  });

  it('waits no longer than its timeout for a Redis that stands still, and sends it nothing more until it answers', async () => {
    await server.start();
    live = await open();
    await begin(live);
    const admin = new Redis(server.url);
    const callsBefore = await evalshaCalls(admin);
    await admin.client('PAUSE', 1_500, 'ALL');
    const waited = await failsWithin(() => live.apply(update(0, 1)));
    expect(waited).toBeGreaterThanOrEqual(TIMEOUT_MS - 1);
    expect(waited).toBeLessThan(3 * TIMEOUT_MS);
    for (let i = 0; i < 50; i++)
      expect(await failsWithin(() => live.apply(update(0, 1, { deltas: [] })))).toBeLessThan(50);
    // The update that was given up was made all the same, when Redis went on. Made again it is known.
    expect(await untilAnswered(live, update(0, 1))).toEqual({ kind: 'repeated' });
    expect(await evalshaCalls(admin)).toBe(callsBefore + 2);
    admin.disconnect();
  });
});

async function evalshaCalls(admin: Redis): Promise<number> {
  return Number(/cmdstat_evalsha:calls=(\d+)/.exec(await admin.info('commandstats'))?.[1] ?? 0);
}
