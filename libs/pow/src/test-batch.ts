// Batches for the tests: from plain shares to the structure of arrays, and what node:crypto says their hashes are.
import { createHash, scryptSync } from 'node:crypto';
import type { Algorithm, Job } from '@assay/mining';
import type { ProofBatch } from './prover.ts';

export interface TestShare {
  readonly job: number;
  readonly extranonce: Uint8Array;
  readonly version: number;
  readonly ntime: number;
  readonly nonce: number;
}

export function batchOf(jobs: readonly Job[], shares: readonly TestShare[]): ProofBatch {
  const offsets = new Int32Array(shares.length + 1);
  shares.forEach((share, i) => (offsets[i + 1] = offsets[i]! + share.extranonce.length));
  return {
    count: shares.length,
    job: Int32Array.from(shares, (share) => share.job),
    jobs,
    extranonce: { offsets, bytes: Uint8Array.from(shares.flatMap((share) => [...share.extranonce])) },
    version: Uint32Array.from(shares, (share) => share.version),
    ntime: Uint32Array.from(shares, (share) => share.ntime),
    nonce: Uint32Array.from(shares, (share) => share.nonce),
  };
}

const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();
const doubleSha256 = (bytes: Uint8Array): Buffer => sha256(sha256(bytes));

export function hashHeaderByNode(algorithm: Algorithm, header: Uint8Array): Uint8Array {
  if (algorithm === 'sha256d') return doubleSha256(header);
  return scryptSync(header, header, 32, { N: 1024, r: 1, p: 1 });
}

/** One share's hash by node:crypto alone: neither our kernels nor our reference. */
export function hashByNode(job: Job, share: TestShare): Uint8Array {
  let root = doubleSha256(Buffer.concat([job.coinbase1, share.extranonce, job.coinbase2]));
  for (let at = 0; at < job.merkleBranches.length; at += 32) {
    root = doubleSha256(Buffer.concat([root, job.merkleBranches.subarray(at, at + 32)]));
  }
  const header = Buffer.alloc(80);
  header.writeUInt32LE(share.version, 0);
  header.set(job.prevHash, 4);
  header.set(root, 36);
  header.writeUInt32LE(share.ntime, 68);
  header.writeUInt32LE(job.nbits, 72);
  header.writeUInt32LE(share.nonce, 76);
  return hashHeaderByNode(job.algorithm, header);
}

export function hashesByNode(jobs: readonly Job[], shares: readonly TestShare[]): Buffer {
  return Buffer.concat(shares.map((share) => hashByNode(jobs[share.job]!, share)));
}
