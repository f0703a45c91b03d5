// Are more of a worker's shares rejected than usual? Page's test on the log-likelihood ratio of rejected to all shares, for a small
// bank of fractions above a baseline, with one stated rate of false alarms; and the mirrored test for whether it is over.
//
// x rejected of n shares speak for a fraction p against the baseline b with x ln(p / b) + (n - x) ln((1 - p) / (1 - b)). How long until a
// false alarm at a threshold h? Two bounds hold, and the better of them counts:
// - e^h minutes, whatever the shares of a minute are, since the likelihood ratio of a minute has mean 1 under the baseline (Lorden
//   1971, by way of the martingale sum of likelihood ratios minus minutes);
// - e^h / (p (1 - b (1 - p) / (p (1 - b)))) shares. Every stretch in which the sum stands above 0 begins with a rejected share, and
//   by Wald's identity it reaches h with e^-h times the probability that it would under p: that a share is rejected, p, and that the
//   sum never comes back, at most the bracket (that it comes back from h is e^-h less likely still). Where shares are few this is
//   the better one by far.
// Both hold for shares that are rejected independently; those of one late switch of jobs are not, so the baseline should have room
// for a usual switch.
import { assert } from '@assay/kernel';
import type { RejectReason } from '@assay/mining';
import type { DetectionMinute, Detector, DetectorState, LateShares, RejectedCounts, Verdict } from './detector.ts';
import { HEALTHY, openState, UNKNOWN } from './detector.ts';
import type { RejectedEvidence } from './evidence.ts';

export interface RejectedSettings {
  /** The fraction that is still fine. */
  readonly baselineFraction: number;
  /** Which reasons count; all of them when left out. `['stale']` looks for a slow network alone. */
  readonly reasons?: readonly RejectReason[] | undefined;
  readonly falseAlarmsPerWorkerYear: number;
  readonly falseRecoveriesPerWorkerYear: number;
}

export const REJECTED_DEFAULTS: RejectedSettings = {
  baselineFraction: 0.01,
  falseAlarmsPerWorkerYear: 1,
  falseRecoveriesPerWorkerYear: 1,
};

/** What the bank looks for, as multiples of the baseline's odds: from 1 %, these are 2, 5, 20 and 50 %; and their parts of the false alarms. */
const BANK = [
  { oddsTimes: 2, part: 0.4 },
  { oddsTimes: 5, part: 0.3 },
  { oddsTimes: 25, part: 0.2 },
  { oddsTimes: 100, part: 0.1 },
] as const;
const MINUTES_PER_YEAR = 365.25 * 1440;

const VERSION = 1;
const LAST_MINUTE = 1;
/** 0 while healthy, else 1 + the place in the bank of what was found. */
const FOUND = 2;
const FOUND_LLR = 3;
/** Shares a minute, the mean of about a day, and the minutes behind it. */
const PACE = 4;
const PACE_MINUTES = 5;
const WINDOWS = 6;
const SINCE = 0;
const REJECTED = 1;
const ALL = 2;
const WINDOW_CELLS = 3;
const CHANGE = WINDOWS;
const RECOVERY = WINDOWS + WINDOW_CELLS;
const CELLS = WINDOWS + WINDOW_CELLS * BANK.length;
const PACE_MEMORY_MINUTES = 1440;
/** Before so many minutes the pace is not known well enough for a threshold to go by it. */
const PACE_KNOWN_MINUTES = 60;

/** The settings made ready, shared by every worker under the same rule. */
export class RejectedBank {
  readonly settings: RejectedSettings;
  /** What a rejected share and an accepted one speak for each fraction of the bank. */
  readonly perRejected: Float64Array;
  readonly perAccepted: Float64Array;
  /** Thresholds by the first bound, and how much smaller e^h may be by the second for each share a minute. */
  readonly #byMinutes: Float64Array;
  readonly #perShare: Float64Array;
  readonly recoveryAt: number;

