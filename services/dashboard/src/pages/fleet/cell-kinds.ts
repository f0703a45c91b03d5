// What a cell of the map says: one of a few kinds, each with a colour, a mark and words, so that none of them is needed alone. The colours go
// from orange over grey to blue, which people tell apart who cannot tell red from green.
import type { WorkerStatus } from '../../api/schema-types.ts';

/** What the map is coloured by. */
export type MapBy = 'contribution' | 'invalid' | 'status';
export const MAP_BY: readonly MapBy[] = ['contribution', 'invalid', 'status'];

export interface CellKind {
  readonly words: string;
  /** A custom property of tokens.css. */
  readonly colour: string;
  readonly mark: 'none' | 'cross' | 'dot' | 'hollow';
}

const OFFLINE: CellKind = { words: 'offline', colour: '--map-offline', mark: 'cross' };
const SILENT: CellKind = { words: 'silent', colour: '--map-silent', mark: 'dot' };
const UNKNOWN: CellKind = { words: 'not known', colour: '--map-unknown', mark: 'hollow' };

/** By the lowest value of each kind, the highest first. */
const STEPS: Record<'contribution' | 'invalid', readonly (readonly [from: number, kind: CellKind])[]> = {
  contribution: [
    [1.05, { words: 'above 105 %', colour: '--map-5', mark: 'none' }],
    [0.95, { words: '95 to 105 %', colour: '--map-4', mark: 'none' }],
    [0.8, { words: '80 to 95 %', colour: '--map-3', mark: 'none' }],
    [0.5, { words: '50 to 80 %', colour: '--map-2', mark: 'none' }],
    [-Infinity, { words: 'below 50 %', colour: '--map-1', mark: 'none' }],
  ],
  invalid: [
    [0.05, { words: '5 % or more', colour: '--map-1', mark: 'none' }],
    [0.02, { words: '2 to 5 %', colour: '--map-2', mark: 'none' }],
    [0.005, { words: '0.5 to 2 %', colour: '--map-3', mark: 'none' }],
    [-Infinity, { words: 'below 0.5 %', colour: '--map-4', mark: 'none' }],
  ],
};
const ONLINE: CellKind = { words: 'online', colour: '--map-4', mark: 'none' };

/** Every kind there is, for the legend. */
export function kindsBy(by: MapBy): readonly CellKind[] {
  if (by === 'status') return [ONLINE, SILENT, OFFLINE];
  return [...STEPS[by].map(([, kind]) => kind), UNKNOWN, SILENT, OFFLINE];
}

/** @param status of one machine; of a rack, of which some are connected, it is ONLINE */
export function cellKind(by: MapBy, status: WorkerStatus, value: number | null): CellKind {
  if (status === 'OFFLINE') return OFFLINE;
  if (status === 'SILENT') return SILENT;
  if (by === 'status') return ONLINE;
  if (value === null) return UNKNOWN;
  return STEPS[by].find(([from]) => value >= from)![1];
}
