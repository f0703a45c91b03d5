import { describe, expect, it } from 'vitest';
import { eventDetail } from './event-detail.ts';
import { formatContribution, formatContributionInterval, formatInvalid, formatUptime } from './fraction.ts';
import { formatHashRate, formatHashRateInterval, splitHashRate } from './hash-rate.ts';
import { formatMilliseconds } from './milliseconds.ts';
import { formatCount, formatDifficulty, formatQuantity } from './number.ts';
import { formatDuration, formatMoment, formatUtc } from './time.ts';

/** What is shown, with the no-break spaces between values and units as plain ones. */
const plain = (text: string): string => text.replaceAll('\u00a0', ' ');

describe('hash rates', () => {
  it.each([
    [0, '0 H/s'],
    [0.5, '0.50 H/s'],
    [999.4, '999 H/s'],
    [999.6, '1.00 kH/s'],
    [78_000, '78.0 kH/s'],
    [104.2e12, '104 TH/s'],
    [9.994e12, '9.99 TH/s'],
    [9.996e12, '10.0 TH/s'],
    [99.96e12, '100 TH/s'],
    [3.21e18, '3.21 EH/s'],
    [5e24, '5000 ZH/s'],
  ])('shows %d as %s', (rate, shown) => {
    expect(plain(formatHashRate(rate))).toBe(shown);
  });

  it('keeps value and unit apart', () => {
    expect(splitHashRate(1.5e15)).toEqual({ value: '1.50', unit: 'PH/s' });
  });

  it('puts the ends of an interval in the unit of the value', () => {
    expect(plain(formatHashRateInterval(0.95e12, 1.05e12, 1e12))).toBe('0.95–1.05');
    expect(plain(formatHashRateInterval(0, 3.7e9, 0))).toBe('0–3.70 GH/s');
  });
});

describe('fractions', () => {
  it('never rounds a fault away', () => {
    expect(plain(formatInvalid(0))).toBe('0 %');
    expect(plain(formatInvalid(0.00001))).toBe('<0.01 %');
    expect(plain(formatInvalid(0.0042))).toBe('0.42 %');
    expect(plain(formatInvalid(0.123))).toBe('12.3 %');
    expect(plain(formatInvalid(null))).toBe('–');
    expect(plain(formatUptime(0.9999))).toBe('99.9 %');
    expect(plain(formatUptime(0.999))).toBe('99.9 %');
    expect(plain(formatUptime(1))).toBe('100 %');
    expect(plain(formatUptime(0))).toBe('0.0 %');
  });

  it('shows a contribution with as many digits as its interval allows', () => {
    expect(plain(formatContribution(0.984, { low: 0.93, high: 1.03 }))).toBe('98 %');
    expect(plain(formatContribution(0.984, { low: 0.981, high: 0.988 }))).toBe('98.4 %');
    expect(plain(formatContributionInterval({ low: 0.981, high: 0.988 }))).toBe('98.1–98.8 %');
    expect(plain(formatContributionInterval({ low: 0, high: 30 }))).toBe('0–200+ %');
    expect(plain(formatContributionInterval({ low: 0.944, high: 1.017 }))).toBe('94–102 %');
  });
});

describe('counts and difficulties', () => {
  it('groups counts', () => {
    expect(formatCount(10_000)).toBe('10,000');
    expect(formatQuantity(1, 'worker')).toBe('1 worker');
    expect(formatQuantity(0, 'worker')).toBe('0 workers');
  });

  it.each([
    [0.00001, '0.00001'],
    [0.0123456, '0.0123'],
    [1.5, '1.5'],
    [65_536, '65,536'],
    [1_048_576, '1.05 M'],
    [152_274_000_000_000, '152.3 T'],
  ])('shows difficulty %d as %s', (difficulty, shown) => {
    expect(plain(formatDifficulty(difficulty))).toBe(shown);
  });
});

describe('times', () => {
  it.each([
    [-500, '0 s'],
    [12_900, '12 s'],
    [14 * 60_000, '14 min'],
    [5 * 3_600_000 + 12 * 60_000, '5 h 12 min'],
    [5 * 3_600_000, '5 h'],
    [76 * 3_600_000, '3 d 4 h'],
  ])('shows %d ms as %s', (ms, shown) => {
    expect(plain(formatDuration(ms))).toBe(shown);
  });

  it('leaves out of a moment what the reader knows', () => {
    const now = new Date(2026, 10, 22, 18, 0, 0);
    expect(formatMoment(new Date(2026, 10, 22, 14, 3, 7), now)).toBe('14:03:07');
    expect(formatMoment(new Date(2026, 10, 21, 14, 3, 7), now)).toBe('21 Nov 14:03');
    expect(formatMoment(new Date(2025, 10, 21, 14, 3, 7), now)).toBe('21 Nov 2025');
    expect(formatUtc(new Date(Date.UTC(2026, 10, 22, 13, 3, 7)))).toBe('2026-11-22 13:03:07 UTC');
  });
});

describe('event details', () => {
  it('do not repeat the word before them', () => {
    expect(eventDetail('Connected', 'Connected from 10.0.0.7 with cgminer.')).toBe('from 10.0.0.7 with cgminer.');
    expect(eventDetail('Disconnected', 'Disconnected: closed.')).toBe('closed.');
    expect(eventDetail('Reject burst', '8 of 30 shares rejected: stale')).toBe('8 of 30 shares rejected: stale');
    expect(eventDetail('Connected', 'connected.')).toBe('');
  });
});

describe('milliseconds', () => {
  it('are told to the tenth where they are few, and in seconds where they are many', () => {
    const shown = [0, 0.04, 0.4, 9.94, 9.96, 31.5, 999, 1234, 60_000].map((ms) => plain(formatMilliseconds(ms)));
    expect(shown).toEqual(['0 ms', '<0.1 ms', '0.4 ms', '9.9 ms', '10 ms', '32 ms', '999 ms', '1.2 s', '60 s']);
  });
});
