import { AnalyticsError } from '@assay/analytics';
import { LogError } from '@assay/event-log';
import { describe, expect, it } from 'vitest';
import { GivenUp, untilItSucceeds } from './retry.ts';

const away = new AnalyticsError('unavailable', 'away', { retriable: true });
const bad = new AnalyticsError('bad_data', 'no such column', { retriable: false });

function attempts(failures: readonly unknown[], signal = new AbortController().signal) {
  const pauses: number[] = [];
  const told: boolean[] = [];
  let tries = 0;
  const attempt = async (): Promise<number> => {
    const failure = failures[tries++];
    if (failure !== undefined) throw failure;
    return tries;
  };
  const outcome = untilItSucceeds('insert', attempt, signal, {
    pause: async (ms) => void pauses.push(ms),
    random: () => 1,
    onRetry: (_, __, hopeless) => told.push(hopeless),
  });
  return { outcome, pauses, told };
}

describe('trying until it succeeds', () => {
  it('pauses twice as long each time, up to ten seconds', async () => {
    const { outcome, pauses } = attempts(new Array(10).fill(away));
    expect(await outcome).toBe(11);
    expect(pauses).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000, 10_000]);
  });

  it('goes on, rarely, with what trying again cannot help, and says so', async () => {
    const { outcome, pauses, told } = attempts([bad, new Error('a bug')]);
    expect(await outcome).toBe(3);
    expect(pauses).toEqual([15_000, 15_000]);
    expect(told).toEqual([true, true]);
  });

  it('ends when the partition is given up, and at once when the log says it is over', async () => {
    await expect(attempts([away], AbortSignal.abort()).outcome).rejects.toThrow(GivenUp);
    const fenced = new LogError('fenced', 'held by another', { retriable: false });
    await expect(attempts([fenced]).outcome).rejects.toBe(fenced);
  });
});
