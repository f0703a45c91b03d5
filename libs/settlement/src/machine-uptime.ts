// Uptime of many machines together, per stretch of time: minutes in which they were up, over minutes in which they could have been. Each machine's
// minutes are judged as everywhere (`minuteStates`). It counts from its first accepted share on: before it, nothing says that there was a machine.
import { graceMinutes, MINUTE_OPEN, MINUTE_UP, minuteStates } from '@assay/rollup';
import type { Span } from './holding.ts';

export interface MachineMinutes {
  /** Whole minutes since 1970 with an accepted share, ascending. */
  readonly activeMinutes: readonly number[];
  /** Accepted shares in them. */
  readonly accepted: number;
}

export interface UptimeSums {
  up: number;
  decided: number;
}

/** A machine that sends a share in days is not up for all of them. */
const MAX_GRACE_MINUTES = 60;

/** Adds a machine's minutes to the sums of stretches, which do not overlap and ascend. */
export function addUptime(
  machine: MachineMinutes,
  spans: readonly Span[],
  nowMinute: number,
  sums: readonly UptimeSums[],
): void {
  const { activeMinutes, accepted } = machine;
  const first = activeMinutes[0];
  const from = spans[0];
  const until = spans.at(-1);
  if (first === undefined || from === undefined || until === undefined) return;
  const fromMinute = Math.max(first, from.fromSeconds / 60);
  const toMinute = Math.max(fromMinute, until.untilSeconds / 60);
  const states = minuteStates({
    activeMinutes,
    fromMinute,
    toMinute,
    nowMinute,
    // Of the minutes it was active in, so that the time it was away does not make it a slow one.
    graceMinutes: Math.min(MAX_GRACE_MINUTES, graceMinutes((activeMinutes.length * 60) / Math.max(1, accepted))),
  });
  spans.forEach(({ fromSeconds, untilSeconds }, i) => {
    const begin = Math.max(0, fromSeconds / 60 - fromMinute);
    for (const state of states.subarray(begin, Math.max(begin, untilSeconds / 60 - fromMinute))) {
      if (state === MINUTE_OPEN) continue;
      sums[i]!.decided++;
      if (state === MINUTE_UP) sums[i]!.up++;
    }
  });
}
