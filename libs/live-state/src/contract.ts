// What every live state adapter must do, as a suite to run on each.
import type { Clock } from '@assay/kernel';
import { ALGORITHMS } from '@assay/mining';
import { NO_DECAYED_WORK } from '@assay/rollup';
import type { WorkerAuthorized, WorkerEvent } from '@assay/tenancy';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { decayedFrom } from './live-rates.ts';
import { MAX_LIVE_LAG_SECONDS } from './live-standing.ts';
import type { BasePartition, LiveBase, LiveDelta, LiveGap, LiveSnapshot, LiveState, LiveUpdate } from './live-state.ts';
import { FORGET_AFTER_SECONDS, LIVE_SLOT_US, LIVE_WINDOWS, REBUILD_SECONDS } from './live-state.ts';

const SECOND = 1_000_000;
const T0 = 1_760_000_000 * SECOND;
const HASHES = ALGORITHMS.sha256d.hashesPerDifficulty;
const WORKER = 'acme.hall1.r01.m01';
const SHARES = 'shares.verified';
const EVENTS = 'worker.events';

const authorized = (over: Partial<WorkerAuthorized> = {}): WorkerAuthorized => ({
  type: 'authorized',
  atUs: T0,
  gateway: 'g1',
  tenant: 'acme',
  worker: WORKER,
  connection: 'c1',
  algorithm: 'sha256d',
  remoteAddress: '10.0.0.7',
  userAgent: 'cgminer/4.12',
  difficulty: 64,
  ...over,
});
const disconnected = (connection: string, gateway = 'g1', worker = WORKER): WorkerEvent => ({
  type: 'disconnected',
  atUs: T0 + SECOND,
  gateway,
  tenant: 'acme',
  worker,
  connection,
  reason: 'closed',
});
/** Two shares of difficulty 64 in the slot that begins at `slotUs`. */
const delta = ({ slotUs = T0, ...over }: Partial<LiveDelta> & { slotUs?: number } = {}): LiveDelta => ({
  tenant: 'acme',
  worker: WORKER,
  algorithm: 'sha256d',
  accepted: 2,
  sinceUs: slotUs,
  bestShareDifficulty: 900,
  lastShareAtUs: slotUs + 3 * SECOND,
  difficulty: 64,
  difficultyAtUs: slotUs,
  decayed: decayedFrom({ atUs: slotUs + LIVE_SLOT_US / 2, work: 128, workSquared: 8192 }),
  ...over,
});
const snapshot = (over: Partial<LiveSnapshot> = {}): LiveSnapshot => ({
  tenant: 'acme',
  worker: WORKER,
  algorithm: 'sha256d',
  userAgent: 'bmminer',
  remoteAddress: '10.0.0.9',
  connections: [{ gateway: 'g1', connection: 'c7', sinceUs: T0 - 50 * SECOND }],
  authorizedAtUs: T0 - 50 * SECOND,
  firstSeenUs: T0 - 86_400 * SECOND,
  lastShareAtUs: T0 - SECOND,
  difficulty: 32,
  bestShareDifficulty: 77,
  expectedHashRateHs: 5e12,
  decayed: decayedFrom({ atUs: T0, work: 6400, workSquared: 409_600 }),
  ...over,
});
const update = (fromOffset: number, endOffset: number, over: Partial<LiveUpdate> = {}): LiveUpdate => ({
  topic: SHARES,
  partition: 0,
  lineage: 'first',
  fromOffset,
  endOffset,
  reachedUs: T0,
  deltas: [],
  events: [],
  ...over,
});
/** Says how far a partition has come, and brings nothing. */
const checkIn = (endOffset: number, over: Partial<LiveUpdate> = {}): LiveUpdate => update(endOffset, endOffset, over);
const base = (over: Partial<LiveBase> = {}): LiveBase => ({
  workers: [],
  partitions: [SHARES, EVENTS].map((topic) => ({ topic, partition: 0, fromOffset: 0, submittedFromUs: 0 })),
  ...over,
});

