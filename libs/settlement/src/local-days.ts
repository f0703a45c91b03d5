// Days and months as a time zone has them: 23 or 25 hours long where clocks are changed, and not from midnight UTC. Pure but for the tables of
// zones that come with Node. Invariant: the days of a range follow each other without a gap, and every moment lies in one of them.
import { MICROS_PER_DAY, MICROS_PER_MINUTE } from '@assay/kernel';

export interface LocalDay {
  /** `2026-11-25` */
  readonly date: string;
  /** Its first moment, microseconds since 1970. */
  readonly fromUs: number;
  /** The first moment of the day after. */
  readonly untilUs: number;
}

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const MONTH = /^(\d{4})-(\d{2})$/;

/** Offsets from UTC lie within 14 hours; two more cost one step of the search. */
const FARTHEST_US = 16 * 60 * MICROS_PER_MINUTE;

const formats = new Map<string, Intl.DateTimeFormat>();

/** Whether Node's tables have the zone. */
export function isTimeZone(name: string): boolean {
  try {
    return formatOf(name) !== undefined;
  } catch {
    return false;
  }
}

/** Whether it is a date there is, such as `2026-02-28`, from 1970 on. */
export function isDate(text: string): boolean {
  if (!DATE.test(text)) return false;
  const ms = Date.parse(`${text}T00:00:00Z`);
  return ms >= 0 && new Date(ms).toISOString().startsWith(text);
}

/** Whether it is a month there is, such as `2026-02`, from 1970 on. */
export function isMonth(text: string): boolean {
  return MONTH.test(text) && isDate(`${text}-01`);
}

/** The date that clocks of the zone show at a moment. */
export function dateAt(us: number, timeZone: string): string {
  const parts = formatOf(timeZone).formatToParts(us / 1000);
  const part = (wanted: string): string => parts.find(({ type }) => type === wanted)!.value;
  return `${part('year').padStart(4, '0')}-${part('month')}-${part('day')}`;
}

export function dateAfter(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

/** How many days a month has. */
export function daysInMonth(month: string): number {
  const [year, number] = month.split('-').map(Number) as [number, number];
  return new Date(Date.UTC(year, number, 0)).getUTCDate();
}

/**
 * `count` dates from `first` on. A date that a zone left out (Samoa had no 30 December 2011) is not there.
 * @param first a date, see `isDate`. @param timeZone a zone, see `isTimeZone`
 */
export function localDays(first: string, count: number, timeZone: string): LocalDay[] {
  const dates = Array.from({ length: count + 1 }, (_, i) => dateAfter(first, i));
  const starts = dates.map((date) => startOfDayUs(date, timeZone));
  return dates
    .slice(0, count)
    .map((date, i) => ({ date, fromUs: starts[i]!, untilUs: starts[i + 1]! }))
    .filter(({ fromUs, untilUs }) => untilUs > fromUs);
}

export function localMonth(month: string, timeZone: string): LocalDay[] {
  return localDays(`${month}-01`, daysInMonth(month), timeZone);
}

/** The first moment at which clocks of the zone show the date or a later one, by bisection over whole minutes: clocks are changed at such. */
function startOfDayUs(date: string, timeZone: string): number {
  const midnightUs = (Date.parse(`${date}T00:00:00Z`) / 86_400_000) * MICROS_PER_DAY;
  let before = (midnightUs - FARTHEST_US) / MICROS_PER_MINUTE;
  let from = (midnightUs + FARTHEST_US) / MICROS_PER_MINUTE;
  while (from - before > 1) {
    const middle = Math.floor((before + from) / 2);
    if (dateAt(middle * MICROS_PER_MINUTE, timeZone) >= date) from = middle;
    else before = middle;
  }
  return from * MICROS_PER_MINUTE;
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (format === undefined) {
    const options = { year: 'numeric', month: '2-digit', day: '2-digit', calendar: 'iso8601' } as const;
    format = new Intl.DateTimeFormat('en-CA', { ...options, timeZone, numberingSystem: 'latn' });
    formats.set(timeZone, format);
  }
  return format;
}
