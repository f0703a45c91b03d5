// CSV as RFC 4180 has it: a line per record, ended by CR LF, fields with commas, quotes or line ends quoted; in UTF-8 without a mark. Numbers are written
// as they are, unrounded, with a point. Invariant: no text that somebody else chose is read as a formula by a spreadsheet.

/** Null and undefined are empty fields. */
export type CsvValue = string | number | bigint | boolean | null | undefined;

/** What spreadsheets take for the beginning of a formula, also behind what they leave out in front of it. */
const FORMULA = /^[\s\0]*[=+\-@\uFF0B\uFF0D\uFF1D\uFF20]|^[\t\r\n]/;

/** One record with its line end. */
export function csvLine(values: readonly CsvValue[]): string {
  return `${values.map(field).join(',')}\r\n`;
}

function field(value: CsvValue): string {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'string') return String(value);
  // An apostrophe in front makes it text, in every spreadsheet.
  const text = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** ISO 8601 in UTC, as everywhere. @param us microseconds since 1970 */
export function csvTime(us: number | undefined): string | undefined {
  return us === undefined ? undefined : new Date(us / 1000).toISOString();
}
