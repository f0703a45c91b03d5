// Job templates as rows of the table `jobs`. Most batches refer to the jobs of the batch before, which are not sent again.
import { hexFromBytes, hexFromUint32 } from '@assay/kernel';
import { difficultyFromNbits } from '@assay/mining';
import type { Job } from '@assay/mining';
import type { ArrowRows } from './arrow-stream.ts';
import { arrowStream, float64Column, microsColumn, stringColumn, uint32Column } from './arrow-stream.ts';
import type { PlacedBlock } from './share-rows.ts';

/** Jobs remembered as stored. Beyond it the oldest are forgotten, and stored again if they come up: merges keep one. */
const REMEMBERED_JOBS = 10_000;

/** A job and the submission time of the first share of the batch that refers to it. */
export interface SeenJob {
  readonly job: Job;
  readonly firstSeenUs: number;
}

export class StoredJobs {
  readonly #hashes = new Set<string>();

  /** The jobs that shares of the blocks refer to and that are not known to be stored, each once. */
  unstored(placed: readonly PlacedBlock[]): SeenJob[] {
    const seen = new Map<string, SeenJob>();
    for (const { block } of placed) {
      const first = new Float64Array(block.jobs.length).fill(Infinity);
      for (let i = 0; i < block.count; i++) {
        const job = block.job[i]!;
        if (job >= 0 && block.submittedAtUs[i]! < first[job]!) first[job] = block.submittedAtUs[i]!;
      }
      block.jobs.forEach((job, i) => {
        if (first[i] === Infinity || this.#hashes.has(job.hash)) return;
        const firstSeenUs = Math.min(first[i]!, seen.get(job.hash)?.firstSeenUs ?? Infinity);
        seen.set(job.hash, { job, firstSeenUs });
      });
    }
    return [...seen.values()];
  }

  /** To be called once they are durable in the store. */
  remember(jobs: readonly SeenJob[]): void {
    for (const { job } of jobs) this.#hashes.add(job.hash);
    for (const hash of this.#hashes) {
      if (this.#hashes.size <= REMEMBERED_JOBS) break;
      this.#hashes.delete(hash);
    }
  }
}

export function jobRows(seen: readonly SeenJob[]): ArrowRows {
  const text = (pick: (job: Job) => string): ReturnType<typeof stringColumn> =>
    stringColumn(seen.map(({ job }) => pick(job)));
  return arrowStream({
    hash: text((job) => job.hash),
    algorithm: text((job) => job.algorithm),
    prev_hash: text((job) => hexFromBytes(Uint8Array.from(job.prevHash).reverse())),
    coinbase1: text((job) => hexFromBytes(job.coinbase1)),
    coinbase2: text((job) => hexFromBytes(job.coinbase2)),
    merkle_branches: text((job) => hexFromBytes(job.merkleBranches)),
    version: uint32Column(Uint32Array.from(seen, ({ job }) => job.version)),
    nbits: text((job) => hexFromUint32(job.nbits)),
    ntime: uint32Column(Uint32Array.from(seen, ({ job }) => job.ntime)),
    network_difficulty: float64Column(
      Float64Array.from(seen, ({ job }) => difficultyFromNbits(job.nbits, job.algorithm)),
    ),
    first_seen: microsColumn(seen.map(({ firstSeenUs }) => firstSeenUs)),
  });
}
