// Shares, rates and points as the schema spells them.
import type { HashRate } from '@assay/rollup';
import { invalidFraction, type ShareCounts } from '../queries/share-counts.ts';
import { REASONS } from '../queries/rollup-sums.ts';
import type { SeriesPoint } from '../series/series-points.ts';

/** Reasons that occurred, the most frequent first, equal ones by name. */
export function reasonCounts(reasons: readonly number[]): { readonly reason: string; readonly count: number }[] {
  return REASONS.map((reason, i) => ({ reason, count: reasons[i]! }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1));
}

export function shareCountsValue(counts: ShareCounts): object {
  return {
    accepted: counts.accepted,
    rejected: counts.rejected,
    invalidFraction: invalidFraction(counts) ?? null,
    byReason: reasonCounts(counts.reasons),
  };
}

export function hashRateValue({ hashRateHs, lowHs, highHs }: HashRate): {
  readonly hashRate: number;
  readonly low: number;
  readonly high: number;
} {
  return { hashRate: hashRateHs, low: lowHs, high: highHs };
}

/** @param uptime asked for only when a client selects it; by index of the point. */
export function seriesPointValue(
  point: SeriesPoint,
  index: number,
  uptime: () => Promise<readonly (number | undefined)[]>,
): object {
  return {
    at: point.atSeconds * 1e6,
    ...hashRateValue(point.rate),
    accepted: point.accepted,
    rejected: point.rejected,
    byReason: reasonCounts(point.reasons),
    uptime: async () => (await uptime())[index] ?? null,
  };
}
