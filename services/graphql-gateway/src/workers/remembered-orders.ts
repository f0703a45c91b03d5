// Orders of lists that somebody is paging through. Live values change every second, so a list sorted anew for every page would
// repeat some workers and skip others; a page that follows another therefore continues in the order the first was cut from.
// Bounded: the orders not used longest are forgotten beyond MAX_ORDERS and MAX_PLACES; a cursor into a forgotten one is placed by its sort value.
import type { ListOrder } from './list-order.ts';

const MAX_ORDERS = 64;
/** Workers in all of them together, at 16 bytes each: 32 MB. The newest order is kept whatever its length. */
const MAX_PLACES = 2_000_000;

export class RememberedOrders {
  readonly #orders = new Map<string, ListOrder>();
  #places = 0;
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
  remember(page: string, list: string, order: ListOrder): void {
    const key = `${page} ${list}`;
    this.#forget(key);
    this.#orders.set(key, order);
    this.#places += order.length;
    while (this.#orders.size > MAX_ORDERS || (this.#places > MAX_PLACES && this.#orders.size > 1))
      this.#forget(this.#orders.keys().next().value!);
  }

  /** The order of the list in that picture, while it is remembered. */
  find(page: string, list: string): ListOrder | undefined {
    return this.#orders.get(`${page} ${list}`);
  }

  #forget(key: string): void {
    this.#places -= this.#orders.get(key)?.length ?? 0;
    this.#orders.delete(key);
  }
}
