// How many statements run at once, and how many wait. At the bound a statement is refused as a ClickHouse server refuses it
// (code 202, HTTP 503), so that clients know to come back.
import { BoundedQueue } from '@assay/kernel';
import { failure } from './clickhouse-error.ts';

interface Waiter {
  /** False when the waiter has gone: the slot goes to the next. */
  take(): boolean;
}

export class StatementSlots {
  readonly #waiting: BoundedQueue<Waiter>;
  readonly #waitMs: number;
  #free: number;

  constructor(running: number, waiting: number, waitMs: number) {
    this.#free = running;
    this.#waiting = new BoundedQueue(waiting);
    this.#waitMs = waitMs;
  }

  /** Resolves with the function that gives the slot back, to be called once. Fails when the queue is full, the wait too long, or `signal` aborts. */
  acquire(signal: AbortSignal): Promise<() => void> {
    if (this.#free > 0) {
      this.#free--;
      return Promise.resolve(() => this.#release());
    }
    return new Promise((resolve, reject) => {
      let settled = false;
      const settle = (): boolean => {
        if (settled) return false;
        settled = true;
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
        return true;
      };
      const refuse = (text: string): void => {
        if (settle()) reject(failure('TOO_MANY_SIMULTANEOUS_QUERIES', text));
      };
      const onAbort = (): void => {
        if (settle()) reject(failure('QUERY_WAS_CANCELLED', 'The client left before the statement had its turn.'));
      };
      const timer = setTimeout(() => refuse(`No statement finished within ${this.#waitMs} ms.`), this.#waitMs);
      signal.addEventListener('abort', onAbort, { once: true });
      const waiter: Waiter = {
        take: () => {
          if (!settle()) return false;
          resolve(() => this.#release());
          return true;
        },
      };
      if (!this.#waiting.push(waiter)) refuse(`${this.#waiting.capacity} statements are waiting already.`);
    });
  }

  #release(): void {
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) if (next.take()) return;
    this.#free++;
  }
}
