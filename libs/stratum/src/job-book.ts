// The jobs miners may be working on, newest last, with their wire form. Bounded: the oldest job falls out.
// A job id on the wire is eight hex digits: the job's sequence number (24 bits) and a variant (8 bits). A variant is the same job
// sent again to one connection, with a later ntime, so that a miner which starts over does not find its old shares again;
// ids are unique for the life of a gateway, and the sequence starts at random, so that a share for a job of an earlier
// gateway is not mistaken for one of ours. All books of a gateway take their numbers from one sequence, so that an id names one job.
import { assert, hexFromBytes, hexFromUint32 } from '@assay/kernel';
import { floorDifficulty, targetFromNbits, type Job } from '@assay/mining';
import { FREE_TERMS, type JobTerms, type WantedShares } from './sourced-job.ts';

/** Jobs kept where nothing else is configured: at one in 30 s, four minutes of late shares. */
export const JOBS_KEPT = 8;
export const LAST_VARIANT = 255;
const SEQUENCES = 2 ** 24;
const MICROS = 1_000_000;

/** Highest first sequence: leaves room for some ten million jobs. */
export const MAX_FIRST_SEQUENCE = 2 ** 22;

/** Numbers the jobs of all books of a gateway. */
export class JobSequence {
  #next: number;

  /** @param first 0 to MAX_FIRST_SEQUENCE, random. */
  constructor(first: number) {
    assert(first >= 0 && first <= MAX_FIRST_SEQUENCE, `first job sequence out of range: ${first}`);
    this.#next = first;
  }

  next(): number {
    assert(this.#next < SEQUENCES, 'job sequence exhausted');
    return this.#next++;
  }
}

/** A job with its number and its wire form. */
export class PublishedJob {
  readonly job: Job;
  readonly versionMask: number;
  readonly wanted: WantedShares | undefined;
  /** No connection gets the job at a higher difficulty. */
  readonly maxDifficulty: number;
  readonly sequence: number;
  /** Whether a newer previous block has made shares for it worthless. */
  stale = false;
  /** The notify line that every connection without a special wish gets: variant 0, the job's own ntime. */
  readonly line: Uint8Array;
  readonly #middle: string;
  /** How much later its source's clock is than ours, microseconds. */
  readonly #aheadUs: number;
  #networkTarget: Uint8Array | undefined = undefined;

  constructor(job: Job, sequence: number, cleanJobs: boolean, terms: JobTerms, publishedAtUs: number) {
    this.job = job;
    this.versionMask = terms.versionMask;
    this.wanted = terms.wanted;
    this.maxDifficulty = terms.wanted === undefined ? Infinity : floorDifficulty(terms.wanted.difficulty);
    this.sequence = sequence;
    this.#aheadUs = job.ntime * MICROS - publishedAtUs;
    this.#middle = notifyMiddle(job);
    this.line = this.lineOf(0, job.ntime, cleanJobs);
  }

  /** Wire id of a variant, as the number whose eight hex digits it is. */
  idOf(variant: number): number {
    return this.sequence * 256 + variant;
  }

  /** What its source's clock says now, UNIX seconds: a pool may refuse times that are far from its own. */
  ntimeAt(nowUs: number): number {
    return Math.floor((nowUs + this.#aheadUs) / MICROS);
  }

  /** What a hash must meet to be a block, 32 bytes; where the job names no valid target, what none meets. */
  get networkTarget(): Uint8Array {
    return (this.#networkTarget ??= targetFromNbits(this.job.nbits) ?? new Uint8Array(32));
  }

  /** A notify line of its own, for one connection. */
  lineOf(variant: number, ntime: number, cleanJobs: boolean): Uint8Array {
    const id = hexFromUint32(this.idOf(variant));
    return Buffer.from(
      `{"id":null,"method":"mining.notify","params":["${id}",${this.#middle},"${hexFromUint32(ntime)}",${cleanJobs}]}\n`,
      'latin1',
    );
  }
}

export class JobBook {
  readonly #kept: number;
  readonly #jobs: PublishedJob[] = [];
  readonly #sequence: JobSequence;

  constructor(sequence: JobSequence, kept: number = JOBS_KEPT) {
    this.#sequence = sequence;
    this.#kept = kept;
  }

  get current(): PublishedJob | undefined {
    return this.#jobs[this.#jobs.length - 1];
  }

  /** Sequence of the oldest job kept; above every sequence while there is none. */
  get oldestSequence(): number {
    return this.#jobs[0]?.sequence ?? SEQUENCES;
  }

  /** Takes a new job; with `cleanJobs` every earlier one is stale from now on. Without a time, its own ntime is the present. */
  add(job: Job, cleanJobs: boolean, terms: JobTerms = FREE_TERMS, nowUs: number = job.ntime * MICROS): PublishedJob {
    if (cleanJobs) for (const earlier of this.#jobs) earlier.stale = true;
    const published = new PublishedJob(job, this.#sequence.next(), cleanJobs, terms, nowUs);
    this.#jobs.push(published);
    if (this.#jobs.length > this.#kept) this.#jobs.shift();
    return published;
  }

  find(sequence: number): PublishedJob | undefined {
    for (let i = this.#jobs.length - 1; i >= 0; i--) if (this.#jobs[i]!.sequence === sequence) return this.#jobs[i];
    return undefined;
  }
}

/** The params between job id and ntime: prevhash, coinbase halves, branches, version, nbits. */
function notifyMiddle(job: Job): string {
  const branches: string[] = [];
  for (let i = 0; i < job.merkleBranches.length; i += 32)
    branches.push(`"${hexFromBytes(job.merkleBranches.subarray(i, i + 32))}"`);
  return [
    `"${hexFromBytes(swappedWords(job.prevHash))}"`,
    `"${hexFromBytes(job.coinbase1)}"`,
    `"${hexFromBytes(job.coinbase2)}"`,
    `[${branches.join(',')}]`,
    `"${hexFromUint32(job.version)}"`,
    `"${hexFromUint32(job.nbits)}"`,
  ].join(',');
}

/** Stratum sends the previous hash as eight big-endian words, that is with the bytes of each word of the header reversed. */
function swappedWords(hash: Uint8Array): Uint8Array {
  const out = new Uint8Array(hash.length);
  for (let i = 0; i < hash.length; i++) out[i] = hash[i ^ 3]!;
  return out;
}
