// Reads a whole block as a node does: strictly, with witnesses, to the last byte. Shares no code with what builds blocks, so that the two
// check each other.
import { createHash } from 'node:crypto';

export interface ReadOutput {
  readonly value: bigint;
  readonly script: Buffer;
}

export interface ReadTransaction {
  readonly inputs: readonly { readonly spends: Buffer; readonly script: Buffer; readonly witness: readonly Buffer[] }[];
  readonly outputs: readonly ReadOutput[];
  /** Hash without witness, in hashed byte order. */
  readonly txid: Buffer;
  /** Hash with witness. */
  readonly wtxid: Buffer;
  /** BIP141: three times the size without witness, and the size. */
  readonly weight: number;
  readonly hasWitness: boolean;
}

export interface ReadBlock {
  readonly version: number;
  /** Hashes in hashed byte order. */
  readonly previous: Buffer;
  readonly merkleRoot: Buffer;
  readonly time: number;
  readonly bits: number;
  /** Of the header, in hashed byte order. */
  readonly hash: Buffer;
  readonly transactions: readonly ReadTransaction[];
  readonly weight: number;
}

export function hash256(...parts: readonly Uint8Array[]): Buffer {
  const once = createHash('sha256');
  for (const part of parts) once.update(part);
  return createHash('sha256').update(once.digest()).digest();
}

class Reader {
  at = 0;
  readonly #bytes: Buffer;
  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }
  get left(): number {
    return this.#bytes.length - this.at;
  }
  take(length: number): Buffer {
    if (length > this.left) throw new RangeError(`cut off at byte ${this.at}`);
    return this.#bytes.subarray(this.at, (this.at += length));
  }
  peek(): number {
    return this.#bytes[this.at] ?? -1;
  }
  since(start: number): Buffer {
    return this.#bytes.subarray(start, this.at);
  }
  uint32(): number {
    return this.take(4).readUInt32LE();
  }
  size(): number {
    const first = this.take(1)[0]!;
    if (first < 0xfd) return first;
    const [length, least] = first === 0xfd ? [2, 0xfd] : first === 0xfe ? [4, 0x10000] : [8, 0x100000000];
    const value = length === 8 ? Number(this.take(8).readBigUInt64LE()) : this.take(length).readUIntLE(0, length);
    if (value < least) throw new RangeError('non-canonical size');
    return value;
  }
  list<T>(read: () => T): T[] {
    const count = this.size();
    // Whatever is listed has at least a byte.
    if (count > this.left) throw new RangeError(`a list of ${count} in ${this.left} bytes`);
    return Array.from({ length: count }, read);
  }
  string(): Buffer {
    return this.take(this.size());
  }
}

/** Throws RangeError on what is not exactly one block. */
export function readBlock(bytes: Buffer): ReadBlock {
  const reader = new Reader(bytes);
  const header = reader.take(80);
  const transactions = reader.list(() => readTransaction(reader));
  if (reader.left > 0) throw new RangeError(`${reader.left} bytes after the block`);
  const sizes = 80 + sizeOfSize(transactions.length);
  return {
    version: header.readInt32LE(0),
    previous: header.subarray(4, 36),
    merkleRoot: header.subarray(36, 68),
    time: header.readUInt32LE(68),
    bits: header.readUInt32LE(72),
    hash: hash256(header),
    transactions,
    weight: 4 * sizes + transactions.reduce((sum, { weight }) => sum + weight, 0),
  };
}

function readTransaction(reader: Reader): ReadTransaction {
  const start = reader.at;
  const version = reader.take(4);
  // BIP144: where the number of inputs would stand, a zero and a flag.
  const hasWitness = reader.peek() === 0;
  if (hasWitness && reader.take(2)[1] !== 1) throw new RangeError('unknown transaction flag');
  const bodyStart = reader.at;
  const inputs = reader.list(() => {
    const spends = reader.take(36);
    const script = reader.string();
    reader.take(4);
    return { spends, script, witness: [] as Buffer[] };
  });
  const outputs = reader.list(() => ({ value: reader.take(8).readBigUInt64LE(), script: reader.string() }));
  const body = reader.since(bodyStart);
  if (hasWitness) {
    for (const input of inputs) input.witness = reader.list(() => reader.string());
    if (inputs.every(({ witness }) => witness.length === 0)) throw new RangeError('superfluous witness record');
  }
  const lockTime = reader.take(4);
  const whole = reader.since(start);
  const txid = hash256(version, body, lockTime);
  return {
    inputs,
    outputs,
    txid,
    wtxid: hasWitness ? hash256(whole) : txid,
    weight: 3 * (8 + body.length) + whole.length,
    hasWitness,
  };
}

function sizeOfSize(count: number): number {
  return count < 0xfd ? 1 : count <= 0xffff ? 3 : 5;
}

/** Root of a tree whose odd levels end with their last node doubled. */
export function treeRoot(leaves: readonly Buffer[]): Buffer {
  let level = [...leaves];
  while (level.length > 1) {
    if (level.length % 2 === 1) level.push(level.at(-1)!);
    level = Array.from({ length: level.length / 2 }, (_, i) => hash256(level[2 * i]!, level[2 * i + 1]!));
  }
  return level[0]!;
}
