// Uptime of one worker from its active minutes, by the definition of @assay/rollup.
import { graceMinutes, minuteStates, shareIntervalSeconds, uptimeFraction } from '@assay/rollup';
import { upRuns, type ActiveHour } from '@assay/settlement';
import { usualHashRateHs, type WorkerFacts } from '../workers/worker-facts.ts';

/** A grace longer than a day would need minutes of the day before, and says nothing useful any more. */
const MAX_GRACE_MINUTES = 1440;

export function workerGraceMinutes({ algorithm, difficulty, expectedHashRateHs, rates }: WorkerFacts): number {
  const interval = shareIntervalSeconds(algorithm, difficulty, usualHashRateHs(expectedHashRateHs, rates));
  return Math.min(graceMinutes(interval), MAX_GRACE_MINUTES);
}

/** How far before and after a range its minutes must be known, so that gaps across its ends are seen whole. */
export function longestGraceMinutes(workers: readonly WorkerFacts[]): number {
  return workers.reduce((longest, worker) => Math.max(longest, workerGraceMinutes(worker)), 0) + 1;
}

export function minuteOf(us: number): number {
  return Math.floor(us / 60e6);
}

/** Over the last `hours`, or since the worker was first seen; undefined when no minute is decided. */
export function recentUptime(
  worker: WorkerFacts,
  activeMinutes: readonly number[],
  hours: number,
  nowUs: number,
): number | undefined {
  const nowMinute = minuteOf(nowUs);
  const fromMinute = Math.min(Math.max(nowMinute - hours * 60, minuteOf(worker.firstSeenUs)), nowMinute);
  return uptimeFraction(
    minuteStates({
      activeMinutes,
      fromMinute,
      toMinute: nowMinute + 1,
      nowMinute,
      graceMinutes: workerGraceMinutes(worker),
    }),
  );
}

/** The same from hours, many of which are given as full: for every worker there is. */
export function recentUptimeOfHours(
  worker: WorkerFacts,
  active: readonly ActiveHour[],
  hours: number,
  nowUs: number,
): number | undefined {
  const nowMinute = minuteOf(nowUs);
  const fromMinute = Math.min(Math.max(nowMinute - hours * 60, minuteOf(worker.firstSeenUs)), nowMinute);
  const grace = workerGraceMinutes(worker);
  const runs = upRuns(active, grace);
  const end = runs.at(-1)?.[1] ?? -Infinity;
  // Minutes that a coming share may still fill are not decided; nor is the present one.
  const decidedUntil = Math.min(nowMinute - end <= grace ? end : nowMinute, nowMinute + 1);
  if (decidedUntil <= fromMinute) return undefined;
  let up = 0;
  for (const [from, until] of runs) up += Math.max(0, Math.min(until, decidedUntil) - Math.max(from, fromMinute));
  return up / (decidedUntil - fromMinute);
}

export interface Steps {
  readonly startSeconds: number;
  readonly stepSeconds: number;
  readonly points: number;
}

/** Per step: the fraction of its decided minutes in which the worker was up; undefined before the worker was first seen, and where nothing is decided. */
export function uptimePerStep(
  worker: WorkerFacts,
  activeMinutes: readonly number[],
  steps: Steps,
  nowUs: number,
): (number | undefined)[] {
  const stepMinutes = steps.stepSeconds / 60;
  const startMinute = steps.startSeconds / 60;
  const toMinute = startMinute + steps.points * stepMinutes;
  const seenMinute = minuteOf(worker.firstSeenUs);
  const states = minuteStates({
    activeMinutes,
    fromMinute: startMinute,
    toMinute,
    nowMinute: minuteOf(nowUs),
    graceMinutes: workerGraceMinutes(worker),
  });
  return Array.from({ length: steps.points }, (_, i) => {
    const from = Math.max(i * stepMinutes, seenMinute - startMinute);
    const to = (i + 1) * stepMinutes;
    return from < to ? uptimeFraction(states.subarray(from, to)) : undefined;
  });
}