export interface LiveStateUnderTest {
  readonly live: LiveState;
  /** The same state through another process's eyes. */
  readonly other: LiveState;
  /** Forgets everything, as a Redis does that is flushed. */
  readonly lose: () => Promise<void>;
  readonly dispose: () => Promise<void>;
}

export interface LiveStateOptions {
  readonly clock: Clock;
  readonly maxWorkers?: number;
}

export function liveStateContract(
  adapter: string,
  open: (options: LiveStateOptions) => Promise<LiveStateUnderTest>,
): void {
  describe(`live state contract: ${adapter}`, () => {
    let live: LiveState;
    let other: LiveState;
    let lose: () => Promise<void>;
    let dispose: () => Promise<void>;
    let nowUs: number;
    let next: Map<string, number>;
    const clock: Clock = { nowUs: () => nowUs };
    beforeEach(async () => {
      nowUs = T0;
      next = new Map();
      ({ live, other, lose, dispose } = await open({ clock }));
    });
    afterEach(() => dispose());

    /** What is missing from a partition, as its holder is told. */
    const gapOf = async (of: LiveUpdate): Promise<LiveGap> => {
      const outcome = await live.apply(of);
      if (outcome.kind !== 'behind') throw new Error(`the partition is not behind but ${outcome.kind}`);
      return outcome.gap;
    };
    /** A base, and every partition at 0: nothing was missing. */
    const begin = async (from: LiveBase = base()): Promise<void> => {
      expect(await live.rebuild(await epochOf(), async () => from)).toBe(true);
      for (const { topic, partition } of from.partitions) {
        const { token } = await gapOf(checkIn(0, { topic, partition }));
        expect(await live.apply(checkIn(0, { topic, partition, fills: token }))).toEqual({ kind: 'applied' });
      }
      next = new Map();
    };
    const epochOf = async (): Promise<string> => {
      const outcome = await live.apply(checkIn(0, { topic: 'never.filled' }));
      if (outcome.kind === 'lost') return outcome.epoch;
      if (outcome.kind === 'behind') return outcome.gap.epoch;
      throw new Error(outcome.kind);
    };
    /** The partition's next record. */
    const add = async (over: Partial<LiveUpdate>, to = live): Promise<void> => {
      const partition = `${over.topic ?? SHARES}:${over.partition ?? 0}`;
      const from = next.get(partition) ?? 0;
      next.set(partition, from + 1);
      expect(await to.apply(update(from, from + 1, over))).toEqual({ kind: 'applied' });
    };
    const mined = (...deltas: LiveDelta[]): Promise<void> => add({ deltas });
    const happened = (...events: WorkerEvent[]): Promise<void> => add({ topic: EVENTS, events });
    const names = async (): Promise<string[]> => (await live.workers(nowUs)).map(({ worker }) => worker).sort();
    const rate = async (atUs = T0 + 300 * SECOND): Promise<number> =>
      (await live.worker(atUs, WORKER))!.rates['5m'].hashRateHs;

    describe('what is known of workers', () => {
      beforeEach(() => begin());

      it('knows a worker from its authorization', async () => {
        await happened(authorized({ expectedHashRateHs: 1e14 }));
        expect(await live.worker(T0 + SECOND, WORKER)).toMatchObject({
          tenant: 'acme',
          worker: WORKER,
          algorithm: 'sha256d',
          userAgent: 'cgminer/4.12',
          remoteAddress: '10.0.0.7',
          connections: 1,
          connectedSinceUs: T0,
          firstSeenUs: T0,
          lastShareAtUs: undefined,
          difficulty: 64,
          bestShareDifficulty: 0,
          expectedHashRateHs: 1e14,
        });
      });

      it('knows a worker from an accepted share, and not from rejected ones alone', async () => {
        const rejected = delta({
          worker: 'nobody',
          algorithm: '',
          accepted: 0,
          lastShareAtUs: 0,
          decayed: decayedFrom(NO_DECAYED_WORK),
        });
        await mined(rejected, delta());
        expect(await names()).toEqual([WORKER]);
        expect(await live.worker(T0, 'nobody')).toBeUndefined();
        await mined({ ...rejected, worker: WORKER, difficulty: 128, difficultyAtUs: T0 + SECOND });
        expect(await live.worker(T0, WORKER)).toMatchObject({ difficulty: 128, algorithm: 'sha256d' });
      });

      it('shows the true rate of a steady worker in every window, with its interval', async () => {
        await happened(authorized());
        const slots = 360; // Half an hour, 128 of work every five seconds.
        for (let slot = 0; slot < slots; slot++) {
          const slotUs = T0 + slot * LIVE_SLOT_US;
          await mined(delta({ slotUs, lastShareAtUs: slotUs + SECOND }));
        }
        const endUs = T0 + slots * LIVE_SLOT_US;
        const worker = (await live.worker(endUs, WORKER))!;
        const truth = (128 / 5) * HASHES;
        for (const { name } of LIVE_WINDOWS) {
          const { hashRateHs, lowHs, highHs } = worker.rates[name];
          expect(hashRateHs / truth).toBeGreaterThan(0.995);
          expect(hashRateHs / truth).toBeLessThan(1.005);
          expect(lowHs).toBeLessThan(truth);
          expect(highHs).toBeGreaterThan(truth);
        }
        const anHourLater = (await live.worker(endUs + 3600 * SECOND, WORKER))!;
        expect(anHourLater.rates['1m'].hashRateHs).toBeLessThan(truth * 1e-20);
        expect(anHourLater.lastShareAtUs).toBe(T0 + (slots - 1) * LIVE_SLOT_US + SECOND);
      });

      it('takes late shares without going back: last share and difficulty stay the latest', async () => {
        await mined(delta());
        await mined(delta({ slotUs: T0 - 600 * SECOND, difficulty: 8, bestShareDifficulty: 5000 }));
        expect(await live.worker(T0 + 5 * SECOND, WORKER)).toMatchObject({
          difficulty: 64,
          lastShareAtUs: T0 + 3 * SECOND,
          bestShareDifficulty: 5000,
          firstSeenUs: T0 - 600 * SECOND,
        });
      });

      it('does not add up difficulties of different algorithms', async () => {
        await mined(delta());
        await mined(delta({ algorithm: 'scrypt' }));
        const worker = (await live.worker(T0 + 300 * SECOND, WORKER))!;
        expect(worker.algorithm).toBe('scrypt');
        const ofScrypt = (await rate()) / ALGORITHMS.scrypt.hashesPerDifficulty;
        await mined(delta());
        expect((await rate()) / HASHES / ofScrypt).toBeCloseTo(1, 9);
      });

      it('leaves no ghosts: connections end by disconnect and by a new start of their gateway', async () => {
        const connections = async (): Promise<unknown> => {
          const worker = (await live.worker(T0 + 60 * SECOND, WORKER))!;
          return [worker.connections, worker.connectedSinceUs];
        };
        await happened(
          authorized(),
          authorized({ connection: 'c2', atUs: T0 + SECOND }),
          authorized({ connection: 'c1', gateway: 'g2', atUs: T0 + 2 * SECOND }),
          authorized({ worker: 'acme.b', gateway: 'g11' }),
        );
        expect(await connections()).toEqual([3, T0]);
        await happened(authorized({ atUs: T0 + 3 * SECOND })); // Again on the same connection: still one, as old as before.
        expect(await connections()).toEqual([3, T0]);
        await happened(disconnected('c1'));
        expect(await connections()).toEqual([2, T0 + SECOND]);
        await happened(disconnected('never-seen'), disconnected('c1', 'g1', 'never.seen'));
        expect(await connections()).toEqual([2, T0 + SECOND]);
        await happened({ type: 'gateway_started', atUs: T0 + 4 * SECOND, gateway: 'g1' });
        expect(await connections()).toEqual([1, T0 + 2 * SECOND]);
        await happened({ type: 'gateway_started', atUs: T0 + 5 * SECOND, gateway: 'g2' });
        expect(await connections()).toEqual([0, undefined]);
        expect((await live.worker(T0, 'acme.b'))!.connections).toBe(1); // Of a gateway whose name only begins the same.
      });

      it('keeps the order of events within an update', async () => {
        await happened(authorized(), disconnected('c1'), authorized({ connection: 'c2' }));
        await happened({ type: 'gateway_started', atUs: T0, gateway: 'g1' }, authorized({ connection: 'c3' }));
        await happened(authorized({ connection: 'c4' }), { type: 'gateway_started', atUs: T0, gateway: 'g1' });
        expect((await live.worker(T0, WORKER))!.connections).toBe(0);
        await happened(authorized({ connection: 'c5' }), authorized({ connection: 'c6' }), disconnected('c6'));
        expect((await live.worker(T0, WORKER))!.connections).toBe(1);
      });

      it('lists one tenant or all', async () => {
        await mined(delta(), delta({ tenant: 'beta', worker: 'beta.x' }), delta({ tenant: 'acme2', worker: 'acme2' }));
        expect(await names()).toEqual([WORKER, 'acme2', 'beta.x']);
        expect((await live.workers(T0, 'beta')).map((w) => w.worker)).toEqual(['beta.x']);
        expect((await live.workers(T0, 'acme')).map((w) => w.worker)).toEqual([WORKER]);
        expect(await live.workers(T0, 'gamma')).toEqual([]);
      });

      it('forgets who is gone and has not mined for so long that no rate has weight left', async () => {
        await happened(authorized({ worker: 'acme.connected' }));
        await mined(delta({ worker: 'acme.gone' }));
        nowUs += (FORGET_AFTER_SECONDS + 1) * SECOND;
        await mined(delta({ worker: 'acme.new', slotUs: nowUs }));
        expect(await names()).toEqual(['acme.connected', 'acme.new']);
      });
    });

    describe('where a partition stands', () => {
      it('takes nothing without a base, and says so', async () => {
        expect(await live.apply(update(0, 1, { deltas: [delta()] }))).toEqual({ kind: 'lost', epoch: '' });
        expect(await live.workers(T0)).toEqual([]);
        expect((await live.standing(T0)).live).toBe(false);
      });

      it('counts an update once however often and by whomever it is delivered, in each partition by itself', async () => {
        await begin();
        expect(await live.apply(update(0, 10, { deltas: [delta()] }))).toEqual({ kind: 'applied' });
        const once = await rate();
        for (const again of [live, other]) {
          expect(await again.apply(update(0, 10, { deltas: [delta()] }))).toEqual({ kind: 'repeated' });
          expect(await again.apply(update(0, 7, { deltas: [delta()] }))).toEqual({ kind: 'repeated' });
        }
        expect(await rate()).toBe(once);
        const { token } = await gapOf(checkIn(0, { partition: 1 }));
        expect(await other.apply(update(0, 10, { partition: 1, fills: token, deltas: [delta()] }))).toEqual({ kind: 'applied' }); // prettier-ignore
        expect(await rate()).toBeCloseTo(2 * once, -3);
        expect(await other.apply(update(10, 11, { deltas: [delta()] }))).toEqual({ kind: 'applied' });
        expect(await rate()).toBeCloseTo(3 * once, -3);
      });

      it('counts an update once that two deliver at the same time', async () => {
        await begin();
        const same = update(0, 10, { deltas: [delta()] });
        const kinds = (await Promise.all([live, other, live, other].map((each) => each.apply(same)))).map(
          (o) => o.kind,
        );
        expect(kinds.sort()).toEqual(['applied', 'repeated', 'repeated', 'repeated']);
      });

      it('refuses an update after a gap, and one that begins below its position and ends above, and says what is missing', async () => {
        await begin();
        await live.apply(update(0, 10, { reachedUs: T0 + 7 * SECOND, deltas: [delta()] }));
        const before = await rate();
        for (const [from, end] of [
          [12, 20],
          [5, 20],
          [20, 20],
        ] as const) {
          // prettier-ignore
          const gap = await gapOf(update(from, end, { deltas: [delta()] }));
          expect(gap).toMatchObject({ fromOffset: 10, submittedFromUs: 0, reachedUs: T0 + 7 * SECOND });
        }
        expect(await rate()).toBe(before);
        // Whoever holds it now has read what was missing, the update's own included, and brings it as one.
        const { token } = await gapOf(update(12, 20));
        expect(await other.apply(update(12, 20, { fills: token, deltas: [delta()] }))).toEqual({ kind: 'applied' });
        expect(await rate()).toBeCloseTo(2 * before, -3);
        expect(await live.apply(update(12, 20, { fills: token, deltas: [delta()] }))).toEqual({ kind: 'repeated' });
        expect(await live.apply(update(20, 21))).toEqual({ kind: 'applied' });
      });

      it('refuses what fills a gap that is not there any more', async () => {
        await begin();
        await live.apply(update(0, 10));
        const { token } = await gapOf(update(15, 20));
        await other.apply(update(10, 15));
        const now = await gapOf(update(16, 30, { fills: token }));
        expect(now).toMatchObject({ fromOffset: 15 });
        expect(now.token).not.toBe(token);
      });

      it('is lost to a partition whose history is another, and begins anew for it', async () => {
        await begin();
        await live.apply(update(0, 10, { deltas: [delta()] }));
        const epoch = await epochOf();
        expect(await live.apply(update(0, 3, { lineage: 'second' }))).toEqual({ kind: 'lost', epoch });
        expect(await live.apply(checkIn(0, { lineage: undefined }))).toEqual({ kind: 'lost', epoch });
        expect(await live.rebuild(epoch, async () => base())).toBe(true);
        const { token } = await gapOf(checkIn(0, { lineage: undefined }));
        expect(await live.apply(checkIn(0, { lineage: undefined, fills: token }))).toEqual({ kind: 'applied' });
        // The next holder begins the history with its first batch: it is the one whose beginning was seen.
        expect(await other.apply(update(0, 3, { lineage: 'second', deltas: [delta()] }))).toEqual({ kind: 'applied' });
        expect(await live.apply(checkIn(3, { lineage: undefined }))).toMatchObject({ kind: 'lost' });
      });
    });

    describe('a base', () => {
      it('is what the state starts from; what it lacks of a partition is added before anything else', async () => {
        const partitions: BasePartition[] = [{ topic: SHARES, partition: 0, fromOffset: 3, submittedFromUs: T0 - 60 * SECOND }]; // prettier-ignore
        expect(await live.rebuild('', async () => base({ workers: [snapshot()], partitions }))).toBe(true);
        expect(await live.worker(T0, WORKER)).toMatchObject({
          connections: 1,
          connectedSinceUs: T0 - 50 * SECOND,
          bestShareDifficulty: 77,
          difficulty: 32,
          lastShareAtUs: T0 - SECOND,
          expectedHashRateHs: 5e12,
          userAgent: 'bmminer',
        });
        expect((await live.worker(T0, WORKER))!.rates['5m'].hashRateHs).toBeCloseTo((6400 / 300) * HASHES, -6);

        // Even an update that begins where the base says: records below may have been submitted after its cut.
        const gap = await gapOf(update(3, 40, { deltas: [delta()] }));
        expect(gap).toMatchObject({ fromOffset: 3, submittedFromUs: T0 - 60 * SECOND });
        const before = await rate();
        await live.apply(update(39, 40, { fills: gap.token, deltas: [delta()] }));
        expect(await rate()).toBeGreaterThan(before);
        expect(await live.apply(update(39, 40))).toEqual({ kind: 'repeated' });
        await live.apply(update(40, 41, { deltas: [delta({ slotUs: T0 + LIVE_SLOT_US })] }));
        expect((await live.worker(T0 + 2 * LIVE_SLOT_US, WORKER))!.lastShareAtUs).toBe(T0 + 8 * SECOND);

        // An older authorization does not outrank what the base knows, a newer one does; connections of the base end like others.
        const { token } = await gapOf(checkIn(9, { topic: EVENTS }));
        const events = [authorized({ atUs: T0 - 90 * SECOND }), disconnected('c7')];
        await live.apply(update(9, 10, { topic: EVENTS, fills: token, events }));
        expect(await live.worker(T0, WORKER)).toMatchObject({
          userAgent: 'bmminer',
          connections: 1,
          connectedSinceUs: T0 - 90 * SECOND,
        });
        await live.apply(update(10, 11, { topic: EVENTS, events: [{ type: 'gateway_started', atUs: T0, gateway: 'g1' }] })); // prettier-ignore
        expect((await live.worker(T0, WORKER))!.connections).toBe(0);
      });

      it('replaces everything', async () => {
        await begin(base({ workers: [snapshot({ worker: 'acme.old' })] }));
        await mined(delta({ worker: 'acme.older' }));
        await live.rebuild(await epochOf(), async () => base({ workers: [snapshot()] }));
        expect(await names()).toEqual([WORKER]);
        expect(await live.apply(update(1, 2))).toMatchObject({ kind: 'behind', gap: { fromOffset: 0 } });
        await begin(base());
        await happened({ type: 'gateway_started', atUs: T0, gateway: 'g1' });
        expect(await names()).toEqual([]);
      });

      it('is read by one at a time, and only for the state that was lost', async () => {
        let finish!: (from: LiveBase) => void;
        const first = live.rebuild('', () => new Promise((resolve) => (finish = resolve)));
        await vi.waitFor(() => expect(finish).toBeDefined());
        expect(await other.rebuild('', async () => base({ workers: [snapshot({ worker: 'not.this' })] }))).toBe(false);
        finish(base({ workers: [snapshot()] }));
        expect(await first).toBe(true);
        expect(await other.rebuild('', async () => base())).toBe(false);
        expect(await names()).toEqual([WORKER]);
      });

      it('can be read again after a reader failed', async () => {
        await expect(live.rebuild('', () => Promise.reject(new Error('no store')))).rejects.toThrow('no store');
        expect(await other.rebuild('', async () => base({ workers: [snapshot()] }))).toBe(true);
        expect(await names()).toEqual([WORKER]);
      });

      it('is refused from a reader that took too long: another may have read since', async () => {
        const slow = live.rebuild('', async () => {
          await lose(); // Its claim is gone with everything else, as it is when its time is over.
          nowUs += REBUILD_SECONDS * SECOND;
          expect(await other.rebuild('', async () => base({ workers: [snapshot()] }))).toBe(true);
          return base({ workers: [snapshot({ worker: 'too.late' })] });
        });
        expect(await slow).toBe(false);
        expect(await names()).toEqual([WORKER]);
      });

      it('is asked for again when everything was lost in the middle', async () => {
        await begin();
        await mined(delta());
        await lose();
        expect((await live.standing(T0)).live).toBe(false);
        expect(await live.workers(T0)).toEqual([]);
        expect(await live.apply(update(1, 2, { deltas: [delta()] }))).toEqual({ kind: 'lost', epoch: '' });
        await begin(base({ workers: [snapshot()] }));
        expect(await names()).toEqual([WORKER]);
        expect((await live.standing(T0)).live).toBe(true);
      });

      it('is read knowing how far partitions have come, by what their holders said to the lost state and before', async () => {
        await live.apply(update(3, 9, { reachedUs: T0 - 5 * SECOND }));
        await other.apply(checkIn(7, { topic: EVENTS, reachedUs: T0 }));
        await other.apply(update(9, 12, { reachedUs: 0 }));
        let said: unknown;
        await live.rebuild('', async (progress) => {
          said = await progress();
          return base();
        });
        expect(said).toHaveLength(2);
        expect(said).toEqual(expect.arrayContaining([
          { topic: SHARES, partition: 0, endOffset: 12, reachedUs: T0 - 5 * SECOND },
          { topic: EVENTS, partition: 0, endOffset: 7, reachedUs: T0 },
        ])); // prettier-ignore
      });
    });

    describe('whether it is current', () => {
      const two = base({ partitions: [0, 1].map((partition) => ({ topic: SHARES, partition, fromOffset: 0, submittedFromUs: 0 })) }); // prettier-ignore

      it('is not live before every partition there is has come to now', async () => {
        await live.rebuild('', async () => two);
        expect((await live.standing(T0)).live).toBe(false);
        for (const partition of [0, 1]) {
          const { token } = await gapOf(checkIn(5, { partition }));
          expect((await live.standing(T0)).live).toBe(false);
          await live.apply(checkIn(5, { partition, fills: token, reachedUs: partition === 0 ? T0 : 0 }));
        }
        expect((await live.standing(T0)).live).toBe(false); // Partition 1 has a position, and nobody said of when it is.
        await other.apply(checkIn(5, { partition: 1 }));
        expect(await live.standing(T0)).toEqual({ live: true, asOfUs: T0 });
        expect(await other.standing(T0)).toEqual({ live: true, asOfUs: T0 });
      });

      it('is not live when nobody moves a partition on, and is asked as of what is in before that', async () => {
        await begin(two);
        const after = (seconds: number): Promise<unknown> => live.standing(T0 + seconds * SECOND);
        expect(await after(2)).toEqual({ live: true, asOfUs: T0 + 2 * SECOND });
        await live.apply(checkIn(0, { reachedUs: T0 + 10 * SECOND }));
        expect(await after(10)).toEqual({ live: true, asOfUs: T0 });
        expect(await after(MAX_LIVE_LAG_SECONDS + 1)).toEqual({ live: false, asOfUs: T0 });
        await live.apply(update(0, 4, { partition: 1, reachedUs: T0 + 20 * SECOND }));
        expect(await after(MAX_LIVE_LAG_SECONDS + 1)).toEqual({ live: true, asOfUs: T0 + 10 * SECOND });
      });

      it('does not count what a partition says that is behind', async () => {
        await begin(two);
        const soon = T0 + 40 * SECOND;
        await live.apply(checkIn(0, { reachedUs: soon }));
        await live.apply(update(7, 9, { partition: 1, reachedUs: soon })); // What came before it is not in.
        expect(await live.standing(soon)).toEqual({ live: false, asOfUs: T0 });
      });
    });

    describe('subscribers', () => {
      beforeEach(() => begin());

      /** Names told of so far are forgotten once the subscription is there, which over a network takes a moment. */
      const untilHeard = async (heard: () => Iterable<string>, forget: () => void): Promise<void> => {
        const isTold = (worker: string) => (): void => expect([...heard()]).toContain(worker);
        await vi.waitFor(
          async () => {
            await mined(delta({ worker: 't.first' }));
            isTold('t.first')();
          },
          { timeout: 5000, interval: 300 },
        );
        await mined(delta({ worker: 't.last' })); // Told after every one of the first.
        await vi.waitFor(isTold('t.last'), { timeout: 5000 });
        forget();
      };

      it('are told who changed, many changes in one call, until they stop', async () => {
        const calls: string[][] = [];
        const stop = live.subscribe((changed) => calls.push([...changed].sort()));
        await untilHeard(
          () => calls.flat(),
          () => (calls.length = 0),
        );
        await mined(delta());
        await mined(delta({ worker: 'acme.b' }), delta());
        await vi.waitFor(() => expect(calls).toEqual([['acme.b', WORKER]]), { timeout: 5000 });
        await live.apply(update(1, 2, { deltas: [delta({ worker: 'acme.c' })] })); // Delivered before: no change, no call.
        await mined(delta({ worker: 'acme.d' }));
        await vi.waitFor(() => expect(calls).toEqual([['acme.b', WORKER], ['acme.d']]), { timeout: 5000 });
        stop();
        const again: string[][] = [];
        live.subscribe((changed) => again.push([...changed]));
        await mined(delta());
        await vi.waitFor(() => expect(again).toEqual([[WORKER]]), { timeout: 5000 });
        expect(calls).toHaveLength(2);
      });

      it('are told of what others write, of connections, and that everything may have changed when there is a new base', async () => {
        const changed = new Set<string>();
        live.subscribe((names) => (names === 'all' ? changed.add('all') : names.forEach((name) => changed.add(name))));
        await untilHeard(
          () => changed,
          () => changed.clear(),
        );
        await add({ deltas: [delta({ worker: 'acme.e' })] }, other);
        await vi.waitFor(() => expect([...changed]).toEqual(['acme.e']), { timeout: 5000 });
        await add({ topic: EVENTS, events: [authorized()] }, other);
        await vi.waitFor(() => expect(changed).toContain(WORKER), { timeout: 5000 });
        changed.clear();
        await happened({ type: 'gateway_started', atUs: T0, gateway: 'g1' });
        await vi.waitFor(() => expect([...changed]).toEqual([WORKER]), { timeout: 5000 });
        await other.rebuild(await epochOf(), async () => base());
        await vi.waitFor(() => expect(changed).toContain('all'), { timeout: 5000 });
      });
    });
  });

  describe(`bounds of the live state: ${adapter}`, () => {
    let nowUs = T0;
    const full = async (maxWorkers: number): Promise<LiveStateUnderTest & { add: (over: Partial<LiveUpdate>) => Promise<void>; names: () => Promise<string[]> }> => {
      const opened = await open({ clock: { nowUs: () => nowUs }, maxWorkers });
      const { live } = opened;
      const partitions = [{ topic: SHARES, partition: 0, fromOffset: 0, submittedFromUs: 0 }];
      await live.rebuild('', async () => base({ partitions }));
      const outcome = await live.apply(checkIn(0));
      if (outcome.kind !== 'behind') throw new Error(outcome.kind);
      await live.apply(checkIn(0, { fills: outcome.gap.token }));
      let next = 0;
      const add = async (over: Partial<LiveUpdate>): Promise<void> => {
        nowUs += SECOND;
        expect(await live.apply(update(next, ++next, over))).toEqual({ kind: 'applied' });
      };
      const names = async (): Promise<string[]> => (await live.workers(T0)).map(({ worker }) => worker).sort();
      return { ...opened, add, names };
    }; // prettier-ignore
    const connected = (worker: string): WorkerEvent => authorized({ worker, connection: worker });

    it('gives the place of the longest unchanged disconnected worker to a new one', async () => {
      const { live, add, names, dispose } = await full(3);
      await add({ events: [connected('t.a')] });
      await add({ deltas: ['t.b', 't.c', 't.b'].map((worker) => delta({ worker })) });
      await add({ deltas: [delta({ worker: 't.d' })] });
      expect(await names()).toEqual(['t.a', 't.b', 't.d']);
      expect(live).toMatchObject({ refused: 0 });
      await dispose();
    });

    it('leaves a newcomer out, and counts it, when every place is connected', async () => {
      const { live, add, names, dispose } = await full(2);
      await add({ events: [connected('t.a'), connected('t.b')] });
      await add({ deltas: [delta({ worker: 't.c' })] });
      expect(await names()).toEqual(['t.a', 't.b']);
      expect(live).toMatchObject({ refused: 1 });
      await dispose();
    });
  });
}
