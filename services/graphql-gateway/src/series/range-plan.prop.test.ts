import { MICROS_PER_DAY, MICROS_PER_HOUR, MICROS_PER_MINUTE } from '@assay/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_RANGE_DAYS, planRange } from './range-plan.ts';

const RETENTION = { rollup_1m: 90, rollup_1h: 1100 };
const NOW = Date.UTC(2026, 4, 1) * 1000;
const hours = (n: number): number => NOW - n * MICROS_PER_HOUR;

describe('range plan', () => {
  it('covers the range within the points asked for, in steps of its table', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2_000_000_000 }),
        fc.integer({ min: 1, max: MAX_RANGE_DAYS * 86_400 }),
        fc.integer({ min: 1, max: 2000 }),
        (fromSeconds, length, maxPoints) => {
          const range = { from: fromSeconds * 1e6, to: (fromSeconds + length) * 1e6, maxPoints };
          const plan = planRange(range, NOW, RETENTION);
          expect(plan.points).toBeLessThanOrEqual(maxPoints);
          expect(plan.points).toBeGreaterThanOrEqual(1);
          expect(plan.startSeconds).toBeLessThanOrEqual(fromSeconds);
          expect(plan.endSeconds).toBeGreaterThanOrEqual(fromSeconds + length);
          expect(plan.endSeconds - plan.startSeconds).toBe(plan.points * plan.stepSeconds);
          // No step is wholly outside the range.
          expect(plan.startSeconds + plan.stepSeconds).toBeGreaterThan(fromSeconds);
          expect(plan.endSeconds - plan.stepSeconds).toBeLessThan(fromSeconds + length);
          const unit = { rollup_1m: 60, rollup_1h: 3600, rollup_1d: 86_400 }[plan.table];
          expect([plan.stepSeconds % unit, plan.startSeconds % unit]).toEqual([0, 0]);
          expect(plan.stepSeconds).toBeLessThan(2 ** 31);
        },
      ),
    );
  });

  it.each([
    ['an hour', hours(1), NOW, 300, 'rollup_1m', 60, 60],
    ['a day', hours(24), NOW, 300, 'rollup_1m', 300, 288],
    ['a day in 24', hours(24), NOW, 24, 'rollup_1h', 3600, 24],
    ['a week', hours(168), NOW, 300, 'rollup_1h', 3600, 168],
    ['a month', hours(720), NOW, 300, 'rollup_1h', 10_800, 240],
    ['a year', hours(8760), NOW, 365, 'rollup_1d', 86_400, 365],
    ['ten years', hours(87_600), NOW, 300, 'rollup_1d', 13 * 86_400, 281],
  ] as const)('%s', (_name, from, to, maxPoints, table, stepSeconds, points) => {
    expect(planRange({ from, to, maxPoints }, NOW, RETENTION)).toMatchObject({ table, stepSeconds, points });
  });

  it('does not ask a table for what it no longer keeps', () => {
    const old = (days: number) =>
      planRange(
        { from: NOW - days * MICROS_PER_DAY, to: NOW - days * MICROS_PER_DAY + 30 * MICROS_PER_MINUTE },
        NOW,
        RETENTION,
      );
    expect(old(89).table).toBe('rollup_1m');
    expect(old(91).table).toBe('rollup_1h');
    expect(old(1101).table).toBe('rollup_1d');
  });

  it.each([
    [{ from: NOW, to: NOW }, 'BAD_USER_INPUT'],
    [{ from: NOW, to: NOW - 1 }, 'BAD_USER_INPUT'],
    [{ from: hours(1), to: NOW, maxPoints: 0 }, 'BAD_USER_INPUT'],
    [{ from: hours(1), to: NOW, maxPoints: 2001 }, 'BAD_USER_INPUT'],
    [{ from: NOW - 3661 * MICROS_PER_DAY, to: NOW }, 'RANGE_TOO_LARGE'],
    [{ from: -1, to: NOW }, 'RANGE_TOO_LARGE'],
  ])('refuses %o', (range, code) => {
    expect(() => planRange(range, NOW, RETENTION)).toThrowError(
      expect.objectContaining({ extensions: { code, retriable: false } }) as Error,
    );
  });
});
