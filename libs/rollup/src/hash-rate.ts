// A hash rate is an estimate from a Poisson process, so it never travels without its interval.

/** Hashes per second with its 95 % interval. With no shares the estimate is 0 and the interval still has an upper bound where work is assigned. */
export interface HashRate {
  readonly hashRateHs: number;
  readonly lowHs: number;
  readonly highHs: number;
}
