// A healthy machine under the gateway's own vardiff (libs/mining), share by share: the difficulty starts wrong by up to eight times and is
// found, and later changes by chance. Nothing here knows the difficulty but vardiff, so what the detector makes of minutes of several
// difficulties is put to the test.
import type { Random } from '@assay/kernel';
import type { DetectionMinute } from '@assay/detection';
import { VARDIFF_DEFAULTS, vardiffOnShare, vardiffOnTick, vardiffStart, type VardiffState } from '@assay/mining';
import { DIFFICULTY, hashRateOf } from './worker-minutes.ts';

const MICROS = 1_000_000;
const TICK_SECONDS = 5;
const START_MINUTE = 29_000_000;

export class VardiffMinutes {
  readonly #random: Random;
  readonly #configured: boolean;
  /** Difficulty found a second. */
  readonly #workPerSecond: number;
  #state: VardiffState;
  #second = 0;

  constructor(random: Random, configured: boolean) {
    this.#random = random;
    this.#configured = configured;
    this.#workPerSecond = (VARDIFF_DEFAULTS.sharesPerMinute * DIFFICULTY) / 60;
    this.#state = vardiffStart(DIFFICULTY * 2 ** (6 * random.float() - 3), 0, VARDIFF_DEFAULTS);
  }

  next(): DetectionMinute {
    let [shares, work] = [0, 0];
    for (let tick = 0; tick < 60 / TICK_SECONDS; tick++) {
      let at = this.#second;
      for (;;) {
        const { difficulty } = this.#state;
        at += this.#random.exponential(difficulty / this.#workPerSecond);
        if (at >= this.#second + TICK_SECONDS) break;
        shares++;
        work += difficulty;
        this.#state = vardiffOnShare(this.#state, difficulty, at * MICROS, VARDIFF_DEFAULTS);
      }
      this.#second += TICK_SECONDS;
      this.#state = vardiffOnTick(this.#state, this.#second * MICROS, VARDIFF_DEFAULTS);
    }
    return {
      minute: START_MINUTE + this.#second / 60,
      algorithm: 'sha256d',
      shares,
      work,
      rejected: NONE_REJECTED,
      difficulty: this.#state.difficulty,
      connected: true,
      expectedHashRateHs: this.#configured ? hashRateOf(VARDIFF_DEFAULTS.sharesPerMinute) : undefined,
    };
  }
}

const NONE_REJECTED = {};
