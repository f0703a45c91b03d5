// Reads that wait for the end of a partition to move. Three ways to learn of it, from fast to slow: this log's own commits; a message from another
// thread of this process; and, for other processes, looking at the end offset, every millisecond after activity and ever more rarely
// up to idlePollMs. A look costs a few microseconds, so an idle log costs well under a percent of a core, and nothing when no read waits.

interface Waiter {
  readonly partitionId: number;
  readonly offset: number;
  readonly done: () => void;
}

export class TailWatch {
  readonly #refresh: () => void;
  readonly #endOf: (partitionId: number) => number;
  readonly #idlePollMs: number;
  readonly #waiters = new Set<Waiter>();
  #timer: NodeJS.Timeout | undefined;
  #pauseMs = 1;

  constructor(refresh: () => void, endOf: (partitionId: number) => number, idlePollMs: number) {
    this.#refresh = refresh;
    this.#endOf = endOf;
    this.#idlePollMs = idlePollMs;
  }

  /** Resolves when the partition's end passes `offset`, after `waitMs`, or when the signal aborts; the caller looks for itself which it was. */
  waitBeyond(partitionId: number, offset: number, waitMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const done = (): void => {
        this.#waiters.delete(waiter);
        clearTimeout(timeout);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const waiter: Waiter = { partitionId, offset, done };
      const timeout = setTimeout(done, waitMs);
      signal?.addEventListener('abort', done);
      this.#waiters.add(waiter);
      this.#schedule();
    });
  }

  /** Looks at the ends now: something was committed. */
  check(): void {
    if (this.#waiters.size === 0) return;
    this.#refresh();
    for (const waiter of [...this.#waiters]) {
      if (this.#endOf(waiter.partitionId) > waiter.offset) {
        this.#pauseMs = 1;
        waiter.done();
      }
    }
  }

  /** Ends every wait. */
  close(): void {
    for (const waiter of [...this.#waiters]) waiter.done();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.check();
      this.#pauseMs = Math.min(this.#idlePollMs, this.#pauseMs * 2);
      if (this.#waiters.size > 0) this.#schedule();
    }, this.#pauseMs);
  }
}
