// Fractions as percentages. The rounding never hides a fault: a rate of rejects above zero is never shown as 0 %,
// an uptime below one is never shown as 100 %.

/** Share of rejected work, `0.42 %`; anything above zero shows as at least `<0.01 %`. */
export function formatInvalid(fraction: number | null): string {
  if (fraction === null) return '–';
  if (fraction === 0) return '0 %';
  const percent = fraction * 100;
  if (percent < 0.01) return '<0.01 %';
  return `${percent.toFixed(percent < 9.995 ? 2 : 1)} %`;
}

/** Uptime, rounded down to a tenth of a percent. */
export function formatUptime(fraction: number | null): string {
  if (fraction === null) return '–';
  // The small addend keeps 0.999 from becoming 99.8 through binary fractions.
  const tenths = Math.floor(fraction * 1000 + 1e-9) / 10;
  return `${tenths === 100 ? '100' : tenths.toFixed(1)} %`;
}

/** Contribution against expectation in whole percent, `98 %`. */
export function formatContribution(fraction: number): string {
  return `${(fraction * 100).toFixed(0)} %`;
}

/** `94–102 %` */
export function formatContributionInterval(low: number, high: number): string {
  return `${(low * 100).toFixed(0)}–${(high * 100).toFixed(0)} %`;
}
