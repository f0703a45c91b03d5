// What every live state adapter must do, as a suite to run on each.
import { ALGORITHMS } from '@assay/mining';
import { NO_DECAYED_WORK } from '@assay/rollup';
import type { WorkerAuthorized, WorkerEvent } from '@assay/tenancy';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LiveDelta, LiveSnapshot, LiveState, LiveUpdate } from './live-state.ts';
import { LIVE_SLOT_US } from './live-state.ts';

const SECOND = 1_000_000;
const T0 = 1_760_000_000 * SECOND;
const HASHES = ALGORITHMS.sha256d.hashesPerDifficulty;
const WORKER = 'acme.hall1.r01.m01';

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
const delta = (over: Partial<LiveDelta> = {}): LiveDelta => ({
  tenant: 'acme',
  worker: WORKER,
  algorithm: 'sha256d',
  slotUs: T0,
  accepted: 2,
  rejected: 0,
  work: 128,
  workSquared: 8192,
  bestShareDifficulty: 900,
  lastShareAtUs: T0 + 3 * SECOND,
  difficulty: 64,
  ...over,
});
const update = (endOffset: number, over: Partial<LiveUpdate>): LiveUpdate => ({
  topic: 'shares.verified',
  partition: 0,
  endOffset,
  deltas: [],
  events: [],
  ...over,
});

export interface LiveStateUnderTest {
  readonly live: LiveState;
  readonly dispose: () => Promise<void>;
}

