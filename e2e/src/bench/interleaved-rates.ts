// Compares how fast two ways of doing the same work are, on a machine that others use too: the two take turns in short
// slices, and the ratio is taken within each round, so that a slow moment hits both and the median forgets the rest.
// Time is this process's CPU time, all its threads: what others take of the core meanwhile is not ours to count.

import { summarizeRounds, type Round } from './round-summary.ts';

/** Does some work and says how many units it did. */
export type Work = () => number;

export interface InterleavedRates {
  /** Median units per CPU-second. */
  readonly rate: number;
  readonly baselineRate: number;
  /** Median, smallest and largest of the rounds' ratios. */
  readonly ratio: number;
  readonly spread: string;
}

function unitsPerSecond(work: Work, sliceMs: number): number {
  const start = process.cpuUsage();
  let units = 0;
  let elapsedUs = 0;
  while (elapsedUs < sliceMs * 1000) {
    units += work();
    const { user, system } = process.cpuUsage(start);
    elapsedUs = user + system;
  }
  return (units / elapsedUs) * 1_000_000;
}

/** Measures after two unmeasured slices each, in which the engine compiles what is hot. */
export function interleavedRates(ours: Work, baseline: Work, rounds: number, sliceMs: number): InterleavedRates {
  for (let warmUp = 0; warmUp < 2; warmUp++) {
    unitsPerSecond(ours, sliceMs);
    unitsPerSecond(baseline, sliceMs);
  }
  const taken = Array.from({ length: rounds }, (): Round => ({
    ours: unitsPerSecond(ours, sliceMs),
    baseline: unitsPerSecond(baseline, sliceMs),
  }));
  const { value, baselineValue, ratio, spread } = summarizeRounds(taken);
  return { rate: value, baselineRate: baselineValue, ratio, spread };
}
