// What was expected of a machine at which time, as a line of steps: what people entered counts first, then what its password said. Pure.

/** What people have on record, from a moment on until the next. */
export interface Entered {
  /** Microseconds since 1970; 0 for since ever. */
  readonly fromUs: number;
  readonly hashRateHs: number | undefined;
  readonly powerWatts: number | undefined;
}

/** What a password or the worker file said, from a connection on; 0 for nothing. */
export interface Announced {
  readonly fromUs: number;
  readonly hashRateHs: number;
}

export interface Expectation {
  readonly fromUs: number;
  readonly hashRateHs: number | undefined;
  readonly powerWatts: number | undefined;
}

/** Of a step, this part may be without an expectation: a machine is entered some moments after its first share. */
const GAP_ALLOWED = 0.01;

/**
 * Both ascending by time. Before the first connection on record its password is taken to have said the same: older ones are forgotten.
 * @param announcedNow what it says by the newest picture, where no connection is on record any more
 */
export function expectationLine(
  entered: readonly Entered[],
  announced: readonly Announced[],
  announcedNow: number | undefined,
): Expectation[] {
  const said = announced.length > 0 ? announced : [{ fromUs: 0, hashRateHs: announcedNow ?? 0 }];
  const times = new Set([0, ...entered.map(({ fromUs }) => fromUs), ...said.slice(1).map(({ fromUs }) => fromUs)]);
  return [...times]
    .sort((a, b) => a - b)
    .map((fromUs) => {
      const entry = lastAt(entered, fromUs);
      const announcement = lastAt(said, fromUs) ?? said[0]!;
      const saidHs = announcement.hashRateHs > 0 ? announcement.hashRateHs : undefined;
      return { fromUs, hashRateHs: entry?.hashRateHs ?? saidHs, powerWatts: entry?.powerWatts };
    });
}

function lastAt<T extends { readonly fromUs: number }>(ascending: readonly T[], atUs: number): T | undefined {
  return ascending.findLast(({ fromUs }) => fromUs <= atUs);
}

/** Mean of a figure over the parts of a time in which it was on record; undefined where it never was. `isThroughout` says whether it was all along. */
export function meanOver(
  line: readonly Expectation[],
  figure: 'hashRateHs' | 'powerWatts',
  fromUs: number,
  untilUs: number,
): { readonly mean: number; readonly isThroughout: boolean } | undefined {
  // As distances from the first value, so that the mean of one value is that value to the last bit.
  let first: number | undefined;
  let distance = 0;
  let knownUs = 0;
  line.forEach((step, i) => {
    const value = step[figure];
    if (value === undefined) return;
    const us = Math.min(untilUs, line[i + 1]?.fromUs ?? Infinity) - Math.max(fromUs, step.fromUs);
    if (us <= 0) return;
    first ??= value;
    distance += (value - first) * us;
    knownUs += us;
  });
  if (first === undefined) return undefined;
  return { mean: first + distance / knownUs, isThroughout: knownUs >= (1 - GAP_ALLOWED) * (untilUs - fromUs) };
}
