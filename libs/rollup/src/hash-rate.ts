// A hash rate is an estimate from a Poisson process, so it never travels without its interval.
import { ALGORITHMS } from '@assay/mining';
import type { Algorithm } from '@assay/mining';
import { gammaQuantile } from './gamma.ts';

/** Hashes per second with its 95 % interval. With no shares the estimate is 0 and the interval still has an upper bound where work is assigned. */
export interface HashRate {
  readonly hashRateHs: number;
  readonly lowHs: number;
  readonly highHs: number;
}

export const ZERO_HASH_RATE: HashRate = { hashRateHs: 0, lowHs: 0, highHs: 0 };

/** Weighted Poisson counts: what an interval needs to know of the shares behind an estimate. */
export interface WeightedShares {
  /** Sum of the shares' weights (assigned difficulty, decayed or not). */
  readonly work: number;
  /** Sum of the squared weights. */
  readonly workSquared: number;
  /** Weight the next share would have; 0 when unknown. It bounds what a silent worker may be doing. */
  readonly nextWeight: number;
}

/**
 * The exact 95 % interval of a Poisson mean (Garwood 1936), carried over to weighted counts: the shares stand for
 * n = work^2 / workSquared equal ones, and the one more share that the upper bound allows for weighs as much as the heaviest
 * kind, workSquared / work or nextWeight (Fay and Feuer 1997). For equal weights it is Garwood's interval itself.
 */
export function workInterval({ work, workSquared, nextWeight }: WeightedShares): {
  readonly low: number;
  readonly high: number;
} {
  // Of shares decayed for some hundred time constants, the squares are too small for a double before the work is.
  if (!(work * work > 0 && workSquared > 0)) return { low: 0, high: gammaQuantile('high', 1) * nextWeight };
  const low = (workSquared / work) * gammaQuantile('low', (work * work) / workSquared);
  const extra = Math.max(workSquared / work, nextWeight);
  const mean = work + extra;
  const variance = workSquared + extra * extra;
  const high = (variance / mean) * gammaQuantile('high', (mean * mean) / variance);
  return { low, high };
}

export interface WorkWindow {
  readonly algorithm: Algorithm;
  /** Sum of assigned difficulty of the accepted shares of the window. */
  readonly work: number;
  /** Sum of the squares of the same. */
  readonly workSquared: number;
  /** Length of the window, or of the part of it that has passed, seconds. Not the time between its shares. */
  readonly seconds: number;
  /** The worker's assigned difficulty now, if known: with it a window without shares still has an upper bound. */
  readonly difficulty?: number;
}

/** The mean hash rate of a window of time, hashes per second. A window of no length says nothing: all zero. */
export function windowHashRate({ algorithm, work, workSquared, seconds, difficulty = 0 }: WorkWindow): HashRate {
  if (!(seconds > 0)) return ZERO_HASH_RATE;
  const { low, high } = workInterval({ work, workSquared, nextWeight: difficulty });
  const scale = ALGORITHMS[algorithm].hashesPerDifficulty / seconds;
  return { hashRateHs: work * scale, lowHs: low * scale, highHs: high * scale };
}
