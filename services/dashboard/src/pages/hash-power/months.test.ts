import { describe, expect, it } from 'vitest';
import { daysIn, isMonth, monthName, monthsBefore } from './months.ts';

describe('months', () => {
  it('are told from what is none, named and counted', () => {
    expect(['2026-03', '1970-01', '2026-13', '2026-3', '', '1969-12'].map(isMonth)).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
    expect(['2026-02', '2028-02', '2026-12'].map(daysIn)).toEqual([28, 29, 31]);
    expect(monthName('2026-03')).toBe('March 2026');
  });

  it('go back over the turn of the year', () => {
    expect(monthsBefore(new Date('2026-02-28T23:59:59Z')).slice(0, 4)).toEqual([
      '2026-02',
      '2026-01',
      '2025-12',
      '2025-11',
    ]);
    // From the last of a long month into a short one.
    expect(monthsBefore(new Date('2026-03-31T00:00:00Z'))[1]).toBe('2026-02');
  });
});
