import { ALGORITHMS } from '@assay/mining';
import { describe, expect, it } from 'vitest';
import { gammaP, gammaQuantile, lnGamma } from './gamma.ts';
import { windowHashRate } from './hash-rate.ts';

describe('gamma distribution', () => {
  it('agrees with factorials and half-integer values', () => {
    expect(lnGamma(5)).toBeCloseTo(Math.log(24), 12);
    expect(lnGamma(0.5)).toBeCloseTo(Math.log(Math.sqrt(Math.PI)), 12);
    expect(gammaP(1, 2)).toBeCloseTo(1 - Math.exp(-2), 14);
    expect(gammaP(3, 8)).toBeCloseTo(1 - Math.exp(-8) * (1 + 8 + 32), 14);
  });

  it('inverts itself: to 1e-8 below the closed form, to 4e-5 in probability above it', () => {
    for (const shape of [0.02, 0.3, 0.5, 1, 1.5, 2, 3.7, 10, 25, 49.9, 50, 80, 200, 1000, 1e5]) {
      const accuracy = shape < 50 ? 1e-8 : 4e-5;
      expect(Math.abs(gammaP(shape, gammaQuantile('low', shape)) - 0.025)).toBeLessThan(accuracy);
      expect(Math.abs(gammaP(shape, gammaQuantile('high', shape)) - 0.975)).toBeLessThan(accuracy);
    }
  });
});

describe('window rates', () => {
  // Exact limits of a Poisson mean at 95 %: Garwood 1936, as tabulated in Ulm 1990 and any handbook.
  it.each([
    [1, 0.0253, 5.5716],
    [2, 0.2422, 7.2247],
    [5, 1.6235, 11.6683],
    [10, 4.7954, 18.3904],
    [50, 37.111, 65.9188],
  ])('has the tabulated exact interval for %i equal shares', (n, low, high) => {
    const scale = ALGORITHMS.sha256d.hashesPerDifficulty / 600;
    const rate = windowHashRate({
      algorithm: 'sha256d',
      work: n * 8,
      workSquared: n * 64,
      seconds: 600,
      difficulty: 8,
    });
    expect(rate.hashRateHs).toBeCloseTo(n * 8 * scale, -3);
    expect(rate.lowHs / (8 * scale)).toBeCloseTo(low, 2);
    expect(rate.highHs / (8 * scale)).toBeCloseTo(high, 2);
  });

  it('bounds a silent worker from above by its difficulty', () => {
    const rate = windowHashRate({ algorithm: 'scrypt', work: 0, workSquared: 0, seconds: 60, difficulty: 2 });
    expect(rate.hashRateHs).toBe(0);
    expect(rate.lowHs).toBe(0);
    expect(rate.highHs).toBeCloseTo((3.6889 * 2 * ALGORITHMS.scrypt.hashesPerDifficulty) / 60, -3);
  });

  it('says nothing about a window of no length', () => {
    expect(windowHashRate({ algorithm: 'sha256d', work: 5, workSquared: 5, seconds: 0 })).toEqual({
      hashRateHs: 0,
      lowHs: 0,
      highHs: 0,
    });
  });
});
