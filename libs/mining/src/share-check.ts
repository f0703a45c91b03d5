// The checks of a submitted share that need no hashing, in their order, cheapest first: shape, session, job, duplicate, ntime,
// version bits. They see canonical bytes only, never the text a miner sent. The hash against the target comes after, in batch.
// The first check that fails names the reason; '' means that the share may be hashed.
import type { DuplicateFilter } from './duplicate-filter.ts';
import { MAX_NTIME_AHEAD_SECONDS, ntimeInRange } from './ntime.ts';
import type { RejectReason } from './verdict.ts';
import { bitsOutsideMask } from './version-rolling.ts';

/** A share in canonical form. */
export interface SubmittedShare {
  readonly extranonce2: Uint8Array;
  readonly ntime: number;
  readonly nonce: number;
  /** The rolled bits, 0 where the share brought none. */
  readonly versionBits: number;
}

/** What the connection knows when the share arrives. */
export interface ShareSession {
  readonly subscribed: boolean;
  /** Whether the worker the share names is authorized on this connection. */
  readonly authorized: boolean;
  /** Bytes of extranonce2 announced to the miner. */
  readonly extranonce2Bytes: number;
  /** The mask granted, 0 without version rolling. */
  readonly versionMask: number;
}

/** A job as it stands on one connection. */
export interface OpenJob {
  readonly ntime: number;
  /** Whether a newer previous block has made shares for it worthless. */
  readonly stale: boolean;
  /** The shares seen for this job on this connection. */
  readonly duplicates: DuplicateFilter;
}

/**
 * Judges a share up to the hash. A share that gets as far as the duplicate check is remembered there, whatever comes of it.
 * @param job the job the share names, undefined when this connection has no such job
 */
export function checkShare(
  share: SubmittedShare,
  session: ShareSession,
  job: OpenJob | undefined,
  maxNtimeAheadSeconds: number = MAX_NTIME_AHEAD_SECONDS,
): RejectReason {
  if (share.extranonce2.length !== session.extranonce2Bytes) return 'malformed';
  if (!session.subscribed) return 'not_subscribed';
  if (!session.authorized) return 'unauthorized';
  if (job === undefined) return 'unknown_job';
  if (job.stale) return 'stale';
  const answer = job.duplicates.add(share.extranonce2, share.ntime, share.nonce, share.versionBits);
  if (answer === 'duplicate') return 'duplicate';
  if (answer === 'full') return 'rate_limited';
  if (!ntimeInRange(share.ntime, job.ntime, maxNtimeAheadSeconds)) return 'ntime_out_of_range';
  if (bitsOutsideMask(share.versionBits, session.versionMask)) return 'version_bits';
  return '';
}
