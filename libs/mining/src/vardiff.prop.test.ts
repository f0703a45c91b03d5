// Vardiff against miners that find shares as a Poisson process, on a virtual clock, from seeds.
import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { Random } from '@assay/kernel';
import { hashesForDifficulty, isNormalDifficulty } from './difficulty.ts';
import {
  VARDIFF_DEFAULTS,
  vardiffOnShare,
  vardiffOnSuggestion,
  vardiffOnTick,
  vardiffStart,
  type VardiffState,
} from './vardiff.ts';

const SECOND = 1_000_000;
const MINUTE = 60 * SECOND;
/** These are statements about chance, so the chance is fixed: over 1,500 other seeds the worst was 2.96 times off after a minute. */
const SEED = 20_260_601;
/** What one connection can deliver: above this a miner's shares queue up in the miner. */
const MOST_SHARES_PER_SECOND = 500;

/** The difficulty at which a machine sends 18 shares a minute. */
const fitting = (hashRateHs: number): number => (hashRateHs * 60) / 18 / hashesForDifficulty(1, 'sha256d');

interface Trace {
  readonly atUs: number;
  readonly difficulty: number;
}

/** Runs a machine; its rate may change with time. Every change of difficulty takes `delayUs` to reach it. */
function run(options: {
  seed: number;
  start: number;
  rate: (nowUs: number) => number;
  durationUs: number;
  delayUs?: number;
}): { trace: Trace[]; state: VardiffState; shares: number } {
  const random = new Random(options.seed);
  let state = vardiffStart(options.start, 0, VARDIFF_DEFAULTS);
  const trace: Trace[] = [{ atUs: 0, difficulty: state.difficulty }];
  let shares = 0;
  let now = 0;
  while (now < options.durationUs) {
    // What the machine works at: the last difficulty sent at least a delay ago.
    const working = trace.findLast((t) => t.atUs + (options.delayUs ?? 0) <= now) ?? trace[0]!;
    const meanUs = (hashesForDifficulty(working.difficulty, 'sha256d') / Math.max(1e-9, options.rate(now))) * SECOND;
    const gapUs = Math.max(SECOND / MOST_SHARES_PER_SECOND, random.exponential(meanUs));
    const before = state.difficulty;
    if (gapUs > SECOND) {
      // No share within a second: the clock ticks, and the exponential forgets.
      now += SECOND;
      state = vardiffOnTick(state, now, VARDIFF_DEFAULTS);
    } else {
      now += gapUs;
      shares++;
      state = vardiffOnShare(state, working.difficulty, now, VARDIFF_DEFAULTS);
    }
    if (state.difficulty !== before) trace.push({ atUs: now, difficulty: state.difficulty });
  }
  return { trace, state, shares };
}

const difficultyAt = (trace: Trace[], atUs: number): number => trace.findLast((t) => t.atUs <= atUs)!.difficulty;
const seed = fc.integer();
const within = (value: number, wanted: number, factor: number): boolean =>
  value <= wanted * factor && value >= wanted / factor;

