// Does a worker connect again and again? Counts the connections it opened in a window; over when they are at most half of the limit.
import { assert } from '@assay/kernel';
import type { DetectionMinute, Detector, DetectorState, Verdict } from './detector.ts';
import { HEALTHY, openState } from './detector.ts';
import type { FlappingEvidence } from './evidence.ts';
import { MinuteRing, ringCells } from './minute-ring.ts';
import { MAX_WINDOW_MINUTES } from './rate-threshold.ts';

export interface FlappingSettings {
  /** 8 bytes of state each. */
  readonly windowMinutes: number;
  /** Connections opened in the window from which on a worker flaps. */
  readonly connects: number;
}

/** A firmware update or a changed setting restarts a machine once or twice. */
export const FLAPPING_DEFAULTS: FlappingSettings = { windowMinutes: 15, connects: 5 };

const VERSION = 1;
const LAST_MINUTE = 1;
const FIRING_SINCE = 2;
const RING = 3;

export class Flapping implements Detector {
  readonly #settings: FlappingSettings;
  readonly #s: number[];
  readonly #ring: MinuteRing;

  constructor(settings: FlappingSettings, state?: DetectorState) {
    const { windowMinutes, connects } = settings;
    assert(
      windowMinutes >= 1 && windowMinutes <= MAX_WINDOW_MINUTES,
      `a window is of 1 to ${MAX_WINDOW_MINUTES} minutes`,
    );
    assert(connects >= 2, 'one connection is no flapping');
    this.#settings = settings;
    this.#s = openState(state, RING + ringCells(windowMinutes), VERSION, 'flapping test');
    this.#ring = new MinuteRing(this.#s, RING, windowMinutes);
    if (state === undefined) this.#ring.clear();
  }

  get lastMinute(): number {
    return this.#s[LAST_MINUTE]!;
  }

  save(): DetectorState {
    return [...this.#s];
  }

  minute({ minute, connects = 0 }: DetectionMinute): Verdict {
    const s = this.#s;
    assert(minute > s[LAST_MINUTE]!, 'minutes come in ascending order');
    this.#ring.push(minute, s[LAST_MINUTE]!, connects);
    s[LAST_MINUTE] = minute;
    if (s[FIRING_SINCE]! > 0) {
      const evidence = this.#evidence();
      if (this.#ring.sum > this.#settings.connects / 2) return { type: 'firing', evidence };
      s[FIRING_SINCE] = 0;
      return { type: 'cleared', evidence };
    }
    if (this.#ring.sum < this.#settings.connects) return HEALTHY;
    s[FIRING_SINCE] = minute - this.#settings.windowMinutes + 1;
    return { type: 'raised', evidence: this.#evidence() };
  }

  /** Shares say nothing about connections. */
  late(): Verdict {
    return this.#s[FIRING_SINCE]! > 0 ? { type: 'firing', evidence: this.#evidence() } : HEALTHY;
  }

  #evidence(): FlappingEvidence {
    return {
      kind: 'flapping',
      sinceMinute: this.#s[FIRING_SINCE]!,
      untilMinute: this.#s[LAST_MINUTE]!,
      connects: this.#ring.sum,
      windowMinutes: this.#settings.windowMinutes,
    };
  }
}
