import { describe, expect, it } from 'vitest';
import { addUptime, type UptimeSums } from './machine-uptime.ts';

const HOUR = 3600;
const spans = [0, 1, 2].map((i) => ({ fromSeconds: i * HOUR, untilSeconds: (i + 1) * HOUR }));
const minutes = (from: number, to: number, step = 1): number[] =>
  Array.from({ length: Math.ceil((to - from) / step) }, (_, i) => from + i * step);

function uptimes(...machines: { readonly activeMinutes: number[]; readonly accepted: number }[]): UptimeSums[] {
  const sums = spans.map(() => ({ up: 0, decided: 0 }));
  for (const machine of machines) addUptime(machine, spans, 1000, sums);
  return sums;
}

describe('uptime of machines', () => {
  it('is by the minute, in each stretch', () => {
    const machine = { activeMinutes: [...minutes(0, 90), ...minutes(120, 180)], accepted: 1500 };
    expect(uptimes(machine)).toEqual([
      { up: 60, decided: 60 },
      { up: 30, decided: 60 },
      { up: 60, decided: 60 },
    ]);
  });

  it('counts a machine from its first share on, and adds machines up', () => {
    const late = { activeMinutes: minutes(75, 180), accepted: 1500 };
    const dead = { activeMinutes: [], accepted: 0 };
    expect(uptimes(late, late, dead)).toEqual([
      { up: 0, decided: 0 },
      { up: 90, decided: 90 },
      { up: 120, decided: 120 },
    ]);
  });

  it('allows a slow machine longer gaps, but no more than an hour', () => {
    // One share every ten minutes: 19 in all, each in a minute of its own.
    const slow = { activeMinutes: minutes(0, 181, 4), accepted: 46 };
    expect(uptimes(slow).map(({ up }) => up)).toEqual([60, 60, 60]);
    const rare = { activeMinutes: [0, 170], accepted: 2 };
    expect(uptimes(rare)[1]).toEqual({ up: 0, decided: 60 });
  });
});
