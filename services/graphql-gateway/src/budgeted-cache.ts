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
  /** As many times as long as it took may the answer be old there, 40 unless given. */
  readonly staleFactor?: number;
  /**
   * So long after somebody came last, a question so costly is asked anew by itself, so that whoever comes finds an answer that is young enough.
   */
  readonly keptYoungMs?: number;
}

/** A costly question is asked again only after this many times as long as it took. */
const PAUSE_FACTOR = 10;
/** A costly answer is asked for anew when it is half as old as it may be, so that the new one is there in time. */
const REFRESHED_AT = 0.5;
/** And its answer may be so many times as old as it took, where `costlyStaleMs` allows it. */
const STALE_FACTOR = 40;

export class BudgetedCache<T> {
  readonly #load: () => Promise<T>;
  readonly #clock: Clock;
  readonly #freshness: Freshness;
  #kept: { readonly value: T; readonly atMs: number; readonly tookMs: number } | undefined;
  #loading: Promise<T> | undefined;
  #lastCameMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(load: () => Promise<T>, clock: Clock, freshness: Freshness) {
    this.#load = load;
    this.#clock = clock;
    this.#freshness = freshness;
  }

  /** The answer, at most `staleMs` old. Rejects when it has to be asked for and that fails. */
  async get(): Promise<T> {
    this.#lastCameMs = this.#nowMs();
    const kept = this.#kept;
    if (!kept) return this.#refresh();
    const { pauseMs, staleMs } = this.#times(kept.tookMs);
    const ageMs = this.#nowMs() - kept.atMs;
    if (ageMs <= pauseMs) return kept.value;
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

  /** Nothing is asked any more but by those who come. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
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
    this.#keepYoung(atMs - startedMs);
    return value;
  }

  /** How old an answer is asked for anew, and how old it may be, where asking took so long. */
  #times(tookMs: number): { readonly pauseMs: number; readonly staleMs: number; readonly isCostly: boolean } {
    const { freshMs, staleMs: usualMs, costlyStaleMs = 0, staleFactor = STALE_FACTOR } = this.#freshness;
    const staleMs = Math.max(usualMs, Math.min(costlyStaleMs, staleFactor * tookMs));
    const isCostly = staleMs > usualMs;
    const pauseMs = Math.min(isCostly ? REFRESHED_AT * staleMs : staleMs, Math.max(freshMs, PAUSE_FACTOR * tookMs));
    return { pauseMs, staleMs, isCostly };
  }

  #keepYoung(tookMs: number): void {
    const { keptYoungMs = 0 } = this.#freshness;
    clearTimeout(this.#timer);
    const { pauseMs, isCostly } = this.#times(tookMs);
    if (!isCostly || this.#isStopped) return;
    this.#timer = setTimeout(() => {
      if (this.#nowMs() - this.#lastCameMs < keptYoungMs) this.#refresh().catch(() => undefined);
    }, pauseMs).unref();
  }

  #nowMs(): number {
    return this.#clock.nowUs() / 1000;
  }
}
