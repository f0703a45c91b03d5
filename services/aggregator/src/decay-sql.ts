// Decayed sums in SQL: the same sums as libs/rollup's, over rows with a time in microseconds (`at_us`), `work` and `squared`. In seconds
// a double would round the age by 0.2 us, and the rate of a minute by 4e-9.
import { MICROS_PER_SECOND } from '@assay/kernel';
import type { DecayedByWindow, LiveWindow } from '@assay/live-state';
import { byWindow, LIVE_WINDOWS } from '@assay/live-state';

export type DecayColumns = Readonly<Record<`${'work' | 'squared'}_${LiveWindow}`, number>>;

/** Columns over rows aliased `d`, as of the parameter `now_us`. */
export function decaySums(): string {
  return LIVE_WINDOWS.map(({ name, seconds }) => {
    const factor = `exp((d.at_us - {now_us:Float64}) / ${seconds * MICROS_PER_SECOND})`;
    return `sum(d.work * ${factor}) AS work_${name}, sum(d.squared * ${factor} * ${factor}) AS squared_${name}`;
  }).join(',\n  ');
}

/** @param row undefined where there is nothing */
export function decayedOf(row: DecayColumns | undefined, atUs: number): DecayedByWindow {
  return byWindow((_, name) => ({
    atUs,
    work: row?.[`work_${name}`] ?? 0,
    workSquared: row?.[`squared_${name}`] ?? 0,
  }));
}

/** Microseconds since 1970 as a number that JSON carries whole. */
export const micros = (column: string): string => `toFloat64(toUnixTimestamp64Micro(${column}))`;
