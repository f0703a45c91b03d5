// Sums of shares per (tenant, worker, algorithm, bucket of time), as columns. A rollup is a set of deltas: merging is
// associative and commutative, so shares may arrive late, in any order and in any batches, and the sums come out the same.
import type { Algorithm } from '@assay/mining';
import { REJECT_REASONS } from '@assay/mining';
import { assert } from '@assay/kernel';
import type { WorkColumns } from './work-sum.ts';
import { mergeWork } from './work-sum.ts';

/** Whose shares a row sums. The algorithm is empty for shares that name no known job: they were rejected and carry no work. */
export interface RollupGroup {
  readonly tenant: string;
  readonly worker: string;
  readonly algorithm: Algorithm | '';
}

const REASONS = REJECT_REASONS.length;
const MAX_GROUPS = 2 ** 22; // Group and bucket number share the 53 bits of a row's key.
const MAX_ACTIVE_PARTS = 64;

export class Rollup {
  /** Length of a bucket, microseconds. Buckets start at multiples of it since 1970. */
  readonly bucketUs: number;
  /** Rows in use; every column is at least this long. */
  size = 0;
  groups: RollupGroup[] = [];

  /** Index into `groups`. */
  group: Uint32Array = new Uint32Array(0);
  /** Start of the bucket, microseconds since 1970. */
  startUs: Float64Array = new Float64Array(0);
  accepted: Float64Array = new Float64Array(0);
  /** Rejected shares by reason: row i's count of REJECT_REASONS[c] is at `i * REJECT_REASONS.length + c`. */
  rejected: Float64Array = new Float64Array(0);
  /** Sum of assigned difficulty over accepted shares, exact. */
  work: WorkColumns = { high: new Float64Array(0), whole: new Float64Array(0), units: new Float64Array(0) };
  /** Sum of squared assigned difficulty over accepted shares. */
  workSquared: Float64Array = new Float64Array(0);
  /** Highest difficulty achieved by an accepted share, 0 without one. */
  bestShare: Float64Array = new Float64Array(0);
  /** First and last accepted share, microseconds; Infinity and 0 without one. */
  firstAcceptedUs: Float64Array = new Float64Array(0);
  lastAcceptedUs: Float64Array = new Float64Array(0);
  /** The last share of any verdict, microseconds, and its assigned difficulty. */
  lastShareUs: Float64Array = new Float64Array(0);
  lastDifficulty: Float64Array = new Float64Array(0);
  /** Which of the equal parts of the bucket have an accepted share: part k is bit k of (high, low). Set by `coarsen`. */
  activeLow: Uint32Array = new Uint32Array(0);
  activeHigh: Uint32Array = new Uint32Array(0);

  readonly #groupsOfWorker = new Map<string, number[]>();
  readonly #rowIndex = new Map<number, number>();
  #capacity = 0;

  constructor(bucketUs: number) {
    assert(Number.isInteger(bucketUs) && bucketUs > 0, `a bucket is a whole number of microseconds, got ${bucketUs}`);
    this.bucketUs = bucketUs;
  }

  groupOf(tenant: string, worker: string, algorithm: Algorithm | ''): number {
    // By worker alone, as a joined key would cost a new string a time: a worker is of one tenant and mostly of one algorithm.
    let candidates = this.#groupsOfWorker.get(worker);
    if (candidates === undefined) this.#groupsOfWorker.set(worker, (candidates = []));
    for (const group of candidates) {
      const known = this.groups[group]!;
      if (known.algorithm === algorithm && known.tenant === tenant) return group;
    }
    const group = this.groups.push({ tenant, worker, algorithm }) - 1;
    assert(group < MAX_GROUPS, 'a rollup holds at most 2^22 groups: batches are bounded far below that');
    candidates.push(group);
    return group;
  }

