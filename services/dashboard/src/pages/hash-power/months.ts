// Months of reports, `2026-03`.

/** As many as can be chosen: two years, which rollups by the hour reach by far. */
const OFFERED = 24;

export function isMonth(text: string): boolean {
  return /^(19[7-9]|2\d\d)\d-(0[1-9]|1[0-2])$/.test(text);
}

export function daysIn(month: string): number {
  const [year, number] = month.split('-').map(Number) as [number, number];
  return new Date(Date.UTC(year, number, 0)).getUTCDate();
}

/** The month that is now, and those before it, the newest first. */
export function monthsBefore(now: Date): string[] {
  return Array.from({ length: OFFERED }, (_, i) =>
    new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - i, 1)).toISOString().slice(0, 7),
  );
}

const NAMES = 'January February March April May June July August September October November December'.split(' ');

/** `March 2026` */
export function monthName(month: string): string {
  return `${NAMES[Number(month.slice(5)) - 1]!} ${month.slice(0, 4)}`;
}
