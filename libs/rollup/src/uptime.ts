// Uptime from shares alone: tiny miners have no API, and a connection that stays open proves nothing. A minute is up when it
// has an accepted share, or lies in a gap between two minutes that have one, no longer than the grace. After the last share
// nothing is up: a dead worker is never counted, and the minutes that a coming share may still fill count neither way.
import { assert } from '@assay/kernel';

export const DEFAULT_GRACE_MINUTES = 5;

/** Probability with which a healthy worker's gap is longer than its grace: one gap in ten thousand. */
const GRACE_PROBABILITY = 1e-4;

/** Longest gap between active minutes that counts as up, minutes: five, or more where shares are expected less often. */
export function graceMinutes(shareIntervalSeconds?: number): number {
  if (shareIntervalSeconds === undefined || !(shareIntervalSeconds > 0)) return DEFAULT_GRACE_MINUTES;
  return Math.max(DEFAULT_GRACE_MINUTES, Math.ceil((-Math.log(GRACE_PROBABILITY) * shareIntervalSeconds) / 60));
}

export const MINUTE_DOWN = 0;
export const MINUTE_UP = 1;
/** Not known yet: the last share is no longer ago than the grace, or the minute lies in the future. */
export const MINUTE_OPEN = 2;

export interface UptimeQuery {
  /** Minutes (whole minutes since 1970, ascending) with an accepted share. Give those of `graceMinutes` before `fromMinute` too. */
  readonly activeMinutes: ArrayLike<number>;
  /** First minute asked about, inclusive: no earlier than the worker was first seen. */
  readonly fromMinute: number;
  /** First minute no longer asked about. */
  readonly toMinute: number;
  /** The minute that is now: it and later ones without a share are open. */
  readonly nowMinute: number;
  readonly graceMinutes: number;
}

/** One of MINUTE_DOWN, MINUTE_UP, MINUTE_OPEN for every minute from `fromMinute` to `toMinute`. */
export function minuteStates(query: UptimeQuery): Uint8Array {
  const { activeMinutes, fromMinute, toMinute, nowMinute, graceMinutes: grace } = query;
  assert(toMinute >= fromMinute, 'a range of minutes does not end before it starts');
  const states = new Uint8Array(toMinute - fromMinute);
  const mark = (from: number, to: number, state: number): void => {
    const begin = Math.max(from, fromMinute) - fromMinute;
    const end = Math.min(to, toMinute) - fromMinute;
    if (end > begin) states.fill(state, begin, end);
  };
  let last = -Infinity;
  for (let i = 0; i < activeMinutes.length; i++) {
    const minute = activeMinutes[i]!;
    // Nearly always the minute after the last: one write, where a fill would cost ten times as much.
    const at = minute - fromMinute;
    if (minute - last > 1 && minute - last - 1 <= grace) mark(last + 1, minute + 1, MINUTE_UP);
    else if (at >= 0 && at < states.length) states[at] = MINUTE_UP;
    last = minute;
  }
  const undecidedFrom = nowMinute - last - 1 <= grace ? last + 1 : nowMinute;
  mark(undecidedFrom, toMinute, MINUTE_OPEN);
  return states;
}

/** Up minutes over decided ones; undefined when none is decided. */
export function uptimeFraction(states: Uint8Array): number | undefined {
  let up = 0;
  let decided = 0;
  for (const state of states) {
    if (state === MINUTE_OPEN) continue;
    decided++;
    if (state === MINUTE_UP) up++;
  }
  return decided === 0 ? undefined : up / decided;
}

/**
 * The active minutes of hours given by their `active_minutes` masks (table rollup_1h): hour starts as minutes since 1970,
 * ascending, each with bit m set when minute m had an accepted share. Hours may repeat: rows of a rollup are deltas.
 */
export function minutesFromMasks(hours: readonly { readonly hourMinute: number; readonly mask: bigint }[]): number[] {
  const minutes: number[] = [];
  for (let i = 0; i < hours.length;) {
    const { hourMinute } = hours[i]!;
    let mask = 0n;
    for (; i < hours.length && hours[i]!.hourMinute === hourMinute; i++) mask |= hours[i]!.mask;
    const low = Number(mask & 0xffffffffn);
    const high = Number((mask >> 32n) & 0xffffffffn);
    for (let m = 0; m < 60; m++) {
      if (((m < 32 ? low >>> m : high >>> (m - 32)) & 1) === 1) minutes.push(hourMinute + m);
    }
  }
  return minutes;
}
