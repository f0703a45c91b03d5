// The jobs of one book that a connection was given in a row: from which to which, and at which difficulty each. A connection that is
// put to another source begins another run; the one before is kept for shares that are still on their way.
import type { DifficultyPins } from './difficulty-pins.ts';
import type { JobBook } from './job-book.ts';

export class WorkRun {
  readonly jobs: JobBook;
  readonly pins: DifficultyPins;
  readonly firstJobId: number;
  lastJobId: number;

  constructor(jobs: JobBook, pins: DifficultyPins, firstJobId: number) {
    this.jobs = jobs;
    this.pins = pins;
    this.firstJobId = this.lastJobId = firstJobId;
  }

  /** Whether the id is one of those sent, as far as the numbers tell: other books number theirs in between. */
  spans(jobId: number): boolean {
    return jobId >= this.firstJobId && jobId <= this.lastJobId;
  }
}
