// Bounds on arguments: every list and every look back is bounded. An argument given as null means its default.
import { ClientError } from './errors.ts';

export const MAX_PAGE_SIZE = 1000;
const DEFAULT_PAGE_SIZE = 50;
export const MAX_HISTORY_HOURS = 720;
const DEFAULT_HISTORY_HOURS = 24;

/** Checks `first`; throws ClientError BAD_USER_INPUT outside 1 to 1000. */
export function pageSize(given: number | null, fallback = DEFAULT_PAGE_SIZE): number {
  const first = given ?? fallback;
  if (Number.isInteger(first) && first >= 1 && first <= MAX_PAGE_SIZE) return first;
  throw new ClientError(
    'BAD_USER_INPUT',
    `\`first\` must be between 1 and ${MAX_PAGE_SIZE}, got ${first}. Use \`after\` for the rest.`,
  );
}

/** Checks `hours`; throws ClientError BAD_USER_INPUT outside 1 to 720. */
export function historyHours(given: number | null): number {
  const hours = given ?? DEFAULT_HISTORY_HOURS;
  if (Number.isInteger(hours) && hours >= 1 && hours <= MAX_HISTORY_HOURS) return hours;
  throw new ClientError(
    'BAD_USER_INPUT',
    `\`hours\` must be between 1 and ${MAX_HISTORY_HOURS}, got ${hours}. Use \`series\` for longer ranges.`,
  );
}

/** Whether an argument was given; null is as good as left out. */
export function isGiven<T>(argument: T | null | undefined): argument is T {
  return argument !== null && argument !== undefined;
}

/** Checks a count whose bounds are its field's own; throws ClientError BAD_USER_INPUT outside them. */
export function wholeBetween(
  name: string,
  given: number | null,
  least: number,
  most: number,
  fallback: number,
): number {
  const value = given ?? fallback;
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new ClientError('BAD_USER_INPUT', `\`${name}\` must be between ${least} and ${most}, got ${value}.`);
}
