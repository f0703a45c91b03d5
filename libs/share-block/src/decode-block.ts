// Arrow bytes back to columns. Columns are views of the bytes where the two agree, so the bytes must not change while the block
// is in use. Invariant: a decoded block is safe to index. Every code has its entry, every offset lies within its bytes and in
// order, every job is what its hash says, times and difficulties are finite.
import {
  JobFormatError,
  jobFromCanonicalBytes,
  jobHash,
  MAX_EXTRANONCE_BYTES,
  REJECT_REASONS,
  type Job,
} from '@assay/mining';
import {
  DICTIONARY_ID,
  MAX_BLOCK_SHARES,
  MAX_NAME_BYTES,
  SUBMITTED_SCHEMA_MESSAGES,
  VERDICTS,
  VERIFIED_SCHEMA_MESSAGES,
} from './block-schema.ts';
import type { BinaryColumn, DictionaryColumn, SubmittedBlock, VerifiedBlock } from './columns.ts';
import { readStream, type Batch, type Stream } from './ipc-reader.ts';
import { ShareBlockError } from './share-block-error.ts';

/** Largest time taken, microseconds: 2^53, in the year 2255. */
const MAX_TIME_HIGH_WORD = 2 ** 21;

/** Throws ShareBlockError naming what is wrong. */
export function decodeSubmitted(bytes: Uint8Array): SubmittedBlock {
  return submitted(openColumns(bytes, SUBMITTED_SCHEMA_MESSAGES));
}

/** Throws ShareBlockError naming what is wrong. */
export function decodeVerified(bytes: Uint8Array): VerifiedBlock {
  const columns = openColumns(bytes, VERIFIED_SCHEMA_MESSAGES);
  const block = submitted(columns);
  const verdicts = columns.fewCodes('verdict', DICTIONARY_ID.verdict, VERDICTS);
  const verifiedRejectCode = columns.fewCodes('reject_reason', DICTIONARY_ID.reason, REJECT_REASONS);
  for (let i = 0; i < block.count; i++) {
    if ((verdicts[i] === 0) !== (verifiedRejectCode[i] === 0))
      throw badValue('verdict', i, 'does not fit its reject_reason');
  }
  return {
    ...block,
    verifiedRejectCode,
    hashes: columns.fixed('hash', 32),
    shareDifficulty: columns.difficulties('share_difficulty'),
    blockCandidate: columns.bits('block_candidate'),
  };
}

// The order is that of the fields in block-schema.ts, as Arrow stores buffers in the order of fields.
function submitted(columns: ColumnReader): SubmittedBlock {
  const { count } = columns;
  const submittedAtUs = columns.times('submitted_at');
  const gateway = columns.names('gateway', DICTIONARY_ID.gateway);
  if (gateway.length !== 1)
    throw new ShareBlockError('bad_value', `share block must name one gateway, got ${gateway.length}`);
  columns.codes8('gateway', 1);
  const tenant = columns.dictionary('tenant', DICTIONARY_ID.tenant);
  const worker = columns.dictionary('worker', DICTIONARY_ID.worker);
  const jobs = columns.jobs();
  const job = columns.jobCodes('job', jobs.length);
  const hashCodes = columns.jobCodes('job_hash', jobs.length);
  for (let i = 0; i < count; i++) if (job[i] !== hashCodes[i]) throw badValue('job_hash', i, 'is not that of its job');
  return {
    count,
    gateway: gateway[0]!,
    submittedAtUs,
    tenant,
    worker,
    jobs,
    job,
    extranonce1: columns.binary('extranonce1', MAX_EXTRANONCE_BYTES),
    extranonce2: columns.binary('extranonce2', MAX_EXTRANONCE_BYTES),
    ntime: columns.uint32('ntime'),
    nonce: columns.uint32('nonce'),
    versionBits: columns.uint32('version_bits'),
    versionMask: columns.uint32('version_mask'),
    difficulty: columns.difficulties('difficulty'),
    rejectCode: columns.fewCodes('gateway_reject_reason', DICTIONARY_ID.gatewayReason, REJECT_REASONS),
  };
}

