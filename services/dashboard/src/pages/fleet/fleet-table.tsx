// The map as a table of racks, for who cannot see it and for who wants counts.
import { useState, type ReactNode } from 'react';
import { DataTable } from '../../components/table.tsx';
import { formatInvalid } from '../../format/fraction.ts';
import { formatCount } from '../../format/number.ts';
import { Link } from '../../router/link.tsx';
import type { MapBy } from './cell-kinds.ts';
import { formatShare } from './cell-words.ts';
import type { FleetMapRack } from './fleet-documents.ts';
import { rackName, rackPath } from './map-cells.ts';

/** Rows before one asks for the rest. */
const SHOWN = 300;

export function FleetTable({ racks, by }: { racks: readonly FleetMapRack[]; by: MapBy }): ReactNode {
  const [all, setAll] = useState(false);
  const shown = all ? racks : racks.slice(0, SHOWN);
  return (
    <div className="panel">
      <DataTable
        label="Racks"
        columns={[
          { title: 'Rack', cell: (rack) => <Link to={rackPath(rack, by)}>{rackName(rack)}</Link> },
          { title: 'Machines', isNumber: true, cell: ({ workers }) => formatCount(workers) },
          { title: 'Online', isNumber: true, cell: ({ online }) => formatCount(online) },
          { title: 'Silent', isNumber: true, cell: ({ silent }) => formatCount(silent) },
          { title: 'Offline', isNumber: true, cell: ({ offline }) => formatCount(offline) },
          ...(by === 'status'
            ? []
            : [
                {
                  title: by === 'invalid' ? 'Invalid, 24 h' : 'Of expected, 1 h',
                  isNumber: true,
                  cell: ({ value }: FleetMapRack) => formatValue(value, by),
                },
              ]),
        ]}
        rows={shown}
        keyOf={(rack, index) => `${rackName(rack)} ${index}`}
      />
      {shown.length < racks.length && (
        <div className="panel-body">
          <button type="button" className="button small" onClick={() => setAll(true)}>
            Show all {formatCount(racks.length)} racks
          </button>
        </div>
      )}
    </div>
  );
}

function formatValue(value: number | null, by: MapBy): string {
  if (value === null) return '–';
  return by === 'invalid' ? formatInvalid(value) : formatShare(value);
}
