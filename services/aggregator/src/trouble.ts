// What does not succeed just now, for readiness and metrics. A batch that ClickHouse refuses holds its partition up, and nothing of it is
// dropped; somebody must be able to see that, and why, without reading the log.
import type { Clock } from '@assay/kernel';
import { MICROS_PER_SECOND } from '@assay/kernel';

interface Failing {
  readonly what: string;
  readonly sinceUs: number;
  tries: number;
  message: string;
}

/** Of what ClickHouse says, its beginning and its end, where the code stands: in between it may quote a whole query. */
const SAID_FIRST = 250;
const SAID_LAST = 80;

export class Trouble {
  readonly #failing = new Map<symbol, Failing>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** An attempt failed and will be made again. @param work the same symbol for all attempts at one thing */
  failed(work: symbol, what: string, error: unknown): void {
    const failing = this.#failing.get(work) ?? { what, sinceUs: this.#clock.nowUs(), tries: 0, message: '' };
    failing.tries++;
    failing.message = shortened(error instanceof Error ? error.message : String(error));
    this.#failing.set(work, failing);
  }

  /** It succeeded at last, or was given up. */
  over(work: symbol): void {
    this.#failing.delete(work);
  }

  /** How many things fail just now, by what they are. */
  counts(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { what } of this.#failing.values()) counts.set(what, (counts.get(what) ?? 0) + 1);
    return counts;
  }

  /** 'ok', or a sentence about what has failed longest. */
  state(): string {
    const [oldest] = [...this.#failing.values()].sort((a, b) => a.sinceUs - b.sinceUs);
    if (oldest === undefined) return 'ok';
    const seconds = Math.round((this.#clock.nowUs() - oldest.sinceUs) / MICROS_PER_SECOND);
    const more = this.#failing.size > 1 ? ` (and ${this.#failing.size - 1} more)` : '';
    return `${oldest.what}${more} has failed ${oldest.tries} times in ${seconds} s and is tried again: ${oldest.message}`;
  }
}

const shortened = (text: string): string =>
  text.length <= SAID_FIRST + SAID_LAST ? text : `${text.slice(0, SAID_FIRST)} ... ${text.slice(-SAID_LAST)}`;
