// simd = scalar = reference = node:crypto, over random jobs and shares.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Algorithm, Job } from '@assay/mining';
import { createProver, MAX_EXTRANONCE_BYTES, type PowMode } from './index.ts';
import { batchOf, hashesByNode, hashHeaderByNode, type TestShare } from './test-batch.ts';

const MODES: readonly PowMode[] = ['simd', 'scalar', 'reference'];
const uint32 = fc.integer({ min: 0, max: 0xffffffff });
const bytes = (minLength: number, maxLength: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength, maxLength, size: 'max' });

/** Coinbases of 1 to 2,000 bytes in all, 0 to 14 branches. */
function jobs(algorithm: Algorithm, most: number): fc.Arbitrary<Job[]> {
  const job = fc.record({
    algorithm: fc.constant(algorithm),
    prevHash: bytes(32, 32),
    coinbase: fc.tuple(bytes(1, 2000), fc.double({ min: 0, max: 1, noNaN: true })),
    merkleBranches: fc.integer({ min: 0, max: 14 }).chain((count) => bytes(32 * count, 32 * count)),
    version: uint32,
    nbits: uint32,
    ntime: uint32,
  });
  return fc.array(job, { minLength: 1, maxLength: most }).map((list) =>
    list.map(({ coinbase: [whole, cut], ...rest }, i) => ({
      ...rest,
      coinbase1: whole.slice(0, Math.round(whole.length * cut)),
      coinbase2: whole.slice(Math.round(whole.length * cut)),
      hash: `job-${i}`,
    })),
  );
}

function cases(algorithm: Algorithm, mostShares: number): fc.Arbitrary<{ jobs: Job[]; shares: TestShare[] }> {
  return jobs(algorithm, 4).chain((list) => {
    const share = fc.record({
      job: fc.integer({ min: 0, max: list.length - 1 }),
      extranonce: bytes(0, MAX_EXTRANONCE_BYTES),
      version: uint32,
      ntime: uint32,
      nonce: uint32,
    });
    return fc.record({
      jobs: fc.constant(list),
      shares: fc.array(share, { minLength: 0, maxLength: mostShares, size: 'max' }),
    });
  });
}

// One prover per mode over all runs: every case brings other jobs under the same hashes, so a stale one would show.
describe.each([
  { algorithm: 'sha256d' as const, runs: 150, mostShares: 23 },
  { algorithm: 'scrypt' as const, runs: 12, mostShares: 6 },
])('$algorithm', ({ algorithm, runs, mostShares }) => {
  const provers = MODES.map((mode) => createProver(algorithm, mode));

  it('hashes shares as node:crypto does, in every mode', () => {
    fc.assert(
      fc.property(cases(algorithm, mostShares), ({ jobs, shares }) => {
        const expected = hashesByNode(jobs, shares).toString('hex');
        for (const prover of provers) {
          const out = Buffer.alloc(32 * shares.length);
          prover.hash(batchOf(jobs, shares), out);
          expect(out.toString('hex'), prover.mode).toBe(expected);
        }
      }),
      { numRuns: runs },
    );
  });

  it('hashes headers as node:crypto does, in every mode', () => {
    const headers = fc.integer({ min: 0, max: mostShares }).chain((count) => bytes(80 * count, 80 * count));
    fc.assert(
      fc.property(headers, (all) => {
        const count = all.length / 80;
        const each = Array.from({ length: count }, (_, i) =>
          hashHeaderByNode(algorithm, all.subarray(80 * i, 80 * i + 80)),
        );
        for (const prover of provers) {
          const out = Buffer.alloc(32 * count);
          prover.hashHeaders(all, out);
          expect(out.toString('hex'), prover.mode).toBe(Buffer.concat(each).toString('hex'));
        }
      }),
      { numRuns: runs },
    );
  });
});