function openColumns(bytes: Uint8Array, schemaMessages: readonly Uint8Array[]): ColumnReader {
  // Columns are viewed in place, which wants them aligned; a record cut from a larger buffer may not be.
  // The view is a plain one: a Buffer's slice() would not copy.
  const aligned =
    bytes.byteOffset % 8 === 0 ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length) : new Uint8Array(bytes);
  const opening = schemaMessages.find((message) => startsWith(aligned, message));
  if (!opening)
    throw new ShareBlockError('unknown_schema', 'share block does not open with a schema this version reads');
  const stream = readStream(aligned, opening.length);
  if (stream.batch.length > MAX_BLOCK_SHARES) {
    throw new ShareBlockError(
      'too_many_shares',
      `share block holds ${stream.batch.length} shares, at most ${MAX_BLOCK_SHARES} are allowed`,
    );
  }
  return new ColumnReader(stream);
}

function startsWith(bytes: Uint8Array, opening: Uint8Array): boolean {
  return Buffer.compare(bytes.subarray(0, opening.length), opening) === 0;
}

function badValue(column: string, row: number, what: string): ShareBlockError {
  return new ShareBlockError('bad_value', `share block column ${column}, row ${row}: ${what}`);
}

/** Takes the buffers of the record batch one column after the other. */
class ColumnReader {
  readonly count: number;
  readonly #stream: Stream;
  #column = 0;
  #buffer = 0;

  constructor(stream: Stream) {
    this.#stream = stream;
    this.count = stream.batch.length;
  }

  #next(column: string, bytes: number): Uint8Array {
    return atLeast(this.#stream.batch.buffers[this.#buffer++], column, bytes);
  }

  /** Steps over the validity of a column that has no nulls. */
  #noNulls(column: string): void {
    if (this.#stream.batch.nullCounts[this.#column++] !== 0)
      throw new ShareBlockError('bad_value', `share block column ${column} has nulls`);
    this.#buffer++;
  }

  /** `width` bytes a share. */
  fixed(column: string, width: number): Uint8Array {
    this.#noNulls(column);
    return this.#next(column, width * this.count).subarray(0, width * this.count);
  }

  uint32(column: string): Uint32Array {
    const bytes = this.fixed(column, 4);
    return new Uint32Array(bytes.buffer, bytes.byteOffset, this.count);
  }

