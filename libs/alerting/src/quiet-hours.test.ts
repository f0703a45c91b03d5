import { expect, it } from 'vitest';
import { isQuiet, isTimeZone, type QuietHours } from './quiet-hours.ts';

const nights: QuietHours = {
  timeZone: 'Europe/Berlin',
  days: [0, 1, 2, 3, 4, 5, 6],
  from: 22 * 60,
  to: 7 * 60,
  passes: ['critical'],
};
const us = (iso: string): number => Date.parse(iso) * 1000;

it('takes the wall clock of the zone, over midnight, both bounds', () => {
  expect(isQuiet(nights, us('2026-01-14T20:59:59Z'))).toBe(false);
  expect(isQuiet(nights, us('2026-01-14T21:00:00Z'))).toBe(true);
  expect(isQuiet(nights, us('2026-01-15T05:59:59Z'))).toBe(true);
  expect(isQuiet(nights, us('2026-01-15T06:00:00Z'))).toBe(false);
});

it('moves with summer time', () => {
  // Berlin goes to summer time on 29 March 2026: 7 o'clock is 6 o'clock UTC the day before and 5 o'clock UTC that day.
  expect(isQuiet(nights, us('2026-03-28T05:30:00Z'))).toBe(true);
  expect(isQuiet(nights, us('2026-03-29T05:30:00Z'))).toBe(false);
});

it('names the day on which the hours begin', () => {
  const weekends: QuietHours = { ...nights, timeZone: 'America/Denver', days: [6] };
  // Saturday 17 January, 22:00 in Denver, is Sunday 05:00 UTC; they end Sunday 07:00, and Sunday night is not quiet.
  expect(isQuiet(weekends, us('2026-01-18T05:00:00Z'))).toBe(true);
  expect(isQuiet(weekends, us('2026-01-18T13:59:00Z'))).toBe(true);
  expect(isQuiet(weekends, us('2026-01-18T14:00:00Z'))).toBe(false);
  expect(isQuiet(weekends, us('2026-01-19T05:00:00Z'))).toBe(false);
  expect(isQuiet(weekends, us('2026-01-17T05:00:00Z'))).toBe(false);
});

it('takes hours within a day, and a whole day', () => {
  const lunch: QuietHours = { ...nights, timeZone: 'UTC', from: 12 * 60, to: 13 * 60 };
  expect(isQuiet(lunch, us('2026-01-14T12:30:00Z'))).toBe(true);
  expect(isQuiet(lunch, us('2026-01-14T13:00:00Z'))).toBe(false);
  const sunday: QuietHours = { ...nights, timeZone: 'UTC', days: [0], from: 0, to: 0 };
  expect(isQuiet(sunday, us('2026-01-18T00:00:00Z'))).toBe(true);
  expect(isQuiet(sunday, us('2026-01-18T23:59:00Z'))).toBe(true);
  expect(isQuiet(sunday, us('2026-01-19T00:00:00Z'))).toBe(false);
});

it('knows zones with half hours, and which names are none', () => {
  const kolkata: QuietHours = { ...nights, timeZone: 'Asia/Kolkata' };
  expect(isQuiet(kolkata, us('2026-01-14T16:29:00Z'))).toBe(false);
  expect(isQuiet(kolkata, us('2026-01-14T16:30:00Z'))).toBe(true);
  expect(isTimeZone('Asia/Kolkata')).toBe(true);
  expect(isTimeZone('Mars/Olympus')).toBe(false);
});
