// Poisson distributed counts of one mean, exact and fast: the cumulative distribution inverted through a guide table (Chen and Asau
// 1974), so that a draw takes one or two comparisons whatever the mean. Making one takes some microseconds: keep it for its mean.
import { assert } from './assert.ts';
import type { Random } from './random.ts';

/** e^-mean must be a normal double. */
const MAX_MEAN = 700;
const GUIDE = 256;

export class PoissonSampler {
  readonly mean: number;
  /** P(count <= k); the last is made 1, whatever rounding left of it. */
  readonly #cumulative: Float64Array;
  /** The smallest k with P(count <= k) > i / GUIDE. */
  readonly #guide: Uint16Array;

  /** @param mean from 0 to 700 */
  constructor(mean: number) {
    assert(mean >= 0 && mean <= MAX_MEAN, `a mean from 0 to ${MAX_MEAN}, got ${mean}`);
    this.mean = mean;
    const cumulative: number[] = [];
    let probability = Math.exp(-mean);
    let sum = probability;
    for (let k = 1; ; k++) {
      cumulative.push(sum);
      // Far beyond the mean what is left is less than a double can add.
      if (k > mean && probability < sum * Number.EPSILON * 1e-3) break;
      probability *= mean / k;
      sum += probability;
    }
    cumulative[cumulative.length - 1] = 1;
    this.#cumulative = Float64Array.from(cumulative);
    this.#guide = new Uint16Array(GUIDE);
    for (let i = 0, k = 0; i < GUIDE; i++) {
      while (this.#cumulative[k]! <= i / GUIDE) k++;
      this.#guide[i] = k;
    }
  }

  draw(random: Random): number {
    const u = random.float();
    let k = this.#guide[Math.floor(u * GUIDE)]!;
    while (this.#cumulative[k]! <= u) k++;
    return k;
  }
}
