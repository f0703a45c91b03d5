// Shares as columns: the in-memory form of a share block. Gateway, validator and aggregator work on these columns directly;
// Arrow is only their encoding. A column's i-th entry belongs to the i-th share.
import type { Job } from '@assay/mining';

/** A column of few distinct strings: `values[codes[i]]` is the i-th entry. */
export interface DictionaryColumn {
  readonly codes: Uint32Array;
  readonly values: readonly string[];
}

/** A column of byte strings of varying length: the i-th is `bytes.subarray(offsets[i], offsets[i + 1])`. */
export interface BinaryColumn {
  /** count + 1 entries, the first 0. */
  readonly offsets: Int32Array;
  readonly bytes: Uint8Array;
}

/** A block as the gateway publishes it on `shares.submitted`. It stands alone: with it anyone can hash every share again. */
export interface SubmittedBlock {
  readonly count: number;
  /** Name of the gateway that took the shares. */
  readonly gateway: string;
  /** Microseconds since 1970, UTC: when the share's line was read from the socket. */
  readonly submittedAtUs: Float64Array;
  readonly tenant: DictionaryColumn;
  /** Full username, `tenant.site.rack.machine`, sanitised; as the miner sent it with the submit. */
  readonly worker: DictionaryColumn;
  /** Every job template the shares refer to, each once. */
  readonly jobs: readonly Job[];
  /** Index into `jobs`, or -1 for a share that names no job we know. */
  readonly job: Int32Array;
  readonly extranonce1: BinaryColumn;
  /** Empty where the share was malformed. */
  readonly extranonce2: BinaryColumn;
  readonly ntime: Uint32Array;
  readonly nonce: Uint32Array;
  /** The rolled bits as submitted (0 without version rolling). header version = (job.version & ~mask) | (bits & mask). */
  readonly versionBits: Uint32Array;
  /** The mask negotiated for the share's connection (0 without version rolling). */
  readonly versionMask: Uint32Array;
  /** Assigned difficulty: that of the job as it was sent, in the algorithm's own convention. */
  readonly difficulty: Float64Array;
  /** The gateway's judgement: index into REJECT_REASONS, 0 = accepted. */
  readonly rejectCode: Uint8Array;
}

/** A block as the validator publishes it on `shares.verified`: the submitted columns, judged again, with what hashing showed. */
export interface VerifiedBlock extends SubmittedBlock {
  /** The validator's own judgement, which is the one that counts: index into REJECT_REASONS, 0 = accepted. */
  readonly verifiedRejectCode: Uint8Array;
  /** Block hash in header byte order (little-endian integer), 32 bytes a share; zeroes where the share could not be hashed. */
  readonly hashes: Uint8Array;
  /** Difficulty the hash achieved, in the algorithm's own convention; 0 where the share could not be hashed. */
  readonly shareDifficulty: Float64Array;
  /** 1 where the hash meets the network target of the job. */
  readonly blockCandidate: Uint8Array;
}
