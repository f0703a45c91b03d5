import { describe, expect, it, vi } from 'vitest';
import { BudgetedCache, type Freshness } from './budgeted-cache.ts';

/** A question whose answer counts how often it was asked, and takes as long as it is told. */
function question(tookMs = 0, freshness: Freshness = { freshMs: 1000, staleMs: 5000 }) {
  const state = { nowMs: 0, asked: 0, fail: false };
  const clock = { nowUs: () => state.nowMs * 1000 };
  const ask = async (): Promise<number> => {
    state.asked++;
    await Promise.resolve();
    state.nowMs += tookMs;
    if (state.fail) throw new Error('no answer');
    return state.asked;
  };
  return { state, cache: new BudgetedCache(ask, clock, freshness) };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('budgeted cache', () => {
  it('asks once for all who come at once', async () => {
    const { cache, state } = question();
    expect(await Promise.all([cache.get(), cache.get(), cache.get()])).toEqual([1, 1, 1]);
    expect(state.asked).toBe(1);
  });

  it('gives the answer while fresh, the one before while refreshing, and a new one when that is too old', async () => {
    const { cache, state } = question();
    await cache.get();
    state.nowMs = 1000;
    expect(await cache.get()).toBe(1);
    state.nowMs = 1001;
    expect(await cache.get()).toBe(1);
    await settled();
    expect(await cache.get()).toBe(2);
    state.nowMs = 6002;
    expect(await cache.get()).toBe(3);
  });

  it('asks a costly question no more than a tenth of the time', async () => {
    const { cache, state } = question(300);
    await cache.get();
    state.nowMs += 2999;
    await cache.get();
    await settled();
    expect(state.asked).toBe(1);
    state.nowMs += 2;
    await cache.get();
    await settled();
    expect(state.asked).toBe(2);
  });

  it('has the new answer to a costly question under way before the one before is too old', async () => {
    const { cache, state } = question(1500, { freshMs: 900, staleMs: 900, costlyStaleMs: 10_000 });
    await cache.get();
    state.nowMs += 5001;
    expect(await cache.get()).toBe(1);
    await settled();
    expect(await cache.get()).toBe(2);
  });

  it('asks a costly question by itself for some time after somebody came, and no more once it is stopped', async () => {
    const { cache, state } = question(1, { freshMs: 1, staleMs: 1, costlyStaleMs: 40, keptYoungMs: 1000 });
    await cache.get();
    await vi.waitFor(() => expect(state.asked).toBeGreaterThan(2));
    state.nowMs += 1000;
    const asked = state.asked;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(state.asked).toBeLessThanOrEqual(asked + 1);
    await cache.get();
    cache.stop();
    await settled();
    const askedThen = state.asked;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(state.asked).toBe(askedThen);
  });

  it('keeps a good answer over a failure until it is too old, then says so', async () => {
    const { cache, state } = question();
    await cache.get();
    state.fail = true;
    state.nowMs = 3000;
    expect(await cache.get()).toBe(1);
    await settled();
    state.nowMs = 5001;
    await expect(cache.get()).rejects.toThrow('no answer');
    expect(cache.last).toBe(1);
    state.fail = false;
    expect(await cache.get()).toBe(4);
  });
});
