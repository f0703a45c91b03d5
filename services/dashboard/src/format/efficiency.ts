// Energy per work: `21.5 J/TH` of a SHA-256 machine, `340 J/GH` of a scrypt one. The unit is that in which the figure has one to three digits
// before the point, as data sheets have it.

const UNITS = ['J/H', 'J/kH', 'J/MH', 'J/GH', 'J/TH', 'J/PH', 'J/EH'] as const;

function scaleOf(joulesPerHash: number): number {
  let scale = 0;
  for (let value = joulesPerHash; value < 1 && scale < UNITS.length - 1; value *= 1000) scale++;
  return scale;
}

function digits(value: number): string {
  return value >= 99.95 ? value.toFixed(0) : value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
}

export interface FormattedEfficiency {
  readonly value: string;
  readonly unit: string;
}

export function splitEfficiency(joulesPerHash: number): FormattedEfficiency {
  const scale = scaleOf(joulesPerHash);
  return { value: digits(joulesPerHash * 1000 ** scale), unit: UNITS[scale]! };
}

export function formatEfficiency(joulesPerHash: number): string {
  const { value, unit } = splitEfficiency(joulesPerHash);
  return `${value}\u00a0${unit}`;
}

/** The ends in the unit of the value they belong to, without naming it: `20.9–22.3`; `20.9 or more` where nothing bounds it above. */
export function formatEfficiencyInterval(low: number, high: number | null, centre: number): string {
  const factor = 1000 ** scaleOf(centre);
  return high === null ? `${digits(low * factor)} or more` : `${digits(low * factor)}–${digits(high * factor)}`;
}
