// How much of what a machine should do it does.
import type { HashRate } from './hash-rate.ts';

/** Hash rate over expectation, with the 95 % interval of the rate: 1 means exactly as expected. */
export interface Contribution {
  readonly fraction: number;
  readonly low: number;
  readonly high: number;
}

/** Undefined when nobody said what to expect. */
export function contribution(rate: HashRate, expectedHashRateHs: number | undefined): Contribution | undefined {
  if (expectedHashRateHs === undefined || !(expectedHashRateHs > 0)) return undefined;
  return {
    fraction: rate.hashRateHs / expectedHashRateHs,
    low: rate.lowHs / expectedHashRateHs,
    high: rate.highHs / expectedHashRateHs,
  };
}
