// The jobs prepared in a kernel's memory: as many as it has slots (64), the least recently used one making room.
// A slot in use by shares that are laid out but not yet hashed is pinned, and never given away.
// A job is found by its hash, but believed by its content: a second job under the same hash is prepared afresh.
import type { Job } from '@assay/mining';
import { jobProblem } from './bounds.ts';
import type { Kernel } from './kernel.ts';

interface Slot {
  readonly number: number;
  key: string;
  job: Job;
  pinnedInRun: number;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}

/** Whether two jobs of one hash have the same content, as far as a kernel looks at it. */
function sameWork(a: Job, b: Job): boolean {
  return (
    a === b ||
    (a.algorithm === b.algorithm &&
      a.nbits === b.nbits &&
      sameBytes(a.prevHash, b.prevHash) &&
      sameBytes(a.coinbase1, b.coinbase1) &&
      sameBytes(a.coinbase2, b.coinbase2) &&
      sameBytes(a.merkleBranches, b.merkleBranches))
  );
}

export class PreparedJobs {
  readonly #kernel: Kernel;
  readonly #algorithm: Job['algorithm'];
  /** In order of last use. */
  readonly #slots = new Map<string, Slot>();
  #run = 0;

  constructor(algorithm: Job['algorithm'], kernel: Kernel) {
    this.#algorithm = algorithm;
    this.#kernel = kernel;
  }

  /**
   * The slot of the job, prepared for extranonces of this length and pinned until `runDone`. Undefined when every slot
   * that could take it is pinned: hash what is laid out, call `runDone`, and ask again. Throws PowError for a job no
   * kernel takes.
   */
  acquire(job: Job, extranonceLength: number): number | undefined {
    const key = `${job.hash}:${extranonceLength}`;
    const known = this.#slots.get(key);
    if (known !== undefined && sameWork(known.job, job)) return this.#use(known, job);
    const problem = jobProblem(this.#algorithm, job);
    if (problem !== undefined) throw problem;
    const slot = known ?? this.#freeSlot(key, job);
    if (slot.pinnedInRun === this.#run) return undefined;
    this.#slots.delete(slot.key);
    slot.key = key;
    this.#prepare(slot.number, job, extranonceLength);
    return this.#use(slot, job);
  }

  /** The shares laid out so far are hashed: no slot is pinned any more. */
  runDone(): void {
    this.#run++;
  }

  #freeSlot(key: string, job: Job): Slot {
    const used = this.#slots.size;
    if (used < this.#kernel.layout.JOB_SLOTS) return { number: used, key, job, pinnedInRun: -1 };
    return this.#slots.values().next().value!;
  }

  #use(slot: Slot, job: Job): number {
    slot.job = job;
    slot.pinnedInRun = this.#run;
    this.#slots.delete(slot.key);
    this.#slots.set(slot.key, slot);
    return slot.number;
  }

  #prepare(slot: number, job: Job, extranonceLength: number): void {
    const { bytes, calls, layout } = this.#kernel;
    const { coinbase1, coinbase2, merkleBranches, prevHash } = job;
    bytes.set(prevHash, layout.RAW_PREV_HASH);
    bytes.set(merkleBranches, layout.RAW_BRANCHES);
    bytes.set(coinbase1, layout.RAW_COINBASE);
    bytes.set(coinbase2, layout.RAW_COINBASE + coinbase1.length + extranonceLength);
    calls.prepareJob(slot, coinbase1.length, extranonceLength, coinbase2.length, merkleBranches.length / 32, job.nbits);
  }
}
