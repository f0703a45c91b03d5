// Finds a share on a job by hashing with node:crypto alone, as a machine would that shares no code with the gateway.
import { hexFromBytes } from '@assay/kernel';
import type { Job, WorkedShare } from '@assay/mining';
import { proveShare } from '@assay/sim';

export interface MinedShare extends WorkedShare {
  /** In header byte order. */
  readonly hash: Buffer;
}

/** The first share of these extranonces that meets the target of the job's nbits. */
export function mineBlock(job: Job, extranonce1: Uint8Array, extranonce2: Uint8Array): MinedShare {
  const { ntime, version, nbits } = job;
  const texts = { extranonce1: hexFromBytes(extranonce1), extranonce2: hexFromBytes(extranonce2) };
  const target = BigInt(nbits & 0x7fffff) << (8n * BigInt((nbits >>> 24) - 3));
  for (let nonce = 0; ; nonce++) {
    const { hash } = proveShare(job, { ...texts, ntime, nonce, version });
    if (BigInt(`0x${hash}`) > target) continue;
    return { extranonce1, extranonce2, ntime, nonce, version, hash: Buffer.from(hash, 'hex').reverse() };
  }
}
