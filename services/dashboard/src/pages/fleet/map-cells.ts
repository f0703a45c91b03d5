// Where each cell of the map stands: racks as blocks in rows, a cell for each machine or, of more machines than can be listed, for each rack.
// Pure geometry, in CSS pixels, so that what is drawn and what is pointed at are the same.
import type { WorkerStatus } from '../../api/schema-types.ts';
import { workerPath } from '../../router/routes.ts';
import type { FleetMapRack } from './fleet-documents.ts';

export interface MapCell {
  readonly x: number;
  readonly y: number;
  /** The machine's full name, or the rack's. */
  readonly name: string;
  readonly status: WorkerStatus;
  readonly value: number | null;
  /** Of a rack: how many of its machines are online. */
  readonly counts?: { readonly online: number; readonly workers: number };
  readonly to: string;
}

export interface MapLabel {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly text: string;
}

export interface MapLayout {
  readonly cells: readonly MapCell[];
  readonly labels: readonly MapLabel[];
  readonly height: number;
  /** Side of a cell. */
  readonly size: number;
}

const LABEL_HEIGHT = 14;
const BETWEEN_RACKS = 12;
/** Machines in a row of a rack. */
const RACK_COLUMNS = 10;
const STATUS_OF: Record<string, WorkerStatus> = { O: 'ONLINE', S: 'SILENT', X: 'OFFLINE' };

export function rackName({ tenant, site, rack }: Pick<FleetMapRack, 'tenant' | 'site' | 'rack'>): string {
  return [tenant, site, rack].filter((part) => part !== '').join('.');
}

/** The map of that rack alone; where a name has neither site nor rack, its machines in the table. */
export function rackPath({ tenant, site, rack }: Pick<FleetMapRack, 'tenant' | 'site' | 'rack'>, by: string): string {
  const params = new URLSearchParams({ tenant, ...(site === '' ? {} : { site }), ...(rack === '' ? {} : { rack }) });
  if (by !== 'contribution') params.set('by', by);
  return `/fleet?${params.toString()}`;
}

export function layoutRacks(racks: readonly FleetMapRack[], width: number, by: string): MapLayout {
  const machines = racks.reduce((sum, rack) => sum + (rack.machines?.length ?? 0), 0);
  const isListed = racks.every((rack) => rack.machines !== null);
  if (!isListed) return layoutWhole(racks, width, by);
  const size = machines <= 150 ? 26 : machines <= 1500 ? 14 : 9;
  const columns = Math.max(1, Math.min(RACK_COLUMNS, Math.floor(width / size)));
  const rackWidth = columns * size;
  const perRow = Math.max(1, Math.floor((width + BETWEEN_RACKS) / (rackWidth + BETWEEN_RACKS)));
  const cells: MapCell[] = [];
  const labels: MapLabel[] = [];
  let top = 0;
  for (let first = 0; first < racks.length; first += perRow) {
    const row = racks.slice(first, first + perRow);
    row.forEach((rack, i) => {
      const left = i * (rackWidth + BETWEEN_RACKS);
      labels.push({ x: left, y: top, width: rackWidth, text: rack.rack === '' ? 'no rack' : rack.rack });
      placeMachines(rack, { left, top: top + LABEL_HEIGHT, size, columns }, cells);
    });
    const rows = Math.max(...row.map((rack) => Math.ceil(rack.machines!.length / columns)));
    top += LABEL_HEIGHT + rows * size + BETWEEN_RACKS;
  }
  return { cells, labels, height: Math.max(0, top - BETWEEN_RACKS), size };
}

function placeMachines(
  rack: FleetMapRack,
  { left, top, size, columns }: { left: number; top: number; size: number; columns: number },
  cells: MapCell[],
): void {
  const prefix = rackName(rack);
  rack.machines!.forEach((machine, i) => {
    const name = prefix === machine ? machine : `${prefix}.${machine}`;
    cells.push({
      x: left + (i % columns) * size,
      y: top + Math.floor(i / columns) * size,
      name,
      status: STATUS_OF[rack.statuses?.[i] ?? 'X']!,
      value: rack.values?.[i] ?? null,
      to: workerPath(name),
    });
  });
}

function layoutWhole(racks: readonly FleetMapRack[], width: number, by: string): MapLayout {
  const size = 16;
  const columns = Math.max(1, Math.floor(width / size));
  const cells = racks.map((rack, i): MapCell => {
    const { workers, online, silent, value } = rack;
    return {
      x: (i % columns) * size,
      y: Math.floor(i / columns) * size,
      name: rackName(rack),
      status: online > 0 ? 'ONLINE' : silent > 0 ? 'SILENT' : 'OFFLINE',
      value,
      counts: { online, workers },
      to: rackPath(rack, by),
    };
  });
  return { cells, labels: [], height: Math.ceil(racks.length / columns) * size, size };
}

/** Index of the cell at a point; -1 where there is none. */
export function cellAt({ cells, size }: MapLayout, x: number, y: number): number {
  return cells.findIndex((cell) => x >= cell.x && x < cell.x + size && y >= cell.y && y < cell.y + size);
}

/** The nearest cell in a direction, by the arrow keys; the same one where there is none. */
export function cellBeside({ cells }: MapLayout, from: number, dx: -1 | 0 | 1, dy: -1 | 0 | 1): number {
  const origin = cells[from];
  if (origin === undefined) return cells.length > 0 ? 0 : -1;
  if (dx !== 0) return Math.min(cells.length - 1, Math.max(0, from + dx));
  let best = from;
  let bestDistance = Infinity;
  cells.forEach((cell, i) => {
    const down = (cell.y - origin.y) * dy;
    const distance = down * 4 + Math.abs(cell.x - origin.x);
    if (down > 0 && distance < bestDistance) {
      best = i;
      bestDistance = distance;
    }
  });
  return best;
}
