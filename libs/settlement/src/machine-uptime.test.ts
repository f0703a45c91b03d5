import { graceMinutes, MINUTE_OPEN, MINUTE_UP, minuteStates } from '@assay/rollup';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hoursIn, addUptime, fullHours, hoursWithin, type ActiveHour, type UptimeSums } from './machine-uptime.ts';

const HOUR = 3600;
const spans = [0, 1, 2].map((i) => ({ fromSeconds: i * HOUR, untilSeconds: (i + 1) * HOUR }));
const minutes = (from: number, to: number, step = 1): number[] =>
  Array.from({ length: Math.ceil((to - from) / step) }, (_, i) => from + i * step);

function hoursOf(activeMinutes: readonly number[]): ActiveHour[] {
  const hours = new Map<number, [number, number]>();
  for (const minute of activeMinutes) {
    const hourMinute = minute - (minute % 60);
    const words = hours.get(hourMinute) ?? [0, 0];
    hours.set(hourMinute, words);
    const bit = minute % 60;
    words[bit < 32 ? 0 : 1] = (words[bit < 32 ? 0 : 1] | (1 << (bit % 32))) >>> 0;
  }
  return [...hours].map(([hourMinute, [low, high]]) => ({ hourMinute, low, high }));
}

interface Machine {
  readonly activeMinutes: number[];
  readonly accepted: number;
}

function uptimes(machines: readonly Machine[], nowMinute = 1000): UptimeSums[] {
  const sums = spans.map(() => ({ up: 0, decided: 0 }));
  for (const { activeMinutes, accepted } of machines)
    addUptime({ hours: hoursOf(activeMinutes), accepted, minutes: activeMinutes.length }, spans, nowMinute, sums);
  return sums;
}

describe('uptime of machines', () => {
  it('is by the minute, in each stretch', () => {
    const machine = { activeMinutes: [...minutes(0, 90), ...minutes(120, 180)], accepted: 1500 };
    expect(uptimes([machine])).toEqual([
      { up: 60, decided: 60 },
      { up: 30, decided: 60 },
      { up: 60, decided: 60 },
    ]);
  });

  it('counts a machine from its first share on, and adds machines up', () => {
    const late = { activeMinutes: minutes(75, 180), accepted: 1500 };
    const dead = { activeMinutes: [], accepted: 0 };
    expect(uptimes([late, late, dead])).toEqual([
      { up: 0, decided: 0 },
      { up: 90, decided: 90 },
      { up: 120, decided: 120 },
    ]);
  });

  it('allows a slow machine longer gaps, but no more than an hour', () => {
    const slow = { activeMinutes: minutes(0, 181, 4), accepted: 46 };
    expect(uptimes([slow]).map(({ up }) => up)).toEqual([60, 60, 60]);
    const rare = { activeMinutes: [0, 170], accepted: 2 };
    expect(uptimes([rare])[1]).toEqual({ up: 0, decided: 60 });
  });

  it('is the same of hours one by one and of a run of them', () => {
    const sums = spans.map(() => ({ up: 0, decided: 0 }));
    addUptime(
      { hours: [fullHours(0, 2), { hourMinute: 120, low: 1, high: 0 }], accepted: 2400, minutes: 121 },
      spans,
      1000,
      sums,
    );
    expect(sums).toEqual(uptimes([{ activeMinutes: minutes(0, 121), accepted: 2400 }]));
  });

  it('is of the hours within a stretch', () => {
    const hours = [fullHours(0, 5), { hourMinute: 300, low: 3, high: 0 }, fullHours(360, 1)];
    expect(hoursWithin(hours, { fromSeconds: 2 * HOUR, untilSeconds: 6 * HOUR })).toEqual([
      fullHours(120, 3),
      { hourMinute: 300, low: 3, high: 0 },
    ]);
    expect(hoursIn(hours)).toBe(7);
  });

  it('is what judging each minute comes to', () => {
    const machine = fc.record({
      // Whole hours as often as single minutes.
      full: fc.uniqueArray(fc.integer({ min: 0, max: 2 })),
      single: fc.uniqueArray(fc.integer({ min: 0, max: 179 }), { maxLength: 80 }),
      accepted: fc.integer({ min: 1, max: 3000 }),
      nowMinute: fc.integer({ min: 0, max: 400 }),
    });
    fc.assert(
      fc.property(machine, ({ full, single, accepted, nowMinute }) => {
        const all = new Set([...full.flatMap((hour) => minutes(hour * 60, hour * 60 + 60)), ...single]);
        // None lies in the future.
        const activeMinutes = [...all].filter((minute) => minute <= nowMinute).sort((a, b) => a - b);
        const expected = spans.map(() => ({ up: 0, decided: 0 }));
        if (activeMinutes.length > 0) {
          const states = minuteStates({
            activeMinutes,
            fromMinute: activeMinutes[0]!,
            toMinute: 180,
            nowMinute,
            graceMinutes: Math.min(60, graceMinutes((activeMinutes.length * 60) / accepted)),
          });
          states.forEach((state, i) => {
            if (state === MINUTE_OPEN) return;
            const sum = expected[Math.floor((activeMinutes[0]! + i) / 60)]!;
            sum.decided++;
            if (state === MINUTE_UP) sum.up++;
          });
        }
        expect(uptimes([{ activeMinutes, accepted }], nowMinute)).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });
});
