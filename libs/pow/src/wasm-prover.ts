// Hashes batches in a WASM kernel: lays the shares out in the kernel's memory, group by group of lanes, and calls it once
// per chunk (512 shares). Everything it holds is allocated at creation and bounded; a larger batch takes more calls.
import type { Algorithm } from '@assay/mining';
import { extranonceProblem } from './bounds.ts';
import { checkBatch, checkHeaders } from './check-batch.ts';
import { loadKernel, type Kernel } from './kernel.ts';
import { LaneOrder } from './lane-order.ts';
import { PreparedJobs } from './prepared-jobs.ts';
import { HASH_BYTES, HEADER_BYTES, type ProofBatch, type Prover } from './prover.ts';

/** A lane that only fills up its group. */
const NO_SHARE = -1;

export class WasmProver implements Prover {
  readonly algorithm: Algorithm;
  readonly mode: 'simd' | 'scalar';
  readonly #kernel: Kernel;
  readonly #jobs: PreparedJobs;
  readonly #order: LaneOrder;
  /** Which share lies in each lane laid out so far. */
  readonly #laneShares: Int32Array;
  #lanes = 0;

  constructor(algorithm: Algorithm, mode: 'simd' | 'scalar') {
    this.algorithm = algorithm;
    this.mode = mode;
    this.#kernel = loadKernel(algorithm, mode);
    this.#jobs = new PreparedJobs(algorithm, this.#kernel);
    this.#order = new LaneOrder(this.#kernel.layout.CHUNK);
    this.#laneShares = new Int32Array(this.#kernel.layout.CHUNK);
  }

  hash(batch: ProofBatch, out: Uint8Array): void {
    checkBatch(batch, out);
    // A call that threw may have left lanes laid out.
    this.#lanes = 0;
    this.#jobs.runDone();
    for (let i = 0; i < batch.count; i++) {
      const problem = extranonceProblem(batch.jobs[batch.job[i]!]!, extranonceLength(batch, i));
      if (problem !== undefined) throw problem;
    }
    const window = this.#kernel.layout.CHUNK;
    for (let from = 0; from < batch.count; from += window) {
      this.#order.sort(batch, from, Math.min(from + window, batch.count));
      for (let c = 0; c < this.#order.classes; c++) this.#layOutClass(batch, c, out);
      this.#run(out);
    }
  }

  hashHeaders(headers: Uint8Array, out: Uint8Array): void {
    const count = checkHeaders(headers, out);
    const { bytes, calls, layout } = this.#kernel;
    for (let from = 0; from < count; from += layout.CHUNK) {
      const to = Math.min(from + layout.CHUNK, count);
      bytes.set(headers.subarray(from * HEADER_BYTES, to * HEADER_BYTES), layout.HEADERS);
      calls.hashHeaders(Math.ceil((to - from) / layout.LANES));
      const hashes = bytes.subarray(layout.HASHES, layout.HASHES + (to - from) * HASH_BYTES);
      out.set(hashes, from * HASH_BYTES);
    }
  }

  /** Lays out the shares of one class, running the kernel whenever its lanes or its job slots are used up. */
  #layOutClass(batch: ProofBatch, shareClass: number, out: Uint8Array): void {
    const { LANES, CHUNK } = this.#kernel.layout;
    const { shares, starts } = this.#order;
    const end = starts[shareClass + 1]!;
    let next = starts[shareClass]!;
    while (next < end) {
      const first = shares[next]!;
      const slot = this.#jobs.acquire(batch.jobs[batch.job[first]!]!, extranonceLength(batch, first));
      if (slot === undefined) this.#run(out);
      while (slot !== undefined && next < end && this.#lanes < CHUNK) {
        this.#kernel.words[this.#kernel.layout.GROUP_SLOTS / 4 + this.#lanes / LANES] = slot;
        for (let lane = 0; lane < LANES; lane++) this.#layOut(batch, next < end ? shares[next++]! : NO_SHARE);
      }
      if (this.#lanes === CHUNK) this.#run(out);
    }
  }

  #layOut(batch: ProofBatch, share: number): void {
    const lane = this.#lanes++;
    this.#laneShares[lane] = share;
    // What the lane held before is hashed along and thrown away.
    if (share === NO_SHARE) return;
    const { bytes, layout, words } = this.#kernel;
    words[layout.VERSIONS / 4 + lane] = batch.version[share]!;
    words[layout.NTIMES / 4 + lane] = batch.ntime[share]!;
    words[layout.NONCES / 4 + lane] = batch.nonce[share]!;
    const { offsets, bytes: extranonces } = batch.extranonce;
    const end = offsets[share + 1]!;
    let to = layout.EXTRANONCES + lane * layout.MAX_EXTRANONCE;
    for (let from = offsets[share]!; from < end; from++) bytes[to++] = extranonces[from]!;
  }

  /** Hashes what is laid out and copies each hash to its share's place. */
  #run(out: Uint8Array): void {
    const { bytes, calls, layout } = this.#kernel;
    if (this.#lanes > 0) calls.proveShares(this.#lanes / layout.LANES);
    for (let lane = 0; lane < this.#lanes; lane++) {
      const share = this.#laneShares[lane]!;
      if (share === NO_SHARE) continue;
      const from = layout.HASHES + lane * HASH_BYTES;
      for (let i = 0; i < HASH_BYTES; i++) out[share * HASH_BYTES + i] = bytes[from + i]!;
    }
    this.#lanes = 0;
    this.#jobs.runDone();
  }
}

function extranonceLength(batch: ProofBatch, share: number): number {
  return batch.extranonce.offsets[share + 1]! - batch.extranonce.offsets[share]!;
}
