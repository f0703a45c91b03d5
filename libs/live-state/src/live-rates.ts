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

export interface LiveRatesQuery {
  readonly algorithm: Algorithm;
  readonly firstSeenUs: number;
  readonly difficulty: number;
  readonly decayed: DecayedByWindow;
}

/** Each rate is computed when it is read: a list of 10,000 workers is mostly read in one window. */
export function liveRates(worker: LiveRatesQuery, nowUs: number): Readonly<Record<LiveWindow, HashRate>> {
  const { algorithm, firstSeenUs: sinceUs, difficulty, decayed } = worker; // As of now: the worker goes on changing.
  const rates = {} as Record<LiveWindow, HashRate>;
  for (const { name, seconds } of LIVE_WINDOWS) {
    const get = (): HashRate =>
      decayedHashRate(decayed[name], { algorithm, timeConstantSeconds: seconds, nowUs, sinceUs, difficulty });
    Object.defineProperty(rates, name, { get, enumerable: true });
  }
  return rates;
}
