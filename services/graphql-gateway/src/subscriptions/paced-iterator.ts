// The source of a subscription's messages: at most one per interval, made when the reader is ready for it. The reader asks for
// the next one only when the last has left the socket, so a slow reader gets fewer messages and nothing queues up for it.
export interface PacedSource<T> {
  readonly intervalMs: number;
  /** Whether the first message is due at once, or after an interval. */
  readonly immediate: boolean;
  /** Undefined when there is nothing to tell: the next try is an interval later. */
  readonly produce: () => Promise<T | undefined>;
  /** Called once, when the reader is gone or the source has failed. */
  readonly onEnd: () => void;
}

export class PacedIterator<T> implements AsyncIterableIterator<T> {
  readonly #source: PacedSource<T>;
  #dueMs: number;
  #ended = false;
  #wake: (() => void) | undefined;

  constructor(source: PacedSource<T>) {
    this.#source = source;
    this.#dueMs = performance.now() + (source.immediate ? 0 : source.intervalMs);
  }

  async next(): Promise<IteratorResult<T>> {
    while (!this.#ended) {
      await this.#until(this.#dueMs);
      if (this.#ended) break;
      this.#dueMs = performance.now() + this.#source.intervalMs;
      let value: T | undefined;
      try {
        value = await this.#source.produce();
      } catch (error) {
        this.#end();
        throw error;
      }
      if (value !== undefined && !this.#ended) return { value, done: false };
    }
    return { value: undefined, done: true };
  }

  /** Ends the wait of a `next` under way too. */
  async return(): Promise<IteratorResult<T>> {
    this.#end();
    return { value: undefined, done: true };
  }

  async throw(error: unknown): Promise<IteratorResult<T>> {
    this.#end();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#wake?.();
    this.#source.onEnd();
  }

  #until(dueMs: number): Promise<void> {
    const waitMs = dueMs - performance.now();
    if (waitMs <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, waitMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
