// Hash rates for people: three significant digits, because no share-based estimate carries more, and one unit for a value and its interval.

const UNITS = ['H/s', 'kH/s', 'MH/s', 'GH/s', 'TH/s', 'PH/s', 'EH/s', 'ZH/s'] as const;

/** A value is never parted from its unit by a line break. */
const NO_BREAK = '\u00a0';

export type HashRateUnit = (typeof UNITS)[number];

export interface FormattedHashRate {
  readonly value: string;
  readonly unit: HashRateUnit;
}

/** Three significant digits without an exponent; `value` is expected below 1000. */
function threeDigits(value: number): string {
  if (value === 0) return '0';
  if (value >= 99.95) return value.toFixed(0);
  if (value >= 9.995) return value.toFixed(1);
  return value.toFixed(2);
}

function scaleOf(hashesPerSecond: number): number {
  let scale = 0;
  // 999.5 would be rounded to 1000, which belongs to the next unit.
  for (let value = Math.abs(hashesPerSecond); value >= 999.5 && scale < UNITS.length - 1; value /= 1000) scale++;
  return scale;
}

/** Splits hashes per second into digits and unit, `104` and `TH/s`. */
export function splitHashRate(hashesPerSecond: number): FormattedHashRate {
  const scale = scaleOf(hashesPerSecond);
  return { value: threeDigits(hashesPerSecond / 1000 ** scale), unit: UNITS[scale]! };
}

/** `104 TH/s` */
export function formatHashRate(hashesPerSecond: number): string {
  const { value, unit } = splitHashRate(hashesPerSecond);
  return `${value}${NO_BREAK}${unit}`;
}

/**
 * The two ends of an interval in the unit of the value they belong to, without naming it: `98.1–110`.
 * Around zero that unit would be H/s, so there the upper end brings its own: `0–3.70 GH/s`.
 */
export function formatHashRateInterval(low: number, high: number, centre: number): string {
  const scale = scaleOf(centre === 0 ? high : centre);
  const divisor = 1000 ** scale;
  return `${threeDigits(low / divisor)}–${threeDigits(high / divisor)}${centre === 0 ? `${NO_BREAK}${UNITS[scale]!}` : ''}`;
}
