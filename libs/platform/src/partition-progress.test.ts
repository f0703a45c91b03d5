import type { PartitionSession } from '@assay/event-log';
import { Registry } from 'prom-client';
import { beforeEach, describe, expect, it } from 'vitest';
import { PartitionProgress } from './partition-progress.ts';

const SECOND = 1_000_000;

describe('progress of a partition', () => {
  let nowUs: number;
  let registry: Registry;
  let progress: PartitionProgress;

  beforeEach(() => {
    nowUs = 1_000 * SECOND;
    registry = new Registry();
    progress = new PartitionProgress(registry, 'assay_test_', { nowUs: () => nowUs }, 'done');
  });

  const held = (partition = 0): { session: PartitionSession; revoke: () => void } => {
    const abort = new AbortController();
    const session = { topic: 't', partition, signal: abort.signal } as PartitionSession;
    return { session, revoke: () => abort.abort() };
  };
  const values = async (name: string): Promise<Record<string, number>> => {
    const { values: all } = (await registry.getSingleMetric(`assay_test_${name}`)!.get()) as {
      values: { labels: Record<string, string>; value: number }[];
    };
    return Object.fromEntries(all.map(({ labels, value }) => [labels['partition'] ?? labels['topic'], value]));
  };

  it('grows while a batch is stuck, and says 0 when nothing is left to read', async () => {
    const { session } = held();
    progress.begin(session);
    progress.took(session, nowUs - 2 * SECOND);
    expect(await values('lag_seconds')).toEqual({ 0: 2 });
    nowUs += 60 * SECOND;
    expect(await values('lag_seconds')).toEqual({ 0: 62 });
    progress.done(session, nowUs - SECOND);
    expect(await values('lag_seconds')).toEqual({ 0: 1 });
    progress.caughtUp(session, nowUs);
    expect(await values('lag_seconds')).toEqual({ 0: 0 });
  });

  it('keeps the oldest of the records in hand, also when the handler failed and starts again', async () => {
    const { session } = held();
    progress.begin(session);
    progress.took(session, nowUs - 10 * SECOND);
    // The transport hands the handler the same assignment in a wrapper of its own.
    const again = { ...session };
    progress.begin(again);
    progress.took(again, nowUs - 3 * SECOND);
    expect(await values('lag_seconds')).toEqual({ 0: 10 });
    expect(await values('partition_assignments_total')).toEqual({ t: 1 });
  });

  it('does not take silence for being caught up: the log may be away', async () => {
    const { session } = held();
    progress.begin(session);
    progress.caughtUp(session, nowUs);
    nowUs += 4 * SECOND;
    expect(await values('lag_seconds')).toEqual({ 0: 0 });
    nowUs += 20 * SECOND;
    expect(await values('lag_seconds')).toEqual({ 0: 24 });
  });

  it('counts from when the partition was taken as long as nothing could be read', async () => {
    progress.begin(held().session);
    nowUs += 7 * SECOND;
    expect(await values('lag_seconds')).toEqual({ 0: 7 });
  });

  it('forgets a partition that was given up, and counts that it comes back', async () => {
    const [first, second] = [held(0), held(1)];
    for (const { session } of [first, second]) progress.begin(session);
    expect(await values('partitions')).toEqual({ t: 2 });
    first.revoke();
    expect(await values('partitions')).toEqual({ t: 1 });
    expect(Object.keys(await values('lag_seconds'))).toEqual(['1']);
    progress.done(first.session, nowUs);
    expect(await values('partitions')).toEqual({ t: 1 });
    progress.begin(held(0).session);
    expect(await values('partitions')).toEqual({ t: 2 });
    expect(await values('partition_assignments_total')).toEqual({ t: 3 });
  });
});
