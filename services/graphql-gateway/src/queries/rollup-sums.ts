// Pieces of SQL that the rollup queries have in common. All of it is fixed text: no input ever becomes part of a statement.
import { ALGORITHMS, REJECT_REASONS, type RejectReason } from '@assay/mining';
import type { Algorithm } from '@assay/mining';

/** Reject reasons in the order of the `reasons` array of a row. */
export const REASONS: readonly RejectReason[] = REJECT_REASONS.filter((reason) => reason !== '');

/** Sums over rollup rows aliased `r`; UInt64 sums are read as doubles, exact up to 2^53 shares. */
export const SHARE_SUMS = `toFloat64(sum(r.accepted)) AS accepted_shares,
       [${REASONS.map((reason) => `toFloat64(sum(r.rejected_${reason}))`).join(', ')}] AS reasons`;

export interface ShareSumsRow {
  readonly accepted_shares: number;
  readonly reasons: readonly number[];
}

export const WORK_SUMS = `toFloat64(sum(r.work)) AS work_sum,
       sum(r.work_squared) AS work_squared_sum`;

export interface WorkSumsRow {
  readonly work_sum: number;
  readonly work_squared_sum: number;
}

/** The algorithm of a row, or undefined for rejected shares that name no job we know. */
export function algorithmOf(text: string): Algorithm | undefined {
  return text in ALGORITHMS ? (text as Algorithm) : undefined;
}
