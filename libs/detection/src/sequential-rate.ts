// Is a worker's rate below its expectation? Page's test on the log-likelihood ratio of its shares, for a small bank of losses, with
// one stated rate of false alarms; and when it was found, the mirrored test for whether it is over (poisson-cusum.ts has the theory).
//
// Where an expectation is configured, N shares where L were expected speak for a factor r with N ln r + (1 - r) L. Where none is, the
// expectation is the worker's own past: n shares of an exposure T. What is not known of it is then part of the likelihood: the ratio
// of how probable the division of n + N shares between T and the t since is, N ln r + (n + N) ln((T + t) / (T + r t)), which needs no
// rate, comes to the former as the past grows, and has mean 1 under health as it must (the rate is removed by conditioning on n + N).
// A suspicion is held against all that was before it; only what lies before every suspicion becomes the past, and nothing that was
// found does, so a fault does not become the norm.
//
// Invariant: a window of factor k holds the shares and the exposure since its sum last stood at 0, so sums never drift by rounding.
import { assert } from '@assay/kernel';
import { workInterval } from '@assay/rollup';
import type { DetectionMinute, Detector, DetectorState, LateShares, Verdict } from './detector.ts';
import { HEALTHY, openState, UNKNOWN } from './detector.ts';
import type { RateEvidence } from './evidence.ts';
import { hardestDifficulty, lastDifficulty, minuteExposure } from './exposure.ts';
import type { RateBank } from './rate-bank.ts';

// Cells of the state: a plain array of doubles, 8 bytes each, since a farm has a hundred thousand of them.
const VERSION = 1;
const PHASE = 1;
const LAST_MINUTE = 2;
const DIFFICULTY = 3;
/** The configured expectation, hashes per second; 0 where it is learned. */
const EXPECTED = 4;
/** The past that an expectation is learned from: shares, exposure (expected shares per hash per second), minutes. */
const PAST_SHARES = 5;
const PAST_EXPOSURE = 6;
const PAST_MINUTES = 7;
/** Windows of three cells follow, one for each factor while healthy. */
const WINDOWS = 8;
const SINCE = 0;
const SHARES = 1;
/** Shares expected by an expectation less its tolerance: their number where it is configured, else per hash per second. */
const EXPOSURE = 2;
const WINDOW_CELLS = 3;
// While firing: the window since the change point, the window of the recovery, and what was found.
const CHANGE = WINDOWS;
const RECOVERY = WINDOWS + WINDOW_CELLS;
const FOUND_FACTOR = WINDOWS + 2 * WINDOW_CELLS;
const FOUND_LLR = FOUND_FACTOR + 1;

const PHASE_HEALTHY = 0;
const PHASE_FIRING = 1;

export class SequentialRate implements Detector {
  readonly #bank: RateBank;
  readonly #s: number[];

