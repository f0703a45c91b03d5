// Is a worker offline, or connected without delivering? Gaps between shares are exponentially distributed, so silence proves nothing
// until it is improbable: every silent minute uses up its part of what is plausible at its difficulty, and at 1 the worker is found.
// One share ends it. `offline` looks for any sign of life, rejected shares too, and finds a lost connection by itself; `idle` looks for
// accepted shares of a worker that is connected.
import { assert } from '@assay/kernel';
import { DEFAULT_SILENCE_SECONDS, plausibleSilenceSeconds, shareIntervalSeconds, workInterval } from '@assay/rollup';
import type { DetectionMinute, Detector, DetectorState, LateShares, RejectedCounts, Verdict } from './detector.ts';
import { HEALTHY, openState } from './detector.ts';
import type { SilenceEvidence } from './evidence.ts';
import { hardestDifficulty, lastDifficulty, minuteExposure } from './exposure.ts';

export interface SilenceSettings {
  readonly kind: 'offline' | 'idle';
  /** How often a healthy worker may be found silent by chance, a year. Silence is never found sooner than `plausibleSilenceSeconds` says. */
  readonly falseAlarmsPerWorkerYear: number;
  /** Closed minutes in a row at whose end the worker was not connected, after which it is offline. A restart takes one or two. */
  readonly disconnectedMinutes: number;
}

export const SILENCE_DEFAULTS: Omit<SilenceSettings, 'kind'> = { falseAlarmsPerWorkerYear: 1, disconnectedMinutes: 3 };

const VERSION = 1;
const LAST_MINUTE = 1;
const DIFFICULTY = 2;
/** Of a day: what the rate is learned from where none is configured. */
const PAST_SHARES = 3;
const PAST_EXPOSURE = 4;
/** First minute of the silence; its seconds; the part of the plausible that is used up. */
const SILENT_SINCE = 5;
const SILENT_SECONDS = 6;
const USED_UP = 7;
const DISCONNECTED_SINCE = 8;
const DISCONNECTED_MINUTES = 9;
const FIRING = 10;
const CELLS = 11;

const NOT_FIRING = 0;
const FIRING_NO_SHARES = 1;
const FIRING_DISCONNECTED = 2;
const MEMORY_MINUTES = 1440;
const MINUTES_PER_YEAR = 365.25 * 1440;

export class Silence implements Detector {
  readonly #settings: SilenceSettings;
  readonly #s: number[];

