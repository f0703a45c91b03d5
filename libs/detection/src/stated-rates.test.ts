// What a rule states of its errors, counted on simulated workers: at rates of errors high enough that a worker-year has many.
import { PoissonSampler, Random } from '@assay/kernel';
import { ALGORITHMS } from '@assay/mining';
import { describe, expect, it } from 'vitest';
import type { Detector } from './detector.ts';
import { detectorFactory, type DetectionRule } from './rule.ts';

const MINUTES_PER_YEAR = 365.25 * 1440;
const STATED = 60;
/** Counts of a Poisson process of the stated rate pass this once in 1,000 years of running. */
const limit = (years: number): number => STATED * years + 3.1 * Math.sqrt(STATED * years);
const DIFFICULTY = 65536;
const NONE = {};

interface Worker {
  readonly sharesPerMinute: number;
  /** Of that, what it does. */
  readonly fraction: number;
  readonly configured: boolean;
  readonly staleFraction: number;
}

/** How often a detector raises and clears over so many years of a worker that does not change. */
function count(rule: DetectionRule, worker: Worker, years: number, seed: number): { raised: number; cleared: number } {
  const { sharesPerMinute, fraction, configured, staleFraction } = worker;
  const detector: Detector = detectorFactory(rule)();
  const random = new Random(seed);
  const accepted = new PoissonSampler(sharesPerMinute * fraction * (1 - staleFraction));
  const stale = new PoissonSampler(sharesPerMinute * fraction * staleFraction);
  const expected = (sharesPerMinute * DIFFICULTY * ALGORITHMS.sha256d.hashesPerDifficulty) / 60;
  const counted = { raised: 0, cleared: 0 };
  for (let minute = 1; minute <= years * MINUTES_PER_YEAR; minute++) {
    const shares = accepted.draw(random);
    const { type } = detector.minute({
      minute,
      algorithm: 'sha256d',
      shares,
      work: shares * DIFFICULTY,
      rejected: staleFraction > 0 ? { stale: stale.draw(random) } : NONE,
      difficulty: DIFFICULTY,
      connected: true,
      expectedHashRateHs: configured ? expected : undefined,
    });
    if (type === 'raised' || type === 'cleared') counted[type]++;
  }
  return counted;
}

const healthy = (sharesPerMinute: number, configured: boolean): Worker => ({
  sharesPerMinute,
  fraction: 1,
  configured,
  staleFraction: 0,
});
const RATE: DetectionRule = { type: 'rate', falseAlarmsPerWorkerYear: STATED, falseRecoveriesPerWorkerYear: STATED };

describe('the rate test holds the stated rate of false alarms', () => {
  it.each([1, 2, 6, 20, 60])('at %i shares a minute, the expectation configured', (pace) => {
    const { raised } = count(RATE, healthy(pace, true), 2, 100 + pace);
    expect(raised).toBeLessThanOrEqual(limit(2));
    // And does not buy that with deafness: minutes, and what the factors have in common, cost it no more than this.
    expect(raised).toBeGreaterThan(0.15 * STATED * 2);
  });

  it.each([2, 20])('at %i shares a minute, the expectation learned', (pace) => {
    expect(count(RATE, healthy(pace, false), 2, 200 + pace).raised).toBeLessThanOrEqual(limit(2));
  });
});

describe('the rate test holds the stated rate of false recoveries', () => {
  it.each([
    [2, 0.9],
    [20, 0.9],
    [20, 0.5],
    [60, 0.94],
  ])('of a worker at %i shares a minute that stays at %f of its rate', (pace, fraction) => {
    const { raised, cleared } = count(RATE, { ...healthy(pace, true), fraction }, 1, 300 + pace);
    expect(raised).toBeGreaterThan(0);
    expect(cleared).toBeLessThanOrEqual(limit(1));
  });
});

describe('the test of rejected shares holds its stated rates', () => {
  const rule: DetectionRule = { type: 'rejected', falseAlarmsPerWorkerYear: STATED };
  it.each([0.2, 2, 20])('at %f shares a minute and the baseline fraction', (pace) => {
    const worker = { ...healthy(pace, true), staleFraction: 0.01 };
    expect(count(rule, worker, 1, 400 + pace).raised).toBeLessThanOrEqual(limit(1));
  });
});

describe('silence holds its stated rate of false alarms', () => {
  it.each([0.5, 2])('at %f shares a minute', (pace) => {
    const { raised } = count({ type: 'offline', falseAlarmsPerWorkerYear: STATED }, healthy(pace, true), 2, 500 + pace);
    expect(raised).toBeLessThanOrEqual(limit(2));
  });
});
