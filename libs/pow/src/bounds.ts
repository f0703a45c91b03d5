// What a prover accepts. The kernels' memory is sized once, so a job or an extranonce beyond these bounds is refused.
// The reference refuses the same, so that every mode answers alike.
import type { Algorithm, Job } from '@assay/mining';
import { MAX_MERKLE_BRANCHES } from '@assay/mining';

/** Most bytes of coinbase1 + coinbase2. Real ones are 100 to 1,000; merged mining and large payouts reach several thousand. */
export const MAX_COINBASE_BYTES = 16384;
/** Most bytes of extranonce1 + extranonce2. Real ones are 8 to 16. */
export const MAX_EXTRANONCE_BYTES = 64;

export type PowErrorCode =
  | 'kernel_missing'
  | 'simd_unsupported'
  | 'wrong_algorithm'
  | 'coinbase_too_large'
  | 'extranonce_too_large'
  | 'bad_merkle_branches'
  | 'bad_previous_hash';

/** Something a prover cannot do, with a stable code. None of them goes away by trying again. */
export class PowError extends Error {
  override readonly name = 'PowError';
  readonly retriable = false;
  readonly code: PowErrorCode;

  constructor(code: PowErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Why no prover of this algorithm takes the job; undefined when it does. */
export function jobProblem(algorithm: Algorithm, job: Job): PowError | undefined {
  const coinbase = job.coinbase1.length + job.coinbase2.length;
  const branches = job.merkleBranches.length / 32;
  if (job.algorithm !== algorithm) {
    return new PowError('wrong_algorithm', `job ${job.hash} is for ${job.algorithm}, this prover for ${algorithm}`);
  }
  if (coinbase > MAX_COINBASE_BYTES) {
    const message = `job ${job.hash} has ${coinbase} bytes of coinbase, at most ${MAX_COINBASE_BYTES} can be proved`;
    return new PowError('coinbase_too_large', message);
  }
  if (!Number.isInteger(branches) || branches > MAX_MERKLE_BRANCHES) {
    const message = `job ${job.hash} has ${job.merkleBranches.length} bytes of merkle branches, not 0 to ${MAX_MERKLE_BRANCHES} times 32`;
    return new PowError('bad_merkle_branches', message);
  }
  if (job.prevHash.length !== 32) {
    return new PowError(
      'bad_previous_hash',
      `job ${job.hash} has a previous hash of ${job.prevHash.length} bytes, not 32`,
    );
  }
  return undefined;
}

export function extranonceProblem(job: Job, length: number): PowError | undefined {
  if (length <= MAX_EXTRANONCE_BYTES) return undefined;
  const message = `a share of job ${job.hash} has ${length} bytes of extranonce, at most ${MAX_EXTRANONCE_BYTES} can be proved`;
  return new PowError('extranonce_too_large', message);
}
