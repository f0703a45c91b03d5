// The order of one list of workers: names as they follow each other, each with the value it is sorted by. Memory: 16 bytes a worker, besides the names
// themselves, which others have too.
import type { WorkerFacts } from './worker-facts.ts';
import { comparePlaces, sortValue, type Place, type SortHistory, type WorkerSort } from './worker-sort.ts';

export class ListOrder {
  readonly #names: readonly string[];
  /** NaN where there is none. */
  readonly #values: Float64Array;
  readonly #compare: (a: Place, b: Place) => number;

  /** @param workers by name, ascending */
  constructor(workers: readonly WorkerFacts[], sort: WorkerSort, history: Partial<SortHistory>) {
    const indexes = sortedIndexes(workers, sort, history);
    this.#names = Array.from(indexes.order, (i) => workers[i]!.worker);
    this.#values = indexes.values.map((_, place) => indexes.values[indexes.order[place]!]!);
    this.#compare = comparePlaces(sort);
  }

  get length(): number {
    return this.#names.length;
  }

  at(place: number): Place {
    const value = this.#values[place]!;
    return { value: Number.isNaN(value) ? null : value, key: this.#names[place]! };
  }

  slice(from: number, to: number): Place[] {
    return Array.from({ length: Math.max(0, Math.min(to, this.length) - from) }, (_, i) => this.at(from + i));
  }

  /** Index of the first place after the given one, by bisection: the place itself may be gone. */
  firstAfter(last: Place): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#compare(this.at(middle), last) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** The workers as the list shows them. @param workers by name, ascending */
export function inOrder(
  workers: readonly WorkerFacts[],
  sort: WorkerSort,
  history: Partial<SortHistory>,
): readonly WorkerFacts[] {
  return Array.from(sortedIndexes(workers, sort, history).order, (i) => workers[i]!);
}

/**
 * As comparePlaces has it: those that are equal stay by name. Merged by hand over plain numbers, since calling a comparison for each pair of 100,000
 * places takes 100 ms, and this 10.
 */
function sortedIndexes(
  workers: readonly WorkerFacts[],
  { field, direction }: WorkerSort,
  history: Partial<SortHistory>,
): { readonly order: Uint32Array; readonly values: Float64Array } {
  const values = Float64Array.from(workers, (facts) => sortValue(facts, field, history) ?? NaN);
  const byName = Uint32Array.from(workers, (_, i) => i);
  if (field === 'NAME') return { order: direction === 'ASC' ? byName : byName.reverse(), values };
  const isDescending = direction === 'DESC';
  // Ascending numbers, those without a value after all of them.
  const keys = values.map((value) => (Number.isNaN(value) ? Infinity : isDescending ? -value : value));
  return { order: mergeSorted(byName, keys), values };
}

/** Indexes by their keys, ascending; equal ones stay as they are. */
function mergeSorted(indexes: Uint32Array, keys: Float64Array): Uint32Array {
  let from: Uint32Array = indexes;
  let to: Uint32Array = new Uint32Array(indexes.length);
  for (let width = 1; width < indexes.length; width *= 2) {
    for (let start = 0; start < indexes.length; start += 2 * width) {
      const middle = Math.min(start + width, indexes.length);
      const end = Math.min(start + 2 * width, indexes.length);
      for (let place = start, a = start, b = middle; place < end; place++) {
        const takesFirst = b === end || (a < middle && keys[from[a]!]! <= keys[from[b]!]!);
        to[place] = from[takesFirst ? a++ : b++]!;
      }
    }
    [from, to] = [to, from];
  }
  return from;
}
