import { systemClock } from '@assay/kernel';
import type { LiveWorker } from '@assay/live-state';
import { silentLogger } from '@assay/platform';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startKnownDifficulties } from './known-difficulties.ts';

const worker = (name: string, difficulty: number): LiveWorker => ({ worker: name, difficulty }) as LiveWorker;

describe('known difficulties', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('follow the live state, and stay when it is away or was lost', async () => {
    let workers = async (): Promise<LiveWorker[]> => [worker('a.b', 64)];
    const known = await startKnownDifficulties({ workers: () => workers() }, systemClock, silentLogger);
    expect([known.of('a.b'), known.of('a.c')]).toEqual([64, undefined]);

    workers = () => Promise.reject(new Error('Redis does not answer'));
    await vi.advanceTimersByTimeAsync(60_000);
    workers = async () => [];
    await vi.advanceTimersByTimeAsync(60_000);
    expect(known.of('a.b')).toBe(64);

    workers = async () => [worker('a.b', 128), worker('a.c', 32)];
    await vi.advanceTimersByTimeAsync(60_000);
    expect([known.of('a.b'), known.of('a.c')]).toEqual([128, 32]);
    known.stop();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('do not hold up the start when the live state does not answer', async () => {
    const started = startKnownDifficulties({ workers: () => new Promise(() => undefined) }, systemClock, silentLogger);
    await vi.advanceTimersByTimeAsync(1_000);
    expect((await started).of('a.b')).toBeUndefined();
  });
});
