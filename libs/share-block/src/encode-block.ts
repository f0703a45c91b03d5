// A block's columns as Arrow: typed arrays are handed to the writer as they are; only what Arrow stores differently (64-bit
// times, bits, the dictionaries' values) is converted, without a bigint or an object per share.
import { canonicalJobBytes, REJECT_REASONS, type Job } from '@assay/mining';
import { assert } from '@assay/kernel';
import {
  makeData,
  RecordBatch,
  RecordBatchStreamWriter,
  Struct,
  Vector,
  type Binary,
  type Data,
  type Dictionary,
  type Field,
  type Schema,
  type Utf8,
} from 'apache-arrow';
import {
  SUBMITTED_FIELDS,
  SUBMITTED_SCHEMA,
  VERDICTS,
  VERIFIED_FIELDS,
  VERIFIED_SCHEMA,
  MAX_BLOCK_SHARES,
} from './block-schema.ts';
import type { BinaryColumn, SubmittedBlock, VerifiedBlock } from './columns.ts';

/** One Arrow IPC stream, one record batch. The block must be well formed (its columns hold at least `count` entries). */
export function encodeSubmitted(block: SubmittedBlock): Uint8Array {
  return write(SUBMITTED_SCHEMA, block.count, submittedColumns(block));
}

/** As encodeSubmitted, with the validator's columns. */
export function encodeVerified(block: VerifiedBlock): Uint8Array {
  return write(VERIFIED_SCHEMA, block.count, [...submittedColumns(block), ...verifiedColumns(block)]);
}

function submittedColumns(block: SubmittedBlock): Data[] {
  const { count } = block;
  const f = SUBMITTED_FIELDS;
  const nulls = jobNulls(block);
  const jobBytes = block.jobs.map((job: Job) => canonicalJobBytes(job));
  const jobHashes = block.jobs.map((job: Job) => job.hash);
  return [
    fixed(f.submittedAt, count, timesFromMicros(block.submittedAtUs, count)),
    coded(f.gateway, count, new Int8Array(count), textVector(f.gateway, [block.gateway])),
    coded(f.tenant, count, asInt32(block.tenant.codes), textVector(f.tenant, block.tenant.values)),
    coded(f.worker, count, asInt32(block.worker.codes), textVector(f.worker, block.worker.values)),
    coded(f.job, count, nulls.codes, binaryVector(f.job, jobBytes), nulls),
    coded(f.jobHash, count, nulls.codes.slice(), textVector(f.jobHash, jobHashes), nulls),
    binary(f.extranonce1, count, block.extranonce1),
    binary(f.extranonce2, count, block.extranonce2),
    fixed(f.ntime, count, block.ntime),
    fixed(f.nonce, count, block.nonce),
    fixed(f.versionBits, count, block.versionBits),
    fixed(f.versionMask, count, block.versionMask),
    fixed(f.difficulty, count, block.difficulty),
    coded(f.gatewayReason, count, asInt8(block.rejectCode), REASONS),
  ];
}

function verifiedColumns(block: VerifiedBlock): Data[] {
  const { count, verifiedRejectCode } = block;
  const f = VERIFIED_FIELDS;
  const verdicts = new Int8Array(count);
  const candidates = new Uint8Array((count + 7) >> 3);
  for (let i = 0; i < count; i++) {
    verdicts[i] = verifiedRejectCode[i] === 0 ? 0 : 1;
    if (block.blockCandidate[i] !== 0) candidates[i >> 3]! |= 1 << (i & 7);
  }
  return [
    coded(f.verdict, count, verdicts, VERDICT_NAMES),
    coded(f.reason, count, asInt8(verifiedRejectCode), REASONS),
    fixed(f.hash, count, block.hashes.subarray(0, 32 * count)),
    fixed(f.shareDifficulty, count, block.shareDifficulty),
    fixed(f.blockCandidate, count, candidates),
  ];
}

function write(schema: Schema, count: number, children: Data[]): Uint8Array {
  assert(count <= MAX_BLOCK_SHARES, `a block of ${count} shares is larger than ${MAX_BLOCK_SHARES}`);
  assertApart(children);
  const data = makeData({ type: new Struct(schema.fields), length: count, nullCount: 0, children });
  const writer = new RecordBatchStreamWriter();
  writer.write(new RecordBatch(schema, data));
  return writer.finish().toUint8Array(true);
}

/**
 * Arrow's stream joins neighbouring chunks by their addresses, and writes memory that two of them share only once. So columns
 * that follow one another must not be views of the same memory.
 */
