import { MemoryLiveState } from '@assay/adapter-memory';
import type { PartitionSession } from '@assay/event-log';
import type { LivePosition, LiveUpdate } from '@assay/live-state';
import { silentLogger } from '@assay/platform';
import { beforeEach, describe, expect, it } from 'vitest';
import { LiveKeeper, MAX_LIVE_LAG_SECONDS } from './live-keeper.ts';

const session = (partition: number, signal = new AbortController().signal): PartitionSession => ({
  topic: 'shares.verified',
  partition,
  signal,
  committed: async () => undefined,
  bounds: async () => ({ start: 0, end: 0 }),
  read: async () => [],
  commit: async () => undefined,
});
const update = (endOffset: number, partition = 0): LiveUpdate => ({
  topic: 'shares.verified',
  partition,
  endOffset,
  events: [],
  deltas: [
    { tenant: 't', worker: `t.${endOffset}`, algorithm: 'sha256d', slotUs: 1, accepted: 1, rejected: 0, work: 1, workSquared: 1, bestShareDifficulty: 1, lastShareAtUs: 1, difficulty: 1 },
  ],
}); // prettier-ignore

describe('live keeper', () => {
  let nowUs: number;
  let live: MemoryLiveState;
  let rebuilt: (readonly LivePosition[])[];
  let late: (() => void)[];
  let finishRebuild: () => void;
  const keeperOf = (partitions: number): LiveKeeper =>
    new LiveKeeper(partitions, {
      live,
      clock: { nowUs: () => nowUs },
      logger: silentLogger,
      after: (_, run) => {
        late.push(run);
        return () => void (late = late.filter((one) => one !== run));
      },
      rebuild: (positions) => {
        rebuilt.push(positions);
        return new Promise<void>((resolve) => (finishRebuild = resolve)).then(() => live.restore([], positions));
      },
    });
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const names = async (): Promise<string[]> => (await live.workers(0)).map(({ worker }) => worker);

  beforeEach(() => {
    nowUs = 1e15;
    live = new MemoryLiveState();
    rebuilt = [];
    late = [];
  });

  it('rebuilds once every partition has written what was under way, as of exactly their positions', async () => {
    const keeper = keeperOf(2);
    const passed: number[] = [];
    for (const partition of [0, 1]) await keeper.begin(session(partition));
    void keeper.recovered(session(0), 50).then(() => passed.push(0));
    await settle();
    expect(rebuilt).toEqual([]);
    await keeper.apply(update(40)); // Written before the rebuild: the rebuild contains it.
    void keeper.recovered(session(1), 7).then(() => passed.push(1));
    await settle();
    expect(rebuilt).toEqual([[{ topic: 'shares.verified', partition: 0, endOffset: 50 }, { topic: 'shares.verified', partition: 1, endOffset: 7 }]]); // prettier-ignore
    expect(passed).toEqual([]);
    finishRebuild();
    await settle();
    expect(passed.sort()).toEqual([0, 1]);
    await keeper.apply(update(50));
    await keeper.apply(update(51));
    expect(await names()).toEqual(['t.51']);
  });

  it('does not wait for ever for partitions that another process holds', async () => {
    const keeper = keeperOf(9);
    await keeper.begin(session(3));
    void keeper.recovered(session(3), 5);
    expect(late).toHaveLength(1);
    late[0]!();
    expect(rebuilt).toHaveLength(1);
  });

  it('waits for a partition that is still writing, and goes on without one that fails', async () => {
    const keeper = keeperOf(9);
    const failing = session(1);
    await keeper.begin(session(0));
    await keeper.begin(failing);
    void keeper.recovered(session(0), 5);
    late[0]!();
    expect(rebuilt).toEqual([]);
    keeper.end(failing);
    expect(rebuilt).toEqual([[{ topic: 'shares.verified', partition: 0, endOffset: 5 }]]);
  });

  it('lets go of a session that ends while it waits', async () => {
    const keeper = keeperOf(2);
    const over = new AbortController();
    await keeper.begin(session(0, over.signal));
    const waiting = keeper.recovered(session(0, over.signal), 5);
    over.abort();
    await waiting;
    expect(rebuilt).toEqual([]);
  });

  it('shows the state as live only while every partition is nearly caught up', async () => {
    const keeper = keeperOf(1);
    const only = session(0);
    await keeper.begin(only);
    const recovered = keeper.recovered(only, 0);
    finishRebuild();
    await recovered;
    await keeper.check();
    expect(await live.isLive()).toBe(false);
    keeper.caughtUp(only);
    await keeper.check();
    expect(await live.isLive()).toBe(true);
    nowUs += (MAX_LIVE_LAG_SECONDS + 1) * 1e6;
    await keeper.check();
    expect(await live.isLive()).toBe(false);
    keeper.caughtUp(only);
    await keeper.check();
    expect(await live.isLive()).toBe(true);
  });

  it('says up to when shares are in, while ClickHouse keeps them waiting', async () => {
    const keeper = keeperOf(1);
    const only = session(0);
    await keeper.begin(only);
    const recovered = keeper.recovered(only, 0);
    finishRebuild();
    await recovered;
    keeper.caughtUp(only);
    const caughtUpUs = nowUs;
    await keeper.check();
    nowUs += 2e6;
    await keeper.check();
    expect(await live.asOfUs(nowUs)).toBe(nowUs);

    nowUs += 8e6; // Ten seconds of shares wait for their insert.
    await keeper.check();
    expect(await live.isLive()).toBe(true);
    expect(await live.asOfUs(nowUs)).toBe(caughtUpUs);

    const [delta] = update(1).deltas;
    const submittedUs = caughtUpUs + 4e6;
    await keeper.apply({ ...update(1), deltas: [{ ...delta!, slotUs: submittedUs, lastShareAtUs: submittedUs }] });
    await keeper.check();
    expect(await live.asOfUs(nowUs)).toBe(submittedUs);

    nowUs += 60e6;
    await keeper.check();
    expect(await live.isLive()).toBe(false);
    keeper.end(only);
    await keeper.begin(only);
    await keeper.check();
    expect(await live.asOfUs(nowUs)).toBe(submittedUs);

    keeper.caughtUp(only);
    await keeper.check();
    expect(await live.isLive()).toBe(true);
    expect(await live.asOfUs(nowUs)).toBe(nowUs);
  });
});
