// A share hashed from its text, as a pool would and with nothing of our own hashing code: coinbase, merkle root, header, hash.
import { createHash, scryptSync } from 'node:crypto';
import { difficultyFromHash, type Algorithm, type JobTemplate } from '@assay/mining';

export interface SubmittedText {
  readonly extranonce1: string;
  readonly extranonce2: string;
  readonly ntime: number;
  readonly nonce: number;
  readonly version: number;
}

export interface ShareProof {
  /** As block explorers show it: 64 hex digits, zeros first. */
  readonly hash: string;
  /** In the algorithm's own convention. */
  readonly difficulty: number;
}

export function proveShare(job: JobTemplate, share: SubmittedText): ShareProof {
  let root = sha256d(
    Buffer.concat([job.coinbase1, Buffer.from(share.extranonce1 + share.extranonce2, 'hex'), job.coinbase2]),
  );
  for (let i = 0; i < job.merkleBranches.length; i += 32)
    root = sha256d(Buffer.concat([root, job.merkleBranches.subarray(i, i + 32)]));
  const header = Buffer.alloc(80);
  header.writeUInt32LE(share.version, 0);
  header.set(job.prevHash, 4);
  header.set(root, 36);
  header.writeUInt32LE(share.ntime, 68);
  header.writeUInt32LE(job.nbits, 72);
  header.writeUInt32LE(share.nonce, 76);
  const hash = HASH[job.algorithm](header);
  return { hash: Buffer.from(hash).reverse().toString('hex'), difficulty: difficultyFromHash(hash, 0, job.algorithm) };
}

function sha256d(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(createHash('sha256').update(bytes).digest()).digest();
}

const HASH: Readonly<Record<Algorithm, (header: Buffer) => Buffer>> = {
  sha256d,
  scrypt: (header) => scryptSync(header, header, 32, { N: 1024, r: 1, p: 1 }),
};
