// The order of one list of workers: names as they follow each other, each with the value it is sorted by. Memory: 16 bytes a worker, besides the names
// themselves, which others have too.
import { Slices } from '../slices.ts';
import type { WorkerFacts } from './worker-facts.ts';
import { comparePlaces, sortValue, type Place, type SortHistory, type WorkerSort } from './worker-sort.ts';

export class ListOrder {
  readonly #names: readonly string[];
  /** NaN where there is none. */
  readonly #values: Float64Array;
  readonly #compare: (a: Place, b: Place) => number;

  private constructor(names: readonly string[], values: Float64Array, sort: WorkerSort) {
    this.#names = names;
    this.#values = values;
    this.#compare = comparePlaces(sort);
  }

  /** @param workers by name, ascending */
  static async of(
    workers: readonly WorkerFacts[],
    sort: WorkerSort,
    history: Partial<SortHistory>,
  ): Promise<ListOrder> {
    const slices = new Slices();
    const { order, values } = await sortedIndexes(workers, sort, history, slices);
    const names: string[] = [];
    const sorted = new Float64Array(order.length);
    for (let place = 0; place < order.length; place++) {
      const index = order[place]!;
      names.push(workers[index]!.worker);
      sorted[place] = values[index]!;
      if (slices.isOver()) await slices.next();
    }
    return new ListOrder(names, sorted, sort);
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
export async function inOrder(
  workers: readonly WorkerFacts[],
  sort: WorkerSort,
  history: Partial<SortHistory>,
): Promise<readonly WorkerFacts[]> {
  const { order } = await sortedIndexes(workers, sort, history, new Slices());
  return Array.from(order, (i) => workers[i]!);
}

/**
 * As comparePlaces has it: those that are equal stay by name. Plain numbers, merged by hand: calling a comparison for each pair of 100,000 places takes
 * 100 ms, and this 10.
 */
async function sortedIndexes(
  workers: readonly WorkerFacts[],
  { field, direction }: WorkerSort,
  history: Partial<SortHistory>,
  slices: Slices,
): Promise<{ readonly order: Uint32Array; readonly values: Float64Array }> {
  const isDescending = direction === 'DESC';
  const byName = new Uint32Array(workers.length);
  const values = new Float64Array(workers.length).fill(NaN);
  for (let i = 0; i < workers.length; i++) byName[i] = i;
  if (field === 'NAME') return { order: isDescending ? byName.reverse() : byName, values };
  // Ascending numbers, those without a value after all of them.
  const keys = new Float64Array(workers.length).fill(Infinity);
  for (let i = 0; i < workers.length; i++) {
    const value = sortValue(workers[i]!, field, history);
    if (slices.isOver()) await slices.next();
    if (value === null) continue;
    values[i] = value;
    keys[i] = isDescending ? -value : value;
  }
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
