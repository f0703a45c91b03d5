// From sums per step to the points of a chart: every step of the range is there, also those without shares.
import type { Algorithm } from '@assay/mining';
import { windowHashRate, ZERO_HASH_RATE, type HashRate } from '@assay/rollup';
import { NO_SHARES } from '../queries/share-counts.ts';
import type { SparseSeries } from '../queries/share-series.ts';
import type { RangePlan } from './range-plan.ts';

export interface SeriesPoint {
  readonly atSeconds: number;
  readonly rate: HashRate;
  readonly accepted: number;
  readonly rejected: number;
  /** In the order of REASONS. */
  readonly reasons: readonly number[];
}

/** @param difficulty the worker's assigned difficulty now, for the upper bound of steps without shares; 0 for totals. */
export function seriesPoints(
  plan: RangePlan,
  steps: SparseSeries,
  algorithm: Algorithm,
  difficulty: number,
  nowUs: number,
): SeriesPoint[] {
  const nowSeconds = nowUs / 1e6;
  return Array.from({ length: plan.points }, (_, i) => {
    const atSeconds = plan.startSeconds + i * plan.stepSeconds;
    const sums = steps.get(i);
    // A step under way is divided by what has passed of it; dividing by its whole length would show a drop that is none.
    const seconds = Math.min(plan.stepSeconds, nowSeconds - atSeconds);
    const rate =
      seconds <= 0
        ? ZERO_HASH_RATE
        : windowHashRate({
            algorithm,
            work: sums?.work ?? 0,
            workSquared: sums?.workSquared ?? 0,
            seconds,
            difficulty,
          });
    const reasons = sums?.reasons ?? NO_SHARES.reasons;
    return {
      atSeconds,
      rate,
      accepted: sums?.accepted ?? 0,
      rejected: reasons.reduce((total, count) => total + count, 0),
      reasons,
    };
  });
}
