import { expect, it } from 'vitest';
import { REJECT_REASONS } from '@assay/mining';
import { REJECT_ERRORS } from './error-codes.ts';
import { encodeError } from './message-encoder.ts';

it('has a number of stratum and a plain message for every reason', () => {
  const codes = Object.fromEntries(
    REJECT_REASONS.filter((reason) => reason !== '').map((reason) => [reason, REJECT_ERRORS[reason].code]),
  );
  expect(codes).toEqual({
    malformed: 20,
    not_subscribed: 25,
    unauthorized: 24,
    unknown_job: 21,
    stale: 21,
    duplicate: 22,
    ntime_out_of_range: 20,
    version_bits: 20,
    low_difficulty: 23,
    rate_limited: 20,
    unproven: 20,
  });
  expect(Buffer.from(encodeError(Buffer.from('"a"'), REJECT_ERRORS.stale, 'false')).toString()).toBe(
    '{"id":"a","result":false,"error":[21,"Stale share",null]}\n',
  );
});
