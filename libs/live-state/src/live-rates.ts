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
  /** A window's decayed sums; asked when its rate is. */
  readonly decayed: (name: LiveWindow) => DecayedWork;
}

/** Each rate is computed when it is read: a list of 10,000 workers is mostly read in one window. */
export function liveRates(
  { algorithm, firstSeenUs: sinceUs, difficulty, decayed }: LiveRatesQuery,
  nowUs: number,
): Readonly<Record<LiveWindow, HashRate>> {
  const rate = (name: LiveWindow): HashRate =>
    decayedHashRate(decayed(name), { algorithm, timeConstantSeconds: SECONDS[name], nowUs, sinceUs, difficulty });
  // Written out: made by a loop over LIVE_WINDOWS, this is what reading 10,000 workers would spend its time with.
  return {
    get '1m'() {
      return rate('1m');
    },
    get '5m'() {
      return rate('5m');
    },
    get '15m'() {
      return rate('15m');
    },
    get '1h'() {
      return rate('1h');
    },
    get '1d'() {
      return rate('1d');
    },
  };
}
