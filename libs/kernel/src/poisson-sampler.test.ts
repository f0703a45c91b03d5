import { describe, expect, it } from 'vitest';
import { PoissonSampler } from './poisson-sampler.ts';
import { Random } from './random.ts';

/** ln k!, as a sum. */
function lnFactorial(k: number): number {
  let sum = 0;
  for (let i = 2; i <= k; i++) sum += Math.log(i);
  return sum;
}

describe('Poisson distributed counts', () => {
  it.each([0.02, 0.7, 2, 6, 20, 60, 400, 700])('have the probabilities of their mean, %f', (mean) => {
    const draws = 200_000;
    const random = new Random(Math.round(mean * 100));
    const sampler = new PoissonSampler(mean);
    const counts = new Map<number, number>();
    for (let i = 0; i < draws; i++) {
      const k = sampler.draw(random);
      counts.set(k, (counts.get(k) ?? 0) + 1);
    }
    // Pearson's chi-squared over the counts of which at least ten are expected; the rest together are one class.
    let chi2 = 0;
    let classes = 0;
    let [restSeen, restExpected] = [draws, draws];
    for (let k = 0; k < mean + 20 * Math.sqrt(mean) + 20; k++) {
      const expected = draws * Math.exp(k * Math.log(mean) - mean - lnFactorial(k));
      if (expected < 10) continue;
      const seen = counts.get(k) ?? 0;
      chi2 += (seen - expected) ** 2 / expected;
      classes++;
      restSeen -= seen;
      restExpected -= expected;
    }
    chi2 += (restSeen - restExpected) ** 2 / Math.max(restExpected, 1);
    // Mean and deviation of the chi-squared distribution; five deviations are passed by chance less than once in a million.
    expect(chi2).toBeLessThan(classes + 5 * Math.sqrt(2 * classes) + 10);
  });

  it('are none where none are expected', () => {
    const sampler = new PoissonSampler(0);
    const random = new Random(1);
    for (let i = 0; i < 100; i++) expect(sampler.draw(random)).toBe(0);
  });

  it('are refused where e^-mean is no normal double', () => {
    expect(() => new PoissonSampler(701)).toThrow('mean');
    expect(() => new PoissonSampler(NaN)).toThrow('mean');
  });
});
