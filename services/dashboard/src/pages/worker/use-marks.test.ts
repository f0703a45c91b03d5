import { describe, expect, it } from 'vitest';
import { markedChanges } from './use-marks.ts';
import type { ExpectationChange } from './worker-documents.ts';

const START = Date.UTC(2026, 10, 22);
const none = { expectedHashRate: null, ratedPowerWatts: null, model: null };

function change(minute: number): ExpectationChange {
  return {
    id: String(minute),
    at: new Date(START + minute * 60_000).toISOString(),
    by: null,
    before: none,
    after: none,
  };
}

function series(points: number) {
  const point = { hashRate: 1, low: 1, high: 1, accepted: 1, rejected: 0, byReason: [], uptime: 1 };
  return {
    stepSeconds: 60,
    points: Array.from({ length: points }, (_, i) => ({ at: new Date(START + i * 60_000).toISOString(), ...point })),
  };
}

describe('marks in the chart', () => {
  it('number the changes within its range from the oldest on, those since its end at its end', () => {
    const { numbered, marks, earlier } = markedChanges([70, 30, 10, -5].map(change), series(60));
    expect(numbered.map(({ id }) => id)).toEqual(['10', '30', '70']);
    expect(marks).toEqual([
      { at: START / 1000 + 600, number: 1 },
      { at: START / 1000 + 1800, number: 2 },
      { at: START / 1000 + 59 * 60, number: 3 },
    ]);
    expect(earlier.map(({ id }) => id)).toEqual(['-5']);
  });

  it('are of the newest twelve, and of none where there is no range', () => {
    const many = Array.from({ length: 20 }, (_, i) => change(40 - i));
    const { numbered, earlier } = markedChanges(many, series(60));
    expect([numbered.length, numbered[0]!.id, earlier.length]).toEqual([12, '29', 8]);
    expect(markedChanges(many, series(0))).toMatchObject({ numbered: [], marks: [] });
  });
});
