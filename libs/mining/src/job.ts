// A job template: everything a share needs, besides its own extranonces, ntime, nonce and version bits, to be hashed again.
// A template is identified by the SHA-256 of its canonical bytes, so that it is stored once however often it is sent.
// Invariant: canonicalJobBytes and jobFromCanonicalBytes are inverses, and every template has exactly one encoding.
//
// Canonical bytes, layout version 1. All integers are unsigned and little-endian.
//
//   offset  size  field
//        0     4  magic, the ASCII letters "ASYJ"
//        4     1  layout version, 1
//        5     1  algorithm: 1 = sha256d, 2 = scrypt
//        6     1  number of merkle branches B, 0 to 14
//        7     1  reserved, 0
//        8     4  block version before version rolling
//       12     4  nbits, the network target in compact form
//       16     4  ntime, the job's own time in UNIX seconds
//       20     4  length L1 of coinbase1
//       24     4  length L2 of coinbase2; L1 + L2 at most 16384
//       28    32  previous block hash, in header byte order
//       60    L1  coinbase1
//    60+L1    L2  coinbase2
//  60+L1+L2 32*B  merkle branches, each in header byte order
//
// The header to hash is: version | prevHash | merkle root | ntime | nbits | nonce, where the merkle root is SHA-256d of
// (coinbase1 | extranonce1 | extranonce2 | coinbase2), folded as SHA-256d(root | branch) over the branches in order.
import { createHash } from 'node:crypto';
import type { Algorithm } from './algorithm.ts';

export interface JobTemplate {
  readonly algorithm: Algorithm;
  /** Previous block hash in header byte order (as it is hashed), 32 bytes. */
  readonly prevHash: Uint8Array;
  /** Coinbase transaction up to where extranonce1 + extranonce2 go. */
  readonly coinbase1: Uint8Array;
  /** Coinbase transaction after the extranonces. */
  readonly coinbase2: Uint8Array;
  /** Merkle branches, 32 bytes each, one after the other; at most 14. */
  readonly merkleBranches: Uint8Array;
  /** Block version before version rolling, unsigned 32 bits. */
  readonly version: number;
  /** Network target in compact form, unsigned 32 bits. */
  readonly nbits: number;
  /** The job's own time, unsigned 32-bit UNIX seconds. A share's ntime starts here. */
  readonly ntime: number;
}

/** A template with its content hash. Two jobs with the same hash are the same job. */
export interface Job extends JobTemplate {
  /** SHA-256 of the canonical encoding of the template, 64 lower-case hex digits. */
  readonly hash: string;
}

export const MAX_MERKLE_BRANCHES = 14;

/** Bound of both coinbase halves together. Pools that pay many miners in the coinbase reach several thousand bytes. */
export const MAX_COINBASE_BYTES = 16_384;

export type JobFormatErrorCode =
  'bad_magic' | 'bad_layout_version' | 'unknown_algorithm' | 'out_of_bounds' | 'wrong_length';

