// For tests: mines real shares of low difficulty with the plain TypeScript reference, which shares no code with the kernels that
// prove them.
import {
  createLocalJobMaker,
  meetsTarget,
  normalizeDifficulty,
  rolledVersion,
  sealJob,
  targetFromDifficulty,
  type Algorithm,
  type Job,
} from '@assay/mining';
import { createProver, type Prover } from '@assay/pow';
import type { ShareRow } from '@assay/share-block';

const REFERENCE: Readonly<Record<Algorithm, Prover>> = {
  sha256d: createProver('sha256d', 'reference'),
  scrypt: createProver('scrypt', 'reference'),
};

/** Difficulty at which one hash in 64 is a share, or one in 8 where a hash takes long. */
export const EASY: Readonly<Record<Algorithm, number>> = {
  sha256d: normalizeDifficulty(2 ** -26),
  scrypt: normalizeDifficulty(2 ** -13),
};

export function easyJob(seed: number, algorithm: Algorithm = 'sha256d', nbits = 0x1d00ffff): Job {
  const maker = createLocalJobMaker({ algorithm, seed, branches: 3, nbits, extranonceSize: 12, tag: '/test/' });
  return sealJob(maker.next({ nowSeconds: 1_780_000_000, newBlock: true }));
}

/** The hash of a row, by the reference. */
export function hashOfRow(row: ShareRow): Uint8Array {
  const out = new Uint8Array(32);
  const extranonce = Uint8Array.of(...row.extranonce1, ...row.extranonce2);
  REFERENCE[row.job!.algorithm].hash(
    {
      count: 1,
      job: Int32Array.of(0),
      jobs: [row.job!],
      extranonce: { offsets: Int32Array.of(0, extranonce.length), bytes: extranonce },
      version: Uint32Array.of(rolledVersion(row.job!.version, row.versionMask, row.versionBits)),
      ntime: Uint32Array.of(row.ntime),
      nonce: Uint32Array.of(row.nonce),
    },
    out,
  );
  return out;
}

/** A share that meets its difficulty (or, with `good: false`, does not), found by counting nonces up from `nonce`. */
export function mine(job: Job, change: Partial<ShareRow> = {}, good = true): ShareRow {
  const target = targetFromDifficulty(change.difficulty ?? EASY[job.algorithm], job.algorithm);
  for (let nonce = change.nonce ?? 0; ; nonce++) {
    const row: ShareRow = {
      submittedAtUs: 1_780_000_001_000_000,
      tenant: 'acme',
      worker: 'acme.north.m1',
      job,
      extranonce1: Uint8Array.of(1, 2, 3, 4),
      extranonce2: Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 1),
      ntime: job.ntime + 5,
      versionBits: 0,
      versionMask: 0x1fffe000,
      difficulty: EASY[job.algorithm],
      rejectCode: 0,
      ...change,
      nonce,
    };
    if (meetsTarget(hashOfRow(row), 0, target) === good) return row;
  }
}