  constructor(settings: SilenceSettings, state?: DetectorState) {
    assert(settings.falseAlarmsPerWorkerYear > 0, 'a stated error rate is positive');
    assert(settings.disconnectedMinutes >= 1, 'a lost connection is found after at least a minute');
    this.#settings = settings;
    this.#s = openState(state, CELLS, VERSION, 'silence test');
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
    if (this.#isSign(minute.shares, minute.rejected)) {
      this.#remember(minute, difficulty);
      return this.#signOfLife();
    }
    if (this.#settings.kind === 'idle' && minute.connected !== true) return this.#signOfLife();

    const plausible = this.#plausibleSeconds(minute, difficulty);
    if (s[SILENT_SECONDS] === 0) s[SILENT_SINCE] = minute.minute;
    s[SILENT_SECONDS]! += 60;
    s[USED_UP]! += 60 / plausible;
    if (minute.connected !== false) s[DISCONNECTED_MINUTES] = 0;
    else if (s[DISCONNECTED_MINUTES]!++ === 0) s[DISCONNECTED_SINCE] = minute.minute;
    if (s[FIRING] !== NOT_FIRING) return { type: 'firing', evidence: this.#evidence() };
    if (s[DISCONNECTED_MINUTES]! >= this.#settings.disconnectedMinutes) s[FIRING] = FIRING_DISCONNECTED;
    else if (s[USED_UP]! >= 1) s[FIRING] = FIRING_NO_SHARES;
    return s[FIRING] === NOT_FIRING ? HEALTHY : { type: 'raised', evidence: this.#evidence() };
  }

  /** A late share of the silence shows that there was none up to its minute; what follows it may still be silent. */
  late({ minute, shares, rejected }: LateShares): Verdict {
    const s = this.#s;
    const silentSeconds = s[SILENT_SECONDS]!;
    if (silentSeconds === 0 || minute < s[SILENT_SINCE]! || !this.#isSign(shares, rejected)) {
      return s[FIRING] === NOT_FIRING ? HEALTHY : { type: 'firing', evidence: this.#evidence() };
    }
    const remaining = Math.max(0, Math.min(silentSeconds, 60 * (s[LAST_MINUTE]! - minute)));
    const usedUp = (s[USED_UP]! * remaining) / silentSeconds;
    const verdict = usedUp >= 1 ? undefined : this.#signOfLife();
    s[SILENT_SINCE] = minute + 1;
    s[SILENT_SECONDS] = remaining;
    s[USED_UP] = usedUp;
    return verdict ?? { type: 'firing', evidence: this.#evidence() };
  }

  #isSign(shares: number, rejected: RejectedCounts): boolean {
    if (shares > 0) return true;
    if (this.#settings.kind === 'idle') return false;
    for (const reason in rejected) if ((rejected[reason as keyof RejectedCounts] ?? 0) > 0) return true;
    return false;
  }

  #signOfLife(): Verdict {
    const s = this.#s;
    const verdict: Verdict = s[FIRING] === NOT_FIRING ? HEALTHY : { type: 'cleared', evidence: this.#evidence() };
    s[SILENT_SECONDS] = s[USED_UP] = s[DISCONNECTED_MINUTES] = 0;
    s[FIRING] = NOT_FIRING;
    return verdict;
  }

  /** Of a learned rate the lower end of its interval counts, so that a few shares do not promise the next too soon. */
  #plausibleSeconds(minute: DetectionMinute, difficulty: number): number {
    const { expectedHashRateHs = 0, algorithm } = minute;
    const shares = this.#s[PAST_SHARES]!;
    const learned = (): number =>
      shares > 0 ? workInterval({ work: shares, workSquared: shares, nextWeight: 1 }).low / this.#s[PAST_EXPOSURE]! : 0;
    const rate = expectedHashRateHs > 0 ? expectedHashRateHs : learned();
    const interval = shareIntervalSeconds(algorithm, difficulty, rate);
    if (interval === undefined) return DEFAULT_SILENCE_SECONDS;
    const gapsPerYear = (MINUTES_PER_YEAR * 60) / interval;
    const stated = Math.log(gapsPerYear / this.#settings.falseAlarmsPerWorkerYear) * interval;
    return Math.max(plausibleSilenceSeconds(algorithm, difficulty, rate), stated);
  }

  #remember(minute: DetectionMinute, difficulty: number): void {
    if (difficulty === 0) return;
    const s = this.#s;
    const minutes = 1 + s[SILENT_SECONDS]! / 60;
    const kept = 1 - Math.min(1, minutes / MEMORY_MINUTES);
    // A silence that was never found belongs to the rate; one that was found does not.
    const exposure = minuteExposure(minute, difficulty) * (s[FIRING] === NOT_FIRING ? minutes : 1);
    s[PAST_SHARES] = s[PAST_SHARES]! * kept + minute.work / difficulty;
    s[PAST_EXPOSURE] = s[PAST_EXPOSURE]! * kept + exposure;
  }

  #evidence(): SilenceEvidence {
    const s = this.#s;
    const disconnected = s[FIRING] === FIRING_DISCONNECTED;
    const silentSeconds = s[SILENT_SECONDS]!;
    return {
      kind: this.#settings.kind,
      reason: disconnected ? 'disconnected' : 'no_shares',
      sinceMinute: disconnected ? s[DISCONNECTED_SINCE]! : s[SILENT_SINCE]!,
      silentSeconds,
      plausibleSeconds: disconnected ? this.#settings.disconnectedMinutes * 60 : silentSeconds / s[USED_UP]!,
    };
  }
}
