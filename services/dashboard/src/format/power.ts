// Electric power: `3,250 W` of a machine, `2.4 MW` of a hall.
import { formatCount } from './number.ts';

export function formatPower(watts: number): string {
  if (watts < 100_000) return `${formatCount(watts)}\u00a0W`;
  if (watts < 999_500) return `${Number((watts / 1e3).toPrecision(3))}\u00a0kW`;
  return `${Number((watts / 1e6).toPrecision(3))}\u00a0MW`;
}
