// Orders of lists that somebody is paging through. Live values change every second, so a list sorted anew for every page would
// repeat some workers and skip others; a page that follows another therefore continues in the order the first was cut from.
// Bounded: the order not used longest is forgotten beyond MAX_ORDERS; a cursor into a forgotten one is placed by its sort value.
import type { Place } from './worker-sort.ts';

/** About 50 bytes a worker and order: 10,000 workers take 32 MB at the bound. */
const MAX_ORDERS = 64;

export class RememberedOrders {
  readonly #orders = new Map<string, readonly Place[]>();
  /** Sets the pictures of one process apart from those of another behind the same address. */
  readonly #process: string;

  constructor(processId: string) {
    this.#process = processId;
  }

  /** How cursors name the picture of the fleet made at that time. */
  pageOf(atUs: number): string {
    return `${this.#process}.${atUs.toString(36)}`;
  }

  /** @param list what the order is of: filter and sort. */
  remember(page: string, list: string, places: readonly Place[]): void {
    const key = `${page} ${list}`;
    this.#orders.delete(key);
    this.#orders.set(key, places);
    if (this.#orders.size > MAX_ORDERS) this.#orders.delete(this.#orders.keys().next().value!);
  }

  /** The order of the list in that picture, while it is remembered. */
  find(page: string, list: string): readonly Place[] | undefined {
    return this.#orders.get(`${page} ${list}`);
  }
}
