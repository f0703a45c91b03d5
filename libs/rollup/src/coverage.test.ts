// The stated 95 % intervals are promises: simulated miners with a known hash rate count how often they hold.
import { Random } from '@assay/kernel';
import { ALGORITHMS, VARDIFF_DEFAULTS, vardiffOnShare, vardiffOnTick, vardiffStart } from '@assay/mining';
import { describe, expect, it } from 'vitest';
import { addDecayed, decayedHashRate, NO_DECAYED_WORK } from './decayed-rate.ts';
import type { DecayedWork } from './decayed-rate.ts';
import type { HashRate } from './hash-rate.ts';
import { windowHashRate } from './hash-rate.ts';

const HASHES = ALGORITHMS.sha256d.hashesPerDifficulty;
const MICROS = 1_000_000;
const covers = (rate: HashRate, truthHs: number): boolean => rate.lowHs <= truthHs && truthHs <= rate.highHs;

/** A miner's shares in `seconds`: arrivals of a Poisson process whose pace follows the difficulty, as vardiff or `fixed` sets it. */
interface Mined {
  readonly atUs: number;
  readonly difficulty: number;
}

function mine(random: Random, seconds: number, sharesPerSecond: number, difficulty: number): Mined[] {
  const shares: Mined[] = [];
  for (let at = random.exponential(1 / sharesPerSecond); at < seconds; at += random.exponential(1 / sharesPerSecond)) {
    shares.push({ atUs: at * MICROS, difficulty });
  }
  return shares;
}

/** The real vardiff on a virtual clock, ticking every second. `workPerSecond` is the true rate in difficulty 1 per second. */
function mineWithVardiff(
  random: Random,
  seconds: number,
  workPerSecond: number,
  start: number,
): { shares: Mined[]; difficulty: number } {
  const shares: Mined[] = [];
  let state = vardiffStart(start, 0, VARDIFF_DEFAULTS);
  for (let second = 0; second < seconds; second++) {
    let at = second;
    for (;;) {
      at += random.exponential(state.difficulty / workPerSecond);
      if (at >= second + 1) break;
      shares.push({ atUs: at * MICROS, difficulty: state.difficulty });
      state = vardiffOnShare(state, state.difficulty, at * MICROS, VARDIFF_DEFAULTS);
    }
    state = vardiffOnTick(state, (second + 1) * MICROS, VARDIFF_DEFAULTS);
  }
  return { shares, difficulty: state.difficulty };
}

function windowRate(shares: readonly Mined[], seconds: number, difficulty: number): HashRate {
  let work = 0;
  let workSquared = 0;
  for (const share of shares) {
    work += share.difficulty;
    workSquared += share.difficulty ** 2;
  }
  return windowHashRate({ algorithm: 'sha256d', work, workSquared, seconds, difficulty });
}

function decayedRate(
  shares: readonly Mined[],
  timeConstantSeconds: number,
  seconds: number,
  difficulty: number,
): HashRate {
  let state: DecayedWork = NO_DECAYED_WORK;
  for (const { atUs, difficulty: d } of shares) {
    state = addDecayed(state, { atUs, work: d, workSquared: d * d }, timeConstantSeconds);
  }
  return decayedHashRate(state, {
    algorithm: 'sha256d',
    timeConstantSeconds,
    nowUs: seconds * MICROS,
    sinceUs: 0,
    difficulty,
  });
}

function coverage(trials: number, trial: () => boolean): number {
  let covered = 0;
  for (let i = 0; i < trials; i++) if (trial()) covered++;
  return covered / trials;
}

const COUNTS = [1, 2, 3, 5, 10, 30, 100, 300, 1000];
// Fewer trials where one costs more. The standard error of a coverage near 95 % from 4,000 trials is 0.35 %.
const trialsFor = (shares: number): number => (shares >= 1000 ? 1500 : 4000);

describe('coverage of stated 95 % intervals', () => {
  it.each(COUNTS)('window rates cover the truth where %i shares are expected', (expected) => {
    const random = new Random(1000 + expected);
    const held = coverage(trialsFor(expected), () =>
      covers(windowRate(mine(random, 600, expected / 600, 64), 600, 64), (expected / 600) * 64 * HASHES),
    );
    expect(held).toBeGreaterThanOrEqual(0.94);
  });

  it.each(COUNTS)('decayed rates cover the truth where %i shares weigh in', (expected) => {
    const random = new Random(2000 + expected);
    const sharesPerSecond = expected / 600; // An age of two time constants of 300 s.
    const held = coverage(trialsFor(expected), () =>
      covers(decayedRate(mine(random, 600, sharesPerSecond, 64), 300, 600, 64), sharesPerSecond * 64 * HASHES),
    );
    expect(held).toBeGreaterThanOrEqual(0.94);
  });

  it.each([10, 30, 60, 300])('decayed rates cover the truth %i s after the first connection', (age) => {
    const random = new Random(3000 + age);
    const held = coverage(4000, () => covers(decayedRate(mine(random, age, 0.3, 64), 300, age, 64), 0.3 * 64 * HASHES));
    expect(held).toBeGreaterThanOrEqual(0.94);
  });

  it.each([60, 300, 900, 3600])('both cover it over %i s while vardiff finds the difficulty', (seconds) => {
    const random = new Random(4000 + seconds);
    let decayedHeld = 0;
    const trials = seconds >= 3600 ? 1000 : 3000;
    const held = coverage(trials, () => {
      const workPerSecond = 10 ** (1 + 5 * random.float());
      const ideal = workPerSecond / (VARDIFF_DEFAULTS.sharesPerMinute / 60);
      const start = ideal * 2 ** (random.float() * 6 - 3); // Up to eight times too easy or too hard.
      const { shares, difficulty } = mineWithVardiff(random, seconds, workPerSecond, start);
      if (covers(decayedRate(shares, seconds / 3, seconds, difficulty), workPerSecond * HASHES)) decayedHeld++;
      return covers(windowRate(shares, seconds, difficulty), workPerSecond * HASHES);
    });
    expect(held).toBeGreaterThanOrEqual(0.94);
    expect(decayedHeld / trials).toBeGreaterThanOrEqual(0.94);
  });

  it('does not buy coverage with width: from 100 shares on an interval is at most a tenth wider than the normal one', () => {
    for (const n of [100, 1000, 10_000]) {
      const { hashRateHs, lowHs, highHs } = windowHashRate({
        algorithm: 'sha256d',
        work: n,
        workSquared: n,
        seconds: 60,
        difficulty: 1,
      });
      expect((highHs - lowHs) / hashRateHs).toBeLessThan((1.1 * 2 * 1.96) / Math.sqrt(n));
    }
  });
});