  constructor(settings: Partial<RejectedSettings> = {}) {
    this.settings = { ...REJECTED_DEFAULTS, ...settings };
    const { baselineFraction, falseAlarmsPerWorkerYear, falseRecoveriesPerWorkerYear } = this.settings;
    assert(baselineFraction > 0 && baselineFraction < 1, 'a baseline fraction lies between 0 and 1');
    assert(falseAlarmsPerWorkerYear > 0 && falseRecoveriesPerWorkerYear > 0, 'a stated error rate is positive');
    // With odds o of the baseline and m times as many: p / b = m (1 + o) / (1 + m o), (1 - p) / (1 - b) = (1 + o) / (1 + m o).
    const odds = baselineFraction / (1 - baselineFraction);
    this.perAccepted = Float64Array.from(BANK, ({ oddsTimes }) => Math.log((1 + odds) / (1 + oddsTimes * odds)));
    this.perRejected = Float64Array.from(BANK, ({ oddsTimes }, k) => Math.log(oddsTimes) + this.perAccepted[k]!);
    this.#byMinutes = Float64Array.from(BANK, ({ part }) =>
      Math.log(MINUTES_PER_YEAR / (falseAlarmsPerWorkerYear * part)),
    );
    // p (1 - b (1 - p) / (p (1 - b))) is p - b e^perAccepted, and p is b e^perRejected.
    this.#perShare = this.perRejected.map(
      (perRejected, k) => baselineFraction * (Math.exp(perRejected) - Math.exp(this.perAccepted[k]!)),
    );
    this.recoveryAt = Math.log(MINUTES_PER_YEAR / falseRecoveriesPerWorkerYear);
  }

  /** The log-likelihood ratio at which fraction `k` alarms at so many shares a minute; Infinity where they are not known. */
  alarmAt(k: number, pace: number): number {
    return Math.max(1, this.#byMinutes[k]! + Math.min(0, Math.log(this.#perShare[k]! * pace)));
  }

  /** Rejected shares that count. */
  count(rejected: RejectedCounts): number {
    let sum = 0;
    const { reasons } = this.settings;
    if (reasons === undefined) for (const reason in rejected) sum += rejected[reason as RejectReason] ?? 0;
    else for (const reason of reasons) sum += rejected[reason] ?? 0;
    return sum;
  }
}

export class RejectedFraction implements Detector {
  readonly #bank: RejectedBank;
  readonly #s: number[];

  constructor(bank: RejectedBank, state?: DetectorState) {
    this.#bank = bank;
    this.#s = openState(state, CELLS, VERSION, 'rejected fraction test');
  }

  get lastMinute(): number {
    return this.#s[LAST_MINUTE]!;
  }

