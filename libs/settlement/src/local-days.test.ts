import { describe, expect, it } from 'vitest';
import { dateAt, daysInMonth, isDate, isMonth, isTimeZone, localDays, localMonth } from './local-days.ts';

const HOUR_US = 3600e6;
const hours = ({ fromUs, untilUs }: { fromUs: number; untilUs: number }): number => (untilUs - fromUs) / HOUR_US;
const iso = (us: number): string => new Date(us / 1000).toISOString();

describe('days of a time zone', () => {
  it('are 24 hours in UTC', () => {
    const days = localDays('2026-02-27', 3, 'UTC');
    expect(days.map(({ date }) => date)).toEqual(['2026-02-27', '2026-02-28', '2026-03-01']);
    expect(days.map(hours)).toEqual([24, 24, 24]);
    expect(iso(days[0]!.fromUs)).toBe('2026-02-27T00:00:00.000Z');
  });

  it('have 23 hours where clocks go forward and 25 where they go back', () => {
    expect(localDays('2026-03-28', 3, 'Europe/Berlin').map(hours)).toEqual([24, 23, 24]);
    expect(localDays('2026-10-24', 3, 'Europe/Berlin').map(hours)).toEqual([24, 25, 24]);
    expect(localDays('2026-03-07', 3, 'America/New_York').map(hours)).toEqual([24, 23, 24]);
    // Clocks go forward at midnight: the day begins at one o'clock.
    expect(localDays('2026-09-05', 3, 'America/Santiago').map(hours)).toEqual([24, 23, 24]);
    // By half an hour.
    expect(localDays('2026-04-04', 3, 'Australia/Lord_Howe').map(hours)).toEqual([24, 24.5, 24]);
  });

  it('begin at odd minutes where the zone does', () => {
    expect(iso(localDays('2026-11-26', 1, 'Asia/Kolkata')[0]!.fromUs)).toBe('2026-11-25T18:30:00.000Z');
    expect(iso(localDays('2026-11-26', 1, 'Asia/Kathmandu')[0]!.fromUs)).toBe('2026-11-25T18:15:00.000Z');
    expect(iso(localDays('2026-11-26', 1, 'Pacific/Kiritimati')[0]!.fromUs)).toBe('2026-11-25T10:00:00.000Z');
  });

  it('leave out a date that the zone left out', () => {
    expect(localDays('2011-12-29', 3, 'Pacific/Apia').map(({ date }) => date)).toEqual(['2011-12-29', '2011-12-31']);
  });

  it('follow each other without a gap, and hold the moments that show their date', () => {
    for (const zone of ['UTC', 'Europe/Berlin', 'America/Santiago', 'Asia/Kathmandu', 'Africa/Cairo', 'Pacific/Apia']) {
      const days = localDays('2026-01-01', 365, zone);
      expect(days).toHaveLength(365);
      days.forEach((day, i) => {
        if (i > 0) expect(day.fromUs).toBe(days[i - 1]!.untilUs);
        expect(dateAt(day.fromUs, zone)).toBe(day.date);
        expect(dateAt(day.untilUs - 1, zone)).toBe(day.date);
      });
    }
  });
});

describe('months', () => {
  it('have their days', () => {
    expect(daysInMonth('2026-02')).toBe(28);
    expect(daysInMonth('2028-02')).toBe(29);
    expect(localMonth('2026-11', 'Europe/Berlin')).toHaveLength(30);
    expect(localMonth('2026-10', 'Europe/Berlin').reduce((sum, day) => sum + hours(day), 0)).toBe(31 * 24 + 1);
  });
});

describe('names', () => {
  it('are told from what is none', () => {
    expect(['2026-02-28', '2026-02-29', '2026-2-1', '2026-13-01', '', '1969-12-31'].map(isDate)).toEqual([
      true,
      false,
      false,
      false,
      false,
      false,
    ]);
    expect(['2026-02', '2026-00', '2026-13', '2026-1', '2026-02-01'].map(isMonth)).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
    expect(['UTC', 'Asia/Kolkata', 'Mars/Olympus', ''].map(isTimeZone)).toEqual([true, true, false, false]);
  });
});
