// The map as a table of racks, for who cannot see it and for who wants counts.
import { useState, type ReactNode } from 'react';
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
      <div className="scroll-x">
        <table className="simple-table" aria-label="Racks">
          <thead>
            <tr>
              <th scope="col">Rack</th>
              <th scope="col" className="number">
                Machines
              </th>
              <th scope="col" className="number">
                Online
              </th>
              <th scope="col" className="number">
                Silent
              </th>
              <th scope="col" className="number">
                Offline
              </th>
              {by !== 'status' && (
                <th scope="col" className="number">
                  {by === 'invalid' ? 'Invalid, 24 h' : 'Of expected, 1 h'}
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            {shown.map((rack, index) => (
              <tr key={`${rackName(rack)} ${index}`}>
                <th scope="row">
                  <Link to={rackPath(rack, by)}>{rackName(rack)}</Link>
                </th>
                <td className="number">{formatCount(rack.workers)}</td>
                <td className="number">{formatCount(rack.online)}</td>
                <td className="number">{formatCount(rack.silent)}</td>
                <td className="number">{formatCount(rack.offline)}</td>
                {by !== 'status' && <td className="number">{formatValue(rack.value, by)}</td>}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
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
