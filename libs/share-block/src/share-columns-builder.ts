// Collects shares into columns, one flush after another, in buffers that are kept: an appended share costs a few map look-ups and
// writes, no object. Bounded: when the columns, or the bytes of the jobs, are full, append refuses, and the caller flushes first.
import type { Job } from '@assay/mining';
import { MAX_EXTRANONCE_BYTES } from '@assay/mining';
import { assert } from '@assay/kernel';
import { MAX_BLOCK_SHARES } from './block-schema.ts';
import type { SubmittedBlock } from './columns.ts';

/** One share as the gateway has it at hand. Its fields are those of SubmittedBlock; nothing of it is kept but the job and the names. */
export interface ShareRow {
  readonly submittedAtUs: number;
  readonly tenant: string;
  readonly worker: string;
  /** Undefined for a share that names no job we know. */
  readonly job: Job | undefined;
  readonly extranonce1: Uint8Array;
  readonly extranonce2: Uint8Array;
  readonly ntime: number;
  readonly nonce: number;
  readonly versionBits: number;
  readonly versionMask: number;
  readonly difficulty: number;
  /** Index into REJECT_REASONS, 0 = accepted. */
  readonly rejectCode: number;
}

export interface ShareColumnsBounds {
  /** Shares in a block at most. */
  readonly capacity: number;
  /** Bytes of job templates in a block at most; a block's first job is always taken. Keeps a record well under a log's limit. */
  readonly maxJobBytes: number;
}

export const SHARE_COLUMNS_DEFAULTS: ShareColumnsBounds = { capacity: 1_000, maxJobBytes: 256 * 1024 };

export class ShareColumnsBuilder {
  readonly #gateway: string;
  readonly #bounds: ShareColumnsBounds;
  #count = 0;
  #jobBytes = 0;
  readonly #submittedAtUs: Float64Array;
  readonly #difficulty: Float64Array;
  readonly #tenant: Names;
  readonly #worker: Names;
  readonly #jobCodes = new Map<string, number>();
  readonly #jobs: Job[] = [];
  readonly #job: Int32Array;
  readonly #extranonce1: Bytes;
  readonly #extranonce2: Bytes;
  readonly #ntime: Uint32Array;
  readonly #nonce: Uint32Array;
  readonly #versionBits: Uint32Array;
  readonly #versionMask: Uint32Array;
  readonly #rejectCode: Uint8Array;

  constructor(gateway: string, bounds: ShareColumnsBounds = SHARE_COLUMNS_DEFAULTS) {
    const { capacity } = bounds;
    if (!Number.isInteger(capacity) || capacity < 1 || capacity > MAX_BLOCK_SHARES) {
      throw new RangeError(`capacity must be 1 to ${MAX_BLOCK_SHARES} shares, got ${capacity}`);
    }
    this.#gateway = gateway;
    this.#bounds = bounds;
    this.#submittedAtUs = new Float64Array(capacity);
    this.#difficulty = new Float64Array(capacity);
    this.#tenant = new Names(capacity);
    this.#worker = new Names(capacity);
    this.#job = new Int32Array(capacity);
    this.#extranonce1 = new Bytes(capacity);
    this.#extranonce2 = new Bytes(capacity);
    this.#ntime = new Uint32Array(capacity);
    this.#nonce = new Uint32Array(capacity);
    this.#versionBits = new Uint32Array(capacity);
    this.#versionMask = new Uint32Array(capacity);
    this.#rejectCode = new Uint8Array(capacity);
  }

  get count(): number {
    return this.#count;
  }

