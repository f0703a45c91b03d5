import { describe, expect, it } from 'vitest';
import {
  calendarRange,
  calendarSummary,
  calendarWeeks,
  DAY_BY,
  dayKind,
  dayKinds,
  dayWords,
  WEEKS,
} from './calendar.ts';
import type { WorkerDays } from './worker-documents.ts';

/** A Thursday. */
const NOW = Date.UTC(2026, 10, 26, 13, 5);

function days(count: number, more: object = {}): WorkerDays {
  const points = Array.from({ length: count }, (_, i) => ({
    at: new Date(Date.UTC(2026, 10, 26 - (count - 1 - i))).toISOString(),
    hashRate: 1e14,
    low: 9e13,
    high: 1.1e14,
    contribution: { fraction: 0.984, low: 0.98, high: 0.99 },
    accepted: 990,
    rejected: 10,
    uptime: 0.995,
    ...more,
  }));
  return { series: { stepSeconds: 86_400, points }, connectsByDay: [{ date: '2026-11-25', count: 3 }] };
}

describe('the calendar', () => {
  it('is of thirteen weeks from a Monday on, this week’s days to come among them', () => {
    const { from, to, maxPoints } = calendarRange(NOW);
    expect([from, to, maxPoints]).toEqual(['2026-08-31T00:00:00.000Z', '2026-11-27T00:00:00.000Z', 91]);
    expect(calendarRange(Date.UTC(2026, 10, 23)).from).toBe(from);
    const weeks = calendarWeeks(days(5), from, NOW);
    expect(weeks).toHaveLength(WEEKS);
    expect(weeks.every((week) => week.length === 7)).toBe(true);
    expect(weeks.at(-1)!.map(({ date, point }) => [date.slice(8), point !== undefined])).toEqual([
      ['23', true],
      ['24', true],
      ['25', true],
      ['26', true],
      ['27', false],
      ['28', false],
      ['29', false],
    ]);
    expect(weeks.at(-1)!.find(({ isUnderWay }) => isUnderWay)?.date).toBe('2026-11-26');
    expect(new Set(weeks.map((week) => new Date(week[0]!.atMs).getUTCDay()))).toEqual(new Set([1]));
  });

  it('says of a day what it is coloured by', () => {
    const day = calendarWeeks(days(5), calendarRange(NOW).from, NOW).at(-1)![2]!;
    expect(DAY_BY.map((by) => [dayKind(day, by).words, dayWords(day, by)])).toEqual([
      ['95 to 105 %', '98.4\u00a0% of expectation'],
      ['99 to 99.9 %', 'up 99.5\u00a0%'],
      ['0.5 to 2 %', '1.00\u00a0% of 1,000 shares invalid'],
      ['2 to 5', 'connected 3 times'],
    ]);
    for (const by of DAY_BY) expect(dayKinds(by)).toContainEqual(dayKind(day, by));
  });

  it('knows nothing of days without a record, and does not take a day without shares for a good one', () => {
    const from = calendarRange(NOW).from;
    const [day] = calendarWeeks(days(1), from, NOW)[0]!;
    expect(DAY_BY.map((by) => dayKind(day!, by).words)).toEqual(DAY_BY.map(() => 'not known'));
    const still = {
      hashRate: 0,
      contribution: { fraction: 0, low: 0, high: 0.01 },
      accepted: 0,
      rejected: 0,
      uptime: 0,
    };
    const dead = calendarWeeks(days(2, still), from, NOW).at(-1)![2]!;
    expect(DAY_BY.map((by) => dayKind(dead, by).words)).toEqual(['below 50 %', 'below 50 %', 'not known', '2 to 5']);
    const before = calendarWeeks(days(2, { accepted: 0, rejected: 0, uptime: null }), from, NOW).at(-1)![2]!;
    expect(before.point).toBeUndefined();
  });

  it('is summed up without the day under way', () => {
    const summary = calendarSummary(calendarWeeks(days(5), calendarRange(NOW).from, NOW));
    expect(summary).toMatchObject({ days: 4, measured: 4, atExpectation: 4, invalid: 0.01, connects: 3 });
    expect(summary.meanUptime).toBeCloseTo(0.995, 12);
  });
});
