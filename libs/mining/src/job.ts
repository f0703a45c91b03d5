// A job template: everything a share needs, besides its own extranonces, ntime, nonce and version bits, to be hashed again.
// A template is identified by the SHA-256 of its content, so that it is stored once however often it is sent.
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
