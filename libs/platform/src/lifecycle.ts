// Start in order, roll back on failure, stop in reverse. One explicit list instead of framework hooks,
// so that the order in which parts drain can be read in one place.
import type { Logger } from './logger.ts';

interface Started {
  readonly name: string;
  readonly stop: () => Promise<void>;
}

export class Lifecycle {
  readonly #started: Started[] = [];
  readonly #logger: Logger;
  readonly #pending: string[] = [];
  #stopping: Promise<void> | undefined;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Starts a part; when it fails, everything started before it is stopped in reverse and the failure is thrown on. */
  async start<T>(name: string, start: () => Promise<T>, stop: (part: T) => Promise<void>): Promise<T> {
    try {
      const part = await start();
      this.#started.push({ name, stop: () => stop(part) });
      this.#pending.push(name);
      this.#logger.debug({ part: name }, 'started');
      return part;
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Parts that run, the one that is stopped next (or is being stopped) last. */
  get running(): readonly string[] {
    return this.#pending;
  }

  /** Stops everything in reverse order. A part that fails to stop is logged and does not keep the others from stopping. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  async #stopAll(): Promise<void> {
    for (const part of this.#started.reverse()) {
      try {
        await part.stop();
        this.#logger.debug({ part: part.name }, 'stopped');
      } catch (error) {
        this.#logger.error({ part: part.name, err: error }, 'could not be stopped cleanly');
      }
      this.#pending.pop();
    }
  }
}
