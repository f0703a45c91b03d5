// Stratum's error numbers, mapped from our reasons in this one place.
import type { RejectReason } from '@assay/mining';

export const ERROR_OTHER = 20;
export const ERROR_JOB_NOT_FOUND = 21;
export const ERROR_DUPLICATE = 22;
export const ERROR_LOW_DIFFICULTY = 23;
export const ERROR_UNAUTHORIZED = 24;
export const ERROR_NOT_SUBSCRIBED = 25;

export interface StratumError {
  readonly code: number;
  /** Plain ASCII without quotes or backslashes: it goes into JSON as it stands. */
  readonly message: string;
}

/** What a miner is told for each reason a share is rejected. Some firmware shows the message to its owner, so it says what was wrong. */
export const REJECT_ERRORS: Readonly<Record<Exclude<RejectReason, ''>, StratumError>> = {
  malformed: { code: ERROR_OTHER, message: 'Malformed share' },
  not_subscribed: { code: ERROR_NOT_SUBSCRIBED, message: 'Not subscribed' },
  unauthorized: { code: ERROR_UNAUTHORIZED, message: 'Unauthorized worker' },
  unknown_job: { code: ERROR_JOB_NOT_FOUND, message: 'Job not found' },
  stale: { code: ERROR_JOB_NOT_FOUND, message: 'Stale share' },
  duplicate: { code: ERROR_DUPLICATE, message: 'Duplicate share' },
  ntime_out_of_range: { code: ERROR_OTHER, message: 'Ntime out of range' },
  version_bits: { code: ERROR_OTHER, message: 'Version bits outside the mask' },
  low_difficulty: { code: ERROR_LOW_DIFFICULTY, message: 'Low difficulty share' },
  rate_limited: { code: ERROR_OTHER, message: 'Too many submits' },
  unproven: { code: ERROR_OTHER, message: 'Share could not be proved' },
};
