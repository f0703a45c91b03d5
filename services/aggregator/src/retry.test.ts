import { AnalyticsError } from '@assay/analytics';
import { LogError } from '@assay/event-log';
import { describe, expect, it } from 'vitest';
import { GivenUp, untilItSucceeds } from './retry.ts';
import { Trouble } from './trouble.ts';

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
  it('shows what fails, and for how long, until it has succeeded or was given up', async () => {
    let nowUs = 0;
    const trouble = new Trouble({ nowUs: () => nowUs });
    const states: string[] = [];
    const ports = {
      pause: async () => {
        nowUs += 2_000_000;
        states.push(trouble.state());
      },
      random: () => 1,
      onRetry: () => undefined,
      trouble,
    };
    let tries = 0;
    const attempt = async (): Promise<void> => {
      if (++tries < 3) throw bad;
    };
    const signal = new AbortController().signal;
    await untilItSucceeds('insert', attempt, signal, ports);
    expect(states).toEqual([
      'insert has failed 1 times in 2 s and is tried again: no such column',
      'insert has failed 2 times in 4 s and is tried again: no such column',
    ]);
    expect(trouble.state()).toBe('ok');
    const pending = untilItSucceeds('other', () => Promise.reject(away), AbortSignal.abort(), ports);
    await expect(pending).rejects.toThrow(GivenUp);
    expect([trouble.state(), trouble.counts()]).toEqual(['ok', new Map()]);
  });

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
