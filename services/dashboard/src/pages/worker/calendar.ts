// Thirteen weeks of days as a grid, and what is said of each: pure, so that what is drawn, spoken and listed is the same. Days are UTC, as the
// record's are.
import { formatInvalid, formatUptime, formatContribution } from '../../format/fraction.ts';
import { formatCount, formatQuantity } from '../../format/number.ts';
import { cellKind, kindsBy, type CellKind } from '../fleet/cell-kinds.ts';
import type { WorkerDays } from './worker-documents.ts';

export type DayBy = 'contribution' | 'uptime' | 'invalid' | 'connects';
export const DAY_BY: readonly DayBy[] = ['contribution', 'uptime', 'invalid', 'connects'];

export const WEEKS = 13;
const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
/** 1970 began on a Thursday. */
const MONDAY_MS = 4 * DAY_MS;

type Point = NonNullable<WorkerDays['series']>['points'][number];

export interface CalendarDay {
  /** `2026-11-25` */
  readonly date: string;
  readonly atMs: number;
  /** Undefined for what is to come, and before the machine was first seen. */
  readonly point: Point | undefined;
  /** Times it connected. */
  readonly connects: number;
  readonly isUnderWay: boolean;
}

/** From the Monday twelve weeks before this week's on, up to now. */
export function calendarRange(nowMs: number): {
  readonly from: string;
  readonly to: string;
  readonly maxPoints: number;
} {
  const monday = Math.floor((nowMs - MONDAY_MS) / WEEK_MS) * WEEK_MS + MONDAY_MS;
  const tomorrow = (Math.floor(nowMs / DAY_MS) + 1) * DAY_MS;
  return {
    from: new Date(monday - (WEEKS - 1) * WEEK_MS).toISOString(),
    to: new Date(tomorrow).toISOString(),
    maxPoints: WEEKS * 7,
  };
}

/** By week, Monday first; the days of this week that are to come are there without a point. */
export function calendarWeeks({ series, connectsByDay }: WorkerDays, from: string, nowMs: number): CalendarDay[][] {
  const points = new Map(series?.points.map((point) => [point.at.slice(0, 10), point]));
  const connects = new Map(connectsByDay?.map(({ date, count }) => [date, count]));
  return Array.from({ length: WEEKS }, (_, week) =>
    Array.from({ length: 7 }, (_day, day): CalendarDay => {
      const atMs = Date.parse(from) + week * WEEK_MS + day * DAY_MS;
      const date = new Date(atMs).toISOString().slice(0, 10);
      const point = points.get(date);
      const isKnown = point !== undefined && atMs <= nowMs && (point.uptime !== null || sharesOf(point) > 0);
      return {
        date,
        atMs,
        point: isKnown ? point : undefined,
        connects: connects.get(date) ?? 0,
        isUnderWay: nowMs >= atMs && nowMs < atMs + DAY_MS,
      };
    }),
  );
}

export function sharesOf({ accepted, rejected }: Pick<Point, 'accepted' | 'rejected'>): number {
  return accepted + rejected;
}

export function invalidOf(point: Point): number | null {
  return sharesOf(point) === 0 ? null : point.rejected / sharesOf(point);
}

const UNKNOWN: CellKind = { words: 'not known', colour: '--map-unknown', mark: 'hollow' };
const kind = (words: string, step: number): CellKind => ({ words, colour: `--map-${step}`, mark: 'none' });

/** By the lowest value of each, the highest first. */
const UPTIME_STEPS: readonly (readonly [number, CellKind])[] = [
  [0.999, kind('99.9 % or more', 5)],
  [0.99, kind('99 to 99.9 %', 4)],
  [0.95, kind('95 to 99 %', 3)],
  [0.5, kind('50 to 95 %', 2)],
  [-Infinity, kind('below 50 %', 1)],
];
const CONNECT_STEPS: readonly (readonly [number, CellKind])[] = [
  [20, kind('20 or more', 1)],
  [6, kind('6 to 19', 2)],
  [2, kind('2 to 5', 3)],
  [1, kind('once', 4)],
  [-Infinity, kind('never', 5)],
];

export function dayKinds(by: DayBy): readonly CellKind[] {
  if (by === 'uptime') return [...UPTIME_STEPS.map(([, each]) => each), UNKNOWN];
  if (by === 'connects') return [...CONNECT_STEPS.map(([, each]) => each), UNKNOWN];
  return kindsBy(by).filter(({ mark }) => mark === 'none' || mark === 'hollow');
}

export function dayKind({ point, connects }: CalendarDay, by: DayBy): CellKind {
  if (point === undefined) return UNKNOWN;
  if (by === 'connects') return step(CONNECT_STEPS, connects);
  if (by === 'uptime') return point.uptime === null ? UNKNOWN : step(UPTIME_STEPS, point.uptime);
  return cellKind(by, 'ONLINE', by === 'invalid' ? invalidOf(point) : (point.contribution?.fraction ?? null));
}

function step(steps: readonly (readonly [number, CellKind])[], value: number): CellKind {
  return steps.find(([from]) => value >= from)![1];
}

/** What is known of a day by one measure: `98.4 % of expectation`. */
export function dayWords({ point, connects }: CalendarDay, by: DayBy): string {
  if (point === undefined) return 'nothing known';
  switch (by) {
    case 'contribution':
      return point.contribution === null
        ? 'no expectation on record'
        : `${formatContribution(point.contribution.fraction, point.contribution)} of expectation`;
    case 'uptime':
      return point.uptime === null ? 'uptime not known' : `up ${formatUptime(point.uptime)}`;
    case 'invalid':
      return sharesOf(point) === 0
        ? 'no shares'
        : `${formatInvalid(invalidOf(point))} of ${formatCount(sharesOf(point))} shares invalid`;
    case 'connects':
      return connects === 0 ? 'no new connection' : `connected ${formatQuantity(connects, 'time')}`;
  }
}

/** Of all that is known, in one figure a measure. */
export interface CalendarSummary {
  readonly days: number;
  /** Days of which a contribution is known, and of those the ones at 95 % or more. */
  readonly measured: number;
  readonly atExpectation: number;
  readonly meanUptime: number | null;
  readonly invalid: number | null;
  readonly connects: number;
}

const AT_EXPECTATION = 0.95;

/** The day under way is left out: it says little in the morning. */
export function calendarSummary(weeks: readonly (readonly CalendarDay[])[]): CalendarSummary {
  const whole = weeks.flat().filter(({ point, isUnderWay }) => point !== undefined && !isUnderWay);
  const points = whole.map(({ point }) => point!);
  const contributions = points.flatMap(({ contribution }) => contribution ?? []);
  const uptimes = points.flatMap(({ uptime }) => uptime ?? []);
  const shares = points.reduce((sum, point) => sum + sharesOf(point), 0);
  return {
    days: whole.length,
    measured: contributions.length,
    atExpectation: contributions.filter(({ fraction }) => fraction >= AT_EXPECTATION).length,
    meanUptime: uptimes.length === 0 ? null : uptimes.reduce((sum, uptime) => sum + uptime, 0) / uptimes.length,
    invalid: shares === 0 ? null : points.reduce((sum, { rejected }) => sum + rejected, 0) / shares,
    connects: whole.reduce((sum, { connects }) => sum + connects, 0),
  };
}
