// The rate of many workers together, from their own rates and intervals.
import type { HashRate } from './hash-rate.ts';

/**
 * The sum of independent estimates with its 95 % interval, recovered from theirs: distances from the estimate to the ends add
 * up as squares (the method of variance estimates recovery, Zou and Donner 2008). Exact where the estimates are normal, and
 * far closer than adding the ends themselves, which would widen a fleet's interval by the square root of its size.
 */
export class HashRateSum {
  #hashRateHs = 0;
  #below = 0;
  #above = 0;

  add({ hashRateHs, lowHs, highHs }: HashRate): void {
    this.#hashRateHs += hashRateHs;
    this.#below += (hashRateHs - lowHs) ** 2;
    this.#above += (highHs - hashRateHs) ** 2;
  }

  /** Adds a sum of others: the result is the same as of all of them one by one. */
  addSum(other: HashRateSum): void {
    this.#hashRateHs += other.#hashRateHs;
    this.#below += other.#below;
    this.#above += other.#above;
  }

  get rate(): HashRate {
    const hashRateHs = this.#hashRateHs;
    return {
      hashRateHs,
      lowHs: Math.max(0, hashRateHs - Math.sqrt(this.#below)),
      highHs: hashRateHs + Math.sqrt(this.#above),
    };
  }
}

export function sumHashRates(rates: Iterable<HashRate>): HashRate {
  const sum = new HashRateSum();
  for (const rate of rates) sum.add(rate);
  return sum.rate;
}
