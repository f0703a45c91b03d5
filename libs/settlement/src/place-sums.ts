// Sums of work per place and stretch of time, and how parts in them add up: a tenant has all of its own machines' work, less what it gave
// away, and its fraction of what it holds. Work is exact until a fraction is taken of it.
import { workInterval } from '@assay/rollup';

/** Of all machines of a place over a stretch of time. */
export interface PlaceSums {
  /** Assigned difficulty of accepted shares, in units of 1e-8: exact. */
  readonly workUnits: bigint;
  readonly workSquared: number;
  readonly accepted: number;
  /** Rejected shares, in the order the caller has for reasons. */
  readonly reasons: readonly number[];
  /** What the work would have earned at FPPS, whole coins. */
  readonly coins: number;
  /** Work of hours that have no price. */
  readonly unpricedWork: number;
}

/** By place, and by the start of the stretch in UNIX seconds. */
export type SumsByPlace = ReadonlyMap<string, ReadonlyMap<number, PlaceSums>>;

/** How much of each place's work: a fraction of what is held, less than nothing of what was given away. */
export type Weights = ReadonlyMap<string, number>;

export interface WeightedSums {
  /** Difficulty. */
  readonly work: number;
  readonly workSquared: number;
  readonly coins: number;
  readonly unpricedWork: number;
}

export const NO_WORK: WeightedSums = { work: 0, workSquared: 0, coins: 0, unpricedWork: 0 };

const UNITS_PER_ONE = 100_000_000n;

/**
 * Sums over one stretch. A share in several of the places, one of which lies in the other, has the sum of their weights: half a rack and a tenth
 * of all are six tenths of its machines. So the squares of shares count by the square of that sum, which the places' own squares and those of
 * each pair of them make up.
 */
export function weightedSums(sums: SumsByPlace, atSeconds: number, weights: Weights): WeightedSums {
  let exactUnits = 0n;
  let work = 0;
  let workSquared = 0;
  let coins = 0;
  let unpricedWork = 0;
  for (const [place, weight] of weights) {
    const own = sums.get(place)?.get(atSeconds);
    if (own === undefined) continue;
    if (weight === 1) exactUnits += own.workUnits;
    else work += weight * unitsAsWork(own.workUnits);
    const above = placesAbove(place).reduce((sum, name) => sum + (weights.get(name) ?? 0), 0);
    workSquared += weight * (weight + 2 * above) * own.workSquared;
    coins += weight * own.coins;
    unpricedWork += weight * own.unpricedWork;
  }
  return { work: unitsAsWork(exactUnits) + work, workSquared, coins, unpricedWork };
}

export function addWeighted(a: WeightedSums, b: WeightedSums): WeightedSums {
  return {
    work: a.work + b.work,
    workSquared: a.workSquared + b.workSquared,
    coins: a.coins + b.coins,
    unpricedWork: a.unpricedWork + b.unpricedWork,
  };
}

/** A quantity with its 95 % interval, from the Poisson process of the shares behind it. */
export interface Measured {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/**
 * @param scale what one difficulty is worth, such as hashes
 * @param nextWeight what one more share would weigh, for stretches without any
 */
export function measured({ work, workSquared }: WeightedSums, scale: number, nextWeight: number): Measured {
  // What is given away may take a little more than there is, by the rounding of fractions.
  if (!(work > 0 && workSquared > 0))
    return { value: 0, low: 0, high: scale * workInterval({ work: 0, workSquared: 0, nextWeight }).high };
  const { low, high } = workInterval({ work, workSquared, nextWeight });
  return { value: scale * work, low: scale * low, high: scale * high };
}

export function unitsAsWork(units: bigint): number {
  return Number(units / UNITS_PER_ONE) + Number(units % UNITS_PER_ONE) / Number(UNITS_PER_ONE);
}

/** `a.b.c` lies in `a.b` and `a`. */
export function placesAbove(place: string): string[] {
  const above: string[] = [];
  for (let dot = place.lastIndexOf('.'); dot > 0; dot = place.lastIndexOf('.', dot - 1))
    above.push(place.slice(0, dot));
  return above;
}
