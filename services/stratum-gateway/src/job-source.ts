// Where jobs come from. A port: a local source, an upstream pool or a node can stand behind it.
import type { Job } from '@assay/mining';

export interface NewJob {
  readonly job: Job;
  /** True when earlier work is worthless: a new previous block. */
  readonly cleanJobs: boolean;
}

export interface JobSource {
  /** Begins to deliver; the first job comes before it returns. One listener for the life of the source. */
  start(deliver: (next: NewJob) => void): void;
  /** Asks for a new job now; with `newBlock` as if a block had been found. */
  refresh(newBlock: boolean): void;
  stop(): void;
}
