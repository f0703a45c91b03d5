// What follows the id in the answer to a submit, as bytes, by reject code.
import { REJECT_REASONS } from '@assay/mining';
import { ERROR_OTHER, REJECT_ERRORS, TRUE_TAIL, errorTail } from '@assay/stratum';

/** Indexed as REJECT_REASONS: the first is the acceptance. */
export const REPLY_TAILS: readonly Uint8Array[] = REJECT_REASONS.map((reason) =>
  reason === '' ? TRUE_TAIL : errorTail(REJECT_ERRORS[reason], 'false'),
);

/** The share could not be logged, so it does not count. Sent again it is new, unless it may stand in the log all the same (share-pipeline.ts). */
export const LOG_UNAVAILABLE = { code: ERROR_OTHER, message: 'share log unavailable' };
export const LOG_UNAVAILABLE_TAIL: Uint8Array = errorTail(LOG_UNAVAILABLE, 'false');
