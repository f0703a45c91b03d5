import { describe, expect, it } from 'vitest';
import type { SeriesPoint } from '../api/schema-types.ts';
import { expectedColumn, hashRateColumns, longestOutage, meanUptime, rejectStacks, uptimeRuns } from './series-data.ts';

const START = Date.UTC(2026, 10, 22);

function point(minute: number, change: Partial<SeriesPoint> = {}): SeriesPoint {
  return {
    at: new Date(START + minute * 60_000).toISOString(),
    hashRate: 10,
    low: 8,
    high: 12,
    accepted: 5,
    rejected: 0,
    byReason: [],
    uptime: 1,
    ...change,
  };
}

describe('series data', () => {
  it('has what was expected then, or what is expected now where that was not asked', () => {
    expect(expectedColumn([point(0), point(1)], 9)).toEqual([9, 9]);
    expect(expectedColumn([point(0)], null)).toEqual([null]);
    expect(expectedColumn([point(0, { expectedHashRate: null }), point(1, { expectedHashRate: 7 })], 9)).toEqual([
      null,
      7,
    ]);
  });

  it('puts hash rates into columns', () => {
    const points = [
      point(0, { uptime: null, accepted: 0 }),
      point(1),
      point(2, { hashRate: 0, low: 0, high: 3, accepted: 0, uptime: 0 }),
    ];
    expect(hashRateColumns(points)).toEqual({
      at: [START / 1000, START / 1000 + 60, START / 1000 + 120],
      // Before anybody was there is no zero; a worker that delivered nothing is one.
      rate: [null, 10, 0],
      low: [null, 8, 0],
      high: [null, 12, 3],
    });
  });

  it('stacks rejects, the most frequent reason at the bottom', () => {
    const stacks = rejectStacks([
      point(0, { byReason: [{ reason: 'stale', count: 2 }] }),
      point(1, {
        byReason: [
          { reason: 'duplicate', count: 5 },
          { reason: 'stale', count: 1 },
        ],
      }),
      point(2),
    ]);
    expect(stacks.reasons).toEqual([
      { reason: 'duplicate', count: 5 },
      { reason: 'stale', count: 3 },
    ]);
    expect(stacks.tops).toEqual([
      [0, 5, 0],
      [2, 6, 0],
    ]);
  });

  it('joins steps into runs and finds the longest outage', () => {
    const points = [1, 1, 0, 0.99, 0, 0, 0.5, null, null].map((uptime, minute) => point(minute, { uptime }));
    const runs = uptimeRuns({ stepSeconds: 60, points });
    expect(runs.map((run) => [(run.fromMs - START) / 60_000, (run.toMs - START) / 60_000, run.fraction])).toEqual([
      [0, 2, 1],
      [2, 3, 0],
      [3, 4, 1],
      [4, 6, 0],
      [6, 7, 0.5],
      [7, 9, null],
    ]);
    expect(longestOutage(runs)).toMatchObject({ fromMs: START + 4 * 60_000, toMs: START + 6 * 60_000 });
    expect(meanUptime(points)).toBeCloseTo((1 + 1 + 0.99 + 0.5) / 7);
  });

  it('has no mean uptime without a known step', () => {
    expect(meanUptime([point(0, { uptime: null })])).toBeNull();
    expect(longestOutage(uptimeRuns({ stepSeconds: 60, points: [point(0)] }))).toBeUndefined();
  });
});
