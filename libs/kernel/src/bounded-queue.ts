// A first-in first-out queue with a bound. At the bound push refuses, and the caller must have a stated behaviour for that.

export class BoundedQueue<T> {
  readonly capacity: number;
  readonly #ring: (T | undefined)[];
  #head = 0;
  #length = 0;

  constructor(capacity: number) {
    if (!Number.isInteger(capacity) || capacity < 1)
      throw new RangeError(`queue capacity must be a positive integer, got ${capacity}`);
    this.capacity = capacity;
    this.#ring = new Array<T | undefined>(capacity);
  }

  get length(): number {
    return this.#length;
  }

  /** False when the queue is full: the item was not taken. */
  push(item: T): boolean {
    if (this.#length === this.capacity) return false;
    this.#ring[(this.#head + this.#length) % this.capacity] = item;
    this.#length++;
    return true;
  }

  shift(): T | undefined {
    if (this.#length === 0) return undefined;
    const item = this.#ring[this.#head];
    this.#ring[this.#head] = undefined;
    this.#head = (this.#head + 1) % this.capacity;
    this.#length--;
    return item;
  }
}
