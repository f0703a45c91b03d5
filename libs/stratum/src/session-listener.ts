// What all sessions of a listener have in common: its rules, its jobs, and who may mine.
import type { Algorithm, VardiffSettings } from '@assay/mining';
import type { PasswordOptions, WorkerName } from '@assay/tenancy';
import type { DifficultyTiers } from './difficulty-tiers.ts';
import type { JobBook } from './job-book.ts';

export type Authorization<Worker> =
  | {
      readonly allowed: true;
      readonly worker: Worker;
      readonly lastKnownDifficulty: number | undefined;
      /** Where its work comes from; the listener's own jobs when left out. */
      readonly jobs?: JobBook;
    }
  | {
      readonly allowed: false;
      readonly message: string;
      /** Refused for the secret that was given. */
      readonly wrongSecret?: boolean;
    };

/** What a session has to know of a worker; the rest of it is the listener's own. */
export interface NamedWorker {
  readonly name: WorkerName;
  /** What the machine should deliver, hashes per second, where that was said. */
  readonly expectedHashRateHs: number | undefined;
}

export interface SessionListener<Worker extends NamedWorker> {
  readonly algorithm: Algorithm;
  readonly extranonce2Bytes: number;
  /** Version bits miners may roll. */
  readonly versionMask: number;
  readonly vardiff: VardiffSettings;
  /** Where a miner starts of which nothing is known. */
  readonly startDifficulty: number;
  /** Where one starts that rolls versions: only ASICs do, and the smallest of them finds difficulty 512 every few seconds. */
  readonly startDifficultyRolling: number;
  readonly maxWorkersPerConnection: number;
  /** Shares remembered per connection and job; see DuplicateFilter. */
  readonly duplicateCapacity: number;
  /** Any integer miners do not know. */
  readonly duplicateSeed: number;
  /** What a machine works on as long as nothing else is known of it. */
  readonly jobs: JobBook;
  readonly tiers: DifficultyTiers;
  /** Says whether this worker may mine here. Called once per authorize. */
  authorize(name: WorkerName, options: PasswordOptions): Authorization<Worker>;
}