export function liveStateContract(adapter: string, open: () => Promise<LiveStateUnderTest>): void {
  describe(`live state contract: ${adapter}`, () => {
    let live: LiveState;
    let dispose: () => Promise<void>;
    beforeEach(async () => ({ live, dispose } = await open()));
    afterEach(() => dispose());

    it('is not live until it is told so', async () => {
      expect(await live.isLive()).toBe(false);
      await live.setLive(true);
      expect(await live.isLive()).toBe(true);
      await live.setLive(false);
      expect(await live.isLive()).toBe(false);
    });

    it('is complete up to now, or up to where it was told', async () => {
      expect(await live.asOfUs(T0)).toBe(T0);
      await live.setLive(true, T0 - 5 * SECOND);
      expect(await live.isLive()).toBe(true);
      expect(await live.asOfUs(T0)).toBe(T0 - 5 * SECOND);
      expect(await live.asOfUs(T0 - 9 * SECOND)).toBe(T0 - 9 * SECOND);
      await live.setLive(true);
      expect(await live.asOfUs(T0)).toBe(T0);
    });

    it('knows a worker from its authorization', async () => {
      await live.apply(update(1, { topic: 'worker.events', events: [authorized({ expectedHashRateHs: 1e14 })] }));
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
      const rejected = delta({ worker: 'nobody', accepted: 0, rejected: 5, work: 0, workSquared: 0, lastShareAtUs: 0 });
      await live.apply(update(1, { deltas: [rejected, delta()] }));
      expect((await live.workers(T0)).map((w) => w.worker)).toEqual([WORKER]);
      expect(await live.worker(T0, 'nobody')).toBeUndefined();
    });

    it('counts an update once however often it is delivered, in each partition by itself', async () => {
      const nowUs = T0 + 300 * SECOND;
      const rate = async (): Promise<number> => (await live.worker(nowUs, WORKER))!.rates['5m'].hashRateHs;
      await live.apply(update(10, { deltas: [delta()] }));
      const once = await rate();
      await live.apply(update(10, { deltas: [delta()] }));
      await live.apply(update(7, { deltas: [delta()] }));
      expect(await rate()).toBe(once);
      await live.apply(update(10, { partition: 1, deltas: [delta()] }));
      expect(await rate()).toBeCloseTo(2 * once, -3);
      await live.apply(update(11, { deltas: [delta()] }));
      expect(await rate()).toBeCloseTo(3 * once, -3);
    });

    it('shows the true rate of a steady worker in every window, with its interval', async () => {
      await live.apply(update(1, { topic: 'worker.events', events: [authorized()] }));
      const slots = 360; // Half an hour, 128 of work every five seconds.
      for (let slot = 0; slot < slots; slot++) {
        const slotUs = T0 + slot * LIVE_SLOT_US;
        await live.apply(update(slot + 1, { deltas: [delta({ slotUs, lastShareAtUs: slotUs + SECOND })] }));
      }
      const nowUs = T0 + slots * LIVE_SLOT_US;
      const worker = (await live.worker(nowUs, WORKER))!;
      const truth = (128 / 5) * HASHES;
      for (const rate of Object.values(worker.rates)) {
        expect(rate.hashRateHs / truth).toBeGreaterThan(0.995);
        expect(rate.hashRateHs / truth).toBeLessThan(1.005);
        expect(rate.lowHs).toBeLessThan(truth);
        expect(rate.highHs).toBeGreaterThan(truth);
      }
      expect(Object.keys(worker.rates)).toEqual(['1m', '5m', '15m', '1h', '1d']);
      const anHourLater = (await live.worker(nowUs + 3600 * SECOND, WORKER))!;
      expect(anHourLater.rates['1m'].hashRateHs).toBeLessThan(truth * 1e-20);
      expect(anHourLater.lastShareAtUs).toBe(T0 + (slots - 1) * LIVE_SLOT_US + SECOND);
    });

    it('takes late shares without going back: last share and difficulty stay the latest', async () => {
      const late = delta({
        slotUs: T0 - 600 * SECOND,
        lastShareAtUs: T0 - 599 * SECOND,
        difficulty: 8,
        bestShareDifficulty: 5000,
      });
      await live.apply(update(1, { deltas: [delta()] }));
      await live.apply(update(2, { deltas: [late] }));
      const worker = (await live.worker(T0 + 5 * SECOND, WORKER))!;
      expect(worker).toMatchObject({
        difficulty: 64,
        lastShareAtUs: T0 + 3 * SECOND,
        bestShareDifficulty: 5000,
        firstSeenUs: T0 - 600 * SECOND,
      });
    });

    it('leaves no ghosts: connections end by disconnect and by a new start of their gateway', async () => {
      const events = (endOffset: number, ...list: WorkerEvent[]): Promise<void> =>
        live.apply(update(endOffset, { topic: 'worker.events', events: list }));
      const connections = async (): Promise<unknown> => {
        const worker = (await live.worker(T0 + 60 * SECOND, WORKER))!;
        return [worker.connections, worker.connectedSinceUs];
      };
      await events(
        1,
        authorized(),
        authorized({ connection: 'c2', atUs: T0 + SECOND }),
        authorized({ connection: 'c1', gateway: 'g2', atUs: T0 + 2 * SECOND }),
      );
      expect(await connections()).toEqual([3, T0]);
      await events(2, authorized({ atUs: T0 + 3 * SECOND })); // Again on the same connection: still one, as old as before.
      expect(await connections()).toEqual([3, T0]);
      await events(3, disconnected('c1'));
      expect(await connections()).toEqual([2, T0 + SECOND]);
      await events(4, disconnected('never-seen'));
      expect(await connections()).toEqual([2, T0 + SECOND]);
      await events(5, { type: 'gateway_started', atUs: T0 + 4 * SECOND, gateway: 'g1' });
      expect(await connections()).toEqual([1, T0 + 2 * SECOND]);
      await events(6, { type: 'gateway_started', atUs: T0 + 5 * SECOND, gateway: 'g2' });
      expect(await connections()).toEqual([0, undefined]);
    });

    it('starts from a snapshot, ignores what is contained in it, and goes on from there', async () => {
      await live.apply(update(99, { deltas: [delta({ worker: 'acme.old' })] }));
      const decayed = { ...NO_DECAYED_WORK, atUs: T0, work: 6400, workSquared: 409_600 };
      const snapshot: LiveSnapshot = {
        tenant: 'acme',
        worker: WORKER,
        algorithm: 'sha256d',
        userAgent: 'bmminer',
        remoteAddress: '10.0.0.9',
        connections: [{ gateway: 'g1', connection: 'c7', sinceUs: T0 - 50 * SECOND }],
        firstSeenUs: T0 - 86_400 * SECOND,
        lastShareAtUs: T0 - SECOND,
        difficulty: 32,
        bestShareDifficulty: 77,
        expectedHashRateHs: 5e12,
        decayed: { '1m': decayed, '5m': decayed, '15m': decayed, '1h': decayed, '1d': decayed },
      };
      await live.restore([snapshot], [{ topic: 'shares.verified', partition: 0, endOffset: 40 }]);
      await live.apply(update(40, { deltas: [delta()] }));
      const restored = (await live.worker(T0, WORKER))!;
      expect(restored).toMatchObject({
        connections: 1,
        connectedSinceUs: T0 - 50 * SECOND,
        bestShareDifficulty: 77,
        difficulty: 32,
        lastShareAtUs: T0 - SECOND,
      });
      expect(restored.rates['5m'].hashRateHs).toBeCloseTo((6400 / 300) * HASHES, -6);
      expect(await live.worker(T0, 'acme.old')).toBeUndefined();
      await live.apply(update(41, { deltas: [delta()] }));
      expect((await live.worker(T0 + LIVE_SLOT_US, WORKER))!.lastShareAtUs).toBe(T0 + 3 * SECOND);
    });

    it('lists one tenant or all', async () => {
      await live.apply(update(1, { deltas: [delta(), delta({ tenant: 'beta', worker: 'beta.x' })] }));
      expect((await live.workers(T0)).map((w) => w.worker).sort()).toEqual([WORKER, 'beta.x']);
      expect((await live.workers(T0, 'beta')).map((w) => w.worker)).toEqual(['beta.x']);
      expect(await live.workers(T0, 'gamma')).toEqual([]);
    });

    it('tells subscribers who changed, many changes in one call, until they stop', async () => {
      const calls: string[][] = [];
      const stop = live.subscribe((changed) => calls.push([...changed].sort()));
      await live.apply(update(1, { deltas: [delta()] }));
      await live.apply(update(2, { deltas: [delta({ worker: 'acme.b' }), delta()] }));
      await vi.waitFor(() => expect(calls).toEqual([['acme.b', WORKER]]), { timeout: 5000 });
      await live.apply(update(2, { deltas: [delta({ worker: 'acme.c' })] })); // Delivered before: no change, no call.
      await live.apply(update(3, { deltas: [delta({ worker: 'acme.d' })] }));
      await vi.waitFor(() => expect(calls).toEqual([['acme.b', WORKER], ['acme.d']]), { timeout: 5000 });
      stop();
      const again: string[][] = [];
      live.subscribe((changed) => again.push([...changed]));
      await live.apply(update(4, { deltas: [delta()] }));
      await vi.waitFor(() => expect(again).toEqual([[WORKER]]), { timeout: 5000 });
      expect(calls).toHaveLength(2);
    });
  });
}
