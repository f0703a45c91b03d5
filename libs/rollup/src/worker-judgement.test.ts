import { ALGORITHMS } from '@assay/mining';
import { describe, expect, it } from 'vitest';
import { contribution } from './contribution.ts';
import {
  DEFAULT_SILENCE_SECONDS,
  MINIMUM_SILENCE_SECONDS,
  plausibleSilenceSeconds,
  shareIntervalSeconds,
} from './silence.ts';

describe('contribution', () => {
  it('is the rate over the expectation, with its interval', () => {
    expect(contribution({ hashRateHs: 90, lowHs: 80, highHs: 105 }, 100)).toEqual({
      fraction: 0.9,
      low: 0.8,
      high: 1.05,
    });
  });
  it('is unknown without an expectation', () => {
    expect(contribution({ hashRateHs: 90, lowHs: 80, highHs: 105 }, undefined)).toBeUndefined();
    expect(contribution({ hashRateHs: 90, lowHs: 80, highHs: 105 }, 0)).toBeUndefined();
  });
});

describe('plausible silence', () => {
  const rateFor = (intervalSeconds: number, difficulty: number): number =>
    (difficulty * ALGORITHMS.sha256d.hashesPerDifficulty) / intervalSeconds;
  it('is 13.8 mean gaps, never under a minute', () => {
    expect(shareIntervalSeconds('sha256d', 1024, rateFor(20, 1024))).toBeCloseTo(20, 9);
    expect(plausibleSilenceSeconds('sha256d', 1024, rateFor(20, 1024))).toBeCloseTo(20 * Math.log(1e6), 6);
    expect(plausibleSilenceSeconds('sha256d', 1024, rateFor(1, 1024))).toBe(MINIMUM_SILENCE_SECONDS);
  });
  it('falls back to five minutes where the rate is not known', () => {
    expect(plausibleSilenceSeconds('sha256d', 1024, 0)).toBe(DEFAULT_SILENCE_SECONDS);
    expect(plausibleSilenceSeconds('sha256d', 0, 1e12)).toBe(DEFAULT_SILENCE_SECONDS);
  });
});
