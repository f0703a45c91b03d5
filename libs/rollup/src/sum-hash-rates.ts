// The rate of many workers together, from their own rates and intervals.
import type { HashRate } from './hash-rate.ts';

/**
 * The sum of independent estimates with its 95 % interval, recovered from theirs: distances from the estimate to the ends add
 * up as squares (the method of variance estimates recovery, Zou and Donner 2008). Exact where the estimates are normal, and
 * far closer than adding the ends themselves, which would widen a fleet's interval by the square root of its size.
 */
export function sumHashRates(rates: Iterable<HashRate>): HashRate {
  let hashRateHs = 0;
  let below = 0;
  let above = 0;
  for (const rate of rates) {
    hashRateHs += rate.hashRateHs;
    below += (rate.hashRateHs - rate.lowHs) ** 2;
    above += (rate.highHs - rate.hashRateHs) ** 2;
  }
  return { hashRateHs, lowHs: Math.max(0, hashRateHs - Math.sqrt(below)), highHs: hashRateHs + Math.sqrt(above) };
}
