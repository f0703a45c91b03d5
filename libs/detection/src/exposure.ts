// How much a minute of shares says about a rate, where vardiff may change the difficulty in the middle of it.
import { ALGORITHMS } from '@assay/mining';
import type { DetectionMinute } from './detector.ts';

/**
 * The highest difficulty that was in force in the minute, as far as can be told: that of its end, of the minute before, or what its
 * shares have on average. 0 when none is known.
 *
 * A minute of one difficulty d is exact: N shares, and an exposure of 60 / (d x hashesPerDifficulty) expected shares per hash per
 * second. A minute of several is counted as if all of it had been of the highest, D: work / D shares and the exposure of D. That is
 * conservative. exp(-k work + rate x integral of (1 - e^(-k d)) / d dt) is a martingale for every k however d is steered by earlier
 * shares, and (1 - e^(-k d)) / d falls with d, so the statistic with D in its place keeps its bound on false alarms. What it loses
 * is some of the weight of a minute in which the difficulty changed, which at a settled vardiff is hardly any.
 */
export function hardestDifficulty(minute: DetectionMinute, difficultyBefore: number): number {
  return Math.max(minute.difficulty, difficultyBefore, meanDifficulty(minute));
}

/** The difficulty that the next minute begins with, as far as can be told. */
export function lastDifficulty(minute: DetectionMinute, difficultyBefore: number): number {
  if (minute.difficulty > 0) return minute.difficulty;
  return meanDifficulty(minute) || difficultyBefore;
}

function meanDifficulty({ shares, work }: DetectionMinute): number {
  return shares > 0 ? work / shares : 0;
}

/** Shares expected in a minute of this difficulty, per hash per second. */
export function minuteExposure(minute: DetectionMinute, difficulty: number): number {
  return 60 / (difficulty * ALGORITHMS[minute.algorithm].hashesPerDifficulty);
}
