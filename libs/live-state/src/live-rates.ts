// Rates as of a moment from a worker's decayed sums, the same for every adapter.
import type { Algorithm } from '@assay/mining';
import { addDecayed, decayedHashRate, NO_DECAYED_WORK } from '@assay/rollup';
import type { DecayedWork, HashRate } from '@assay/rollup';
import { LIVE_WINDOWS, type DecayedByWindow, type LiveWindow } from './live-state.ts';

/** One for every window. */
export function byWindow<T>(of: (seconds: number, name: LiveWindow) => T): Record<LiveWindow, T> {
  return Object.fromEntries(LIVE_WINDOWS.map(({ name, seconds }) => [name, of(seconds, name)])) as Record<
    LiveWindow,
    T
  >;
}

export const NOTHING_DECAYED: DecayedByWindow = byWindow(() => NO_DECAYED_WORK);

/** Both together; order does not matter. */
export function addDecayedByWindow(a: DecayedByWindow, b: DecayedByWindow): DecayedByWindow {
  return byWindow((seconds, name) => addDecayed(a[name], b[name], seconds));
}

/** Work that was mined about one moment. */
export function decayedFrom(mined: DecayedWork): DecayedByWindow {
  return byWindow(() => mined);
}

const SECONDS = byWindow((seconds) => seconds);

export interface LiveRatesQuery {
  readonly algorithm: Algorithm;
  readonly firstSeenUs: number;
  readonly difficulty: number;
  /** A window's sums are read when its rate is. */
  readonly decayed: DecayedByWindow;
}

/** The rates as of a moment. Each is computed when it is first read, and kept: a list of 10,000 workers is mostly read in one window. */
export function liveRates(query: LiveRatesQuery, nowUs: number): Readonly<Record<LiveWindow, HashRate>> {
  return new RatesAsOf(query, nowUs);
}

/** A class and not a record of getters: of 100,000 workers those took half a second to make, and a kilobyte each to keep. */
class RatesAsOf {
  readonly #algorithm: Algorithm;
  readonly #sinceUs: number;
  readonly #difficulty: number;
  readonly #decayed: DecayedByWindow;
  readonly #nowUs: number;
  #m1: HashRate | undefined;
  #m5: HashRate | undefined;
  #m15: HashRate | undefined;
  #h1: HashRate | undefined;
  #d1: HashRate | undefined;

  constructor({ algorithm, firstSeenUs, difficulty, decayed }: LiveRatesQuery, nowUs: number) {
    this.#algorithm = algorithm;
    this.#sinceUs = firstSeenUs;
    this.#difficulty = difficulty;
    this.#decayed = decayed;
    this.#nowUs = nowUs;
  }

  get '1m'(): HashRate {
    return (this.#m1 ??= this.#rate('1m'));
  }
  get '5m'(): HashRate {
    return (this.#m5 ??= this.#rate('5m'));
  }
  get '15m'(): HashRate {
    return (this.#m15 ??= this.#rate('15m'));
  }
  get '1h'(): HashRate {
    return (this.#h1 ??= this.#rate('1h'));
  }
  get '1d'(): HashRate {
    return (this.#d1 ??= this.#rate('1d'));
  }

  #rate(name: LiveWindow): HashRate {
    return decayedHashRate(this.#decayed[name], {
      algorithm: this.#algorithm,
      timeConstantSeconds: SECONDS[name],
      nowUs: this.#nowUs,
      sinceUs: this.#sinceUs,
      difficulty: this.#difficulty,
    });
  }
}
