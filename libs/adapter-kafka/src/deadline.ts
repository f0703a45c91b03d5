// A point in time by which a call must have an answer, and waiting that ends there.
import { setTimeout as sleep } from 'node:timers/promises';

export class Deadline {
  readonly #atMs: number;

  constructor(inMs: number) {
    this.#atMs = performance.now() + inMs;
  }

  get leftMs(): number {
    return Math.max(0, this.#atMs - performance.now());
  }

  get passed(): boolean {
    return this.leftMs === 0;
  }
}

/** Waits, or until the signal aborts. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await sleep(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
}

/** Whether the work came to its end within so many milliseconds. The work must not reject. A plain timer: this runs once per append. */
export function within(ms: number, work: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve) => {
    const late = setTimeout(() => resolve(false), ms);
    void work.then(() => {
      clearTimeout(late);
      resolve(true);
    });
  });
}
