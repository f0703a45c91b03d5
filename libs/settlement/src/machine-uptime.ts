// Uptime of many machines together, per stretch of time: minutes in which they were up, over minutes in which they could have been. Each machine's
// minutes are judged as everywhere (`minuteStates` of @assay/rollup), but by whole hours where an hour has no gap, as most have none. It counts from its first
// accepted share on: before it, nothing says that there was a machine.
import { graceMinutes } from '@assay/rollup';
import type { Span } from './holding.ts';

/** An hour of a machine, with a bit for each minute that has an accepted share; or several alike that follow each other. */
export interface ActiveHour {
  /** Its start, minutes since 1970. */
  readonly hourMinute: number;
  /** Minutes 0 to 31, unsigned. */
  readonly low: number;
  /** Minutes 32 to 59. */
  readonly high: number;
  /** How many hours; 1 unless given. Only of full ones. */
  readonly count?: number;
}

/** Hours in which a machine was up all the time. */
export function fullHours(hourMinute: number, count: number): ActiveHour {
  return { hourMinute, low: FULL_LOW, high: FULL_HIGH, count };
}

/** The hours of a machine that lie within a stretch of whole hours. */
export function hoursWithin(hours: readonly ActiveHour[], { fromSeconds, untilSeconds }: Span): ActiveHour[] {
  return hours.flatMap((hour) => {
    const { hourMinute, count = 1 } = hour;
    const from = Math.max(hourMinute, fromSeconds / 60);
    const until = Math.min(hourMinute + 60 * count, untilSeconds / 60);
    if (until <= from) return [];
    return [count === 1 ? hour : fullHours(from, (until - from) / 60)];
  });
}

export function hoursIn(hours: readonly ActiveHour[]): number {
  return hours.reduce((sum, { count = 1 }) => sum + count, 0);
}

export interface MachineHours {
  /** With a share, ascending, each once. An hour without a gap that is longer than five minutes, and none at its ends, may be given as a full one. */
  readonly hours: readonly ActiveHour[];
  /** Accepted shares in them. */
  readonly accepted: number;
  /** Minutes that have one. */
  readonly minutes: number;
}

export interface UptimeSums {
  up: number;
  decided: number;
}

/** A machine that sends a share in days is not up for all of them. */
const MAX_GRACE_MINUTES = 60;
const FULL_LOW = 0xffffffff;
const FULL_HIGH = 0x0fffffff;

/** From a minute on, up to before another. */
export type Run = [from: number, until: number];

/** Adds a machine's minutes to the sums of stretches, which do not overlap and ascend. */
export function addUptime(
  { hours, accepted, minutes }: MachineHours,
  spans: readonly Span[],
  nowMinute: number,
  sums: readonly UptimeSums[],
): void {
  if (hours.length === 0) return;
  // Of the minutes it was active in, so that the time it was away does not make it a slow one.
  const grace = Math.min(MAX_GRACE_MINUTES, graceMinutes((minutes * 60) / Math.max(1, accepted)));
  const runs = upRuns(hours, grace);
  const first = runs[0]![0];
  const end = runs.at(-1)![1];
  // What comes after the last share is not known yet as long as another may come in time.
  const decidedUntil = nowMinute - end <= grace ? end : nowMinute;
  let next = 0;
  spans.forEach(({ fromSeconds, untilSeconds }, i) => {
    const from = Math.max(first, fromSeconds / 60);
    const until = Math.min(untilSeconds / 60, decidedUntil);
    if (until <= from) return;
    sums[i]!.decided += until - from;
    while (next < runs.length && runs[next]![1] <= from) next++;
    for (let run = next; run < runs.length && runs[run]![0] < until; run++)
      sums[i]!.up += Math.min(runs[run]![1], until) - Math.max(runs[run]![0], from);
  });
}

/** Stretches in which no gap is longer than the grace, ascending. @param grace at least the five minutes that a full hour allows */
export function upRuns(hours: readonly ActiveHour[], grace: number): Run[] {
  const runs: Run[] = [];
  const add = (from: number, until: number): void => {
    const last = runs.at(-1);
    if (last !== undefined && from - last[1] <= grace) last[1] = until;
    else runs.push([from, until]);
  };
  for (const { hourMinute, low, high, count = 1 } of hours) {
    if (low === FULL_LOW && high === FULL_HIGH) {
      add(hourMinute, hourMinute + 60 * count);
      continue;
    }
    for (let minute = 0; minute < 60; minute++)
      if (((minute < 32 ? low >>> minute : high >>> (minute - 32)) & 1) === 1)
        add(hourMinute + minute, hourMinute + minute + 1);
  }
  return runs;
}
