// From a range and a number of points to a table and a step: the finest step that stays within the points asked for and within
// what the table still keeps. Steps are whole multiples of a table's own; below a day they are aligned to the epoch, so that a
// point is the same whatever range it is asked in.
import { MICROS_PER_DAY, MICROS_PER_SECOND } from '@assay/kernel';
import { ClientError } from '../errors.ts';

export type RollupTable = 'rollup_1m' | 'rollup_1h' | 'rollup_1d';

export interface RangeInput {
  /** Microseconds since 1970, UTC; inclusive. */
  readonly from: number;
  /** Microseconds since 1970, UTC; exclusive. */
  readonly to: number;
  readonly maxPoints?: number | null;
}

export interface RangePlan {
  readonly table: RollupTable;
  readonly stepSeconds: number;
  /** Start of the first step, seconds since 1970: the latest aligned one at or before `from`. */
  readonly startSeconds: number;
  /** End of the last step, seconds since 1970. */
  readonly endSeconds: number;
  readonly points: number;
  /** Whether the hours of all of it are kept. */
  readonly hoursKept: boolean;
}

/** How long each table keeps its rows, days. */
export interface RollupRetention {
  readonly rollup_1m: number;
  readonly rollup_1h: number;
}

export const MAX_POINTS = 2000;
export const DEFAULT_POINTS = 300;
export const MAX_RANGE_DAYS = 3660;

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86400;

/** Steps people read easily; above them come whole days. */
const SUBDAY_STEPS = [1, 2, 5, 10, 15, 30].map((n) => n * MINUTE).concat([1, 2, 3, 4, 6, 12].map((n) => n * HOUR));

export function planRange(range: RangeInput, nowUs: number, retention: RollupRetention): RangePlan {
  const { from, to } = range;
  const maxPoints = range.maxPoints ?? DEFAULT_POINTS;
  if (!Number.isInteger(maxPoints) || maxPoints < 1 || maxPoints > MAX_POINTS) {
    throw new ClientError('BAD_USER_INPUT', `\`maxPoints\` must be between 1 and ${MAX_POINTS}, got ${maxPoints}.`);
  }
  if (to <= from) throw new ClientError('BAD_USER_INPUT', '`range.to` must be later than `range.from`.');
  if (from < 0 || to - from > MAX_RANGE_DAYS * MICROS_PER_DAY) {
    throw new ClientError(
      'RANGE_TOO_LARGE',
      `A range may be at most ${MAX_RANGE_DAYS} days long and begin in 1970 or later.`,
    );
  }
  const ageDays = (nowUs - from) / MICROS_PER_DAY;
  const hoursKept = ageDays <= retention.rollup_1h;
  const finest = !hoursKept ? DAY : ageDays > retention.rollup_1m ? HOUR : MINUTE;
  for (const step of SUBDAY_STEPS) {
    if (step < finest) continue;
    const plan = { ...aligned(from, to, step), hoursKept };
    if (plan.points <= maxPoints) return plan;
  }
  // Beyond a day's step the first point begins on the day of `from`, so that even one point can hold any range.
  const startSeconds = Math.floor(from / MICROS_PER_DAY) * DAY;
  const days = Math.ceil(to / MICROS_PER_DAY) - startSeconds / DAY;
  const stepDays = Math.ceil(days / maxPoints);
  const points = Math.ceil(days / stepDays);
  const stepSeconds = stepDays * DAY;
  const endSeconds = startSeconds + points * stepSeconds;
  return { table: 'rollup_1d', stepSeconds, startSeconds, endSeconds, points, hoursKept };
}

function aligned(fromUs: number, toUs: number, stepSeconds: number): Omit<RangePlan, 'hoursKept'> {
  const startSeconds = Math.floor(fromUs / MICROS_PER_SECOND / stepSeconds) * stepSeconds;
  const endSeconds = Math.ceil(toUs / MICROS_PER_SECOND / stepSeconds) * stepSeconds;
  return {
    table: stepSeconds < HOUR ? 'rollup_1m' : 'rollup_1h',
    stepSeconds,
    startSeconds,
    endSeconds,
    points: (endSeconds - startSeconds) / stepSeconds,
  };
}
