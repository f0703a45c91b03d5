import { MemoryLiveState } from '@assay/adapter-memory';
import { AnalyticsError } from '@assay/analytics';
import type { LiveGap, LivePartition, LiveProgress, LiveSnapshot, LiveUpdate } from '@assay/live-state';
import { decayedFrom, LiveStateError } from '@assay/live-state';
import { Registry, silentLogger } from '@assay/platform';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { LiveKeeper, planBase } from './live-keeper.ts';
import type { Missing } from './live-keeper.ts';
import { aggregatorMetrics } from './metrics.ts';

const SECOND = 1e6;
const MINUTE = 60 * SECOND;
const NOW = 1_760_000_000 * SECOND;
const SHARES = 'shares.verified';
const EVENTS = 'worker.events';

const delta = (worker: string): LiveUpdate['deltas'][number] => ({
  tenant: 't',
  worker,
  algorithm: 'sha256d',
  accepted: 1,
  sinceUs: NOW,
  bestShareDifficulty: 1,
  lastShareAtUs: NOW,
  difficulty: 1,
  difficultyAtUs: NOW,
  decayed: decayedFrom({ atUs: NOW, work: 1, workSquared: 1 }),
});
/** One share of a worker that is named after its offsets. */
const batch = (fromOffset: number, endOffset: number, over: Partial<LiveUpdate> = {}): LiveUpdate => ({
  topic: SHARES,
  partition: 0,
  lineage: 'l',
  fromOffset,
  endOffset,
  reachedUs: NOW,
  deltas: [delta(`${fromOffset}-${endOffset}`)],
  events: [],
  ...over,
});
const idle = (endOffset: number, over: Partial<LiveUpdate> = {}): LiveUpdate =>
  batch(endOffset, endOffset, { deltas: [], ...over });

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('live keeper', () => {
  let nowUs: number;
  let live: MemoryLiveState;
  let bases: number[];
  let reads: { of: LivePartition; gap: LiveGap; endOffset: number }[];
  let readWorkers: (cutUs: number) => Promise<LiveSnapshot[]>;
  let readMissing: () => Promise<Partial<Missing>>;
  const keeperOf = (partitions: readonly LivePartition[] = [{ topic: SHARES, partition: 0 }]): LiveKeeper =>
    new LiveKeeper(partitions, {
      live,
      clock: { nowUs: () => nowUs },
      logger: silentLogger,
      metrics: aggregatorMetrics(new Registry(), { nowUs: () => nowUs }),
      pause: async (ms) => {
        nowUs += ms * 1000;
        await settle();
      },
      readWorkers: (cutUs) => {
        bases.push(cutUs);
        return readWorkers(cutUs);
      },
      readMissing: async (of, gap, endOffset) => {
        reads.push({ of, gap, endOffset });
        return { deltas: [delta(`missing below ${endOffset}`)], events: [], endOffset, ...(await readMissing()) };
      },
    });
  const names = async (): Promise<string[]> => (await live.workers(NOW)).map(({ worker }) => worker);
  const isLive = async (): Promise<boolean> => (await live.standing(nowUs)).live;
  const rebuilt = (times = 1): Promise<void> =>
    vi.waitFor(async () => {
      expect(bases).toHaveLength(times);
      expect((await live.apply(idle(0, { topic: 'look' }))).kind).toBe('behind');
    });

  beforeEach(() => {
    nowUs = NOW;
    live = new MemoryLiveState({ clock: { nowUs: () => nowUs } });
    bases = [];
    reads = [];
    readWorkers = async () => [];
    readMissing = async () => ({});
  });

  /** A keeper of one partition that is in step, at offset 10. */
  const inStep = async (): Promise<LiveKeeper> => {
    const keeper = keeperOf();
    await keeper.show(idle(10));
    await rebuilt();
    await keeper.show(idle(10));
    return keeper;
  };

  it('reads a base when there is none, beside the batches, and then what the partition has to add to it', async () => {
    const keeper = keeperOf();
    let finish!: () => void;
    readWorkers = () => new Promise((resolve) => (finish = () => resolve([])));
    await keeper.show(idle(10));
    await vi.waitFor(() => expect(bases).toHaveLength(1));
    await keeper.show(batch(10, 12)); // It is in ClickHouse, and not waited for.
    expect(reads).toEqual([]);
    finish();
    await rebuilt();
    await keeper.show(batch(12, 15));
    expect(reads).toMatchObject([
      { of: { topic: SHARES, partition: 0 }, gap: { fromOffset: 0, submittedFromUs: bases[0] }, endOffset: 15 },
    ]);
    await keeper.show(batch(15, 16));
    expect(await names()).toEqual(['missing below 15', '15-16']);
    expect(await isLive()).toBe(false); // The partition `look` has not been filled.
  });

  it('waits for every partition to say how far it is, but not for one that nobody holds', async () => {
    const places = [0, 1].map((partition) => ({ topic: SHARES, partition }));
    const told = keeperOf(places);
    await told.show(idle(10, { reachedUs: NOW - 60 * MINUTE }));
    await settle();
    expect(bases).toEqual([]);
    await told.show(idle(7, { partition: 1 }));
    await rebuilt();
    expect(nowUs - NOW).toBeLessThan(5 * SECOND);
    expect(bases[0]).toBeLessThanOrEqual(NOW - 75 * MINUTE);

    live.lose();
    nowUs = NOW;
    await told.show(idle(10));
    await rebuilt(2);
    expect(nowUs - NOW).toBeGreaterThanOrEqual(5 * SECOND);
  });

  it('adds what was missed while the state did not answer, and leaves it alone for a moment', async () => {
    const keeper = await inStep();
    const { apply } = live;
    let calls = 0;
    live.apply = () => {
      calls++;
      return Promise.reject(new LiveStateError('away'));
    };
    await keeper.show(batch(10, 11));
    await keeper.show(batch(11, 12));
    expect(calls).toBe(1);
    live.apply = apply;
    await keeper.show(batch(12, 13));
    nowUs += 3 * SECOND;
    await keeper.show(batch(13, 14));
    expect(reads[reads.length - 1]).toMatchObject({ gap: { fromOffset: 10 }, endOffset: 14 });
    await keeper.show(batch(14, 15));
    expect(await names()).toEqual(['missing below 10', 'missing below 14', '14-15']);
  });

  it('goes on when ClickHouse cannot be read, and tries again later', async () => {
    const keeper = await inStep();
    readMissing = () => Promise.reject(new AnalyticsError('unavailable', 'away', { retriable: true }));
    await keeper.show(batch(12, 13));
    readMissing = async () => ({});
    await keeper.show(batch(13, 14));
    expect(await names()).toEqual(['missing below 10']);
    nowUs += 3 * SECOND;
    await keeper.show(idle(14));
    expect(await names()).toEqual(['missing below 10', 'missing below 14']);

    live.lose();
    readWorkers = () => Promise.reject(new AnalyticsError('unavailable', 'away', { retriable: true }));
    await keeper.show(idle(14));
    await vi.waitFor(() => expect(bases).toHaveLength(2));
    readWorkers = async () => [];
    await settle();
    nowUs += 3 * SECOND;
    await keeper.show(idle(14));
    await rebuilt(3);
  });

  it('takes in pieces what is too much for once', async () => {
    const keeper = await inStep();
    readMissing = async () => ({ endOffset: 30 });
    await keeper.show(batch(50, 60));
    expect((await live.apply(idle(60))).kind).toBe('behind');
    readMissing = async () => ({});
    await keeper.show(idle(60));
    expect(reads.slice(1).map(({ gap, endOffset }) => [gap.fromOffset, endOffset])).toEqual([[10, 60], [30, 60]]); // prettier-ignore
    expect((await live.apply(idle(60))).kind).toBe('repeated');
  });

  it('has a new base made for what lies too far back to be read share by share', async () => {
    const keeper = await inStep();
    nowUs += 61 * MINUTE;
    await keeper.show(batch(90, 91, { reachedUs: nowUs }));
    await rebuilt(2);
    expect(reads).toHaveLength(1);
    await keeper.show(idle(91, { reachedUs: nowUs }));
    expect(await names()).toEqual(['missing below 91']);
  });

  it('keeps one state together with another aggregator, when a partition goes over and when the state is lost in the middle', async () => {
    const places = [0, 1].map((partition) => ({ topic: SHARES, partition }));
    const [a, b] = [keeperOf(places), keeperOf(places)];
    await Promise.all([a.show(idle(0)), b.show(idle(0, { partition: 1 }))]);
    await rebuilt();
    await a.show(batch(0, 5));
    await b.show(batch(0, 3, { partition: 1 }));
    // Partition 0 goes over with a batch that was shown and not finished: its repetition is ignored.
    await b.show(batch(0, 5));
    await b.show(batch(5, 6));
    await a.show(batch(0, 5)); // What the old holder still had under way.
    expect(await names()).toEqual(['missing below 5', 'missing below 3', '5-6']);

    live.lose();
    await Promise.all([b.show(idle(6)), b.show(idle(3, { partition: 1 })), a.show(idle(5))]);
    await rebuilt(2);
    await Promise.all([b.show(idle(6)), b.show(batch(3, 4, { partition: 1 }))]);
    expect(await names()).toEqual(['missing below 6', 'missing below 4']);
  });

  it('stops without waiting for partitions', async () => {
    const keeper = keeperOf([0, 1].map((partition) => ({ topic: SHARES, partition })));
    await keeper.show(idle(1));
    await keeper.stop();
    expect(bases).toEqual([]);
  });
});

