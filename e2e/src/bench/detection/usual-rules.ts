// Rules as the usual products have them: a rate over the last minutes, or a moving average, below a fraction of what is expected.
// Each is a statistic that is 1 where all is well, and a threshold; a finding is over when the statistic is back at 1, which gives a
// rule as few alarms as it can have.
import type { DetectionMinute } from '@assay/detection';
import { USUAL_STALE_FRACTION } from './worker-minutes.ts';

export interface UsualRule {
  /** In words, with this threshold. */
  name(threshold: number): string;
  /** The threshold as somebody sets it. */
  setting(threshold: number): string;
  /** As usually set. */
  readonly threshold: number;
  statistic(sharesPerMinute: number): (minute: DetectionMinute) => number;
}

export const RATE_RULES: readonly UsualRule[] = [windowRule(10, 0.8), windowRule(60, 0.9), averageRule(60, 0.9)];

/** Rejected shares of the last hour above 5 %. */
export const REJECTED_RULE: UsualRule = {
  name: (threshold) => `60 minutes of rejected shares above ${REJECTED_RULE.setting(threshold)}`,
  setting: (threshold) => percent(1 - threshold * (1 - USUAL_STALE_FRACTION)),
  threshold: 0.95 / (1 - USUAL_STALE_FRACTION),
  statistic: () => {
    const accepted = new Ring(60, 0);
    const all = new Ring(60, 0);
    return ({ shares, rejected }) => {
      accepted.push(shares);
      all.push(shares + (rejected.stale ?? 0));
      return all.sum === 0 ? 1 : accepted.sum / all.sum / (1 - USUAL_STALE_FRACTION);
    };
  },
};

function windowRule(minutes: number, threshold: number): UsualRule {
  return {
    name: (fraction) => `${minutes} minutes below ${percent(fraction)}`,
    setting: percent,
    threshold,
    statistic: (sharesPerMinute) => {
      const ring = new Ring(minutes, sharesPerMinute);
      return ({ shares }) => {
        ring.push(shares);
        return ring.sum / (minutes * sharesPerMinute);
      };
    },
  };
}

function averageRule(minutes: number, threshold: number): UsualRule {
  return {
    name: (fraction) => `moving average of ${minutes} minutes below ${percent(fraction)}`,
    setting: percent,
    threshold,
    statistic: (sharesPerMinute) => {
      const kept = Math.exp(-1 / minutes);
      let average = 1;
      return ({ shares }) => (average = average * kept + (1 - kept) * (shares / sharesPerMinute));
    },
  };
}

function percent(fraction: number): string {
  return `${Number((100 * fraction).toFixed(1))} %`;
}

class Ring {
  sum: number;
  readonly #values: Float64Array;
  #at = 0;

  constructor(length: number, initial: number) {
    this.#values = new Float64Array(length).fill(initial);
    this.sum = length * initial;
  }

  push(value: number): void {
    this.sum += value - this.#values[this.#at]!;
    this.#values[this.#at] = value;
    this.#at = (this.#at + 1) % this.#values.length;
  }
}

/**
 * The depths of a statistic's excursions below 1. A rule with threshold c alarms once in each excursion that goes below c, so one
 * pass over a healthy worker's years says how often it would have alarmed at every threshold.
 */
export class Excursions {
  readonly #depths: number[] = [];
  #depth = 1;

  push(statistic: number): void {
    if (statistic < 1) this.#depth = Math.min(this.#depth, statistic);
    else if (this.#depth < 1) {
      this.#depths.push(this.#depth);
      this.#depth = 1;
    }
  }

  alarms(threshold: number): number {
    return this.#depths.reduce((sum, depth) => sum + (depth < threshold ? 1 : 0), 0);
  }

  /** The highest threshold with at most so many alarms. */
  thresholdFor(alarms: number): number {
    const sorted = this.#depths.sort((a, b) => a - b);
    return sorted[alarms] ?? 1;
  }
}