  constructor(bank: RateBank, state?: DetectorState) {
    this.#bank = bank;
    const cells = WINDOWS + WINDOW_CELLS * bank.size;
    this.#s = openState(state, cells, VERSION, 'sequential rate test');
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
    s[LAST_MINUTE] = minute.minute;
    const difficulty = hardestDifficulty(minute, s[DIFFICULTY]!);
    s[DIFFICULTY] = lastDifficulty(minute, s[DIFFICULTY]!);
    if (difficulty === 0) return UNKNOWN;

    const shares = minute.work / difficulty;
    const perHash = minuteExposure(minute, difficulty);
    const tolerated = perHash * (1 - this.#bank.settings.tolerance);
    const expected =
      minute.expectedHashRateHs !== undefined && minute.expectedHashRateHs > 0 ? minute.expectedHashRateHs : 0;
    const overtaken = this.#expect(expected, minute.minute);
    if (overtaken !== undefined) return overtaken;
    const firing = s[PHASE] === PHASE_FIRING;
    if (expected > 0) {
      if (!firing) this.#remember(shares, perHash, 1);
      const sharesExpected = tolerated * expected;
      return firing
        ? this.#whileFiring(minute.minute, shares, sharesExpected, sharesExpected)
        : this.#whileHealthy(minute.minute, shares, sharesExpected, sharesExpected);
    }
    if (!firing && !this.#hasPast()) {
      this.#remember(shares, perHash, 1);
      this.#forgetWindows(minute.minute + 1);
      return UNKNOWN;
    }
    const sharesExpected = (tolerated * s[PAST_SHARES]!) / s[PAST_EXPOSURE]!;
    return firing
      ? this.#whileFiring(minute.minute, shares, tolerated, sharesExpected)
      : this.#whileHealthy(minute.minute, shares, tolerated, sharesExpected);
  }

  /** More shares never speak for a loss, so all they can bring about is that a suspicion, or a finding, falls. */
  late({ minute, shares }: LateShares): Verdict {
    const s = this.#s;
    // Before the first minute with a known difficulty there is nothing to add them to.
    if (s[WINDOWS + SINCE] === 0) return UNKNOWN;
    if (s[PHASE] === PHASE_FIRING) {
      this.#addLate(CHANGE, minute, shares);
      this.#addLate(RECOVERY, minute, shares);
      const k = s[FOUND_FACTOR]!;
      const llr = this.#llr(CHANGE, CHANGE, this.#bank.factor[k]!, this.#bank.lnFactor[k]!);
      return llr > 0 ? { type: 'firing', evidence: this.#evidence(false) } : this.#clear(s[LAST_MINUTE]! + 1, true);
    }
    for (let k = 0; k < this.#bank.size; k++) this.#addLate(WINDOWS + k * WINDOW_CELLS, minute, shares);
    const learning = s[EXPECTED] === 0;
    if (!learning || minute < s[this.#oldest() + SINCE]!) s[PAST_SHARES]! += shares;
    this.#judge(s[LAST_MINUTE]!, learning, Infinity);
    return HEALTHY;
  }

  #whileHealthy(minute: number, shares: number, exposure: number, sharesExpected: number): Verdict {
    const { size } = this.#bank;
    for (let k = 0; k < size; k++) {
      const window = WINDOWS + k * WINDOW_CELLS;
      this.#s[window + SHARES]! += shares;
      this.#s[window + EXPOSURE]! += exposure;
    }
    const found = this.#judge(minute, this.#s[EXPECTED] === 0, this.#bank.row(sharesExpected));
    return found === undefined ? HEALTHY : this.#raise(found.k, found.llr);
  }

  /**
   * Ends suspicions that have fallen, and gives the likeliest of those that are proved. What is under no suspicion any more becomes
   * part of the past.
   * @param row where the bank's thresholds begin; Infinity where nothing can be proved
   */
  #judge(minute: number, learning: boolean, row: number): { k: number; llr: number } | undefined {
    const s = this.#s;
    const bank = this.#bank;
    const oldest = this.#oldest();
    let found: { k: number; llr: number } | undefined;
    let ended = 0;
    for (let k = 0; k < bank.size; k++) {
      const window = WINDOWS + k * WINDOW_CELLS;
      const llr = this.#llr(window, oldest, bank.factor[k]!, bank.lnFactor[k]!);
      // Against a short past a suspicion can neither fall nor be proved; after a memory's length it becomes part of the past.
      const over = llr <= 0 || (learning && minute - s[window + SINCE]! >= bank.settings.memoryMinutes);
      if (over) ended |= 1 << k;
      else if (row < Infinity && llr >= bank.alarmAt(row, k) && llr > (found?.llr ?? 0)) found = { k, llr };
    }
    const before = [s[oldest + SHARES]!, s[oldest + EXPOSURE]!, s[oldest + SINCE]!] as const;
    for (let k = 0; k < bank.size; k++) if ((ended >> k) & 1) this.#begin(WINDOWS + k * WINDOW_CELLS, minute + 1);
    if (learning) this.#absorb(...before, found === undefined ? this.#oldest() : WINDOWS + found.k * WINDOW_CELLS);
    return found;
  }

  #whileFiring(minute: number, shares: number, exposure: number, sharesExpected: number): Verdict {
    const s = this.#s;
    const bank = this.#bank;
    for (const window of [CHANGE, RECOVERY]) {
      s[window + SHARES]! += shares;
      s[window + EXPOSURE]! += exposure;
    }
    const k = s[FOUND_FACTOR]!;
    const forRecovery = -this.#llr(RECOVERY, RECOVERY, bank.recoveryFactor[k]!, bank.lnRecoveryFactor[k]!);
    if (forRecovery >= bank.recoveryAt(bank.row(sharesExpected), k)) return this.#clear(minute + 1, false);
    if (forRecovery <= 0) this.#begin(RECOVERY, minute + 1);
    return { type: 'firing', evidence: this.#evidence(false) };
  }

  #raise(k: number, llr: number): Verdict {
    const s = this.#s;
    const window = WINDOWS + k * WINDOW_CELLS;
    const [since, shares, exposure] = [s[window + SINCE]!, s[window + SHARES]!, s[window + EXPOSURE]!];
    s[PHASE] = PHASE_FIRING;
    s[CHANGE + SINCE] = since;
    s[CHANGE + SHARES] = shares;
    s[CHANGE + EXPOSURE] = exposure;
    this.#begin(RECOVERY, s[LAST_MINUTE]! + 1);
    s[FOUND_FACTOR] = k;
    s[FOUND_LLR] = llr;
    return { type: 'raised', evidence: this.#evidence(false) };
  }

  #clear(nextMinute: number, withdrawn: boolean): Verdict {
    const evidence = this.#evidence(withdrawn);
    this.#s[PHASE] = PHASE_HEALTHY;
    this.#forgetWindows(nextMinute);
    return { type: 'cleared', evidence };
  }

  /** Takes note of the configured expectation. Where one appears or goes, windows in the other's units are worth nothing. */
  #expect(expected: number, minute: number): Verdict | undefined {
    const s = this.#s;
    const same = expected > 0 === s[EXPECTED]! > 0;
    const firing = s[PHASE] === PHASE_FIRING;
    const verdict = !same && firing ? this.#clear(minute + 1, true) : undefined;
    if (!same || s[WINDOWS + SINCE] === 0) this.#forgetWindows(minute);
    s[EXPECTED] = expected;
    return verdict;
  }

  /** Of a window against what was before it: the past, and what the oldest window has of it, which may be the window itself. */
  #llr(window: number, oldest: number, factor: number, lnFactor: number): number {
    const s = this.#s;
    const shares = s[window + SHARES]!;
    const exposure = s[window + EXPOSURE]!;
    if (s[EXPECTED]! > 0) return shares * lnFactor + (1 - factor) * exposure;
    const between = (s[oldest + EXPOSURE]! - exposure) / (1 - this.#bank.settings.tolerance);
    // ln((T + t) / (T + r t)), without loss where t is small beside T.
    const spread = Math.log1p(((1 - factor) * exposure) / (s[PAST_EXPOSURE]! + between + factor * exposure));
    return shares * lnFactor + (s[PAST_SHARES]! + s[oldest + SHARES]!) * spread;
  }

  #begin(window: number, minute: number): void {
    this.#s[window + SINCE] = minute;
    this.#s[window + SHARES] = 0;
    this.#s[window + EXPOSURE] = 0;
  }

