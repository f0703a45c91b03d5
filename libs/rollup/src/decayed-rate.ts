// Exponentially weighted hash rates: a share's weight falls by e every time constant. The state is two sums, so it is additive
// (workers add up to a site, batches add in any order), it decays by itself when a worker falls silent, and it can be
// computed anew from stored shares after a restart without a jump.
import { ALGORITHMS } from '@assay/mining';
import type { Algorithm } from '@assay/mining';
import { assert } from '@assay/kernel';
import type { HashRate } from './hash-rate.ts';
import { workInterval } from './hash-rate.ts';

const MICROS = 1_000_000;

/**
 * Warm-up divides by the time observed, which just after the first share is nearly nothing. Below this age a rate is
 * computed as if it were this old: it starts low and grows, instead of starting at infinity. Its interval's upper end stays
 * that of the true age, down to a second.
 */
export const MINIMUM_AGE_SECONDS = 10;
const MINIMUM_AGE_OF_UPPER_END_SECONDS = 1;

/** Decayed sums as of `atUs`: of w and of w^2, where w = difficulty x e^(-age / timeConstant). */
export interface DecayedWork {
  readonly atUs: number;
  readonly work: number;
  readonly workSquared: number;
}

export const NO_DECAYED_WORK: DecayedWork = { atUs: 0, work: 0, workSquared: 0 };

/**
 * Shares summed by slots of time stand at the middle of theirs, so the newest may lie a little ahead of now. That far the
 * state is carried back exactly; what claims to come from further ahead counts as that far.
 */
const LONGEST_LEAD_US = 5 * MICROS;

function decayTo(state: DecayedWork, atUs: number, timeConstantSeconds: number): DecayedWork {
  const factor = Math.exp(-(atUs - state.atUs) / (timeConstantSeconds * MICROS));
  return state.work === 0
    ? { atUs, work: 0, workSquared: 0 }
    : { atUs, work: state.work * factor, workSquared: state.workSquared * factor * factor };
}

/** Adds two states, or a batch of shares submitted about `atUs` with their sums of difficulty and squared difficulty. Order does not matter. */
export function addDecayed(a: DecayedWork, b: DecayedWork, timeConstantSeconds: number): DecayedWork {
  assert(timeConstantSeconds > 0, 'a time constant is positive');
  const atUs = Math.max(a.atUs, b.atUs);
  const x = decayTo(a, atUs, timeConstantSeconds);
  const y = decayTo(b, atUs, timeConstantSeconds);
  return { atUs, work: x.work + y.work, workSquared: x.workSquared + y.workSquared };
}

export interface DecayedRateQuery {
  readonly algorithm: Algorithm;
  readonly timeConstantSeconds: number;
  readonly nowUs: number;
  /** When observation began: the worker's first connection. */
  readonly sinceUs: number;
  /** The worker's assigned difficulty now; 0 when unknown. */
  readonly difficulty: number;
}

/**
 * The rate as of `nowUs`, hashes per second, corrected for warm-up: the weight seen so far is 1 - e^(-age / T) of the whole
 * (FIELD.md, ckpool's convention).
 */
export function decayedHashRate(state: DecayedWork, query: DecayedRateQuery): HashRate {
  const { timeConstantSeconds } = query;
  const atUs = Math.max(query.nowUs, state.atUs - LONGEST_LEAD_US);
  const { work, workSquared } = decayTo(state, atUs, timeConstantSeconds);
  const ageSeconds = (atUs - query.sinceUs) / MICROS;
  const observed = (minimumAge: number): number =>
    timeConstantSeconds * -Math.expm1(-Math.max(ageSeconds, minimumAge) / timeConstantSeconds);
  const interval = workInterval({ work, workSquared, nextWeight: query.difficulty });
  const hashes = ALGORITHMS[query.algorithm].hashesPerDifficulty;
  const scale = hashes / observed(MINIMUM_AGE_SECONDS);
  const highScale = hashes / observed(MINIMUM_AGE_OF_UPPER_END_SECONDS);
  return { hashRateHs: work * scale, lowHs: interval.low * scale, highHs: interval.high * highScale };
}
