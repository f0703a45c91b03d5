// Finds a share on a job by hashing with node:crypto alone, as a machine would that shares no code with the gateway.
import { createHash, scryptSync } from 'node:crypto';
import type { Job, WorkedShare } from '@assay/mining';

export interface MinedShare extends WorkedShare {
  /** In header byte order. */
  readonly hash: Buffer;
}

const sha256d = (bytes: Uint8Array): Buffer => createHash('sha256').update(createHash('sha256').update(bytes).digest()).digest(); // prettier-ignore

const HASH = {
  sha256d,
  scrypt: (header: Uint8Array): Buffer => scryptSync(header, header, 32, { N: 1024, r: 1, p: 1 }),
};

/** The first share of these extranonces that meets the target of the job's nbits. */
export function mineBlock(job: Job, extranonce1: Uint8Array, extranonce2: Uint8Array): MinedShare {
  let root = sha256d(Buffer.concat([job.coinbase1, extranonce1, extranonce2, job.coinbase2]));
  for (let at = 0; at < job.merkleBranches.length; at += 32)
    root = sha256d(Buffer.concat([root, job.merkleBranches.subarray(at, at + 32)]));
  const header = Buffer.alloc(80);
  header.writeUInt32LE(job.version, 0);
  header.set(job.prevHash, 4);
  header.set(root, 36);
  header.writeUInt32LE(job.ntime, 68);
  header.writeUInt32LE(job.nbits, 72);
  const target = BigInt(job.nbits & 0x7fffff) << (8n * BigInt((job.nbits >>> 24) - 3));
  for (let nonce = 0; ; nonce++) {
    header.writeUInt32LE(nonce, 76);
    const hash = HASH[job.algorithm](header);
    if (BigInt(`0x${Buffer.from(hash).reverse().toString('hex')}`) > target) continue;
    return { extranonce1, extranonce2, ntime: job.ntime, nonce, version: job.version, hash };
  }
}
