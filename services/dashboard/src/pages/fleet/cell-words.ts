// What a cell is, in words.
import { formatInvalid } from '../../format/fraction.ts';
import { formatCount } from '../../format/number.ts';
import type { MapBy } from './cell-kinds.ts';
import type { MapCell } from './map-cells.ts';

export function cellWords({ status, value, counts }: Pick<MapCell, 'status' | 'value' | 'counts'>, by: MapBy): string {
  const words = counts
    ? `${formatCount(counts.online)} of ${formatCount(counts.workers)} online`
    : status.toLowerCase();
  if (by === 'status' || value === null) return words;
  return by === 'invalid'
    ? `${words}, ${formatInvalid(value)} rejected in 24 h`
    : `${words}, ${formatShare(value)} of expectation`;
}

/** A contribution without its interval, which the machine's page has. */
export function formatShare(value: number): string {
  return `${(value * 100).toFixed(0)}\u00a0%`;
}
