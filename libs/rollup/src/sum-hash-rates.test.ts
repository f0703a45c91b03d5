import { Random } from '@assay/kernel';
import { describe, expect, it } from 'vitest';
import { windowHashRate } from './hash-rate.ts';
import { HashRateSum, sumHashRates } from './sum-hash-rates.ts';

function poisson(random: Random, mean: number): number {
  let count = 0;
  for (let at = random.exponential(1); at < mean; at += random.exponential(1)) count++;
  return count;
}

describe('sum of hash rates', () => {
  it('is zero of none and leaves one alone', () => {
    expect(sumHashRates([])).toEqual({ hashRateHs: 0, lowHs: 0, highHs: 0 });
    const one = windowHashRate({ algorithm: 'sha256d', work: 40, workSquared: 40, seconds: 60 });
    const sum = sumHashRates([one]);
    expect(sum.hashRateHs).toBe(one.hashRateHs);
    expect(sum.lowHs).toBeCloseTo(one.lowHs, -3);
    expect(sum.highHs).toBeCloseTo(one.highHs, -3);
  });

  it('is the same of parts as of the whole', () => {
    const rates = [3, 40, 7, 0, 500].map((shares) =>
      windowHashRate({ algorithm: 'sha256d', work: shares, workSquared: shares, seconds: 60, difficulty: 1 }),
    );
    const [some, others, both] = [new HashRateSum(), new HashRateSum(), new HashRateSum()];
    rates.forEach((rate, i) => (i < 2 ? some : others).add(rate));
    both.addSum(some);
    both.addSum(others);
    const whole = sumHashRates(rates);
    expect(both.rate.hashRateHs / whole.hashRateHs).toBeCloseTo(1, 12);
    expect(both.rate.lowHs / whole.lowHs).toBeCloseTo(1, 12);
    expect(both.rate.highHs / whole.highHs).toBeCloseTo(1, 12);
  });

  it('holds the true rate about 95 times in 100, for a fleet whose workers have few shares each', () => {
    const random = new Random(7);
    const workers = 30;
    const mean = 6;
    const truth = windowHashRate({
      algorithm: 'sha256d',
      work: workers * mean,
      workSquared: 1,
      seconds: 60,
    }).hashRateHs;
    let held = 0;
    const rounds = 2000;
    for (let i = 0; i < rounds; i++) {
      const rates = Array.from({ length: workers }, () => {
        const shares = poisson(random, mean);
        return windowHashRate({ algorithm: 'sha256d', work: shares, workSquared: shares, seconds: 60, difficulty: 1 });
      });
      const { lowHs, highHs } = sumHashRates(rates);
      if (lowHs <= truth && truth <= highHs) held++;
    }
    expect(held / rounds).toBeGreaterThan(0.94);
    expect(held / rounds).toBeLessThan(0.995);
  });
});
