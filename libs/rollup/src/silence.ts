// How long a healthy worker may go without an accepted share. Gaps between shares are exponentially distributed, so silence
// alone proves nothing until it is improbable.
import { ALGORITHMS } from '@assay/mining';
import type { Algorithm } from '@assay/mining';

/** Probability with which a healthy worker's gap is longer than `plausibleSilenceSeconds`: about one gap in a million. */
export const SILENCE_PROBABILITY = 1e-6;
/** Never less than this: networks, gateways and jobs pause too. */
export const MINIMUM_SILENCE_SECONDS = 60;
/** Where the hash rate is not known. */
export const DEFAULT_SILENCE_SECONDS = 300;

/** Mean time between shares, seconds; undefined when difficulty or rate is not known. */
export function shareIntervalSeconds(algorithm: Algorithm, difficulty: number, hashRateHs: number): number | undefined {
  if (!(difficulty > 0) || !(hashRateHs > 0)) return undefined;
  return (difficulty * ALGORITHMS[algorithm].hashesPerDifficulty) / hashRateHs;
}

/**
 * Longest plausible silence of a worker, seconds. Give the rate it should have (its expectation, or a long window's rate from
 * before the silence): the rate of a short window falls with the silence itself.
 */
export function plausibleSilenceSeconds(algorithm: Algorithm, difficulty: number, hashRateHs: number): number {
  const interval = shareIntervalSeconds(algorithm, difficulty, hashRateHs);
  if (interval === undefined) return DEFAULT_SILENCE_SECONDS;
  return Math.max(MINIMUM_SILENCE_SECONDS, -Math.log(SILENCE_PROBABILITY) * interval);
}
