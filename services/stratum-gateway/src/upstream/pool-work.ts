// From a pool's job to ours, and from a share of ours to the pool's. Pure.
// Invariant: what machines hash is byte by byte what the pool puts together again from the extranonce2 we send it: its own extranonce1 and
// padding are part of our first coinbase half, so that machines never see it and never have to be told of another one.
import { hexFromBytes } from '@assay/kernel';
import { sealJob, targetFromForeignDifficulty, type Algorithm, type Job } from '@assay/mining';
import type { PoolJob } from '@assay/stratum';
import type { FoundShare } from '../jobs/job-source.ts';

/** A pool's job as machines get it. */
export interface PoolWork {
  readonly job: Job;
  readonly of: PoolJob;
  /** The pool's extranonce1: a share is worth something on a connection that has the same. */
  readonly extranonce1: string;
  /** Zeros between the pool's extranonce1 and ours, where it leaves more room than we give out. */
  readonly padding: number;
  readonly target: Uint8Array;
}

/** @param extranonceSize bytes of our extranonce1 and extranonce2; the pool must leave at least as many */
export function workOfPool(of: PoolJob, algorithm: Algorithm, extranonceSize: number): PoolWork {
  const padding = of.extranonce2Bytes - extranonceSize;
  const { prevHash, coinbase2, merkleBranches, version, nbits, ntime } = of;
  const coinbase1 = new Uint8Array(Buffer.concat([of.coinbase1, of.extranonce1, new Uint8Array(padding)]));
  return {
    job: sealJob({ algorithm, prevHash, coinbase1, coinbase2, merkleBranches, version, nbits, ntime }),
    of,
    extranonce1: hexFromBytes(of.extranonce1),
    padding,
    target: targetFromForeignDifficulty(of.difficulty, algorithm),
  };
}

/** The pool's extranonce2: padding, our extranonce1, and what the machine counted through. */
export function extranonce2Of({ padding }: PoolWork, { extranonce1, extranonce2 }: FoundShare): Uint8Array {
  const out = new Uint8Array(padding + extranonce1.length + extranonce2.length);
  out.set(extranonce1, padding);
  out.set(extranonce2, padding + extranonce1.length);
  return out;
}
