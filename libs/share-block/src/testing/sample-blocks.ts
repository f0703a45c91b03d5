// Blocks for tests: one written by hand, and arbitrary ones.
import fc from 'fast-check';
import { REJECT_REASONS, sealJob, type Job } from '@assay/mining';
import type { SubmittedBlock, VerifiedBlock } from '../columns.ts';
import { ShareColumnsBuilder, type ShareRow } from '../share-columns-builder.ts';

export const HAND_JOB: Job = sealJob({
  algorithm: 'sha256d',
  prevHash: new Uint8Array(32).fill(0x11),
  coinbase1: Uint8Array.of(1, 2, 3),
  coinbase2: Uint8Array.of(4, 5),
  merkleBranches: new Uint8Array(64).fill(0x22),
  version: 0x20000000,
  nbits: 0x1d00ffff,
  ntime: 1_780_000_000,
});

/** The shares of testdata/submitted-v1.arrow, in order. */
export const HAND_ROWS: readonly ShareRow[] = [
  {
    submittedAtUs: 1_780_000_001_000_001,
    tenant: 'acme',
    worker: 'acme.north.r1.m1',
    job: HAND_JOB,
    extranonce1: Uint8Array.of(0xaa, 0xbb, 0xcc, 0xdd),
    extranonce2: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
    ntime: 1_780_000_001,
    nonce: 0xdeadbeef,
    versionBits: 0x00002000,
    versionMask: 0x1fffe000,
    difficulty: 65536,
    rejectCode: 0,
  },
  {
    submittedAtUs: 1_780_000_002_500_000,
    tenant: 'zürich',
    worker: 'zürich.süd.m2',
    job: undefined,
    extranonce1: Uint8Array.of(0xaa, 0xbb, 0xcc, 0xde),
    extranonce2: new Uint8Array(0),
    ntime: 0xffffffff,
    nonce: 0,
    versionBits: 0,
    versionMask: 0,
    difficulty: 0.00001,
    rejectCode: REJECT_REASONS.indexOf('unknown_job'),
  },
];

export function blockOf(rows: readonly ShareRow[], gateway = 'gw-1'): SubmittedBlock {
  const builder = new ShareColumnsBuilder(gateway, { capacity: Math.max(1, rows.length), maxJobBytes: 1e9 });
  for (const row of rows) if (!builder.append(row)) throw new Error('the builder refused a row');
  return builder.build();
}

/** What testdata/verified-v1.arrow holds: the second share could not be hashed. */
export function handVerified(): VerifiedBlock {
  const hashes = new Uint8Array(64);
  hashes.fill(0x33, 0, 26);
  return {
    ...blockOf(HAND_ROWS),
    verifiedRejectCode: Uint8Array.of(0, REJECT_REASONS.indexOf('unknown_job')),
    hashes,
    shareDifficulty: Float64Array.of(70_000.5, 0),
    blockCandidate: Uint8Array.of(1, 0),
  };
}

const uint32 = fc.integer({ min: 0, max: 0xffffffff });
const job: fc.Arbitrary<Job> = fc
  .record({
    algorithm: fc.constantFrom('sha256d' as const, 'scrypt' as const),
    prevHash: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    coinbase1: fc.uint8Array({ maxLength: 80 }),
    coinbase2: fc.uint8Array({ maxLength: 80 }),
    merkleBranches: fc.nat(14).chain((n) => fc.uint8Array({ minLength: 32 * n, maxLength: 32 * n })),
    version: uint32,
    nbits: uint32,
    ntime: uint32,
  })
  .map(sealJob);
const name = fc.string({ unit: 'grapheme', maxLength: 20 });

export const arbitraryRows: fc.Arbitrary<ShareRow[]> = fc.array(job, { maxLength: 4 }).chain((jobs) =>
  fc.array(
    fc.record({
      submittedAtUs: fc.integer({ min: 0, max: 2 ** 53 - 1 }),
      tenant: name,
      worker: name,
      job: fc.constantFrom(undefined, ...jobs),
      extranonce1: fc.uint8Array({ maxLength: 16 }),
      extranonce2: fc.uint8Array({ maxLength: 16 }),
      ntime: uint32,
      nonce: uint32,
      versionBits: uint32,
      versionMask: uint32,
      difficulty: fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }).map((d) => d + 0),
      rejectCode: fc.nat(REJECT_REASONS.length - 1),
    }),
    { maxLength: 70 },
  ),
);

export const arbitraryVerified: fc.Arbitrary<VerifiedBlock> = arbitraryRows.chain((rows) => {
  const n = rows.length;
  const exactly = { minLength: n, maxLength: n };
  return fc
    .record({
      verifiedRejectCode: fc.uint8Array({ ...exactly, max: REJECT_REASONS.length - 1 }),
      hashes: fc.uint8Array({ minLength: 32 * n, maxLength: 32 * n }),
      shareDifficulty: fc
        .array(fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }), exactly)
        .map((d) => Float64Array.from(d)),
      blockCandidate: fc.uint8Array({ ...exactly, max: 1 }),
    })
    .map((proved) => ({ ...blockOf(rows), ...proved }));
});
