// Makes well-formed bitcoin-style jobs for pure tracking, where no node or upstream pool gives work. Blocks found on them are
// worth nothing, so the coinbase pays nobody: its one output is an unspendable note. Deterministic: the same seed and the same
// calls give the same jobs. Invariant: with any extranonces between its halves the coinbase is a valid transaction.
import { Random } from '@assay/kernel';
import type { Algorithm } from './algorithm.ts';
import { MAX_EXTRANONCE_BYTES } from './extranonce.ts';
import { MAX_MERKLE_BRANCHES, type JobTemplate } from './job.ts';

export interface LocalJobSettings {
  readonly algorithm: Algorithm;
  /** Any integer; two sources with different seeds make different jobs. */
  readonly seed: number;
  /** Merkle branches, 0 to 14: as in a block of up to 2^branches transactions. */
  readonly branches: number;
  /** Network target in compact form. */
  readonly nbits: number;
  /** Bytes of extranonce1 and extranonce2 together, at most 32. */
  readonly extranonceSize: number;
  /** Text in the coinbase that names the pool, at most 40 bytes. */
  readonly tag: string;
  /** Height of the first block; 900,000 by default. */
  readonly height?: number;
}

export interface LocalJobMaker {
  /** @param newBlock whether a new previous block is to be assumed: prevHash and height change, and older jobs are stale. */
  next(at: { readonly nowSeconds: number; readonly newBlock: boolean }): JobTemplate;
}

const LOCAL_VERSION = 0x20000000;
const MAX_TAG_BYTES = 40;
const JOB_NUMBER_BYTES = 8;

/** A minimally encoded push of a height as BIP34 wants it: a script number, little-endian with a sign bit. */
export function heightPush(height: number): Uint8Array {
  if (!Number.isInteger(height) || height < 0 || height > 0x7fffffff)
    throw new RangeError(`height must be an unsigned 31-bit integer, got ${height}`);
  if (height === 0) return Uint8Array.of(0x00);
  if (height <= 16) return Uint8Array.of(0x50 + height);
  const bytes: number[] = [];
  for (let rest = height; rest > 0; rest = Math.floor(rest / 256)) bytes.push(rest & 0xff);
  if (bytes[bytes.length - 1]! >= 0x80) bytes.push(0);
  return Uint8Array.of(bytes.length, ...bytes);
}

/** Throws RangeError when a setting is out of bounds. */
export function createLocalJobMaker(settings: LocalJobSettings): LocalJobMaker {
  const { algorithm, branches, extranonceSize, nbits } = settings;
  const tag = new TextEncoder().encode(settings.tag);
  if (!Number.isInteger(branches) || branches < 0 || branches > MAX_MERKLE_BRANCHES)
    throw new RangeError(`branches must be 0 to ${MAX_MERKLE_BRANCHES}, got ${branches}`);
  if (!Number.isInteger(extranonceSize) || extranonceSize < 1 || extranonceSize > 2 * MAX_EXTRANONCE_BYTES) {
    throw new RangeError(`extranonceSize must be 1 to ${2 * MAX_EXTRANONCE_BYTES}, got ${extranonceSize}`);
  }
  if (tag.length > MAX_TAG_BYTES) throw new RangeError(`tag must be at most ${MAX_TAG_BYTES} bytes, got ${tag.length}`);

  const random = new Random(settings.seed);
  let height = settings.height ?? 900_000;
  let prevHash = blockHash(random);
  return {
    next({ nowSeconds, newBlock }) {
      if (newBlock) {
        height++;
        prevHash = blockHash(random);
      }
      const [coinbase1, coinbase2] = coinbaseHalves(
        heightPush(height),
        random.bytes(JOB_NUMBER_BYTES),
        extranonceSize,
        tag,
      );
      return {
        algorithm,
        prevHash,
        coinbase1,
        coinbase2,
        merkleBranches: random.bytes(32 * branches),
        version: LOCAL_VERSION,
        nbits,
        ntime: nowSeconds >>> 0,
      };
    },
  };
}

/** A made-up hash of a previous block, with the zeroes of a real one at its end. */
function blockHash(random: Random): Uint8Array {
  return random.bytes(32).fill(0, 24);
}

function coinbaseHalves(
  heightScript: Uint8Array,
  jobNumber: Uint8Array,
  extranonceSize: number,
  tag: Uint8Array,
): [Uint8Array, Uint8Array] {
  // Script of the input: height, a number that makes the job unlike any other, the extranonces, the tag; each a push.
  const scriptBytes = heightScript.length + 1 + jobNumber.length + 1 + extranonceSize + 1 + tag.length;
  const coinbase1 = Uint8Array.of(
    ...[1, 0, 0, 0], // transaction version
    1, // one input,
    ...new Uint8Array(32), // which spends nothing
    ...[0xff, 0xff, 0xff, 0xff],
    scriptBytes, // at most 100 by consensus, so one byte
    ...heightScript,
    jobNumber.length,
    ...jobNumber,
    extranonceSize,
  );
  const note = new TextEncoder().encode('assay tracking');
  const coinbase2 = Uint8Array.of(
    tag.length,
    ...tag,
    ...[0xff, 0xff, 0xff, 0xff], // sequence
    1, // one output
    ...new Uint8Array(8), // of nothing
    2 + note.length,
    ...[0x6a, note.length], // OP_RETURN and a push: provably unspendable
    ...note,
    ...[0, 0, 0, 0], // lock time
  );
  return [coinbase1, coinbase2];
}
