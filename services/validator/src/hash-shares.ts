// Hashes every share of a block that can be hashed, from the block's raw fields alone: coinbase, merkle root, header, hash.
// The shares of one algorithm go to its prover in slices, so that other work of this process gets a turn between them.
import { REJECT_CODE, rolledVersion, type Algorithm } from '@assay/mining';
import { createProver, HASH_BYTES, jobProblem, type ProofBatch, type Prover } from '@assay/pow';
import type { SubmittedBlock } from '@assay/share-block';
import { setImmediate } from 'node:timers/promises';

/** Shares in one slice: some 10 ms of work, as a scrypt hash takes a thousand times as long as a sha256d one. */
const SLICE: Readonly<Record<Algorithm, number>> = { sha256d: 2048, scrypt: 16 };
const MAX_SLICE = 2048;

export interface HashedShares {
  /** 32 bytes a share, header byte order; zeroes where the share could not be hashed. */
  readonly hashes: Uint8Array;
  /** 1 where it could. */
  readonly hashed: Uint8Array;
}

/** Told after each slice: shares hashed, and seconds it took. */
export type Hashed = (algorithm: Algorithm, shares: number, seconds: number) => void;

export class ShareHasher {
  readonly #hashed: Hashed;
  readonly #provers = new Map<Algorithm, Prover>();
  readonly #share = new Int32Array(MAX_SLICE);
  readonly #job = new Int32Array(MAX_SLICE);
  readonly #version = new Uint32Array(MAX_SLICE);
  readonly #ntime = new Uint32Array(MAX_SLICE);
  readonly #nonce = new Uint32Array(MAX_SLICE);
  readonly #offsets = new Int32Array(MAX_SLICE + 1);
  // A decoded block has at most 16 bytes of each extranonce.
  readonly #extranonces = new Uint8Array(MAX_SLICE * 32);
  readonly #out = new Uint8Array(MAX_SLICE * HASH_BYTES);

  constructor(hashed: Hashed) {
    this.#hashed = hashed;
  }

  /** A share cannot be hashed when it names no job, when its job is beyond what can be proved, or when it never was a whole share. */
  async hash(block: SubmittedBlock): Promise<HashedShares> {
    const hashes = new Uint8Array(block.count * HASH_BYTES);
    const hashed = new Uint8Array(block.count);
    const algorithmOf = block.jobs.map((job) =>
      jobProblem(job.algorithm, job) === undefined ? job.algorithm : undefined,
    );
    for (const algorithm of new Set(algorithmOf)) {
      if (algorithm === undefined) continue;
      for (let next = 0; next < block.count;) {
        if (next > 0) await setImmediate();
        next = this.#hashSlice(block, algorithmOf, algorithm, next, hashes, hashed);
      }
    }
    return { hashes, hashed };
  }

  /** Hashes the next slice of the algorithm's shares, from share `from` on; returns the share to go on with. */
  #hashSlice(
    block: SubmittedBlock,
    algorithmOf: readonly (Algorithm | undefined)[],
    algorithm: Algorithm,
    from: number,
    hashes: Uint8Array,
    hashed: Uint8Array,
  ): number {
    let count = 0;
    let i = from;
    for (; i < block.count && count < SLICE[algorithm]; i++) {
      const job = block.job[i]!;
      if (job < 0 || algorithmOf[job] !== algorithm || block.rejectCode[i] === REJECT_CODE.malformed) continue;
      this.#share[count] = i;
      this.#job[count] = job;
      this.#version[count] = rolledVersion(block.jobs[job]!.version, block.versionMask[i]!, block.versionBits[i]!);
      this.#ntime[count] = block.ntime[i]!;
      this.#nonce[count] = block.nonce[i]!;
      this.#copyExtranonces(block, i, count);
      count++;
    }
    if (count > 0) {
      const beganMs = performance.now();
      this.#prover(algorithm).hash(this.#batch(block, count), this.#out);
      this.#hashed(algorithm, count, (performance.now() - beganMs) / 1000);
      for (let k = 0; k < count; k++) {
        const share = this.#share[k]!;
        hashed[share] = 1;
        for (let b = 0; b < HASH_BYTES; b++) hashes[share * HASH_BYTES + b] = this.#out[k * HASH_BYTES + b]!;
      }
    }
    return i;
  }

  #copyExtranonces(block: SubmittedBlock, share: number, place: number): void {
    const out = this.#extranonces;
    let to = this.#offsets[place]!;
    const { offsets: offsets1, bytes: bytes1 } = block.extranonce1;
    for (let from = offsets1[share]!; from < offsets1[share + 1]!; from++) out[to++] = bytes1[from]!;
    const { offsets: offsets2, bytes: bytes2 } = block.extranonce2;
    for (let from = offsets2[share]!; from < offsets2[share + 1]!; from++) out[to++] = bytes2[from]!;
    this.#offsets[place + 1] = to;
  }

  #batch(block: SubmittedBlock, count: number): ProofBatch {
    return {
      count,
      job: this.#job,
      jobs: block.jobs,
      extranonce: { offsets: this.#offsets, bytes: this.#extranonces },
      version: this.#version,
      ntime: this.#ntime,
      nonce: this.#nonce,
    };
  }

  #prover(algorithm: Algorithm): Prover {
    let prover = this.#provers.get(algorithm);
    if (!prover) this.#provers.set(algorithm, (prover = createProver(algorithm)));
    return prover;
  }
}
