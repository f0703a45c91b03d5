import type { Job } from '@assay/mining';
import { describe, expect, it } from 'vitest';
import {
  createProver,
  jobProblem,
  MAX_COINBASE_BYTES,
  MAX_EXTRANONCE_BYTES,
  PowError,
  type PowErrorCode,
  type PowMode,
} from './index.ts';
import { batchOf, type TestShare } from './test-batch.ts';

const JOB: Job = {
  algorithm: 'sha256d',
  prevHash: new Uint8Array(32),
  coinbase1: new Uint8Array(100),
  coinbase2: new Uint8Array(100),
  merkleBranches: new Uint8Array(14 * 32),
  version: 1,
  nbits: 0x1d00ffff,
  ntime: 0,
  hash: 'some-job',
};
const SHARE: TestShare = { job: 0, extranonce: new Uint8Array(8), version: 1, ntime: 0, nonce: 0 };
const MODES: readonly PowMode[] = ['simd', 'scalar', 'reference'];

const REFUSED: readonly [PowErrorCode, Partial<Job>][] = [
  ['wrong_algorithm', { algorithm: 'scrypt' }],
  ['coinbase_too_large', { coinbase2: new Uint8Array(MAX_COINBASE_BYTES - 99) }],
  ['bad_merkle_branches', { merkleBranches: new Uint8Array(15 * 32) }],
  ['bad_merkle_branches', { merkleBranches: new Uint8Array(33) }],
  ['bad_previous_hash', { prevHash: new Uint8Array(31) }],
];

function codeOf(action: () => void): PowErrorCode | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    if (error instanceof PowError) return error.code;
    throw error;
  }
}

describe('what a prover refuses', () => {
  it('takes the job the others are made from', () => {
    expect(jobProblem('sha256d', JOB)).toBeUndefined();
  });

  it.each(REFUSED)('%s, before hashing and when screened', (code, change) => {
    const job = { ...JOB, ...change };
    expect(jobProblem('sha256d', job)).toMatchObject({ code, retriable: false });
    expect(jobProblem('sha256d', job)?.message).toContain('some-job');
    for (const mode of MODES) {
      const prover = createProver('sha256d', mode);
      expect(
        codeOf(() => prover.hash(batchOf([job], [SHARE]), new Uint8Array(32))),
        mode,
      ).toBe(code);
    }
  });

  it.each(MODES)('an extranonce too long, %s', (mode) => {
    const share = { ...SHARE, extranonce: new Uint8Array(MAX_EXTRANONCE_BYTES + 1) };
    const action = (): void => createProver('sha256d', mode).hash(batchOf([JOB], [SHARE, share]), new Uint8Array(64));
    expect(codeOf(action)).toBe('extranonce_too_large');
  });

  it.each(MODES)('asserts the shape of a batch, %s', (mode) => {
    const prover = createProver('sha256d', mode);
    const batch = batchOf([JOB], [SHARE, SHARE]);
    const out = new Uint8Array(64);
    expect(() => prover.hash(batch, new Uint8Array(63))).toThrow('2 hashes do not fit 63 bytes');
    expect(() => prover.hash({ ...batch, count: 3 }, new Uint8Array(96))).toThrow(
      'a batch of 3 shares has an array for only 2',
    );
    expect(() => prover.hash({ ...batch, job: Int32Array.of(0, 1) }, out)).toThrow('share 1 refers to job 1 of 1');
    const { bytes } = batch.extranonce;
    const offsets = (...at: number[]): void =>
      prover.hash({ ...batch, extranonce: { offsets: Int32Array.from(at), bytes } }, out);
    expect(() => offsets(0, 8, 7)).toThrow('the extranonce of share 1 ends before it begins');
    expect(() => offsets(0, 8, 17)).toThrow('the extranonces end at 17 of 16 bytes');
    expect(() => prover.hashHeaders(new Uint8Array(81), out)).toThrow(
      '81 bytes are not a whole number of 80-byte headers',
    );
  });
});
