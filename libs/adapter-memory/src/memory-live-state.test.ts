import type { LiveDelta, LiveUpdate } from '@assay/live-state';
import { liveStateContract } from '@assay/live-state/contract';
import type { WorkerEvent } from '@assay/tenancy';
import { describe, expect, it, vi } from 'vitest';
import { MemoryLiveState } from './memory-live-state.ts';

liveStateContract('memory', async () => {
  const live = new MemoryLiveState();
  return { live, dispose: () => live.close() };
});

const mined = (worker: string, slotUs: number): LiveDelta => ({
  tenant: 't',
  worker,
  algorithm: 'sha256d',
  slotUs,
  accepted: 1,
  rejected: 0,
  work: 1,
  workSquared: 1,
  bestShareDifficulty: 1,
  lastShareAtUs: slotUs,
  difficulty: 1,
});
const connected = (worker: string): WorkerEvent => ({
  type: 'authorized',
  atUs: 1,
  gateway: 'g',
  tenant: 't',
  worker,
  connection: worker,
  algorithm: 'sha256d',
  remoteAddress: '',
  userAgent: '',
  difficulty: 1,
});
const update = (endOffset: number, deltas: LiveDelta[], events: WorkerEvent[] = []): LiveUpdate => ({
  topic: 'x',
  partition: 0,
  endOffset,
  deltas,
  events,
});
const names = async (live: MemoryLiveState): Promise<string[]> => (await live.workers(0)).map((w) => w.worker).sort();

describe('bounds of the live state in memory', () => {
  it('gives the place of the longest unchanged disconnected worker to a new one', async () => {
    const live = new MemoryLiveState({ maxWorkers: 3 });
    await live.apply(update(1, [], [connected('t.a')]));
    await live.apply(update(2, [mined('t.b', 1), mined('t.c', 2), mined('t.b', 3)]));
    await live.apply(update(3, [mined('t.d', 4)]));
    expect(await names(live)).toEqual(['t.a', 't.b', 't.d']);
    expect(live.refused).toBe(0);
  });

  it('leaves a newcomer out, and counts it, when every place is connected', async () => {
    const live = new MemoryLiveState({ maxWorkers: 2 });
    await live.apply(update(1, [], [connected('t.a'), connected('t.b')]));
    await live.apply(update(2, [mined('t.c', 1)]));
    expect(await names(live)).toEqual(['t.a', 't.b']);
    expect(live.refused).toBe(1);
  });

  it('a subscriber that throws does not keep the others from being told', async () => {
    const errors: unknown[] = [];
    const live = new MemoryLiveState({ onListenerError: (error) => errors.push(error) });
    let told = 0;
    live.subscribe(() => {
      throw new Error('broken page');
    });
    live.subscribe(() => told++);
    await live.apply(update(1, [mined('t.a', 1)]));
    await vi.waitFor(() => expect(told).toBe(1), { timeout: 5000 });
    expect(errors).toHaveLength(1);
    await live.close();
  });
});
