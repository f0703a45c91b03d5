// Waiting for what a service needs and does not start itself: a broker, a schema. It is asked for again and again, with growing
// pauses, for as long as it takes: ending instead would only make the orchestrator start the process again, from the beginning.
import type { Logger } from './logger.ts';

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;

/** The wait was given up: the service was asked to stop, or the time is up. */
export class StoppedWaiting extends Error {
  override readonly name = 'StoppedWaiting';
}

/** What a service waits for at the moment, by name, with the reason it is not there yet. */
export class Waits {
  readonly #reasons = new Map<string, string>();
  readonly #signal: AbortSignal;
  readonly #logger: Logger;
  readonly #hopeless: (error: unknown) => boolean;

  /** @param hopeless which failures waiting cannot cure; they are thrown on. None by default: a service outwaits them all. */
  constructor(signal: AbortSignal, logger: Logger, hopeless: (error: unknown) => boolean = () => false) {
    this.#signal = signal;
    this.#logger = logger;
    this.#hopeless = hopeless;
  }

  get reasons(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#reasons);
  }

  /** Repeats `open` until it succeeds. Rejects with StoppedWaiting when the signal aborts first. */
  async untilThere<T>(what: string, open: () => Promise<T>): Promise<T> {
    this.#reasons.set(what, 'is being asked for');
    try {
      for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2)) {
        if (this.#signal.aborted) throw new StoppedWaiting(`gave up waiting for ${what}: ${this.#reasons.get(what)}`);
        try {
          return await open();
        } catch (error) {
          if (this.#hopeless(error)) throw error;
          this.#failed(what, error);
        }
        // Many processes wait for the same server: they must not all ask in the same moment when it comes.
        await this.#pause(pauseMs * (0.75 + Math.random() / 2));
      }
    } finally {
      this.#reasons.delete(what);
    }
  }

  #failed(what: string, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    if (this.#reasons.get(what) !== reason) this.#logger.warn({ err: error, what }, `waiting for ${what}`);
    this.#reasons.set(what, reason);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#signal.addEventListener('abort', done, { once: true });
    });
  }
}