  /** False when the share does not fit: flush (build, encode, reset) and append it again. */
  append(row: ShareRow): boolean {
    const i = this.#count;
    if (i === this.#bounds.capacity) return false;
    const job = row.job === undefined ? -1 : this.#jobCode(row.job);
    if (job === undefined) return false;
    this.#submittedAtUs[i] = row.submittedAtUs;
    this.#tenant.append(i, row.tenant);
    this.#worker.append(i, row.worker);
    this.#job[i] = job;
    this.#extranonce1.append(i, row.extranonce1);
    this.#extranonce2.append(i, row.extranonce2);
    this.#ntime[i] = row.ntime;
    this.#nonce[i] = row.nonce;
    this.#versionBits[i] = row.versionBits;
    this.#versionMask[i] = row.versionMask;
    this.#difficulty[i] = row.difficulty;
    this.#rejectCode[i] = row.rejectCode;
    this.#count = i + 1;
    return true;
  }

  /** The columns so far, as views of the builder's buffers: encode them before the next reset. */
  build(): SubmittedBlock {
    const count = this.#count;
    return {
      count,
      gateway: this.#gateway,
      submittedAtUs: this.#submittedAtUs.subarray(0, count),
      tenant: this.#tenant.build(count),
      worker: this.#worker.build(count),
      jobs: this.#jobs.slice(),
      job: this.#job.subarray(0, count),
      extranonce1: this.#extranonce1.build(count),
      extranonce2: this.#extranonce2.build(count),
      ntime: this.#ntime.subarray(0, count),
      nonce: this.#nonce.subarray(0, count),
      versionBits: this.#versionBits.subarray(0, count),
      versionMask: this.#versionMask.subarray(0, count),
      difficulty: this.#difficulty.subarray(0, count),
      rejectCode: this.#rejectCode.subarray(0, count),
    };
  }

  /** Forgets the shares, keeps the buffers. */
  reset(): void {
    this.#count = 0;
    this.#jobBytes = 0;
    this.#jobs.length = 0;
    this.#jobCodes.clear();
    this.#tenant.reset();
    this.#worker.reset();
  }

  /** The job's place in the block; undefined when its bytes do not fit. */
  #jobCode(job: Job): number | undefined {
    const known = this.#jobCodes.get(job.hash);
    if (known !== undefined) return known;
    const bytes = 60 + job.coinbase1.length + job.coinbase2.length + job.merkleBranches.length;
    if (this.#jobs.length > 0 && this.#jobBytes + bytes > this.#bounds.maxJobBytes) return undefined;
    this.#jobBytes += bytes;
    const code = this.#jobs.push(job) - 1;
    this.#jobCodes.set(job.hash, code);
    return code;
  }
}

/** A dictionary column under construction. */
class Names {
  readonly #codeOf = new Map<string, number>();
  readonly #codes: Uint32Array;
  readonly #values: string[] = [];

  constructor(capacity: number) {
    this.#codes = new Uint32Array(capacity);
  }

  append(i: number, value: string): void {
    let code = this.#codeOf.get(value);
    if (code === undefined) {
      code = this.#values.push(value) - 1;
      this.#codeOf.set(value, code);
    }
    this.#codes[i] = code;
  }

  build(count: number): { codes: Uint32Array; values: string[] } {
    return { codes: this.#codes.subarray(0, count), values: this.#values.slice() };
  }

  reset(): void {
    this.#codeOf.clear();
    this.#values.length = 0;
  }
}

/** A binary column under construction; it has room for the longest extranonces allowed. */
class Bytes {
  readonly #offsets: Int32Array;
  #bytes: Uint8Array;

  constructor(capacity: number) {
    this.#offsets = new Int32Array(capacity + 1);
    this.#bytes = new Uint8Array(Math.min(capacity, 64) * MAX_EXTRANONCE_BYTES);
  }

  append(i: number, value: Uint8Array): void {
    assert(
      value.length <= MAX_EXTRANONCE_BYTES,
      `an extranonce of ${value.length} bytes is longer than ${MAX_EXTRANONCE_BYTES}`,
    );
    const start = this.#offsets[i]!;
    if (start + value.length > this.#bytes.length) {
      const larger = new Uint8Array(2 * this.#bytes.length);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    // A loop beats set() for the few bytes of an extranonce.
    for (let k = 0; k < value.length; k++) this.#bytes[start + k] = value[k]!;
    this.#offsets[i + 1] = start + value.length;
  }

  build(count: number): { offsets: Int32Array; bytes: Uint8Array } {
    return { offsets: this.#offsets.subarray(0, count + 1), bytes: this.#bytes.subarray(0, this.#offsets[count]) };
  }
}
