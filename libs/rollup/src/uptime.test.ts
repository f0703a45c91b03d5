import { describe, expect, it } from 'vitest';
import {
  graceMinutes,
  MINUTE_DOWN,
  MINUTE_OPEN,
  MINUTE_UP,
  minuteStates,
  minutesFromMasks,
  uptimeFraction,
} from './uptime.ts';

const strip = (activeMinutes: number[], nowMinute: number, fromMinute = 100, toMinute = 120): string =>
  Array.from(minuteStates({ activeMinutes, fromMinute, toMinute, nowMinute, graceMinutes: 5 }), (state) =>
    state === MINUTE_UP ? 'U' : state === MINUTE_OPEN ? '?' : '.',
  ).join('');

describe('uptime', () => {
  it('fills gaps up to the grace and no longer ones', () => {
    expect(strip([100, 106, 113, 119], 200)).toBe('UUUUUUU......UUUUUUU');
  });

  it('counts nothing before the first share, and looks back before the range', () => {
    expect(strip([104], 200)).toBe('....U...............');
    expect(strip([97, 102], 200)).toBe('UUU.................');
  });

  it('leaves the minutes a coming share may still fill open, and turns them down once the grace has passed', () => {
    expect(strip([100, 101], 106)).toBe('UU??????????????????');
    expect(strip([100, 101], 107)).toBe('UU??????????????????');
    expect(strip([100, 101], 108)).toBe('UU......????????????');
  });

  it('a dead worker is not up', () => {
    expect(
      uptimeFraction(minuteStates({ activeMinutes: [], fromMinute: 0, toMinute: 60, nowMinute: 60, graceMinutes: 5 })),
    ).toBe(0);
    const died = minuteStates({
      activeMinutes: [0, 1, 2],
      fromMinute: 0,
      toMinute: 1440,
      nowMinute: 1440,
      graceMinutes: 5,
    });
    expect(uptimeFraction(died)).toBeCloseTo(3 / 1440, 12);
    expect(died[3]).toBe(MINUTE_DOWN);
  });

  it('knows nothing of a range that lies in the future', () => {
    expect(
      uptimeFraction(minuteStates({ activeMinutes: [], fromMinute: 10, toMinute: 20, nowMinute: 10, graceMinutes: 5 })),
    ).toBeUndefined();
  });

  it('is more patient with workers that send less often', () => {
    expect(graceMinutes()).toBe(5);
    expect(graceMinutes(3)).toBe(5);
    expect(graceMinutes(600)).toBe(93); // 9.21 mean gaps of ten minutes.
  });

  it('reads the masks of the hourly rollup, deltas of one hour OR-ed', () => {
    const hours = [
      { hourMinute: 600, mask: 1n },
      { hourMinute: 600, mask: (1n << 59n) | (1n << 31n) },
      { hourMinute: 660, mask: 1n << 32n },
    ];
    expect(minutesFromMasks(hours)).toEqual([600, 631, 659, 692]);
  });
});
