// Ages, durations and moments. Moments are local with the UTC time beside them in a tooltip.

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A number is never parted from its unit by a line break. */
const NO_BREAK = '\u00a0';

/** Two units at most: `12 s`, `14 min`, `5 h 12 min`, `3 d 4 h`. Negative durations (a clock ahead of the server's) count as zero. */
export function formatDuration(milliseconds: number): string {
  const ms = Math.max(0, milliseconds);
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)}${NO_BREAK}s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)}${NO_BREAK}min`;
  if (ms < DAY) {
    const minutes = Math.floor((ms % HOUR) / MINUTE);
    return `${Math.floor(ms / HOUR)}${NO_BREAK}h${minutes > 0 ? `${NO_BREAK}${minutes}${NO_BREAK}min` : ''}`;
  }
  const hours = Math.floor((ms % DAY) / HOUR);
  return `${Math.floor(ms / DAY)}${NO_BREAK}d${hours > 0 ? `${NO_BREAK}${hours}${NO_BREAK}h` : ''}`;
}

const two = (value: number): string => String(value).padStart(2, '0');
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** `14:03:07` on the day of `now`, `21 Nov 14:03` in its year, `21 Nov 2025` before; local time. */
export function formatMoment(at: Date, now: Date): string {
  const date = `${at.getDate()} ${MONTHS[at.getMonth()]!}`;
  if (at.getFullYear() !== now.getFullYear()) return `${date} ${at.getFullYear()}`;
  const time = `${two(at.getHours())}:${two(at.getMinutes())}`;
  const sameDay = at.getMonth() === now.getMonth() && at.getDate() === now.getDate();
  return sameDay ? `${time}:${two(at.getSeconds())}` : `${date} ${time}`;
}

/** `14:03` or, when the range is longer than a day, `21 Nov 14:03`; local time, for chart read-outs. */
export function formatAxisMoment(at: Date, rangeMs: number): string {
  const time = `${two(at.getHours())}:${two(at.getMinutes())}`;
  return rangeMs > DAY ? `${at.getDate()} ${MONTHS[at.getMonth()]!} ${time}` : time;
}

/** `2026-11-22 13:03:07 UTC` */
export function formatUtc(at: Date): string {
  return `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
