// The theory of Page's test (CUSUM) on a Poisson process: how high its threshold must be for a stated rate of false alarms, and
// how long it then takes. Pure formulas; time is counted in expected shares, so they hold at every share rate and difficulty.
//
// A healthy worker's shares are a Poisson process of rate 1 in that time. Against a rate of r < 1, a stretch of L expected shares
// in which N came speaks with the log-likelihood ratio N ln r + (1 - r) L. Page's test adds it up, starts again from 0 whenever it
// falls below, and alarms at a threshold h; no test finds a change to r sooner in the worst case at the same mean time between
// false alarms (Lorden 1971, Moustakides 1986; for Poisson processes El Karoui, Loisel and Salhi 2017).
//
// The sum is a drift upwards with jumps of ln r downwards, a spectrally negative Levy process, so the mean time to the threshold is
// the integral from 0 to h of its scale function W, exactly (Avram, Kyprianou and Pistorius 2004; Kyprianou 2014, theorem 8.10), where
// the Laplace transform of W is 1 / psi, psi(b) = (1 - r) b + rate (e^(b ln r) - 1). The poles of 1 / (b psi(b)) give that integral up
// to a remainder that vanishes exponentially with h; poisson-cusum.test.ts integrates W itself and compares.
//
// A test that looks only at the ends of minutes is never above the one that looks always (its minimum runs over fewer moments), so
// it alarms less often: the stated rate is an upper bound.
import { assert } from '@assay/kernel';

/** Kullback-Leibler distance per expected healthy share, of a rate of `factor` from the healthy one: what a share lost speaks for the loss. */
export function informationWhenLow(factor: number): number {
  return factor === 0 ? 1 : factor * Math.log(factor) + 1 - factor;
}

/** The same the other way round: what a healthy share speaks against the loss. Infinite for a factor of 0. */
export function informationWhenHealthy(factor: number): number {
  return -Math.log(factor) - (1 - factor);
}

/** Mean time to a false alarm of a healthy worker, expected shares. */
export function meanSharesToFalseAlarm(factor: number, threshold: number): number {
  // Dead: the sum is the time since the last share, and the mean time until the first gap of h is e^h - 1.
  if (factor === 0) return Math.expm1(threshold);
  const low = informationWhenLow(factor);
  const healthy = informationWhenHealthy(factor);
  const jump = Math.log(factor);
  return Math.exp(threshold) / low - threshold / healthy - (jump * jump) / (2 * healthy * healthy);
}

/** Mean time until a worker whose rate fell to `factor` is found by the test for that factor which stood at 0, expected healthy shares. */
export function meanSharesToDetection(factor: number, threshold: number): number {
  if (factor === 0) return threshold;
  const low = informationWhenLow(factor);
  const jump = Math.log(factor);
  return (
    threshold / low - (factor * jump * jump) / (2 * low * low) + Math.exp(-threshold) / informationWhenHealthy(factor)
  );
}

/** The threshold at which a healthy worker has a false alarm once in `meanShares` expected shares. */
export function alarmThreshold(factor: number, meanShares: number): number {
  return solve(meanShares, informationWhenLow(factor), (h) => meanSharesToFalseAlarm(factor, h));
}

/**
 * Mean time until a worker whose rate is still `factor` is taken for recovered, expected healthy shares, by the mirrored test: the
 * same sum with its sign turned, from 0 up to `threshold`. The sum jumps upwards here, past the threshold too, and the mean time is
 * W(h)^2 / W'(h) less the integral of W, of the process at the lower rate (Avram, Kyprianou and Pistorius 2004, theorem 1).
 */
export function meanSharesToFalseRecovery(factor: number, threshold: number): number {
  const low = informationWhenLow(factor);
  return (informationWhenHealthy(factor) * Math.exp(threshold)) / (low * low) - (threshold + 2) / low;
}

/** The threshold at which a worker that is still low is taken for recovered once in `meanShares` expected healthy shares. */
export function recoveryThreshold(factor: number, meanShares: number): number {
  assert(factor > 0, 'against a dead worker any share is proof: test against a low rate instead');
  const low = informationWhenLow(factor);
  return solve(meanShares, (low * low) / informationWhenHealthy(factor), (h) => meanSharesToFalseRecovery(factor, h));
}

/** The h at which a mean time that grows like e^h / scale reaches `meanShares`, never below 1, where the formulas no longer hold. */
function solve(meanShares: number, scale: number, mean: (h: number) => number): number {
  assert(meanShares > 0 && Number.isFinite(meanShares), `a mean time is positive and finite, got ${meanShares}`);
  let h = 1;
  // The correction to e^h / scale changes slowly with h, so this closes in on the root by orders of magnitude a step.
  for (let step = 0; step < 50; step++) {
    const next = Math.max(1, Math.log(scale * (meanShares + Math.exp(h) / scale - mean(h))));
    if (Math.abs(next - h) < 1e-12) return next;
    h = next;
  }
  return h;
}