function assertApart(columns: readonly Data[]): void {
  for (let i = 1; i < columns.length; i++) {
    const before = columns[i - 1]!.values as Values;
    const values = columns[i]!.values as Values;
    const overlap =
      before.buffer === values.buffer &&
      values.byteOffset < before.byteOffset + before.byteLength &&
      before.byteOffset < values.byteOffset + values.byteLength;
    assert(!overlap, `columns ${i - 1} and ${i} of a share block are views of the same memory`);
  }
}

type Values = Int8Array | Uint8Array | Int32Array | Uint32Array | Float64Array;

/** A column of values of one width. Arrow's writer takes the array as it is, cut to `count`. */
function fixed(f: Field, count: number, data: Values | BigInt64Array): Data {
  // The union of all column types has no makeData overload; each caller passes the array its field asks for.
  return makeData({ type: f.type as never, length: count, nullCount: 0, data: data as never });
}

function coded(f: Field, count: number, codes: Int8Array | Int32Array, dictionary: Vector, nulls?: JobNulls): Data {
  const type = f.type as Dictionary;
  return makeData({
    type,
    length: count,
    nullCount: nulls?.count ?? 0,
    nullBitmap: nulls?.bitmap ?? null,
    data: codes as never,
    dictionary,
  });
}

function binary(f: Field, count: number, column: BinaryColumn): Data {
  const valueOffsets = column.offsets.subarray(0, count + 1);
  return makeData({
    type: f.type as Binary,
    length: count,
    nullCount: 0,
    valueOffsets,
    data: column.bytes.subarray(0, valueOffsets[count]),
  });
}

function binaryVector(f: Field, values: readonly Uint8Array[]): Vector {
  const offsets = new Int32Array(values.length + 1);
  for (let i = 0; i < values.length; i++) offsets[i + 1] = offsets[i]! + values[i]!.length;
  const bytes = new Uint8Array(offsets[values.length]!);
  for (let i = 0; i < values.length; i++) bytes.set(values[i]!, offsets[i]);
  const type = (f.type as Dictionary<Binary>).dictionary;
  return new Vector([makeData({ type, length: values.length, nullCount: 0, valueOffsets: offsets, data: bytes })]);
}

function textVector(f: Field, values: readonly string[]): Vector {
  const offsets = new Int32Array(values.length + 1);
  for (let i = 0; i < values.length; i++) offsets[i + 1] = offsets[i]! + Buffer.byteLength(values[i]!);
  const bytes = Buffer.from(values.join(''));
  const type = (f.type as Dictionary<Utf8>).dictionary;
  return new Vector([makeData({ type, length: values.length, nullCount: 0, valueOffsets: offsets, data: bytes })]);
}

interface JobNulls {
  readonly codes: Int32Array;
  readonly bitmap: Uint8Array | null;
  readonly count: number;
}

/** Where shares name no job, the entry is null; its index is 0, as readers may look at it all the same. */
function jobNulls({ job, count }: SubmittedBlock): JobNulls {
  let nulls = 0;
  for (let i = 0; i < count; i++) if (job[i]! < 0) nulls++;
  if (nulls === 0) return { codes: job, bitmap: null, count: 0 };
  const codes = job.slice(0, count);
  const bitmap = new Uint8Array((count + 7) >> 3);
  for (let i = 0; i < count; i++) {
    if (codes[i]! < 0) codes[i] = 0;
    else bitmap[i >> 3]! |= 1 << (i & 7);
  }
  return { codes, bitmap, count: nulls };
}

/** Microseconds as 64-bit integers, written as two 32-bit halves. */
function timesFromMicros(micros: Float64Array, count: number): BigInt64Array {
  const words = new Int32Array(2 * count);
  for (let i = 0; i < count; i++) {
    const us = micros[i]!;
    words[2 * i] = us % 4294967296;
    words[2 * i + 1] = Math.floor(us / 4294967296);
  }
  return new BigInt64Array(words.buffer);
}

const asInt32 = (codes: Uint32Array): Int32Array => new Int32Array(codes.buffer, codes.byteOffset, codes.length);
const asInt8 = (codes: Uint8Array): Int8Array => new Int8Array(codes.buffer, codes.byteOffset, codes.length);

const REASONS = textVector(SUBMITTED_FIELDS.gatewayReason, REJECT_REASONS);
const VERDICT_NAMES = textVector(VERIFIED_FIELDS.verdict, VERDICTS);
