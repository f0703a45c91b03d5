// The bare threshold: is the rate over the last minutes below a fraction of the expectation? For those who want it. It promises
// nothing about false alarms: over 10 minutes of 20 shares each, 80 % is passed by chance once a day (BENCHMARKS.md).
// It judges when at least half of the window is known, and is over when the rate is back at `clearFraction`.
import { assert } from '@assay/kernel';
import { ALGORITHMS } from '@assay/mining';
import { workInterval } from '@assay/rollup';
import type { DetectionMinute, Detector, DetectorState, LateShares, Verdict } from './detector.ts';
import { HEALTHY, openState, UNKNOWN } from './detector.ts';
import type { ThresholdEvidence } from './evidence.ts';
import { lastDifficulty } from './exposure.ts';
import { MinuteRing, ringCells } from './minute-ring.ts';

export interface RateThresholdSettings {
  /** 8 bytes of state each. */
  readonly windowMinutes: number;
  readonly belowFraction: number;
  /** At least `belowFraction`: between the two nothing changes. */
  readonly clearFraction: number;
}

export const MAX_WINDOW_MINUTES = 1440;
const VERSION = 1;
const LAST_MINUTE = 1;
const FIRING_SINCE = 2;
/** The last minute's expectation, work that it expects, and difficulty. */
const EXPECTED_HS = 3;
const EXPECTED_WORK = 4;
const DIFFICULTY = 5;
const RING = 6;

export class RateThreshold implements Detector {
  readonly #settings: RateThresholdSettings;
  readonly #s: number[];
  /** Work over expected work, by minute. */
  readonly #ring: MinuteRing;

  constructor(settings: RateThresholdSettings, state?: DetectorState) {
    const { windowMinutes, belowFraction, clearFraction } = settings;
    assert(
      windowMinutes >= 1 && windowMinutes <= MAX_WINDOW_MINUTES,
      `a window is of 1 to ${MAX_WINDOW_MINUTES} minutes`,
    );
    assert(belowFraction > 0 && clearFraction >= belowFraction, 'a rate is cleared no lower than it is found');
    this.#settings = settings;
    this.#s = openState(state, RING + ringCells(windowMinutes), VERSION, 'rate threshold');
    this.#ring = new MinuteRing(this.#s, RING, windowMinutes);
    if (state === undefined) this.#ring.clear();
  }

  get lastMinute(): number {
    return this.#s[LAST_MINUTE]!;
  }

  save(): DetectorState {
    return [...this.#s];
  }

  minute(minute: DetectionMinute): Verdict {
    const s = this.#s;
    assert(minute.minute > s[LAST_MINUTE]!, 'minutes come in ascending order');
    const { expectedHashRateHs = 0 } = minute;
    if (!(expectedHashRateHs > 0)) {
      // Without an expectation there is nothing to be below.
      const verdict = s[FIRING_SINCE]! > 0 ? this.#clear() : UNKNOWN;
      this.#ring.skip(minute.minute, s[LAST_MINUTE]!);
      s[LAST_MINUTE] = minute.minute;
      return verdict;
    }
    s[DIFFICULTY] = lastDifficulty(minute, s[DIFFICULTY]!);
    s[EXPECTED_HS] = expectedHashRateHs;
    s[EXPECTED_WORK] = (expectedHashRateHs * 60) / ALGORITHMS[minute.algorithm].hashesPerDifficulty;
    this.#ring.push(minute.minute, s[LAST_MINUTE]!, minute.work / s[EXPECTED_WORK]!);
    s[LAST_MINUTE] = minute.minute;
    return this.#judge();
  }

  late({ minute, work }: LateShares): Verdict {
    if (this.#s[EXPECTED_WORK] === 0) return UNKNOWN;
    this.#ring.add(minute, this.#s[LAST_MINUTE]!, work / this.#s[EXPECTED_WORK]!);
    return this.#judge();
  }

  #judge(): Verdict {
    const s = this.#s;
    const { windowMinutes, belowFraction, clearFraction } = this.#settings;
    const fraction = this.#ring.sum / this.#ring.known;
    const firing = s[FIRING_SINCE]! > 0;
    if (this.#ring.known < windowMinutes / 2) return firing ? { type: 'firing', evidence: this.#evidence() } : UNKNOWN;
    if (firing) {
      return fraction < clearFraction ? { type: 'firing', evidence: this.#evidence() } : this.#clear();
    }
    if (fraction >= belowFraction) return HEALTHY;
    s[FIRING_SINCE] = s[LAST_MINUTE]! - windowMinutes + 1;
    return { type: 'raised', evidence: this.#evidence() };
  }

  #clear(): Verdict {
    const evidence = this.#evidence();
    this.#s[FIRING_SINCE] = 0;
    return { type: 'cleared', evidence };
  }

  #evidence(): ThresholdEvidence {
    const s = this.#s;
    const { known, sum } = this.#ring;
    const work = sum * s[EXPECTED_WORK]!;
    const { low, high } = workInterval({ work, workSquared: work * s[DIFFICULTY]!, nextWeight: s[DIFFICULTY]! });
    const scale = s[EXPECTED_HS]! / (s[EXPECTED_WORK]! * Math.max(1, known));
    return {
      kind: 'threshold',
      sinceMinute: s[FIRING_SINCE]!,
      untilMinute: s[LAST_MINUTE]!,
      expectedHashRateHs: s[EXPECTED_HS]!,
      observed: { hashRateHs: work * scale, lowHs: low * scale, highHs: high * scale },
      belowFraction: this.#settings.belowFraction,
    };
  }
}
