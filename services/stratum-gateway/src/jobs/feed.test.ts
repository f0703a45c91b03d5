import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { silentLogger } from '@assay/platform';
import { JobSequence, type PublishedJob } from '@assay/stratum';
import { Feed, type FeedSettings } from './feed.ts';
import { ScriptedSource } from '../testing/scripted-source.ts';

const clock = { nowUs: () => Date.now() * 1000 };

describe('a feed', () => {
  beforeEach(() => void vi.useFakeTimers({ now: 1_700_000_000_000 }));
  afterEach(() => void vi.useRealTimers());

  function started(changes: Partial<FeedSettings>) {
    const [source, fallback] = [new ScriptedSource(1), new ScriptedSource(2)];
    const jobs: PublishedJob[] = [];
    let dismissed = 0;
    const settings = { name: 'pool', algorithm: 'sha256d', onLoss: 'disconnect', lossSeconds: 10, ...changes } as const;
    const feed = new Feed(settings, source, new JobSequence(1), () => fallback, clock, silentLogger);
    feed.start({
      announce: (_feed, published) => void jobs.push(published),
      dismiss: () => dismissed++,
      record: () => undefined,
    });
    return { feed, source, fallback, jobs, dismissed: () => dismissed };
  }

  it('gives out what its source brings', async () => {
    const { feed, source, jobs } = started({});
    expect([feed.state, feed.hasWork]).toEqual(['no job yet', false]);
    source.give(true);
    source.give();
    expect(jobs.map(({ sequence, stale }) => [sequence, stale])).toEqual([
      [1, false],
      [2, false],
    ]);
    expect([feed.state, feed.hasWork]).toEqual(['ok', true]);
    source.state = 'slow';
    expect(feed.state).toBe('slow');
    await feed.stop();
    expect(source.stopped).toBe(true);
  });

  it('leaves out a job that cannot be hashed', () => {
    const { feed, source, jobs } = started({ algorithm: 'scrypt' });
    source.give(true);
    expect(jobs).toEqual([]);
    expect(feed.hasWork).toBe(false);
  });

  it('lets machines go when its source does not come back in time, and takes them again when it does', () => {
    const { feed, source, dismissed, jobs } = started({ onLoss: 'disconnect', lossSeconds: 5 });
    source.give(true);
    source.lose('connection refused');
    expect(feed.state).toBe('no work: connection refused');
    vi.advanceTimersByTime(4999);
    expect([feed.closed, dismissed()]).toEqual([false, 0]);
    vi.advanceTimersByTime(1);
    expect([feed.closed, dismissed()]).toEqual([true, 1]);
    source.give(false);
    expect([feed.closed, feed.hasWork]).toEqual([false, true]);
    // Work of before the loss is worthless, whatever the source says.
    expect(jobs[0]!.stale).toBe(true);
  });

  it('keeps machines when its source comes back in time', () => {
    const { feed, source, dismissed } = started({});
    source.give(true);
    source.lose('reset');
    vi.advanceTimersByTime(9000);
    source.give(true);
    vi.advanceTimersByTime(60_000);
    expect([feed.closed, dismissed()]).toEqual([false, 0]);
  });

  it('gives jobs of our own at once where that is wanted, until its source is back', () => {
    const { feed, source, fallback, jobs, dismissed } = started({ onLoss: 'local' });
    source.give(true);
    source.lose('reset');
    fallback.give(true);
    expect(jobs).toHaveLength(2);
    expect([jobs[0]!.stale, feed.hasWork, feed.closed]).toEqual([true, false, false]);
    feed.refresh(true);
    expect(jobs).toHaveLength(3);
    source.give(false);
    expect([fallback.stopped, feed.hasWork, jobs[2]!.stale, dismissed()]).toEqual([true, true, true, 0]);
  });

  it('leaves machines as they are where that is wanted', () => {
    const { feed, source, jobs, dismissed } = started({ onLoss: 'hold' });
    source.give(true);
    source.lose('reset');
    source.lose('again');
    vi.advanceTimersByTime(3_600_000);
    expect([feed.closed, dismissed(), jobs.length, jobs[0]!.stale]).toEqual([false, 0, 1, false]);
    expect(feed.state).toBe('no work: reset');
  });
});
