// Is a latency above its limit? Which latency is the caller's to say, since shares carry none; the alerter hands in what gateways measure.
// A bare threshold: found after some minutes in a row above it, over after as many at or below it. Minutes without one do not count.
import { assert } from '@assay/kernel';
import type { DetectionMinute, Detector, DetectorState, Verdict } from './detector.ts';
import { HEALTHY, openState, UNKNOWN } from './detector.ts';
import type { LatencyEvidence } from './evidence.ts';

export interface LatencySettings {
  readonly limitMs: number;
  readonly minutes: number;
}

const VERSION = 1;
const LAST_MINUTE = 1;
/** Minutes in a row that speak against what is thought now, and the first of them. */
const AGAINST = 2;
const AGAINST_SINCE = 3;
const FIRING_SINCE = 4;
const WORST_MS = 5;
const CELLS = 6;

export class Latency implements Detector {
  readonly #settings: LatencySettings;
  readonly #s: number[];

  constructor(settings: LatencySettings, state?: DetectorState) {
    assert(settings.limitMs > 0 && settings.minutes >= 1, 'a limit is positive and holds for at least a minute');
    this.#settings = settings;
    this.#s = openState(state, CELLS, VERSION, 'latency test');
  }

  get lastMinute(): number {
    return this.#s[LAST_MINUTE]!;
  }

  save(): DetectorState {
    return [...this.#s];
  }

  minute({ minute, latencyMs }: DetectionMinute): Verdict {
    const s = this.#s;
    assert(minute > s[LAST_MINUTE]!, 'minutes come in ascending order');
    s[LAST_MINUTE] = minute;
    const firing = s[FIRING_SINCE]! > 0;
    if (latencyMs === undefined) return firing ? { type: 'firing', evidence: this.#evidence() } : UNKNOWN;
    const above = latencyMs > this.#settings.limitMs;
    if (above) s[WORST_MS] = latencyMs;
    if (above === firing) s[AGAINST] = 0;
    else if (s[AGAINST]!++ === 0) s[AGAINST_SINCE] = minute;
    if (s[AGAINST]! < this.#settings.minutes) return firing ? { type: 'firing', evidence: this.#evidence() } : HEALTHY;
    s[AGAINST] = 0;
    if (!firing) {
      s[FIRING_SINCE] = s[AGAINST_SINCE]!;
      return { type: 'raised', evidence: this.#evidence() };
    }
    const evidence = this.#evidence();
    s[FIRING_SINCE] = 0;
    return { type: 'cleared', evidence };
  }

  /** Shares say nothing about latencies. */
  late(): Verdict {
    return this.#s[FIRING_SINCE]! > 0 ? { type: 'firing', evidence: this.#evidence() } : HEALTHY;
  }

  #evidence(): LatencyEvidence {
    const s = this.#s;
    return {
      kind: 'latency',
      sinceMinute: s[FIRING_SINCE]!,
      untilMinute: s[AGAINST] === 0 ? s[LAST_MINUTE]! : s[AGAINST_SINCE]! - 1,
      latencyMs: s[WORST_MS]!,
      limitMs: this.#settings.limitMs,
    };
  }
}
