// What the wrapper adds to the kernels: chunks, job slots, and the order of what comes back.
import { Random } from '@assay/kernel';
import type { Job } from '@assay/mining';
import { describe, expect, it } from 'vitest';
import { createProver, MAX_COINBASE_BYTES, type PowMode } from './index.ts';
import { batchOf, hashesByNode, type TestShare } from './test-batch.ts';

const MODES: readonly PowMode[] = ['simd', 'scalar'];

function job(random: Random, hash: string, coinbase1 = 110, coinbase2 = 130): Job {
  return {
    algorithm: 'sha256d',
    prevHash: random.bytes(32),
    coinbase1: random.bytes(coinbase1),
    coinbase2: random.bytes(coinbase2),
    merkleBranches: random.bytes(32 * random.below(4)),
    version: 0x20000000,
    nbits: 0x1d00ffff,
    ntime: 1_700_000_000,
    hash,
  };
}

function share(random: Random, jobs: number, extranonce = 8): TestShare {
  const [version, ntime, nonce] = [random.uint32(), random.uint32(), random.uint32()];
  return { job: random.below(jobs), extranonce: random.bytes(extranonce), version, ntime, nonce };
}

function hashed(
  mode: PowMode,
  jobs: readonly Job[],
  shares: readonly TestShare[],
  prover = createProver('sha256d', mode),
): string {
  const out = Buffer.alloc(32 * shares.length);
  prover.hash(batchOf(jobs, shares), out);
  return out.toString('hex');
}

const byNode = (jobs: readonly Job[], shares: readonly TestShare[]): string =>
  hashesByNode(jobs, shares).toString('hex');

describe.each(MODES)('the %s prover', (mode) => {
  it('hashes a batch longer than a chunk, of two jobs and two extranonce lengths mixed', () => {
    const random = new Random(1);
    const jobs = [job(random, 'a'), job(random, 'b')];
    const shares = Array.from({ length: 1501 }, () => share(random, 2, random.chance(0.3) ? 12 : 8));
    expect(hashed(mode, jobs, shares)).toBe(byNode(jobs, shares));
  });

  it('hashes more jobs than it has slots, in one batch and again', () => {
    const random = new Random(2);
    const jobs = Array.from({ length: 200 }, (_, i) => job(random, `job-${i}`));
    const prover = createProver('sha256d', mode);
    for (let round = 0; round < 3; round++) {
      const shares = Array.from({ length: 700 }, () => share(random, jobs.length));
      expect(hashed(mode, jobs, shares, prover)).toBe(byNode(jobs, shares));
    }
  });

  it('believes the content of a job, not its hash, even within one batch', () => {
    const random = new Random(3);
    const liar = job(random, 'a');
    for (const lie of [
      { prevHash: random.bytes(32) },
      { coinbase1: random.bytes(110) },
      { coinbase2: random.bytes(130) },
      { merkleBranches: random.bytes(64) },
      { nbits: 0x1b04864c },
    ]) {
      const jobs = [liar, { ...liar, ...lie }];
      const shares = Array.from({ length: 9 }, () => share(random, 2));
      expect(hashed(mode, jobs, shares)).toBe(byNode(jobs, shares));
    }
  });

  it('hashes the largest coinbase it takes, wherever the extranonce lies', () => {
    const random = new Random(4);
    for (const coinbase1 of [0, 1, 8191, MAX_COINBASE_BYTES - 1, MAX_COINBASE_BYTES]) {
      const jobs = [job(random, `cut-${coinbase1}`, coinbase1, MAX_COINBASE_BYTES - coinbase1)];
      const shares = [share(random, 1, 64), share(random, 1, 0), share(random, 1, 1)];
      expect(hashed(mode, jobs, shares)).toBe(byNode(jobs, shares));
    }
  });

  it('hashes more headers than a chunk', () => {
    const headers = new Random(5).bytes(80 * 1027);
    const [out, expected] = [Buffer.alloc(32 * 1027), Buffer.alloc(32 * 1027)];
    createProver('sha256d', mode).hashHeaders(headers, out);
    createProver('sha256d', 'reference').hashHeaders(headers, expected);
    expect(out.equals(expected)).toBe(true);
  });

  it('goes on rightly after a batch that it refused', () => {
    const random = new Random(6);
    const good = job(random, 'good');
    const huge = job(random, 'huge', MAX_COINBASE_BYTES, 1);
    const prover = createProver('sha256d', mode);
    const shares = Array.from({ length: 7 }, () => share(random, 2));
    expect(() => hashed(mode, [good, huge], shares, prover)).toThrow(/job huge has 16385 bytes of coinbase/);
    const fine = shares.map((one) => ({ ...one, job: 0 }));
    expect(hashed(mode, [good], fine, prover)).toBe(byNode([good], fine));
  });
});
