// The settings of the sequential rate test, made ready once and shared by every worker under the same rule: which losses it looks
// for, and how high the threshold of each is at every share rate.
import { assert } from '@assay/kernel';
import { alarmThreshold, recoveryThreshold } from './poisson-cusum.ts';

export interface RateSettings {
  /** How often a worker without a fault may be found by chance, a year. An upper bound, for all factors together. */
  readonly falseAlarmsPerWorkerYear: number;
  /** How often a worker that is still as low as it was found may be taken for recovered, a year. */
  readonly falseRecoveriesPerWorkerYear: number;
  /** This fraction below the expectation is as good as the expectation: 0.03 where expected rates are nameplates that nobody measured. */
  readonly tolerance: number;
  /** Minutes of a worker's own past that its rate is learned from before it is judged by it, where no expectation is configured. */
  readonly learnMinutes: number;
  /** And accepted shares in them, at least. */
  readonly learnShares: number;
  /** The learned rate forgets with this time constant, minutes. A loss that takes longer than this to grow is learned, not found. */
  readonly memoryMinutes: number;
}

export const RATE_DEFAULTS: RateSettings = {
  falseAlarmsPerWorkerYear: 1,
  falseRecoveriesPerWorkerYear: 1,
  tolerance: 0,
  learnMinutes: 120,
  learnShares: 500,
  memoryMinutes: 7 * 1440,
};

/** One loss that the bank looks for. */
export interface BankFactor {
  /** Rate over expectation. */
  readonly factor: number;
  /** Its part of the rate of false alarms. The parts sum to 1: rates of alarms add up at most, whatever they have in common. */
  readonly part: number;
}

/**
 * Large losses are found in minutes whatever their part, small ones take hours, so these get most of it: a test for 0.95 or 0.9 is
 * quicker by ln(part) over the information of a share, a test for 0.5 hardly notices. A loss between two factors is found nearly as
 * fast as at the nearer of them.
 */
export const BANK_FACTORS: readonly BankFactor[] = [
  { factor: 0.95, part: 0.3 },
  { factor: 0.9, part: 0.4 },
  { factor: 0.8, part: 0.15 },
  { factor: 0.5, part: 0.1 },
  { factor: 0, part: 0.05 },
];

/** A worker found dead counts as recovered when its shares speak for the expectation against half of it: with 0 any share would do. */
const LOWEST_RECOVERY_FACTOR = 0.5;
/** ln of a factor of 0: large enough that a millionth of a share ends the suspicion, and finite, so that 0 shares times it are 0. */
const LN_ZERO = -1e9;
const MINUTES_PER_YEAR = 365.25 * 1440;

// Thresholds are tabled by the expected shares of a minute, in eighths of a doubling, and rounded up: at most 0.09 too high, which is
// 1 % of a delay. Outside the table the nearest end holds: below one share in 17 hours it is too high, above 16,384 a minute, where
// vardiff leaves nobody, too low.
const STEPS_PER_DOUBLING = 8;
const LOWEST_LOG2 = -10;
const HIGHEST_LOG2 = 14;
const STEPS = (HIGHEST_LOG2 - LOWEST_LOG2) * STEPS_PER_DOUBLING;

export class RateBank {
  readonly settings: RateSettings;
  readonly size = BANK_FACTORS.length;
  readonly factor: Float64Array;
  readonly lnFactor: Float64Array;
  /** The factor that a recovery is tested against, and its logarithm. */
  readonly recoveryFactor: Float64Array;
  readonly lnRecoveryFactor: Float64Array;
  readonly #alarm: Float64Array;
  readonly #recovery: Float64Array;

  constructor(settings: Partial<RateSettings> = {}) {
    this.settings = { ...RATE_DEFAULTS, ...settings };
    const { falseAlarmsPerWorkerYear, falseRecoveriesPerWorkerYear, tolerance, learnMinutes, memoryMinutes } =
      this.settings;
    assert(falseAlarmsPerWorkerYear > 0 && falseRecoveriesPerWorkerYear > 0, 'a stated error rate is positive');
    assert(tolerance >= 0 && tolerance < 1, 'a tolerance is a fraction below 1');
    assert(learnMinutes > 0 && memoryMinutes >= 2 * learnMinutes, 'a memory is twice as long as what is learned from');
    this.factor = Float64Array.from(BANK_FACTORS, ({ factor }) => factor);
    this.lnFactor = this.factor.map((factor) => (factor === 0 ? LN_ZERO : Math.log(factor)));
    this.recoveryFactor = this.factor.map((factor) => Math.max(factor, LOWEST_RECOVERY_FACTOR));
    this.lnRecoveryFactor = this.recoveryFactor.map((factor) => Math.log(factor));
    this.#alarm = new Float64Array(this.size * (STEPS + 1));
    this.#recovery = new Float64Array(this.size * (STEPS + 1));
    for (let step = 0; step <= STEPS; step++) {
      const sharesPerYear = 2 ** (LOWEST_LOG2 + step / STEPS_PER_DOUBLING) * MINUTES_PER_YEAR;
      BANK_FACTORS.forEach(({ factor, part }, k) => {
        const at = step * this.size + k;
        this.#alarm[at] = alarmThreshold(factor, sharesPerYear / (falseAlarmsPerWorkerYear * part));
        this.#recovery[at] = recoveryThreshold(this.recoveryFactor[k]!, sharesPerYear / falseRecoveriesPerWorkerYear);
      });
    }
  }

  /** Where the thresholds for a minute with so many expected shares begin. */
  row(sharesPerMinute: number): number {
    const step = Math.ceil((Math.log2(sharesPerMinute) - LOWEST_LOG2) * STEPS_PER_DOUBLING);
    return Math.min(STEPS, Math.max(0, step)) * this.size;
  }

  /** The log-likelihood ratio at which factor `k` alarms. */
  alarmAt(row: number, k: number): number {
    return this.#alarm[row + k]!;
  }

  /** The one at which what factor `k` found is over. */
  recoveryAt(row: number, k: number): number {
    return this.#recovery[row + k]!;
  }
}