describe('plan of a base', () => {
  const partitions = [SHARES, EVENTS].flatMap((topic) => [0, 1].map((partition) => ({ topic, partition })));
  const told = (topic: string, partition: number, endOffset: number, reachedUs: number): LiveProgress => ({
    topic,
    partition,
    endOffset,
    reachedUs,
  });

  it('cuts shares at a whole minute a quarter of an hour before the partition that is furthest behind', () => {
    const at = (...progress: LiveProgress[]): number => planBase(partitions, progress, NOW).cutUs;
    expect(at()).toBe(Math.floor(NOW / MINUTE) * MINUTE - 15 * MINUTE);
    const behind = told(SHARES, 1, 4, NOW - 7 * 60 * MINUTE);
    expect(at(told(SHARES, 0, 5, NOW), behind, told(EVENTS, 0, 5, 1))).toBe(
      Math.floor(NOW / MINUTE) * MINUTE - (7 * 60 + 15) * MINUTE,
    );
    expect(at(told(SHARES, 0, 5, 0))).toBe(at());
  });

  it('has every partition add its shares from the cut on, and its events from where it was', () => {
    const plan = planBase(partitions, [told(SHARES, 0, 5, NOW), told(EVENTS, 1, 8, NOW)], NOW);
    expect(plan.partitions).toEqual([
      { topic: SHARES, partition: 0, fromOffset: 0, submittedFromUs: plan.cutUs },
      { topic: SHARES, partition: 1, fromOffset: 0, submittedFromUs: plan.cutUs },
      { topic: EVENTS, partition: 0, fromOffset: 0, submittedFromUs: NOW - 24 * 60 * MINUTE },
      { topic: EVENTS, partition: 1, fromOffset: 8, submittedFromUs: 0 },
    ]);
  });
});
