import type { LiveState } from '@assay/live-state';
import { liveStateContract } from '@assay/live-state/contract';
import { describe, expect, it, vi } from 'vitest';
import { MemoryLiveState } from './memory-live-state.ts';

liveStateContract('memory', async (options) => {
  const live = new MemoryLiveState(options);
  return { live, other: live, lose: async () => live.lose(), dispose: () => live.close() };
});

describe('live state in memory', () => {
  it('a subscriber that throws does not keep the others from being told', async () => {
    const errors: unknown[] = [];
    const live: LiveState = new MemoryLiveState({
      clock: { nowUs: () => 1 },
      onListenerError: (error) => errors.push(error),
    });
    let told = 0;
    live.subscribe(() => {
      throw new Error('broken page');
    });
    live.subscribe(() => told++);
    await live.rebuild('', async () => ({ workers: [], partitions: [] }));
    await vi.waitFor(() => expect(told).toBe(1), { timeout: 5000 });
    expect(errors).toHaveLength(1);
    await live.close();
  });
});