  save(): DetectorState {
    return [...this.#s];
  }

  minute({ minute, shares, rejected }: DetectionMinute): Verdict {
    const s = this.#s;
    assert(minute > s[LAST_MINUTE]!, 'minutes come in ascending order');
    if (s[LAST_MINUTE] === 0) for (let k = 0; k < BANK.length; k++) this.#begin(WINDOWS + k * WINDOW_CELLS, minute);
    s[LAST_MINUTE] = minute;
    const counted = this.#bank.count(rejected);
    s[PACE_MINUTES] = Math.min(s[PACE_MINUTES]! + 1, PACE_MEMORY_MINUTES);
    s[PACE]! += (counted + shares - s[PACE]!) / s[PACE_MINUTES]!;
    return this.#add(minute, counted, shares);
  }

  late({ minute, shares, rejected }: LateShares): Verdict {
    if (this.#s[LAST_MINUTE] === 0) return UNKNOWN;
    return this.#add(minute, this.#bank.count(rejected), shares);
  }

  #add(minute: number, rejected: number, accepted: number): Verdict {
    return this.#s[FOUND] === 0
      ? this.#whileHealthy(minute, rejected, accepted)
      : this.#whileFiring(minute, rejected, accepted);
  }

  #whileHealthy(minute: number, rejected: number, accepted: number): Verdict {
    const s = this.#s;
    const pace = s[PACE_MINUTES]! < PACE_KNOWN_MINUTES ? Infinity : s[PACE]!;
    let found = -1;
    let foundLlr = 0;
    for (let k = 0; k < BANK.length; k++) {
      const window = WINDOWS + k * WINDOW_CELLS;
      this.#count(window, minute, rejected, accepted);
      const llr = this.#llr(window, k);
      if (llr <= 0) this.#begin(window, s[LAST_MINUTE]! + 1);
      else if (llr > foundLlr && llr >= this.#bank.alarmAt(k, pace)) [found, foundLlr] = [k, llr];
    }
    if (found < 0) return HEALTHY;
    const window = WINDOWS + found * WINDOW_CELLS;
    for (const cell of [SINCE, REJECTED, ALL]) s[CHANGE + cell] = s[window + cell]!;
    this.#begin(RECOVERY, s[LAST_MINUTE]! + 1);
    s[FOUND] = 1 + found;
    s[FOUND_LLR] = foundLlr;
    return { type: 'raised', evidence: this.#evidence(false) };
  }

  #whileFiring(minute: number, rejected: number, accepted: number): Verdict {
    const k = this.#s[FOUND]! - 1;
    this.#count(CHANGE, minute, rejected, accepted);
    this.#count(RECOVERY, minute, rejected, accepted);
    const withdrawn = this.#llr(CHANGE, k) <= 0;
    const forRecovery = -this.#llr(RECOVERY, k);
    const evidence = this.#evidence(withdrawn);
    if (withdrawn || forRecovery >= this.#bank.recoveryAt) {
      this.#s[FOUND] = 0;
      for (let i = 0; i < BANK.length; i++) this.#begin(WINDOWS + i * WINDOW_CELLS, this.#s[LAST_MINUTE]! + 1);
      return { type: 'cleared', evidence };
    }
    if (forRecovery <= 0) this.#begin(RECOVERY, this.#s[LAST_MINUTE]! + 1);
    return { type: 'firing', evidence };
  }

  #count(window: number, minute: number, rejected: number, accepted: number): void {
    if (minute < this.#s[window + SINCE]!) return;
    this.#s[window + REJECTED]! += rejected;
    this.#s[window + ALL]! += rejected + accepted;
  }

  #llr(window: number, k: number): number {
    const rejected = this.#s[window + REJECTED]!;
    const accepted = this.#s[window + ALL]! - rejected;
    return rejected * this.#bank.perRejected[k]! + accepted * this.#bank.perAccepted[k]!;
  }

  #begin(window: number, minute: number): void {
    this.#s[window + SINCE] = minute;
    this.#s[window + REJECTED] = this.#s[window + ALL] = 0;
  }

  #evidence(withdrawn: boolean): RejectedEvidence {
    const s = this.#s;
    const rejected = s[CHANGE + REJECTED]! - s[RECOVERY + REJECTED]!;
    const shares = s[CHANGE + ALL]! - s[RECOVERY + ALL]!;
    const { baselineFraction, falseAlarmsPerWorkerYear } = this.#bank.settings;
    return {
      kind: 'rejected',
      sinceMinute: s[CHANGE + SINCE]!,
      untilMinute: s[RECOVERY + SINCE]! - 1,
      rejected,
      shares,
      fraction: shares === 0 ? 0 : rejected / shares,
      ...wilson(rejected, shares),
      baselineFraction,
      logLikelihoodRatio: s[FOUND_LLR]!,
      falseAlarmsPerWorkerYear,
      withdrawn,
    };
  }
}

/** The 95 % score interval of a fraction (Wilson 1927). */
function wilson(part: number, whole: number): { lowFraction: number; highFraction: number } {
  if (whole === 0) return { lowFraction: 0, highFraction: 1 };
  const z2 = 1.959963984540054 ** 2;
  const p = part / whole;
  const middle = p + z2 / (2 * whole);
  const half = Math.sqrt(z2 * ((p * (1 - p)) / whole + z2 / (4 * whole * whole)));
  const scale = 1 + z2 / whole;
  return { lowFraction: Math.max(0, (middle - half) / scale), highFraction: Math.min(1, (middle + half) / scale) };
}
