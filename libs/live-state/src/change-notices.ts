// Tells subscribers what changed, many changes in one call and at most one call every 250 ms. Bound: the names of the workers that
// changed within that time; an adapter that has more of them than it wants to name adds 'all'.
import type { LiveChange } from './live-state.ts';

const NOTIFY_EVERY_MS = 250;

export class ChangeNotices {
  readonly #onListenerError: (error: unknown) => void;
  readonly #listeners = new Set<(changed: LiveChange) => void>();
  #names = new Set<string>();
  #all = false;
  #timer: NodeJS.Timeout | undefined;

  /** @param onListenerError a subscriber threw; the others are told all the same */
  constructor(onListenerError: (error: unknown) => void) {
    this.#onListenerError = onListenerError;
  }

  subscribe(listener: (changed: LiveChange) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  add(changed: Iterable<string> | 'all'): void {
    if (this.#listeners.size === 0) return;
    if (changed === 'all') this.#all = true;
    else for (const name of changed) this.#names.add(name);
    if ((this.#names.size === 0 && !this.#all) || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => this.#tell(), NOTIFY_EVERY_MS);
    this.#timer.unref();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#listeners.clear();
  }

  #tell(): void {
    const changed = this.#all ? 'all' : this.#names;
    this.#timer = undefined;
    this.#names = new Set();
    this.#all = false;
    for (const listener of [...this.#listeners]) {
      try {
        listener(changed);
      } catch (error) {
        this.#onListenerError(error);
      }
    }
  }
}
