// Rules as data, and the detectors they stand for. A rule is made ready once; it then makes a detector for each worker, new or from a
// saved state. A state belongs to its rule: with other settings begin anew.
import { unreachable } from '@assay/kernel';
import type { RejectReason } from '@assay/mining';
import type { Detector, DetectorState } from './detector.ts';
import { Flapping, FLAPPING_DEFAULTS } from './flapping.ts';
import { Latency } from './latency.ts';
import { RateBank, RATE_DEFAULTS } from './rate-bank.ts';
import { RateThreshold } from './rate-threshold.ts';
import { RejectedBank, RejectedFraction, REJECTED_DEFAULTS } from './rejected-fraction.ts';
import { SequentialRate } from './sequential-rate.ts';
import { Silence, SILENCE_DEFAULTS } from './silence.ts';

/** What is left out has the default of the detector's own file. */
export type DetectionRule =
  | {
      readonly type: 'rate';
      readonly falseAlarmsPerWorkerYear?: number | undefined;
      readonly falseRecoveriesPerWorkerYear?: number | undefined;
      readonly tolerance?: number | undefined;
    }
  | {
      readonly type: 'offline' | 'idle';
      readonly falseAlarmsPerWorkerYear?: number | undefined;
      readonly disconnectedMinutes?: number | undefined;
    }
  | {
      readonly type: 'rejected';
      readonly baselineFraction?: number | undefined;
      readonly reasons?: readonly RejectReason[] | undefined;
      readonly falseAlarmsPerWorkerYear?: number | undefined;
      readonly falseRecoveriesPerWorkerYear?: number | undefined;
    }
  | {
      readonly type: 'threshold';
      readonly windowMinutes: number;
      readonly belowFraction: number;
      /** `belowFraction` itself where it is left out. */
      readonly clearFraction?: number | undefined;
    }
  | { readonly type: 'flapping'; readonly windowMinutes?: number | undefined; readonly connects?: number | undefined }
  | { readonly type: 'latency'; readonly limitMs: number; readonly minutes?: number | undefined };

export type DetectorFactory = (state?: DetectorState) => Detector;

const DEFAULT_LATENCY_MINUTES = 3;

/** @throws AssertionError for settings out of range: check them before they become a rule. */
export function detectorFactory(rule: DetectionRule): DetectorFactory {
  switch (rule.type) {
    case 'rate': {
      const bank = new RateBank(withDefaults(RATE_DEFAULTS, rule));
      return (state) => new SequentialRate(bank, state);
    }
    case 'offline':
    case 'idle': {
      const settings = { ...withDefaults(SILENCE_DEFAULTS, rule), kind: rule.type };
      return (state) => new Silence(settings, state);
    }
    case 'rejected': {
      const bank = new RejectedBank({ ...withDefaults(REJECTED_DEFAULTS, rule), reasons: rule.reasons });
      return (state) => new RejectedFraction(bank, state);
    }
    case 'threshold': {
      const { windowMinutes, belowFraction, clearFraction = belowFraction } = rule;
      return (state) => new RateThreshold({ windowMinutes, belowFraction, clearFraction }, state);
    }
    case 'flapping': {
      const settings = withDefaults(FLAPPING_DEFAULTS, rule);
      return (state) => new Flapping(settings, state);
    }
    case 'latency': {
      const { limitMs, minutes = DEFAULT_LATENCY_MINUTES } = rule;
      return (state) => new Latency({ limitMs, minutes }, state);
    }
    default:
      return unreachable(rule);
  }
}

/** The defaults, each replaced by what the rule says of it. */
function withDefaults<T extends object>(defaults: T, rule: { readonly [K in keyof T]?: T[K] | undefined }): T {
  const settings = { ...defaults };
  for (const key of Object.keys(defaults) as (keyof T)[]) {
    const value = rule[key];
    if (value !== undefined) settings[key] = value;
  }
  return settings;
}
