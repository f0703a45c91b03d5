// Orders a window of a batch so that shares which can share a kernel's lanes lie together: those of the same job with
// an extranonce of the same length. A stable counting sort over a bounded window; nothing is allocated per share.
import type { ProofBatch } from './prover.ts';

export class LaneOrder {
  /** Share numbers, sorted by class, oldest first within one. */
  readonly shares: Int32Array;
  /** Class c is `shares` from `starts[c]` up to `starts[c + 1]`. */
  readonly starts: Int32Array;
  classes = 0;
  readonly #classOf: Int32Array;
  readonly #known = new Map<number, number>();

  /** @param capacity most shares in a window. */
  constructor(capacity: number) {
    this.shares = new Int32Array(capacity);
    this.starts = new Int32Array(capacity + 2);
    this.#classOf = new Int32Array(capacity);
  }

  /** Orders the shares from `from` up to `to`. Every extranonce is shorter than 256 bytes. */
  sort(batch: ProofBatch, from: number, to: number): void {
    const { job } = batch;
    const { offsets } = batch.extranonce;
    this.#known.clear();
    this.classes = 0;
    // starts[c + 2] counts class c, then becomes where class c + 1 starts, so that starts[c + 1] is where c is filled.
    this.starts.fill(0);
    let previousKey = -1;
    let shareClass = 0;
    for (let share = from; share < to; share++) {
      const key = job[share]! * 256 + (offsets[share + 1]! - offsets[share]!);
      // Neighbours are mostly alike; only a change is looked up.
      if (key !== previousKey) {
        shareClass = this.#known.get(key) ?? this.#newClass(key);
        previousKey = key;
      }
      this.#classOf[share - from] = shareClass;
      this.starts[shareClass + 2]!++;
    }
    for (let c = 2; c < this.classes + 2; c++) this.starts[c]! += this.starts[c - 1]!;
    for (let share = from; share < to; share++) {
      const place = this.starts[this.#classOf[share - from]! + 1]!++;
      this.shares[place] = share;
    }
  }

  #newClass(key: number): number {
    this.#known.set(key, this.classes);
    return this.classes++;
  }
}