  /** The row of a group's bucket number (start / bucketUs), made when it is new. */
  rowOf(group: number, bucket: number): number {
    const key = bucket * MAX_GROUPS + group;
    const known = this.#rowIndex.get(key);
    if (known !== undefined) return known;
    if (this.size === this.#capacity) this.#grow();
    const row = this.size++;
    this.group[row] = group;
    this.startUs[row] = bucket * this.bucketUs;
    this.firstAcceptedUs[row] = Infinity;
    this.#rowIndex.set(key, row);
    return row;
  }

  rejectedTotal(row: number): number {
    let total = 0;
    for (let code = 1; code < REASONS; code++) total += this.rejected[row * REASONS + code]!;
    return total;
  }

  /** Adds another rollup of the same bucket length. */
  merge(other: Rollup): void {
    assert(other.bucketUs === this.bucketUs, 'only rollups of the same bucket length merge');
    this.#absorb(other, 0);
  }

  /**
   * The same sums over longer buckets. With `activeParts`, each bucket also notes in which of that many equal parts of it a
   * share was accepted: 60 for the minutes of an hour, 24 for the hours of a day.
   */
  coarsen(bucketUs: number, activeParts = 0): Rollup {
    assert(bucketUs % this.bucketUs === 0, 'a longer bucket is a multiple of the shorter');
    assert(activeParts <= MAX_ACTIVE_PARTS, `at most ${MAX_ACTIVE_PARTS} parts fit the mask`);
    const coarse = new Rollup(bucketUs);
    coarse.#absorb(this, activeParts);
    return coarse;
  }

  #absorb(other: Rollup, activeParts: number): void {
    const groups = other.groups.map(({ tenant, worker, algorithm }) => this.groupOf(tenant, worker, algorithm));
    for (let from = 0; from < other.size; from++) {
      const bucket = Math.floor(other.startUs[from]! / this.bucketUs);
      const row = this.rowOf(groups[other.group[from]!]!, bucket);
      this.accepted[row]! += other.accepted[from]!;
      for (let code = 0; code < REASONS; code++)
        this.rejected[row * REASONS + code]! += other.rejected[from * REASONS + code]!;
      mergeWork(this.work, row, other.work, from);
      this.workSquared[row]! += other.workSquared[from]!;
      this.bestShare[row] = Math.max(this.bestShare[row]!, other.bestShare[from]!);
      this.firstAcceptedUs[row] = Math.min(this.firstAcceptedUs[row]!, other.firstAcceptedUs[from]!);
      this.lastAcceptedUs[row] = Math.max(this.lastAcceptedUs[row]!, other.lastAcceptedUs[from]!);
      this.noteLast(row, other.lastShareUs[from]!, other.lastDifficulty[from]!);
      if (activeParts === 0) {
        this.activeLow[row]! |= other.activeLow[from]!;
        this.activeHigh[row]! |= other.activeHigh[from]!;
      } else if (other.accepted[from]! > 0) {
        this.#markActive(row, Math.floor(((other.startUs[from]! - this.startUs[row]!) * activeParts) / this.bucketUs));
      }
    }
  }

  /** Of two shares at the same microsecond the higher difficulty stands, so that the order of merging does not matter. */
  noteLast(row: number, atUs: number, difficulty: number): void {
    const last = this.lastShareUs[row]!;
    if (atUs < last || (atUs === last && difficulty <= this.lastDifficulty[row]!)) return;
    this.lastShareUs[row] = atUs;
    this.lastDifficulty[row] = difficulty;
  }

  #markActive(row: number, part: number): void {
    if (part < 32) this.activeLow[row]! |= 1 << part;
    else this.activeHigh[row]! |= 1 << (part - 32);
  }

  #grow(): void {
    const capacity = Math.max(64, this.#capacity * 2);
    const doubles = (column: Float64Array, width = 1): Float64Array => {
      const grown = new Float64Array(capacity * width);
      grown.set(column);
      return grown;
    };
    const integers = (column: Uint32Array): Uint32Array => {
      const grown = new Uint32Array(capacity);
      grown.set(column);
      return grown;
    };
    this.group = integers(this.group);
    this.startUs = doubles(this.startUs);
    this.accepted = doubles(this.accepted);
    this.rejected = doubles(this.rejected, REASONS);
    this.work = { high: doubles(this.work.high), whole: doubles(this.work.whole), units: doubles(this.work.units) };
    this.workSquared = doubles(this.workSquared);
    this.bestShare = doubles(this.bestShare);
    this.firstAcceptedUs = doubles(this.firstAcceptedUs);
    this.lastAcceptedUs = doubles(this.lastAcceptedUs);
    this.lastShareUs = doubles(this.lastShareUs);
    this.lastDifficulty = doubles(this.lastDifficulty);
    this.activeLow = integers(this.activeLow);
    this.activeHigh = integers(this.activeHigh);
    this.#capacity = capacity;
  }
}