  #forgetWindows(minute: number): void {
    for (let k = 0; k < this.#bank.size; k++) this.#begin(WINDOWS + k * WINDOW_CELLS, minute);
  }

  #addLate(window: number, minute: number, shares: number): void {
    if (minute >= this.#s[window + SINCE]!) this.#s[window + SHARES]! += shares;
  }

  /** The window that reaches back furthest: all end now. */
  #oldest(): number {
    const s = this.#s;
    let oldest = WINDOWS;
    for (let k = 1; k < this.#bank.size; k++) {
      const window = WINDOWS + k * WINDOW_CELLS;
      if (s[window + SINCE]! < s[oldest + SINCE]!) oldest = window;
    }
    return oldest;
  }

  /** What the oldest window held, less what `window` holds, is under suspicion no longer: it becomes part of the past. */
  #absorb(shares: number, exposure: number, since: number, window: number): void {
    const s = this.#s;
    if (s[window + SINCE] === since) return;
    const perHash = (exposure - s[window + EXPOSURE]!) / (1 - this.#bank.settings.tolerance);
    this.#remember(shares - s[window + SHARES]!, perHash, s[window + SINCE]! - since);
  }

  #remember(shares: number, perHash: number, minutes: number): void {
    const s = this.#s;
    const kept = 1 - Math.min(1, minutes / this.#bank.settings.memoryMinutes);
    s[PAST_SHARES] = s[PAST_SHARES]! * kept + shares;
    s[PAST_EXPOSURE] = s[PAST_EXPOSURE]! * kept + perHash;
    s[PAST_MINUTES] = s[PAST_MINUTES]! * kept + minutes;
  }

  #hasPast(): boolean {
    const { learnMinutes, learnShares } = this.#bank.settings;
    return this.#s[PAST_MINUTES]! >= learnMinutes && this.#s[PAST_SHARES]! >= learnShares;
  }

  #evidence(withdrawn: boolean): RateEvidence {
    const s = this.#s;
    const { settings } = this.#bank;
    const configured = s[EXPECTED]! > 0;
    const expectedHashRateHs = configured ? s[EXPECTED]! : s[PAST_SHARES]! / s[PAST_EXPOSURE]!;
    const perExposure = (configured ? 1 : expectedHashRateHs) / (1 - settings.tolerance);
    const sinceMinute = s[CHANGE + SINCE]!;
    const untilMinute = s[RECOVERY + SINCE]! - 1;
    const shares = s[CHANGE + SHARES]! - s[RECOVERY + SHARES]!;
    const expectedShares = (s[CHANGE + EXPOSURE]! - s[RECOVERY + EXPOSURE]!) * perExposure;
    const { low, high } = workInterval({ work: shares, workSquared: shares, nextWeight: 1 });
    const scale = expectedHashRateHs / expectedShares;
    return {
      kind: 'rate',
      sinceMinute,
      untilMinute,
      expectedHashRateHs,
      expectation: configured ? 'configured' : 'learned',
      observed: { hashRateHs: shares * scale, lowHs: low * scale, highHs: high * scale },
      shares,
      expectedShares,
      missingHashes: (1 - shares / expectedShares) * expectedHashRateHs * 60 * (untilMinute - sinceMinute + 1),
      factor: this.#bank.factor[s[FOUND_FACTOR]!]!,
      logLikelihoodRatio: s[FOUND_LLR]!,
      falseAlarmsPerWorkerYear: settings.falseAlarmsPerWorkerYear,
      withdrawn,
    };
  }
}