/** A job that cannot be encoded, or bytes that are no job. `code` is stable; the message names the field and the value. */
export class JobFormatError extends Error {
  override readonly name = 'JobFormatError';
  readonly code: JobFormatErrorCode;
  constructor(code: JobFormatErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

const FIXED_BYTES = 60;
const MAGIC = 0x4a595341; // "ASYJ" read as a little-endian integer.
const LAYOUT_VERSION = 1;
/** Append only: the code stands in stored bytes. */
const ALGORITHM_CODE: Readonly<Record<Algorithm, number>> = { sha256d: 1, scrypt: 2 };
const ALGORITHM_OF_CODE: readonly (Algorithm | undefined)[] = [undefined, 'sha256d', 'scrypt'];

function checkUint32(name: string, value: number): void {
  if (!Number.isInteger(value) || value < 0 || value > 0xffffffff) {
    throw new JobFormatError('out_of_bounds', `job ${name} must be an unsigned 32-bit integer, got ${value}`);
  }
}

function checkLength(name: string, length: number, most: number): void {
  if (length > most)
    throw new JobFormatError('out_of_bounds', `job ${name} must be at most ${most} bytes, got ${length}`);
}

/** The one encoding of a template, laid out as the head of this file says. Throws JobFormatError when a field is out of bounds. */
export function canonicalJobBytes(template: JobTemplate): Uint8Array {
  const { coinbase1, coinbase2, merkleBranches, prevHash } = template;
  if (ALGORITHM_CODE[template.algorithm] === undefined) {
    throw new JobFormatError('unknown_algorithm', `job algorithm ${String(template.algorithm)} is not known`);
  }
  if (prevHash.length !== 32)
    throw new JobFormatError('out_of_bounds', `job prevHash must be 32 bytes, got ${prevHash.length}`);
  checkLength('coinbase', coinbase1.length + coinbase2.length, MAX_COINBASE_BYTES);
  checkLength('merkleBranches', merkleBranches.length, 32 * MAX_MERKLE_BRANCHES);
  if (merkleBranches.length % 32 !== 0) {
    throw new JobFormatError(
      'out_of_bounds',
      `job merkleBranches must be a multiple of 32 bytes, got ${merkleBranches.length}`,
    );
  }
  checkUint32('version', template.version);
  checkUint32('nbits', template.nbits);
  checkUint32('ntime', template.ntime);

  const out = new Uint8Array(FIXED_BYTES + coinbase1.length + coinbase2.length + merkleBranches.length);
  const view = new DataView(out.buffer);
  view.setUint32(0, MAGIC, true);
  out[4] = LAYOUT_VERSION;
  out[5] = ALGORITHM_CODE[template.algorithm];
  out[6] = merkleBranches.length / 32;
  view.setUint32(8, template.version, true);
  view.setUint32(12, template.nbits, true);
  view.setUint32(16, template.ntime, true);
  view.setUint32(20, coinbase1.length, true);
  view.setUint32(24, coinbase2.length, true);
  out.set(prevHash, 28);
  out.set(coinbase1, FIXED_BYTES);
  out.set(coinbase2, FIXED_BYTES + coinbase1.length);
  out.set(merkleBranches, FIXED_BYTES + coinbase1.length + coinbase2.length);
  return out;
}

/** The template in this encoding, copied out of it. Throws JobFormatError when the bytes are not exactly one canonical encoding. */
export function jobFromCanonicalBytes(encoding: Uint8Array): JobTemplate {
  // A plain view, as the slice() of a Buffer would not copy.
  const bytes = new Uint8Array(encoding.buffer, encoding.byteOffset, encoding.byteLength);
  if (bytes.length < FIXED_BYTES)
    throw new JobFormatError('wrong_length', `job needs at least ${FIXED_BYTES} bytes, got ${bytes.length}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== MAGIC) throw new JobFormatError('bad_magic', 'job does not begin with ASYJ');
  if (bytes[4] !== LAYOUT_VERSION)
    throw new JobFormatError('bad_layout_version', `job layout version ${bytes[4]} is not known`);
  const algorithm = ALGORITHM_OF_CODE[bytes[5]!];
  if (algorithm === undefined)
    throw new JobFormatError('unknown_algorithm', `job algorithm code ${bytes[5]} is not known`);
  const branches = bytes[6]!;
  if (branches > MAX_MERKLE_BRANCHES) {
    throw new JobFormatError(
      'out_of_bounds',
      `job has ${branches} merkle branches, at most ${MAX_MERKLE_BRANCHES} are allowed`,
    );
  }
  if (bytes[7] !== 0) throw new JobFormatError('out_of_bounds', `job reserved byte must be 0, got ${bytes[7]}`);
  const length1 = view.getUint32(20, true);
  const length2 = view.getUint32(24, true);
  checkLength('coinbase', length1 + length2, MAX_COINBASE_BYTES);
  const expected = FIXED_BYTES + length1 + length2 + 32 * branches;
  if (bytes.length !== expected)
    throw new JobFormatError('wrong_length', `job must be ${expected} bytes long, got ${bytes.length}`);
  const start2 = FIXED_BYTES + length1;
  return {
    algorithm,
    prevHash: bytes.slice(28, 60),
    coinbase1: bytes.slice(FIXED_BYTES, start2),
    coinbase2: bytes.slice(start2, start2 + length2),
    merkleBranches: bytes.slice(start2 + length2),
    version: view.getUint32(8, true),
    nbits: view.getUint32(12, true),
    ntime: view.getUint32(16, true),
  };
}

/** Content hash of canonical bytes: SHA-256, 64 lower-case hex digits. */
export function jobHash(canonicalBytes: Uint8Array): string {
  // A job is sealed once in seconds, so the plain hash of the platform will do here.
  return createHash('sha256').update(canonicalBytes).digest('hex');
}

/** The template with its content hash. Throws JobFormatError when a field is out of bounds. */
export function sealJob(template: JobTemplate): Job {
  return { ...template, hash: jobHash(canonicalJobBytes(template)) };
}
