// Fractions as percentages. The rounding never hides a fault: a rate of rejects above zero is never shown as 0 %,
// an uptime below one is never shown as 100 %.

/** A value is never parted from its sign by a line break. */
const PERCENT = '\u00a0%';

/** Share of rejected work, `0.42 %`; anything above zero shows as at least `<0.01 %`. */
export function formatInvalid(fraction: number | null): string {
  if (fraction === null) return '–';
  if (fraction === 0) return `0${PERCENT}`;
  const percent = fraction * 100;
  if (percent < 0.01) return `<0.01${PERCENT}`;
  return `${percent.toFixed(percent < 9.995 ? 2 : 1)}${PERCENT}`;
}

/** Uptime, rounded down to a tenth of a percent. */
export function formatUptime(fraction: number | null): string {
  if (fraction === null) return '–';
  // The small addend keeps 0.999 from becoming 99.8 through binary fractions.
  const tenths = Math.floor(fraction * 1000 + 1e-9) / 10;
  return `${tenths === 100 ? '100' : tenths.toFixed(1)}${PERCENT}`;
}

/** Above this an interval says only that nothing is known yet. */
const WIDE_FROM = 2;

/** An interval narrower than this deserves a decimal, around any contribution worth telling apart. */
const NARROW_BELOW = 0.02;

interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Contribution against expectation, `98 %`; `98.4 %` where the interval is narrow enough for a tenth to mean something. */
export function formatContribution(fraction: number, { low, high }: Interval): string {
  return `${(fraction * 100).toFixed(decimals(low, high))}${PERCENT}`;
}

/** `94–102 %`; an upper end beyond twice the expectation is only said to be there: `0–200+ %`. */
export function formatContributionInterval({ low, high }: Interval): string {
  const digits = decimals(low, high);
  if (low > WIDE_FROM) return `${WIDE_FROM * 100}+${PERCENT}`;
  const upper = high > WIDE_FROM ? `${WIDE_FROM * 100}+` : (high * 100).toFixed(digits);
  return `${(low * 100).toFixed(digits)}–${upper}${PERCENT}`;
}

function decimals(low: number, high: number): 0 | 1 {
  return high - low < NARROW_BELOW && high > 0.5 ? 1 : 0;
}
