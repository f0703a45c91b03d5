// Where jobs come from, and where what was found on them goes. A port: jobs of our own, an upstream pool or a node stand behind it.
import type { UpstreamRecord } from '@assay/share-block';
import type { SourcedJob } from '@assay/stratum';

export type { FoundShare, SourcedJob, WantedShares } from '@assay/stratum';

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
