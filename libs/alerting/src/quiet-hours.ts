// Hours in which only what matters most is told. They are wall-clock times of a time zone named as in the IANA database, so they move with
// summer time; Intl knows the zones.
import type { Severity } from './alert.ts';

export const MINUTES_PER_DAY = 1440;

export interface QuietHours {
  /** IANA name: `Europe/Berlin`. */
  readonly timeZone: string;
  /** Days on which they begin, 0 is Sunday. */
  readonly days: readonly number[];
  /** Minutes after midnight. When `to` is not after `from` they end the next day. */
  readonly from: number;
  readonly to: number;
  /** Severities told all the same. */
  readonly passes: readonly Severity[];
}

/** Whether Intl knows the zone. */
export function isTimeZone(name: string): boolean {
  try {
    formatOf(name);
    return true;
  } catch {
    return false;
  }
}

export function isQuiet(hours: QuietHours, atUs: number): boolean {
  const { day, minute } = wallClock(hours.timeZone, atUs);
  const dayBefore = (day + 6) % 7;
  if (hours.from < hours.to) return hours.days.includes(day) && minute >= hours.from && minute < hours.to;
  return (hours.days.includes(day) && minute >= hours.from) || (hours.days.includes(dayBefore) && minute < hours.to);
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

function wallClock(timeZone: string, atUs: number): { readonly day: number; readonly minute: number } {
  const parts: Partial<Record<Intl.DateTimeFormatPartTypes, string>> = {};
  for (const { type, value } of formatOf(timeZone).formatToParts(atUs / 1000)) parts[type] = value;
  return { day: DAYS.indexOf(parts.weekday!), minute: Number(parts.hour) * 60 + Number(parts.minute) };
}

// Making a format takes some 50 us, using it about one: a tick asks for each alert.
const formats = new Map<string, Intl.DateTimeFormat>();
const MAX_FORMATS = 1000;

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
    if (formats.size >= MAX_FORMATS) formats.clear();
    formats.set(timeZone, format);
  }
  return format;
}
