// A token bucket as three numbers, advanced only when it is asked: no timer, no object per miner beyond this one.

export class TokenBucket {
  #tokens: number;
  #atUs: number;

  constructor(burst: number, nowUs: number) {
    this.#tokens = burst;
    this.#atUs = nowUs;
  }

  /** Takes one token if there is one. @param perSecond tokens that come back every second, up to `burst`. */
  take(nowUs: number, perSecond: number, burst: number): boolean {
    if (nowUs > this.#atUs) {
      this.#tokens = Math.min(burst, this.#tokens + ((nowUs - this.#atUs) * perSecond) / 1e6);
      this.#atUs = nowUs;
    }
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }

  /** Takes tokens whether they are there or not; the bucket owes `debt` of them at most. */
  charge(tokens: number, debt: number): void {
    this.#tokens = Math.max(-debt, this.#tokens - tokens);
  }
}
