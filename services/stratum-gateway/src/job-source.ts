// Where jobs come from, and where what was found on them goes. A port: jobs of our own, an upstream pool or a node stand behind it.
import type { Job } from '@assay/mining';
import type { UpstreamRecord } from '@assay/share-block';
import type { WorkerName } from '@assay/tenancy';

export interface SourcedJob {
  /** As machines get it: room for the gateway's extranonce1 and extranonce2 is left between its coinbase halves, and no more. */
  readonly job: Job;
  /** True when earlier work is worthless: a new previous block, or another upstream. */
  readonly cleanJobs: boolean;
  /** Version bits machines may roll on it. */
  readonly versionMask: number;
  /** Undefined when nobody wants to hear of shares. */
  readonly wanted: WantedShares | undefined;
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

export interface SourceListener {
  /** A new job; the one before is no longer given out. */
  job(next: SourcedJob): void;
  /** There is no work to be had until the next job. Told once each time. */
  away(reason: string): void;
  /** What is to be put on record: a job taken over, or what became of a share. */
  record(record: UpstreamRecord): void;
}

export interface JobSource {
  /** Begins to deliver. One listener for the life of the source. */
  start(listener: SourceListener): void;
  /** Asks for a new job now, where the source can make one; with `newBlock` as if a block had been found. */
  refresh(newBlock: boolean): void;
  /** 'ok', or why there is no work, or what is not as it should be: shown by readiness. */
  readonly state: string;
  /** Delivers nothing more; what it has taken is sent on for as long as that takes, within some seconds. */
  stop(): Promise<void>;
}
