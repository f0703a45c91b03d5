import { MemoryLiveState } from '@assay/adapter-memory';
import { systemClock } from '@assay/kernel';
import { NOTHING_DECAYED } from '@assay/live-state';
import type { LiveSnapshot, LiveUpdate } from '@assay/live-state';
import { expect, it } from 'vitest';
import { lastDifficulties } from './last-difficulties.ts';

it('waits until the live state is built, and gives what workers had', async () => {
  const live = new MemoryLiveState({ clock: systemClock });
  const difficulties = lastDifficulties(live, systemClock);
  const nowUs = systemClock.nowUs();
  const place = { topic: 'shares.verified', partition: 0 };
  const facts = { tenant: 't', worker: 't.a', algorithm: 'sha256d', userAgent: '', remoteAddress: '' } as const;
  const times = { authorizedAtUs: nowUs, firstSeenUs: nowUs, lastShareAtUs: nowUs };
  const rest = { connections: [], difficulty: 4096, bestShareDifficulty: 0, expectedHashRateHs: undefined };
  const worker: LiveSnapshot = { ...facts, ...times, ...rest, decayed: NOTHING_DECAYED };
  await live.rebuild('', async () => ({
    workers: [worker],
    partitions: [{ ...place, fromOffset: 0, submittedFromUs: 0 }],
  }));
  const nothing: LiveUpdate = {
    ...place,
    lineage: 'l',
    fromOffset: 0,
    endOffset: 0,
    reachedUs: nowUs,
    deltas: [],
    events: [],
  };
  const outcome = await live.apply(nothing);
  if (outcome.kind === 'behind') await live.apply({ ...nothing, fills: outcome.gap.token });
  expect(await difficulties).toEqual(new Map([['t.a', 4096]]));
});
