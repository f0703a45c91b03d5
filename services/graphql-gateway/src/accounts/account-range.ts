// Which days of which tenant are asked for, checked: the days are of the tenant's own time zone.
import type { ControlState } from '@assay/tenancy';
import {
  dateAfter,
  dateAt,
  daysInMonth,
  isDate,
  isMonth,
  isTimeZone,
  localDays,
  type LocalDay,
} from '@assay/settlement';
import { ClientError } from '../errors.ts';

export const MAX_ACCOUNT_DAYS = 93;
const UTC = 'UTC';

export interface AccountRange {
  readonly timeZone: string;
  readonly days: readonly LocalDay[];
}

/** The zone of a tenant's days: UTC where none is entered, or one that Node's tables do not have. */
export function timeZoneOf(tenant: string, state: ControlState): string {
  const zone = state.get('tenant', tenant)?.body.timeZone;
  return zone !== undefined && isTimeZone(zone) ? zone : UTC;
}

/** `count` days from a date on, or those up to today. Throws ClientError BAD_USER_INPUT. */
export function daysFrom(from: string | undefined, count: number, timeZone: string, nowUs: number): AccountRange {
  if (!Number.isInteger(count) || count < 1 || count > MAX_ACCOUNT_DAYS)
    throw new ClientError('BAD_USER_INPUT', `\`days\` must be between 1 and ${MAX_ACCOUNT_DAYS}, got ${count}.`);
  if (from !== undefined && !isDate(from))
    throw new ClientError('BAD_USER_INPUT', `\`from\` must be a date such as 2026-11-01, got ${JSON.stringify(from)}.`);
  const first = from ?? dateAfter(dateAt(nowUs, timeZone), 1 - count);
  return { timeZone, days: localDays(first, count, timeZone) };
}

/** The days of a month such as `2026-11`. Throws ClientError BAD_USER_INPUT. */
export function daysOfMonth(month: string, timeZone: string): AccountRange {
  if (!isMonth(month))
    throw new ClientError('BAD_USER_INPUT', `A month is written as 2026-11, got ${JSON.stringify(month)}.`);
  return { timeZone, days: localDays(`${month}-01`, daysInMonth(month), timeZone) };
}
