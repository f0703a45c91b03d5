import { describe, expect, it } from 'vitest';
import { formatContributionInterval, formatInvalid, formatUptime } from './fraction.ts';
import { formatHashRate, formatHashRateInterval, splitHashRate } from './hash-rate.ts';
import { formatCount, formatDifficulty, formatQuantity } from './number.ts';
import { formatDuration, formatMoment, formatUtc } from './time.ts';

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
    expect(formatHashRate(rate)).toBe(shown);
  });

  it('keeps value and unit apart', () => {
    expect(splitHashRate(1.5e15)).toEqual({ value: '1.50', unit: 'PH/s' });
  });

  it('puts the ends of an interval in the unit of the value', () => {
    expect(formatHashRateInterval(0.95e12, 1.05e12, 1e12)).toBe('0.95–1.05');
    expect(formatHashRateInterval(0, 3.7e9, 0)).toBe('0–3.70 GH/s');
  });
});

describe('fractions', () => {
  it('never rounds a fault away', () => {
    expect(formatInvalid(0)).toBe('0 %');
    expect(formatInvalid(0.00001)).toBe('<0.01 %');
    expect(formatInvalid(0.0042)).toBe('0.42 %');
    expect(formatInvalid(0.123)).toBe('12.3 %');
    expect(formatInvalid(null)).toBe('–');
    expect(formatUptime(0.9999)).toBe('99.9 %');
    expect(formatUptime(0.999)).toBe('99.9 %');
    expect(formatUptime(1)).toBe('100 %');
    expect(formatUptime(0)).toBe('0.0 %');
  });

  it('shows a contribution interval in whole percent', () => {
    expect(formatContributionInterval(0.944, 1.017)).toBe('94–102 %');
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
    expect(formatDifficulty(difficulty)).toBe(shown);
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
    expect(formatDuration(ms)).toBe(shown);
  });

  it('leaves out of a moment what the reader knows', () => {
    const now = new Date(2026, 10, 22, 18, 0, 0);
    expect(formatMoment(new Date(2026, 10, 22, 14, 3, 7), now)).toBe('14:03:07');
    expect(formatMoment(new Date(2026, 10, 21, 14, 3, 7), now)).toBe('21 Nov 14:03');
    expect(formatMoment(new Date(2025, 10, 21, 14, 3, 7), now)).toBe('21 Nov 2025');
    expect(formatUtc(new Date(Date.UTC(2026, 10, 22, 13, 3, 7)))).toBe('2026-11-22 13:03:07 UTC');
  });
});
