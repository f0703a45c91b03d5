// What became of a share. The order of the reasons is the order in which the checks are made.

export type Verdict = 'accepted' | 'rejected';

/** Reasons as they stand in ClickHouse's `reject_reason`; an accepted share has the empty one. Append only: the index is the wire code. */
export const REJECT_REASONS = [
  '',
  'malformed',
  'not_subscribed',
  'unauthorized',
  'unknown_job',
  'stale',
  'duplicate',
  'ntime_out_of_range',
  'version_bits',
  'low_difficulty',
  'rate_limited',
  'unproven',
] as const;

export type RejectReason = (typeof REJECT_REASONS)[number];

export const REJECT_CODE: Readonly<Record<RejectReason, number>> = Object.fromEntries(
  REJECT_REASONS.map((reason, code) => [reason, code]),
) as Record<RejectReason, number>;
