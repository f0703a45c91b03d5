// What the simulated pool knows of one client: its extranonce1, and each job it was sent with the difficulty that held then. It outlives
// its connection where the pool resumes sessions.
import type { JobTemplate } from '@assay/mining';

export interface SentJob {
  readonly template: JobTemplate;
  readonly extranonce1: string;
  readonly difficulty: number;
  readonly versionMask: number;
}

const JOBS_KEPT = 64;
/** How long a share may have been on its way when its job became worthless: nobody is at fault for that. */
const RACE_MS = 1000;

export class PoolSession {
  readonly id: string;
  extranonce1: string;
  versionMask = 0;
  subscribed = false;
  /** The last difficulty sent, which holds from the next job on. */
  difficulty = 0;
  readonly accounts = new Set<string>();
  readonly #jobs = new Map<string, SentJob>();
  readonly #forgottenAtMs = new Map<string, number>();

  constructor(id: string, extranonce1: string) {
    this.id = id;
    this.extranonce1 = extranonce1;
  }

  sent(jobId: string, template: JobTemplate): void {
    const { extranonce1, difficulty, versionMask } = this;
    this.#jobs.set(jobId, { template, extranonce1, difficulty, versionMask });
    const [oldest] = this.#jobs.keys();
    if (this.#jobs.size > JOBS_KEPT) this.#jobs.delete(oldest!);
  }

  job(jobId: string): SentJob | undefined {
    return this.#jobs.get(jobId);
  }

  /** A new previous block, or another extranonce1: nothing sent so far is worth anything. */
  forgetJobs(): void {
    const nowMs = Date.now();
    for (const [id, atMs] of this.#forgottenAtMs) if (nowMs - atMs > RACE_MS) this.#forgottenAtMs.delete(id);
    for (const id of this.#jobs.keys()) this.#forgottenAtMs.set(id, nowMs);
    this.#jobs.clear();
  }

  /** Whether a job was good until a moment ago. */
  wasGood(jobId: string): boolean {
    return Date.now() - (this.#forgottenAtMs.get(jobId) ?? -Infinity) <= RACE_MS;
  }
}
