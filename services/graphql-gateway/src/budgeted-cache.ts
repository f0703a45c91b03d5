// Keeps the answer to one costly question. It is asked anew no more often than its own cost allows (a tenth of the time), never
// twice at once, and while it is asked anew whoever comes gets the answer before, if that is still young enough.
import type { Clock } from '@assay/kernel';

export interface Freshness {
  /** An answer this young is given without asking, milliseconds. */
  readonly freshMs: number;
  /** An answer this young is given while a newer one is on its way, milliseconds; an older one never is. */
  readonly staleMs: number;
  /** The longest that this is stretched to where the question is so costly that its asker would wait every few seconds. */
  readonly costlyStaleMs?: number;
}

/** A costly question is asked again only after this many times as long as it took. */
const PAUSE_FACTOR = 10;
/** And its answer may be so many times as old as it took, where `costlyStaleMs` allows it. */
const STALE_FACTOR = 40;

export class BudgetedCache<T> {
  readonly #load: () => Promise<T>;
  readonly #clock: Clock;
  readonly #freshness: Freshness;
  #kept: { readonly value: T; readonly atMs: number; readonly tookMs: number } | undefined;
  #loading: Promise<T> | undefined;

  constructor(load: () => Promise<T>, clock: Clock, freshness: Freshness) {
    this.#load = load;
    this.#clock = clock;
    this.#freshness = freshness;
  }

  /** The answer, at most `staleMs` old. Rejects when it has to be asked for and that fails. */
  async get(): Promise<T> {
    const { freshMs, staleMs: usualMs, costlyStaleMs = 0 } = this.#freshness;
    const kept = this.#kept;
    if (!kept) return this.#refresh();
    const staleMs = Math.max(usualMs, Math.min(costlyStaleMs, STALE_FACTOR * kept.tookMs));
    const ageMs = this.#nowMs() - kept.atMs;
    if (ageMs <= Math.min(staleMs, Math.max(freshMs, PAUSE_FACTOR * kept.tookMs))) return kept.value;
    const refreshed = this.#refresh();
    if (ageMs > staleMs) return refreshed;
    // Whoever comes after the failure asks again, and is told of it once the kept answer is too old.
    refreshed.catch(() => undefined);
    return kept.value;
  }

  /** The answer kept, however old; undefined before the first. */
  get last(): T | undefined {
    return this.#kept?.value;
  }

  #refresh(): Promise<T> {
    this.#loading ??= this.#ask().finally(() => (this.#loading = undefined));
    return this.#loading;
  }

  async #ask(): Promise<T> {
    const startedMs = this.#nowMs();
    const value = await this.#load();
    const atMs = this.#nowMs();
    this.#kept = { value, atMs, tookMs: atMs - startedMs };
    return value;
  }

  #nowMs(): number {
    return this.#clock.nowUs() / 1000;
  }
}
