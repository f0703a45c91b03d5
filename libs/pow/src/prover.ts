// What gateway and validator ask of this library: hash a batch of shares again, from their raw fields.
import type { Algorithm, Job } from '@assay/mining';

/** `simd` and `scalar` are the WASM kernels, `reference` is the plain TypeScript one they are tested against. */
export type PowMode = 'simd' | 'scalar' | 'reference';

/** Shares as a structure of arrays: entry i of every array belongs to share i. Arrays may be longer than `count`. */
export interface ProofBatch {
  readonly count: number;
  /** Index into `jobs`. */
  readonly job: Int32Array;
  readonly jobs: readonly Job[];
  /** extranonce1 then extranonce2 of share i: `bytes` from `offsets[i]` up to `offsets[i + 1]`; count + 1 offsets. */
  readonly extranonce: { readonly offsets: Int32Array; readonly bytes: Uint8Array };
  /** Header version, after version rolling. */
  readonly version: Uint32Array;
  readonly ntime: Uint32Array;
  readonly nonce: Uint32Array;
}

export interface Prover {
  readonly algorithm: Algorithm;
  readonly mode: PowMode;
  /**
   * Writes the proof-of-work hash of every share, 32 bytes each in header byte order (as hashed; the display order is
   * the reverse), to `out`. Throws PowError for a job or an extranonce beyond the kernel's bounds, naming it; `out`
   * then holds nothing of use. Screen jobs with `jobProblem` and extranonces with MAX_EXTRANONCE_BYTES beforehand.
   */
  hash(batch: ProofBatch, out: Uint8Array): void;
  /** The same for finished headers of 80 bytes each. */
  hashHeaders(headers: Uint8Array, out: Uint8Array): void;
}

export const HEADER_BYTES = 80;
export const HASH_BYTES = 32;
