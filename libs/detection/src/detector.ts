// What every detector is: a state machine of one worker that takes one closed minute at a time and says what it thinks. It has no
// clock and does no I/O, so the same minutes give the same verdicts, live, after a restart, and in a simulation.
//
// A minute is handed in once, when it is closed, in ascending order. A minute that is not handed in counts as unknown, never as
// silent: where a worker did nothing, hand in a minute without shares; where nobody knows (the pool itself was down), hand in none.
// Shares that come after their minute was closed are added by `late`, as often as they come.
import { assert } from '@assay/kernel';
import type { Algorithm, RejectReason } from '@assay/mining';
import type { Evidence } from './evidence.ts';

/** Rejected shares of a minute by reason; a reason that is missing stands for none. */
export type RejectedCounts = Readonly<Partial<Record<RejectReason, number>>>;

/** One closed minute of one worker on one algorithm. A worker that mines two algorithms has a detector for each. */
export interface DetectionMinute {
  /** Whole minutes since 1970. */
  readonly minute: number;
  readonly algorithm: Algorithm;
  /** Accepted shares submitted in the minute. */
  readonly shares: number;
  /** Sum of their assigned difficulties. */
  readonly work: number;
  readonly rejected: RejectedCounts;
  /**
   * Difficulty assigned at the end of the minute, or the last known one. 0 when none is known, as where a minute is read from a rollup:
   * then the mean of its shares' stands for it.
   */
  readonly difficulty: number;
  /** Whether the worker was connected at the end of the minute; undefined when nobody knows. */
  readonly connected?: boolean | undefined;
  /** Connections the worker opened in the minute. */
  readonly connects?: number | undefined;
  /** A latency of the worker measured in the minute, whatever the caller takes for it. */
  readonly latencyMs?: number | undefined;
  /** What the worker should do, hashes per second; undefined where nobody said so. */
  readonly expectedHashRateHs?: number | undefined;
}

/** Accepted and rejected shares of a minute that was handed in already. They add to what was said of it. */
export interface LateShares {
  readonly minute: number;
  readonly shares: number;
  readonly work: number;
  readonly rejected: RejectedCounts;
}

export type Verdict =
  /** There is not enough to judge by yet: no expectation, no difficulty, too short a past. */
  | { readonly type: 'unknown' }
  | { readonly type: 'healthy' }
  /** Found in this minute. */
  | { readonly type: 'raised'; readonly evidence: Evidence }
  /** Found earlier, and not over. */
  | { readonly type: 'firing'; readonly evidence: Evidence }
  /** Over since this minute; the evidence says what it was. */
  | { readonly type: 'cleared'; readonly evidence: Evidence };

export const UNKNOWN: Verdict = { type: 'unknown' };
export const HEALTHY: Verdict = { type: 'healthy' };

/** Everything a detector knows, as plain JSON: finite numbers, of which the first is the version of the detector's layout. */
export type DetectorState = readonly number[];

/**
 * The cells of a detector of `length` cells: a copy of a saved state, or zeros. @param version of their layout, which the first cell holds
 * @throws AssertionError for a state of another layout
 */
export function openState(state: DetectorState | undefined, length: number, version: number, what: string): number[] {
  const cells = state === undefined ? new Array<number>(length).fill(0) : [...state];
  if (state === undefined) cells[0] = version;
  assert(cells.length === length && cells[0] === version, `a state of the ${what} of another layout`);
  return cells;
}

export interface Detector {
  /** The last minute handed in, 0 before the first: where to go on from a saved state. */
  readonly lastMinute: number;
  /** @throws AssertionError for a minute that is not later than the last. */
  minute(minute: DetectionMinute): Verdict;
  /** Adds shares that came late. Only a `cleared` that they bring about is news; `raised` never comes of more shares, but may of rejected ones. */
  late(late: LateShares): Verdict;
  /** A copy of the state, from which a detector of the same rule goes on as if it had never stopped. */
  save(): DetectorState;
}
