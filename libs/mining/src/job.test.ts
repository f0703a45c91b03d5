import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { bytesFromHex, hexFromBytes } from '@assay/kernel';
import {
  canonicalJobBytes,
  JobFormatError,
  jobFromCanonicalBytes,
  MAX_COINBASE_BYTES,
  sealJob,
  type JobTemplate,
} from './job.ts';

const SMALL: JobTemplate = {
  algorithm: 'scrypt',
  prevHash: new Uint8Array(32).fill(0xab),
  coinbase1: Uint8Array.of(1, 2, 3),
  coinbase2: Uint8Array.of(4, 5),
  merkleBranches: new Uint8Array(32).fill(0xcd),
  version: 0x20000000,
  nbits: 0x1d00ffff,
  ntime: 1_700_000_000,
};
// Written by hand from the table in job.ts.
const SMALL_BYTES =
  '4153594a' +
  '01' +
  '02' +
  '01' +
  '00' +
  '00000020' +
  'ffff001d' +
  '00f15365' +
  '03000000' +
  '02000000' +
  'ab'.repeat(32) +
  '010203' +
  '0405' +
  'cd'.repeat(32);

const uint32 = fc.integer({ min: 0, max: 0xffffffff });
const template: fc.Arbitrary<JobTemplate> = fc.record({
  algorithm: fc.constantFrom('sha256d', 'scrypt'),
  prevHash: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  coinbase1: fc.uint8Array({ maxLength: 300 }),
  coinbase2: fc.uint8Array({ maxLength: 300 }),
  merkleBranches: fc.integer({ min: 0, max: 14 }).chain((n) => fc.uint8Array({ minLength: 32 * n, maxLength: 32 * n })),
  version: uint32,
  nbits: uint32,
  ntime: uint32,
});

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof JobFormatError) return error.code;
    throw error;
  }
  return 'none';
}

describe('canonical job bytes', () => {
  test('are laid out as documented', () => {
    expect(hexFromBytes(canonicalJobBytes(SMALL))).toBe(SMALL_BYTES);
    expect(jobFromCanonicalBytes(bytesFromHex(SMALL_BYTES)!)).toEqual(SMALL);
  });

  test('a parsed job keeps no hold on the bytes it came from', () => {
    const buffer = Buffer.from(SMALL_BYTES, 'hex');
    const parsed = jobFromCanonicalBytes(buffer);
    buffer.fill(0);
    expect(parsed).toEqual(SMALL);
  });

  test('the hash is the SHA-256 of the bytes', () => {
    expect(sealJob(SMALL).hash).toBe('cd9456d156c268d3112cc05e5491218e8c838c56ba8911d169b33e78c3d740ec');
  });

  test('round trip', () => {
    fc.assert(
      fc.property(template, (job) => {
        expect(jobFromCanonicalBytes(canonicalJobBytes(job))).toEqual(job);
      }),
    );
  });

  test('what parses encodes to the same bytes, and the rest fails with a code', () => {
    const valid = canonicalJobBytes(SMALL);
    fc.assert(
      fc.property(fc.nat(valid.length - 1), fc.nat(255), fc.nat(valid.length), (at, value, length) => {
        const bytes = valid.slice(0, length === 0 ? undefined : length);
        if (at < bytes.length) bytes[at] = value;
        let job: JobTemplate;
        try {
          job = jobFromCanonicalBytes(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(JobFormatError);
          return;
        }
        expect(canonicalJobBytes(job)).toEqual(bytes);
      }),
      { numRuns: 500 },
    );
  });

  test.each<[string, Partial<JobTemplate>, string]>([
    ['a short prevHash', { prevHash: new Uint8Array(31) }, 'out_of_bounds'],
    ['half a branch', { merkleBranches: new Uint8Array(48) }, 'out_of_bounds'],
    ['fifteen branches', { merkleBranches: new Uint8Array(15 * 32) }, 'out_of_bounds'],
    ['a huge coinbase', { coinbase2: new Uint8Array(MAX_COINBASE_BYTES - 2) }, 'out_of_bounds'],
    ['a negative version', { version: -1 }, 'out_of_bounds'],
    ['an unknown algorithm', { algorithm: 'x11' as never }, 'unknown_algorithm'],
  ])('%s is refused', (_name, change, code) => {
    expect(codeOf(() => canonicalJobBytes({ ...SMALL, ...change }))).toBe(code);
  });

  test.each<[string, (bytes: Uint8Array) => Uint8Array, string]>([
    ['no magic', (b) => b.fill(0, 0, 4), 'bad_magic'],
    ['another layout', (b) => b.fill(2, 4, 5), 'bad_layout_version'],
    ['another algorithm', (b) => b.fill(9, 5, 6), 'unknown_algorithm'],
    ['too many branches', (b) => b.fill(15, 6, 7), 'out_of_bounds'],
    ['the reserved byte', (b) => b.fill(1, 7, 8), 'out_of_bounds'],
    ['a cut end', (b) => b.subarray(0, -1), 'wrong_length'],
    ['a junk tail', (b) => Uint8Array.of(...b, 0), 'wrong_length'],
    ['a length beyond the bound', (b) => b.fill(0xff, 20, 24), 'out_of_bounds'],
    ['nothing', () => new Uint8Array(0), 'wrong_length'],
  ])('%s is refused', (_name, spoil, code) => {
    expect(codeOf(() => jobFromCanonicalBytes(spoil(canonicalJobBytes(SMALL))))).toBe(code);
  });
});
