// The coinbase transaction of a block, in two halves with room for the extranonces between them, as stratum hands it out.
// Invariants: with any extranonces in between it is a valid transaction; its script holds at most 100 bytes, which is consensus.
//
// What is hashed for its txid has no witness (BIP141), and that is what machines get. The block itself holds the coinbase with one:
// the reserved value of 32 zero bytes that its witness commitment was made with.
import { MAX_EXTRANONCE_BYTES } from './extranonce.ts';
import { compactSize, uint64Bytes } from './wire-integers.ts';

export interface CoinbaseOutput {
  /** In the coin's smallest unit. */
  readonly value: bigint;
  readonly script: Uint8Array;
}

export interface CoinbasePlan {
  readonly height: number;
  /** What makes this job unlike any other, also of another gateway: 8 bytes. */
  readonly jobNonce: Uint8Array;
  /** Bytes of extranonce1 and extranonce2 together, at most 32. */
  readonly extranonceSize: number;
  /** Text that names the pool, at most 40 bytes. */
  readonly tag: string;
  /** What a node wants to have in the script besides. */
  readonly aux?: Uint8Array;
  /** In order; at least one. */
  readonly outputs: readonly CoinbaseOutput[];
}

export interface CoinbaseHalves {
  readonly coinbase1: Uint8Array;
  readonly coinbase2: Uint8Array;
}

export const JOB_NONCE_BYTES = 8;
export const MAX_TAG_BYTES = 40;
const MAX_SCRIPT_BYTES = 100;
const VERSION_BYTES = 4;
const LOCK_TIME_BYTES = 4;

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

/** Throws RangeError when a part of the plan is out of bounds. */
export function coinbaseHalves(plan: CoinbasePlan): CoinbaseHalves {
  const { extranonceSize, jobNonce, aux = new Uint8Array(0), outputs } = plan;
  const tag = new TextEncoder().encode(plan.tag);
  if (!Number.isInteger(extranonceSize) || extranonceSize < 1 || extranonceSize > 2 * MAX_EXTRANONCE_BYTES) {
    throw new RangeError(`extranonceSize must be 1 to ${2 * MAX_EXTRANONCE_BYTES}, got ${extranonceSize}`);
  }
  if (tag.length > MAX_TAG_BYTES) throw new RangeError(`tag must be at most ${MAX_TAG_BYTES} bytes, got ${tag.length}`);
  if (jobNonce.length !== JOB_NONCE_BYTES)
    throw new RangeError(`jobNonce must be ${JOB_NONCE_BYTES} bytes, got ${jobNonce.length}`);
  if (outputs.length === 0) throw new RangeError('a coinbase has at least one output');

  // Script of the input: height, the job's nonce, the extranonces, the tag, each a push; then what the node wants.
  const height = heightPush(plan.height);
  const scriptBytes = height.length + 1 + jobNonce.length + 1 + extranonceSize + 1 + tag.length + aux.length;
  if (scriptBytes > MAX_SCRIPT_BYTES)
    throw new RangeError(`the coinbase script holds at most ${MAX_SCRIPT_BYTES} bytes, this needs ${scriptBytes}`);
  const coinbase1 = Uint8Array.of(
    ...[1, 0, 0, 0], // transaction version
    1, // one input,
    ...new Uint8Array(32), // which spends nothing
    ...[0xff, 0xff, 0xff, 0xff],
    scriptBytes,
    ...height,
    jobNonce.length,
    ...jobNonce,
    extranonceSize,
  );
  const coinbase2 = Buffer.concat([
    Uint8Array.of(tag.length),
    tag,
    aux,
    Uint8Array.of(0xff, 0xff, 0xff, 0xff), // sequence
    compactSize(outputs.length),
    ...outputs.flatMap(({ value, script }) => [uint64Bytes(value), compactSize(script.length), script]),
    new Uint8Array(LOCK_TIME_BYTES),
  ]);
  return { coinbase1, coinbase2: new Uint8Array(coinbase2) };
}

/** The coinbase as it stands in a block with a witness commitment: marker, flag, and the reserved value as its one witness. */
export function coinbaseWithWitness(coinbase: Uint8Array): Uint8Array {
  const marker = Uint8Array.of(0x00, 0x01);
  const witness = Uint8Array.of(1, 32, ...new Uint8Array(32));
  return new Uint8Array(
    Buffer.concat([
      coinbase.subarray(0, VERSION_BYTES),
      marker,
      coinbase.subarray(VERSION_BYTES, -LOCK_TIME_BYTES),
      witness,
      coinbase.subarray(-LOCK_TIME_BYTES),
    ]),
  );
}
