// Time that passes only when nothing is left to do now: a clock and timers for simulations. Timers due at once run in the order
// they were set, so a run is decided by its seed alone.
import type { Timer } from '@assay/adapter-memory';
import type { Clock } from '@assay/kernel';

interface Due {
  readonly atUs: number;
  readonly order: number;
  readonly run: () => void;
}

export class VirtualTime implements Clock, Timer {
  #nowUs: number;
  #order = 0;
  /** A binary heap, the earliest first. */
  readonly #due: Due[] = [];
  readonly #cancelled = new Set<number>();

  constructor(startUs: number) {
    this.#nowUs = startUs;
  }

  nowUs(): number {
    return this.#nowUs;
  }

  after(delayMs: number, run: () => void): () => void {
    const order = ++this.#order;
    this.#push({ atUs: this.#nowUs + Math.max(0, Math.round(delayMs * 1000)), order, run });
    return () => void this.#cancelled.add(order);
  }

  /** Waits on this clock; resolves early when the signal aborts. */
  readonly pause = (delayMs: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const done = (): void => {
        cancel();
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const cancel = this.after(delayMs, done);
      signal?.addEventListener('abort', done);
      if (signal?.aborted) done();
    });

  /** Lets everything that can run now run, then moves on to the next timer. False when none is left. */
  async step(): Promise<boolean> {
    // Promises settle before a macrotask gets its turn; nothing in a simulation waits for the outside.
    await new Promise((resolve) => setImmediate(resolve));
    for (;;) {
      const next = this.#pop();
      if (next === undefined) return false;
      if (this.#cancelled.delete(next.order)) continue;
      this.#nowUs = Math.max(this.#nowUs, next.atUs);
      next.run();
      return true;
    }
  }

  #push(due: Due): void {
    const heap = this.#due;
    let i = heap.push(due) - 1;
    for (; i > 0;) {
      const parent = (i - 1) >> 1;
      if (!isBefore(heap[i]!, heap[parent]!)) return;
      [heap[i], heap[parent]] = [heap[parent]!, heap[i]!];
      i = parent;
    }
  }

  #pop(): Due | undefined {
    const heap = this.#due;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === first) return first;
    heap[0] = last!;
    for (let i = 0; ;) {
      let least = i;
      for (const child of [2 * i + 1, 2 * i + 2]) {
        if (child < heap.length && isBefore(heap[child]!, heap[least]!)) least = child;
      }
      if (least === i) return first;
      [heap[i], heap[least]] = [heap[least]!, heap[i]!];
      i = least;
    }
  }
}

const isBefore = (a: Due, b: Due): boolean => a.atUs < b.atUs || (a.atUs === b.atUs && a.order < b.order);