  times(column: string): Float64Array {
    const bytes = this.fixed(column, 8);
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset, 2 * this.count);
    const out = new Float64Array(this.count);
    for (let i = 0; i < this.count; i++) {
      if (words[2 * i + 1]! >= MAX_TIME_HIGH_WORD) throw badValue(column, i, 'lies before 1970 or after 2255');
      out[i] = words[2 * i + 1]! * 4294967296 + words[2 * i]!;
    }
    return out;
  }

  difficulties(column: string): Float64Array {
    const bytes = this.fixed(column, 8);
    const out = new Float64Array(bytes.buffer, bytes.byteOffset, this.count);
    for (let i = 0; i < this.count; i++)
      if (!(out[i]! >= 0 && out[i]! < Infinity)) throw badValue(column, i, `is ${out[i]}`);
    return out;
  }

  bits(column: string): Uint8Array {
    this.#noNulls(column);
    const packed = this.#next(column, (this.count + 7) >> 3);
    const out = new Uint8Array(this.count);
    for (let i = 0; i < this.count; i++) out[i] = (packed[i >> 3]! >> (i & 7)) & 1;
    return out;
  }

  binary(column: string, longest: number): BinaryColumn {
    this.#noNulls(column);
    const offsets = int32(this.#next(column, 4 * (this.count + 1)), this.count + 1);
    const bytes = this.#next(column, 0);
    checkOffsets(column, offsets, bytes.length, longest);
    // A buffer's length counts its padding too.
    return { offsets, bytes: bytes.subarray(0, offsets[this.count]) };
  }

  /** Codes of one byte. */
  codes8(column: string, entries: number): Uint8Array {
    const codes = this.fixed(column, 1);
    for (let i = 0; i < this.count; i++)
      if (codes[i]! >= entries) throw badValue(column, i, `code ${codes[i]} has no entry`);
    return codes;
  }

  /** Codes into a dictionary whose values must be the first of `known`, in order, so that the code is ours. */
  fewCodes(column: string, id: number, known: readonly string[]): Uint8Array {
    const values = this.names(column, id);
    const unknown = values.findIndex((value, i) => value !== known[i]);
    if (unknown !== -1)
      throw new ShareBlockError(
        'bad_value',
        `share block column ${column}: entry ${unknown} ${JSON.stringify(values[unknown])} is not known`,
      );
    return this.codes8(column, values.length);
  }

  dictionary(column: string, id: number): DictionaryColumn {
    const values = this.names(column, id);
    const bytes = this.fixed(column, 4);
    const codes = new Uint32Array(bytes.buffer, bytes.byteOffset, this.count);
    for (let i = 0; i < this.count; i++)
      if (codes[i]! >= values.length) throw badValue(column, i, `code ${codes[i]} has no entry`);
    return { codes, values };
  }

  /** -1 where null. */
  jobCodes(column: string, jobs: number): Int32Array {
    const nulls = this.#stream.batch.nullCounts[this.#column++]!;
    const validity = this.#next(column, nulls === 0 ? 0 : (this.count + 7) >> 3);
    const codes = int32(this.#next(column, 4 * this.count), this.count);
    const out = nulls === 0 ? codes : codes.slice();
    for (let i = 0; i < this.count; i++) {
      if (nulls !== 0 && ((validity[i >> 3]! >> (i & 7)) & 1) === 0) out[i] = -1;
      else if (codes[i]! < 0 || codes[i]! >= jobs) throw badValue(column, i, `code ${codes[i]} has no entry`);
    }
    return out;
  }

  jobs(): Job[] {
    const templates = this.#entries('job', DICTIONARY_ID.job, Infinity);
    const hashes = this.names('job_hash', DICTIONARY_ID.jobHash);
    if (hashes.length !== templates.length)
      throw new ShareBlockError('bad_job', `share block has ${templates.length} jobs and ${hashes.length} job hashes`);
    return templates.map((bytes, i) => {
      if (jobHash(bytes) !== hashes[i])
        throw new ShareBlockError(
          'bad_job',
          `share block job ${i} is not what its hash ${JSON.stringify(hashes[i])} says`,
        );
      try {
        return { ...jobFromCanonicalBytes(bytes), hash: hashes[i] };
      } catch (error) {
        if (!(error instanceof JobFormatError)) throw error;
        throw new ShareBlockError('bad_job', `share block job ${i}: ${error.message}`, { cause: error });
      }
    });
  }

  names(column: string, id: number): string[] {
    return this.#entries(column, id, MAX_NAME_BYTES).map((bytes, i) => {
      try {
        return UTF8.decode(bytes);
      } catch (error) {
        throw new ShareBlockError('bad_value', `share block column ${column}: entry ${i} is not UTF-8`, {
          cause: error,
        });
      }
    });
  }

  /** The values of a dictionary, as bytes. More values than shares would be dead weight, so they are bounded by it. */
  #entries(column: string, id: number, longest: number): Uint8Array[] {
    const batch: Batch | undefined = this.#stream.dictionaries.get(id);
    if (batch?.nullCounts.length !== 1 || batch.nullCounts[0] !== 0 || batch.length > MAX_BLOCK_SHARES) {
      throw new ShareBlockError(
        'malformed',
        `share block column ${column} has no dictionary, or one of the wrong shape`,
      );
    }
    const offsets = int32(
      atLeast(batch.buffers[1], column, batch.length === 0 ? 0 : 4 * (batch.length + 1)),
      batch.length === 0 ? 0 : batch.length + 1,
    );
    const bytes = atLeast(batch.buffers[2], column, 0);
    checkOffsets(column, offsets, bytes.length, longest);
    return Array.from({ length: batch.length }, (_, i) => bytes.subarray(offsets[i], offsets[i + 1]));
  }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function atLeast(buffer: Uint8Array | undefined, column: string, bytes: number): Uint8Array {
  if (buffer === undefined || buffer.length < bytes) {
    throw new ShareBlockError(
      'malformed',
      `share block column ${column} has ${buffer?.length ?? 'no'} bytes, ${bytes} are needed`,
    );
  }
  return buffer;
}

function int32(bytes: Uint8Array, length: number): Int32Array {
  return new Int32Array(bytes.buffer, bytes.byteOffset, length);
}

function checkOffsets(column: string, offsets: Int32Array, bytes: number, longest: number): void {
  if (offsets.length > 0 && offsets[0] !== 0) throw badValue(column, 0, `begins at ${offsets[0]}`);
  for (let i = 1; i < offsets.length; i++) {
    const length = offsets[i]! - offsets[i - 1]!;
    if (length < 0 || length > longest || offsets[i]! > bytes)
      throw badValue(column, i - 1, `reaches from ${offsets[i - 1]} to ${offsets[i]} of ${bytes} bytes`);
  }
}
