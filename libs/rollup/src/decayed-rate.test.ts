import { ALGORITHMS } from '@assay/mining';
import { describe, expect, it } from 'vitest';
import { addDecayed, decayedHashRate, NO_DECAYED_WORK } from './decayed-rate.ts';
import type { DecayedWork } from './decayed-rate.ts';

const MICROS = 1_000_000;
const HASHES = ALGORITHMS.sha256d.hashesPerDifficulty;
const start = 1_700_000_000 * MICROS;
const steady = (seconds: number, T: number): DecayedWork => {
  let state = NO_DECAYED_WORK;
  for (let s = 0; s < seconds; s++)
    state = addDecayed(state, { atUs: start + (s + 0.5) * MICROS, work: 3, workSquared: 9 }, T);
  return state;
};
const rateAt = (state: DecayedWork, seconds: number, T: number) =>
  decayedHashRate(state, {
    algorithm: 'sha256d',
    timeConstantSeconds: T,
    nowUs: start + seconds * MICROS,
    sinceUs: start,
    difficulty: 3,
  });

describe('decayed rates', () => {
  it.each([30, 60, 300, 3600])('a steady worker reads its true rate %i s after it began, warm or not', (age) => {
    expect(rateAt(steady(age, 300), age, 300).hashRateHs / (3 * HASHES)).toBeCloseTo(1, 4);
  });

  it('is finite and not above the truth just after the first share', () => {
    const state = addDecayed(NO_DECAYED_WORK, { atUs: start + 1, work: 3, workSquared: 9 }, 60);
    const rate = rateAt(state, 0.000001, 60);
    expect(rate.hashRateHs).toBeLessThanOrEqual((3 * HASHES) / 9);
    expect(Number.isFinite(rate.highHs)).toBe(true);
    expect(rate.highHs).toBeGreaterThan(rate.hashRateHs);
  });

  it('decays by e every time constant of silence', () => {
    const state = steady(6000, 300);
    const before = rateAt(state, 6000, 300).hashRateHs;
    const after = rateAt(state, 6300, 300).hashRateHs;
    expect(after / before).toBeCloseTo(Math.exp(-1), 6);
  });

  it('has an interval after any silence, also when the squares have decayed to nothing and the work has not', () => {
    const state = steady(600, 60);
    const high = rateAt({ ...NO_DECAYED_WORK, atUs: start }, 86_400, 60).highHs;
    for (let hours = 1; hours <= 24; hours += 0.25) {
      const rate = rateAt(state, 600 + hours * 3600, 60);
      expect(rate.hashRateHs).toBeGreaterThanOrEqual(0);
      expect(rate.lowHs).toBeLessThanOrEqual(rate.hashRateHs);
      expect(rate.highHs).toBeGreaterThanOrEqual(rate.hashRateHs);
      expect(rate.highHs / high).toBeCloseTo(1, 6);
    }
  });

  it('adds in any order, late shares included', () => {
    const shares = [0, 70, 10, 300, 299, 1].map((s) => ({
      atUs: start + s * MICROS,
      work: s + 1,
      workSquared: (s + 1) ** 2,
    }));
    const add = (a: DecayedWork, b: DecayedWork): DecayedWork => addDecayed(a, b, 60);
    const forward = shares.reduce(add, NO_DECAYED_WORK);
    const backward = [...shares].reverse().reduce(add, NO_DECAYED_WORK);
    const halves = add(shares.slice(0, 3).reduce(add, NO_DECAYED_WORK), shares.slice(3).reduce(add, NO_DECAYED_WORK));
    for (const other of [backward, halves]) {
      expect(other.atUs).toBe(forward.atUs);
      expect(other.work).toBeCloseTo(forward.work, 9);
      expect(other.workSquared).toBeCloseTo(forward.workSquared, 6);
    }
  });

  it('computed anew from the same shares it is the same: a restart does not show', () => {
    const one = steady(1000, 300);
    let halfway = steady(500, 300);
    halfway = addDecayed(halfway, { ...NO_DECAYED_WORK, atUs: start + 900 * MICROS }, 300); // Evaluated in between, as a restart would.
    for (let s = 500; s < 1000; s++)
      halfway = addDecayed(halfway, { atUs: start + (s + 0.5) * MICROS, work: 3, workSquared: 9 }, 300);
    expect(rateAt(halfway, 1000, 300).hashRateHs).toBeCloseTo(rateAt(one, 1000, 300).hashRateHs, -3);
  });
});
