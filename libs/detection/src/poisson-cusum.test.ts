import { describe, expect, it } from 'vitest';
import {
  alarmThreshold,
  informationWhenHealthy,
  informationWhenLow,
  meanSharesToDetection,
  meanSharesToFalseAlarm,
  meanSharesToFalseRecovery,
  recoveryThreshold,
} from './poisson-cusum.ts';

/**
 * The scale function of the sum at a share rate of `rate`, by its definition and no formula of ours: (1 - r) W' = rate (W(x) - W(x + ln r)),
 * W(0) = 1 / (1 - r), 0 below. Heun's method on a grid that has the jump of ln r as a whole number of steps.
 */
function scaleFunction(factor: number, rate: number, h: number): { W: number; slope: number; integral: number } {
  const drift = 1 - factor;
  const jump = -Math.log(factor);
  const perJump = Math.ceil((400 * jump) / Math.min(jump, 0.5));
  const step = jump / perJump;
  const steps = Math.round(h / step);
  const W = new Float64Array(steps + 1);
  W[0] = 1 / drift;
  let integral = 0;
  const at = (i: number): number => (i < 0 ? 0 : W[i]!);
  for (let i = 0; i < steps; i++) {
    // Where the delayed value jumps, at x = -ln r, the step that begins there takes it from the right and the one that ends there from the left.
    const [from, to] = i < perJump ? [0, 0] : [at(i - perJump), at(i + 1 - perJump)];
    const slope = (rate * (W[i]! - from)) / drift;
    const guess = W[i]! + step * slope;
    W[i + 1] = W[i]! + (step * (slope + (rate * (guess - to)) / drift)) / 2;
    integral += (step * (W[i]! + W[i + 1]!)) / 2;
  }
  const slope = (rate * (W[steps]! - at(steps - perJump))) / drift;
  return { W: W[steps]!, slope, integral };
}

const FACTORS = [0.95, 0.9, 0.8, 0.5];

describe.each(FACTORS)('the test for a rate of %f of the expectation', (factor) => {
  it.each([4, 7, 10])('has the mean times that the scale functions give, at a threshold of %d', (h) => {
    const healthy = scaleFunction(factor, 1, h);
    expect(meanSharesToFalseAlarm(factor, h) / healthy.integral).toBeCloseTo(1, 3);
    const low = scaleFunction(factor, factor, h);
    expect(meanSharesToDetection(factor, h) / low.integral).toBeCloseTo(1, 2);
    const falseRecovery = low.W ** 2 / low.slope - low.integral;
    expect(meanSharesToFalseRecovery(factor, h) / falseRecovery).toBeCloseTo(1, 1);
  });

  it('has thresholds that are the inverse of the mean times, however rare errors are to be', () => {
    for (const meanShares of [1e5, 1e7, 1e9, 1e11]) {
      expect(meanSharesToFalseAlarm(factor, alarmThreshold(factor, meanShares)) / meanShares).toBeCloseTo(1, 9);
      expect(meanSharesToFalseRecovery(factor, recoveryThreshold(factor, meanShares)) / meanShares).toBeCloseTo(1, 9);
    }
  });
});

describe('the test for a dead worker', () => {
  it('waits for a gap: the first gap of h expected shares comes after e^h - 1', () => {
    expect(meanSharesToFalseAlarm(0, 10)).toBeCloseTo(Math.exp(10) - 1, 6);
    expect(alarmThreshold(0, 1e6)).toBeCloseTo(Math.log(1e6 + 1), 9);
    expect(meanSharesToDetection(0, 12)).toBe(12);
  });
});

it('knows what a share is worth', () => {
  expect(informationWhenLow(0.9)).toBeCloseTo(0.0051756, 6);
  expect(informationWhenHealthy(0.9)).toBeCloseTo(0.0053605, 6);
  expect(informationWhenLow(0)).toBe(1);
});
