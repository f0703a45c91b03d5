// A job as its source hands it over: the work itself, under which terms it is given, and which shares of it are wanted back.
import type { Job } from '@assay/mining';
import type { WorkerName } from '@assay/tenancy';

/** Under which terms a job is given to machines. */
export interface JobTerms {
  /** Version bits machines may roll on it. */
  readonly versionMask: number;
  /** Undefined when nobody wants to hear of shares. */
  readonly wanted: WantedShares | undefined;
}

export interface SourcedJob extends JobTerms {
  /** As machines get it: room for the gateway's extranonce1 and extranonce2 is left between its coinbase halves, and no more. */
  readonly job: Job;
  /** True when earlier work is worthless: a new previous block, or another upstream. */
  readonly cleanJobs: boolean;
}

/** Which shares of a job its source wants to have. */
export interface WantedShares {
  /** Those whose hash meets it: 32 bytes, as `meetsTarget` takes them. */
  readonly target: Uint8Array;
  /** Machines get no higher difficulty than this one, or they would keep back shares that are wanted. */
  readonly difficulty: number;
  /** Takes one that meets the target, at once, before it is logged. Never throws and never waits. */
  take(share: FoundShare): void;
}

/** A share as it was found and hashed. Its bytes are the caller's: copied where they are kept. */
export interface FoundShare {
  readonly job: Job;
  readonly worker: WorkerName;
  readonly extranonce1: Uint8Array;
  readonly extranonce2: Uint8Array;
  readonly ntime: number;
  readonly nonce: number;
  /** As hashed: the job's, with the rolled bits put in. */
  readonly version: number;
  /** The rolled bits alone; undefined for a machine that does not roll. */
  readonly versionBits: number | undefined;
  /** 32 bytes in header byte order. */
  readonly hash: Uint8Array;
  /** Whether the hash meets the network target of the job. */
  readonly blockCandidate: boolean;
  readonly submittedAtUs: number;
}

/** Nobody wants the shares, and every bit may be rolled that the listener allows. */
export const FREE_TERMS: JobTerms = { versionMask: 0xffffffff, wanted: undefined };
