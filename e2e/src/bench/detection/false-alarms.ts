// How often healthy workers are found by chance, over simulated years: our rules, and the usual ones at every threshold at once.
import { Random } from '@assay/kernel';
import { detectorFactory, type DetectionMinute, type DetectionRule } from '@assay/detection';
import { workInterval } from '@assay/rollup';
import { Excursions, RATE_RULES, REJECTED_RULE, type UsualRule } from './usual-rules.ts';
import { WorkerMinutes } from './worker-minutes.ts';

export const MINUTES_PER_YEAR = 365.25 * 1440;

/** Alarms a worker-year with their 95 % Poisson interval. */
export interface AlarmRate {
  readonly perYear: number;
  readonly low: number;
  readonly high: number;
  readonly alarms: number;
  readonly years: number;
}

export function alarmRate(alarms: number, years: number): AlarmRate {
  const { low, high } = workInterval({ work: alarms, workSquared: alarms, nextWeight: 1 });
  return { perYear: alarms / years, low: low / years, high: high / years, alarms, years };
}

export interface UsualAlarms {
  readonly rule: UsualRule;
  readonly asUsual: AlarmRate;
  /** The threshold at which it alarms as often as ours states, over the very minutes it was tuned on, which is to its favour. */
  readonly tunedThreshold: number;
  readonly tuned: AlarmRate;
}

export interface HealthyYears {
  readonly rate: AlarmRate;
  readonly rejected: AlarmRate;
  readonly offline: AlarmRate;
  readonly usual: readonly UsualAlarms[];
  readonly usualRejected: UsualAlarms;
}

const OURS = {
  rate: { type: 'rate' },
  rejected: { type: 'rejected' },
  offline: { type: 'offline' },
} as const satisfies Record<string, DetectionRule>;
const STATED_PER_YEAR = 1;

/** One healthy worker whose expected rate is known, for so many years. */
export function healthyYears(sharesPerMinute: number, years: number, seed: number): HealthyYears {
  const worker = new WorkerMinutes(new Random(seed), sharesPerMinute, true);
  const rate = detectorFactory(OURS.rate)();
  const rejected = detectorFactory(OURS.rejected)();
  const offline = detectorFactory(OURS.offline)();
  const usual = [...RATE_RULES, REJECTED_RULE].map((rule) => ({
    rule,
    statistic: rule.statistic(sharesPerMinute),
    excursions: new Excursions(),
  }));
  const alarms = { rate: 0, rejected: 0, offline: 0 };
  const minutes = Math.round(years * MINUTES_PER_YEAR);
  for (let i = 0; i < minutes; i++) {
    const minute = worker.next();
    if (rate.minute(minute).type === 'raised') alarms.rate++;
    if (rejected.minute(minute).type === 'raised') alarms.rejected++;
    if (offline.minute(minute).type === 'raised') alarms.offline++;
    for (const { statistic, excursions } of usual) excursions.push(statistic(minute));
  }
  const allowed = Math.floor(years * STATED_PER_YEAR);
  const tuned = usual.map(({ rule, excursions }): UsualAlarms => {
    const tunedThreshold = excursions.thresholdFor(allowed);
    return {
      rule,
      asUsual: alarmRate(excursions.alarms(rule.threshold), years),
      tunedThreshold,
      tuned: alarmRate(excursions.alarms(tunedThreshold), years),
    };
  });
  return {
    rate: alarmRate(alarms.rate, years),
    rejected: alarmRate(alarms.rejected, years),
    offline: alarmRate(alarms.offline, years),
    usual: tuned.slice(0, -1),
    usualRejected: tuned.at(-1)!,
  };
}

/** Alarms of the rate rule over many healthy workers, each from its first minute on. */
export function alarmsFromTheFirstMinute(
  make: (random: Random) => { next(): DetectionMinute },
  workers: number,
  minutesEach: number,
  seed: number,
): AlarmRate {
  const random = new Random(seed);
  const detectorOf = detectorFactory(OURS.rate);
  let alarms = 0;
  for (let i = 0; i < workers; i++) {
    const worker = make(random.fork());
    const detector = detectorOf();
    for (let m = 0; m < minutesEach; m++) if (detector.minute(worker.next()).type === 'raised') alarms++;
  }
  return alarmRate(alarms, (workers * minutesEach) / MINUTES_PER_YEAR);
}
