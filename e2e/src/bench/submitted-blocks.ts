// Share blocks as gateways would have put them into the log: real shares, all different, of a hundred machines on one job with
// twelve branches. Every share was found by hashing, so a validator accepts all of them.
import { createHash } from 'node:crypto';
import { assert } from '@assay/kernel';
import { createLocalJobMaker, sealJob, targetFromDifficulty, type Job } from '@assay/mining';
import { createProver } from '@assay/pow';
import { encodeSubmitted, ShareColumnsBuilder } from '@assay/share-block';
import { NonceSearch } from '@assay/sim';

export const BLOCK_SHARES = 1000;

export interface SubmittedBlocksOptions {
  /** When the first share was submitted, microseconds since 1970. */
  readonly fromUs: number;
  /** From one share to the next, microseconds. */
  readonly stepUs?: number;
  readonly blockShares?: number;
  readonly workers?: number;
  /** Shares of one machine in a row, on one extranonce2: many are mined faster, one is what a gateway really sees. */
  readonly sharesPerExtranonce2?: number;
}

/** Some 43 hashes a share. */
const DIFFICULTY = 1e-8;
const BRANCHES = 12;
const NONCES = 2 ** 31;
const MICROS = 1_000_000;

/** Gives blocks without end, by default of a hundred machines whose shares come a millisecond after one another. */
export class SubmittedBlocks {
  readonly #job: Job;
  readonly #target = targetFromDifficulty(DIFFICULTY, 'sha256d');
  readonly #search = new NonceSearch(createProver('sha256d'));
  readonly #builder: ShareColumnsBuilder;
  readonly #workers: number;
  readonly #stepUs: number;
  readonly #blockShares: number;
  readonly #inARow: number;
  #atUs: number;
  #extranonce2 = 0;

  constructor({
    fromUs,
    stepUs = 1000,
    blockShares = BLOCK_SHARES,
    workers = 100,
    sharesPerExtranonce2 = 50,
  }: SubmittedBlocksOptions) {
    this.#inARow = sharesPerExtranonce2;
    this.#atUs = fromUs;
    this.#stepUs = stepUs;
    this.#blockShares = blockShares;
    this.#workers = workers;
    this.#builder = new ShareColumnsBuilder('gateway-1', { capacity: blockShares, maxJobBytes: 65_536 });
    const maker = createLocalJobMaker({
      algorithm: 'sha256d',
      seed: 1,
      branches: BRANCHES,
      nbits: 0x17021a91,
      extranonceSize: 12,
      tag: '/assay/',
    });
    this.#job = sealJob(maker.next({ nowSeconds: Math.floor(fromUs / MICROS), newBlock: true }));
  }

  /** The next block, encoded. */
  next(): Uint8Array {
    this.#builder.reset();
    while (this.#builder.count < this.#blockShares) this.#mineOneExtranonce2();
    return encodeSubmitted(this.#builder.build());
  }

  #mineOneExtranonce2(): void {
    const machine = this.#extranonce2 % this.#workers;
    const extranonce1 = Buffer.alloc(4);
    extranonce1.writeUInt32BE(machine);
    const extranonce2 = Buffer.alloc(8);
    extranonce2.writeUInt32BE(this.#extranonce2++, 4);
    const tenant = `tenant${machine % 3}`;
    const row = {
      tenant,
      worker: `${tenant}.site${machine % 2}.r1.m${machine}`,
      job: this.#job,
      extranonce1,
      extranonce2,
      ntime: this.#job.ntime,
      versionBits: 0,
      versionMask: 0,
      difficulty: DIFFICULTY,
      rejectCode: 0,
    };
    const wanted = Math.min(this.#inARow, this.#blockShares - this.#builder.count);
    let found = 0;
    this.#search.search(this.#header(extranonce1, extranonce2), this.#target, 0, NONCES, (nonce) => {
      assert(this.#builder.append({ ...row, submittedAtUs: (this.#atUs += this.#stepUs), nonce }), 'the block is full');
      return ++found < wanted;
    });
  }

  #header(extranonce1: Uint8Array, extranonce2: Uint8Array): Uint8Array {
    const job = this.#job;
    let root = sha256d(Buffer.concat([job.coinbase1, extranonce1, extranonce2, job.coinbase2]));
    for (let at = 0; at < job.merkleBranches.length; at += 32)
      root = sha256d(Buffer.concat([root, job.merkleBranches.subarray(at, at + 32)]));
    const header = Buffer.alloc(80);
    header.writeUInt32LE(job.version, 0);
    header.set(job.prevHash, 4);
    header.set(root, 36);
    header.writeUInt32LE(job.ntime, 68);
    header.writeUInt32LE(job.nbits, 72);
    return header;
  }
}

function sha256d(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(createHash('sha256').update(bytes).digest()).digest();
}
