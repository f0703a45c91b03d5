// A block's columns as Arrow: typed arrays go into the stream as they are; only what Arrow stores differently (64-bit times, bits,
// the dictionaries' values) is converted, without a bigint or an object per share.
import { assert } from '@assay/kernel';
import { canonicalJobBytes, REJECT_REASONS } from '@assay/mining';
import {
  DICTIONARY_ID,
  MAX_BLOCK_SHARES,
  SUBMITTED_SCHEMA_MESSAGES,
  VERDICTS,
  VERIFIED_SCHEMA_MESSAGES,
} from './block-schema.ts';
import type { BinaryColumn, SubmittedBlock, VerifiedBlock } from './columns.ts';
import { writeStream, type OutBatch } from './ipc-writer.ts';

/** One Arrow IPC stream, one record batch. The block must be well formed (its columns hold at least `count` entries). */
export function encodeSubmitted(block: SubmittedBlock): Uint8Array {
  const columns = new ColumnWriter(block.count);
  submittedColumns(columns, block);
  return columns.write(SUBMITTED_SCHEMA_MESSAGES[0]!);
}

/** As encodeSubmitted, with the validator's columns. */
export function encodeVerified(block: VerifiedBlock): Uint8Array {
  const columns = new ColumnWriter(block.count);
  submittedColumns(columns, block);
  verifiedColumns(columns, block);
  return columns.write(VERIFIED_SCHEMA_MESSAGES[0]!);
}

// The order is that of the fields in block-schema.ts.
function submittedColumns(columns: ColumnWriter, block: SubmittedBlock): void {
  const { count, job, jobs } = block;
  columns.fixed(microsAsWords(block.submittedAtUs, count), 2);
  columns.coded(new Uint8Array(count), textDictionary(DICTIONARY_ID.gateway, [block.gateway]));
  columns.coded(block.tenant.codes, textDictionary(DICTIONARY_ID.tenant, block.tenant.values));
  columns.coded(block.worker.codes, textDictionary(DICTIONARY_ID.worker, block.worker.values));
  columns.codedOrNull(job, dictionary(DICTIONARY_ID.job, jobs.map(canonicalJobBytes)));
  columns.codedOrNull(
    job,
    textDictionary(
      DICTIONARY_ID.jobHash,
      jobs.map(({ hash }) => hash),
    ),
  );
  columns.binary(block.extranonce1);
  columns.binary(block.extranonce2);
  columns.fixed(block.ntime);
  columns.fixed(block.nonce);
  columns.fixed(block.versionBits);
  columns.fixed(block.versionMask);
  columns.fixed(block.difficulty);
  columns.coded(block.rejectCode, GATEWAY_REASONS);
}

function verifiedColumns(columns: ColumnWriter, block: VerifiedBlock): void {
  const { count, verifiedRejectCode } = block;
  const verdicts = new Uint8Array(count);
  const candidates = new Uint8Array((count + 7) >> 3);
  for (let i = 0; i < count; i++) {
    verdicts[i] = verifiedRejectCode[i] === 0 ? 0 : 1;
    if (block.blockCandidate[i] !== 0) candidates[i >> 3]! |= 1 << (i & 7);
  }
  columns.coded(verdicts, VERDICT_NAMES);
  columns.coded(verifiedRejectCode, REASONS);
  columns.fixed(block.hashes, 32);
  columns.fixed(block.shareDifficulty);
  columns.bits(candidates);
}

type Values = Uint8Array | Int32Array | Uint32Array | Float64Array;

const NOTHING = new Uint8Array(0);

/** Gathers the buffers of a record batch, one column after the other, and the dictionaries they refer to. */
class ColumnWriter {
  readonly #count: number;
  readonly #dictionaries: OutBatch[] = [];
  readonly #nullCounts: number[] = [];
  readonly #buffers: Uint8Array[] = [];

  constructor(count: number) {
    assert(count <= MAX_BLOCK_SHARES, `a block of ${count} shares is larger than ${MAX_BLOCK_SHARES}`);
    this.#count = count;
  }

  /** `perShare` entries of the array a share. */
  fixed(values: Values, perShare = 1): void {
    this.#column(0, NOTHING, bytesOf(values, this.#count * perShare));
  }

  bits(packed: Uint8Array): void {
    this.#column(0, NOTHING, packed);
  }

  coded(codes: Values, values: OutBatch): void {
    this.#dictionaries.push(values);
    this.fixed(codes);
  }

  /** Codes where -1 means null; its index is then 0, as readers may look at it all the same. */
  codedOrNull(codes: Int32Array, values: OutBatch): void {
    this.#dictionaries.push(values);
    let nulls = 0;
    for (let i = 0; i < this.#count; i++) if (codes[i]! < 0) nulls++;
    if (nulls === 0) {
      this.fixed(codes);
      return;
    }
    const indices = codes.slice(0, this.#count);
    const validity = new Uint8Array((this.#count + 7) >> 3);
    for (let i = 0; i < this.#count; i++) {
      if (indices[i]! < 0) indices[i] = 0;
      else validity[i >> 3]! |= 1 << (i & 7);
    }
    this.#column(nulls, validity, bytesOf(indices, this.#count));
  }

  binary({ offsets, bytes }: BinaryColumn): void {
    this.#column(0, NOTHING, bytesOf(offsets, this.#count + 1), bytesOf(bytes, offsets[this.#count]!));
  }

  #column(nulls: number, ...buffers: Uint8Array[]): void {
    this.#nullCounts.push(nulls);
    this.#buffers.push(...buffers);
  }

  write(schemaMessage: Uint8Array): Uint8Array {
    const batch: OutBatch = {
      dictionary: undefined,
      length: this.#count,
      nullCounts: this.#nullCounts,
      buffers: this.#buffers,
    };
    return writeStream(schemaMessage, [...this.#dictionaries, batch]);
  }
}

/** The bytes of the first `entries` entries. */
function bytesOf(values: Values, entries: number): Uint8Array {
  assert(values.length >= entries, `a column of ${values.length} entries is shorter than its block, ${entries}`);
  return new Uint8Array(values.buffer, values.byteOffset, entries * values.BYTES_PER_ELEMENT);
}

function dictionary(id: number, values: readonly Uint8Array[]): OutBatch {
  const offsets = new Int32Array(values.length + 1);
  for (let i = 0; i < values.length; i++) offsets[i + 1] = offsets[i]! + values[i]!.length;
  const bytes = new Uint8Array(offsets[values.length]!);
  for (let i = 0; i < values.length; i++) bytes.set(values[i]!, offsets[i]);
  return {
    dictionary: id,
    length: values.length,
    nullCounts: [0],
    buffers: [NOTHING, bytesOf(offsets, offsets.length), bytes],
  };
}

function textDictionary(id: number, values: readonly string[]): OutBatch {
  return dictionary(
    id,
    values.map((value) => Buffer.from(value)),
  );
}

/** Microseconds as 64-bit integers, written as two 32-bit halves. */
function microsAsWords(micros: Float64Array, count: number): Int32Array {
  const words = new Int32Array(2 * count);
  for (let i = 0; i < count; i++) {
    const us = micros[i]!;
    words[2 * i] = us % 4294967296;
    words[2 * i + 1] = Math.floor(us / 4294967296);
  }
  return words;
}

const GATEWAY_REASONS = textDictionary(DICTIONARY_ID.gatewayReason, REJECT_REASONS);
const REASONS = textDictionary(DICTIONARY_ID.reason, REJECT_REASONS);
const VERDICT_NAMES = textDictionary(DICTIONARY_ID.verdict, VERDICTS);