describe('vardiff', () => {
  test('a 100 TH/s machine that starts at 0.001 is right within a minute', () => {
    fc.assert(
      fc.property(seed, (s) => {
        const { trace, shares } = run({
          seed: s,
          start: 0.001,
          rate: () => 100e12,
          durationUs: 2 * MINUTE,
          delayUs: SECOND,
        });
        const wanted = fitting(100e12);
        expect(within(difficultyAt(trace, MINUTE), wanted, 4)).toBe(true);
        expect(within(difficultyAt(trace, 2 * MINUTE), wanted, 3)).toBe(true);
        expect(shares).toBeLessThan(20 * MOST_SHARES_PER_SECOND);
      }),
      { numRuns: 60, seed: SEED },
    );
  });

  test('converges within ten minutes from any start, for machines from 50 kH/s to 1 PH/s', () => {
    fc.assert(
      fc.property(
        seed,
        fc.double({ min: 4.7, max: 15, noNaN: true }),
        fc.double({ min: -5, max: 7, noNaN: true }),
        (s, rateExponent, startExponent) => {
          const rate = 10 ** rateExponent;
          const { trace } = run({
            seed: s,
            start: 10 ** startExponent,
            rate: () => rate,
            durationUs: 10 * MINUTE,
            delayUs: SECOND,
          });
          expect(
            within(difficultyAt(trace, 10 * MINUTE), Math.max(fitting(rate), VARDIFF_DEFAULTS.minDifficulty), 4),
          ).toBe(true);
        },
      ),
      { numRuns: 150, seed: SEED },
    );
  });

  test('a steady machine is left alone: few changes, none far', () => {
    fc.assert(
      fc.property(seed, (s) => {
        const wanted = fitting(100e12);
        const { trace } = run({ seed: s, start: wanted, rate: () => 100e12, durationUs: 240 * MINUTE });
        expect(trace.length).toBeLessThanOrEqual(6);
        for (const { difficulty } of trace) expect(within(difficulty, wanted, 3)).toBe(true);
      }),
      { numRuns: 40, seed: SEED },
    );
  });

  test('decays when silent, by bounded steps, to 1/1024 of what was proven', () => {
    const { trace, state } = run({
      seed: 3,
      start: 65536,
      rate: (now) => (now < 20 * MINUTE ? 100e12 : 0),
      durationUs: 60 * MINUTE,
    });
    const proven = difficultyAt(trace, 20 * MINUTE);
    expect(difficultyAt(trace, 25 * MINUTE)).toBeLessThan(proven / 8);
    expect(state.difficulty).toBeGreaterThanOrEqual((proven / 1024) * 0.94);
    expect(state.difficulty).toBeLessThan(proven / 900);
    const decays = trace.filter((t) => t.atUs > 20 * MINUTE);
    expect(decays.every((t, i) => i === 0 || t.difficulty < decays[i - 1]!.difficulty)).toBe(true);
  });

  test('a machine that never sent a share reaches the minimum within five minutes', () => {
    const { trace } = run({ seed: 3, start: 65536, rate: () => 0, durationUs: 5 * MINUTE });
    expect(difficultyAt(trace, 5 * MINUTE)).toBe(VARDIFF_DEFAULTS.minDifficulty);
  });

  test('a machine that loses half its boards is followed within ten minutes', () => {
    fc.assert(
      fc.property(seed, (s) => {
        const { trace } = run({
          seed: s,
          start: 65536,
          rate: (now) => (now < 30 * MINUTE ? 100e12 : 20e12),
          durationUs: 45 * MINUTE,
        });
        expect(within(difficultyAt(trace, 40 * MINUTE), fitting(20e12), 3)).toBe(true);
      }),
      { numRuns: 40, seed: SEED },
    );
  });

  test('every difficulty is normal, within limits, and one of few', () => {
    const settings = { ...VARDIFF_DEFAULTS, minDifficulty: 0.5, maxDifficulty: 1000 };
    const seen = new Set<number>();
    fc.assert(
      fc.property(fc.double({ min: 1e-9, max: 1e18, noNaN: true }), (wish) => {
        const { difficulty } = vardiffStart(wish, 0, settings);
        expect(isNormalDifficulty(difficulty)).toBe(true);
        expect(difficulty).toBeGreaterThanOrEqual(0.5);
        expect(difficulty).toBeLessThanOrEqual(1000);
        seen.add(difficulty);
      }),
      { numRuns: 2000 },
    );
    expect(seen.size).toBeLessThanOrEqual(8 * 12);
  });

  test('shares of another difficulty change nothing, not even the object', () => {
    const state = vardiffStart(1024, 0, VARDIFF_DEFAULTS);
    expect(vardiffOnShare(state, 512, SECOND, VARDIFF_DEFAULTS)).toBe(state);
    expect(vardiffOnTick(state, SECOND, VARDIFF_DEFAULTS)).toBe(state);
  });

  test('a suggestion is followed once, so that a repeated one does not undo what was learnt', () => {
    let state = vardiffStart(1024, 0, VARDIFF_DEFAULTS);
    state = vardiffOnSuggestion(state, 4096, SECOND, VARDIFF_DEFAULTS);
    expect(state.difficulty).toBe(4096);
    for (let t = 2; t < 120; t++) {
      state = vardiffOnTick(state, t * SECOND, VARDIFF_DEFAULTS);
      if (t % 30 === 0) state = vardiffOnSuggestion(state, 4096, t * SECOND, VARDIFF_DEFAULTS);
    }
    expect(state.difficulty).toBeLessThan(100);
    expect(vardiffOnSuggestion(state, -1, 0, VARDIFF_DEFAULTS)).toBe(state);
    expect(vardiffOnSuggestion(state, 2048, 0, VARDIFF_DEFAULTS).difficulty).toBe(2048);
  });
});
