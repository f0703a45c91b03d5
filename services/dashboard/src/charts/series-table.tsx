// The same series as a table, for readers to whom a drawing says nothing. Folded away until asked for.
import { useState, type ReactNode } from 'react';
import type { Series } from '../api/schema-types.ts';
import { DataTable } from '../components/table.tsx';
import { formatUptime } from '../format/fraction.ts';
import { formatHashRate, formatHashRateInterval } from '../format/hash-rate.ts';
import { formatCount } from '../format/number.ts';
import { formatAxisMoment } from '../format/time.ts';

export function SeriesTable({ series, label }: { series: Series; label: string }): ReactNode {
  const [open, setOpen] = useState(false);
  const rangeMs = series.points.length * series.stepSeconds * 1000;
  return (
    <details className="series-table" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Show as table</summary>
      {open && (
        <div className="table-box">
          <DataTable
            label={label}
            columns={[
              { title: 'From', cell: ({ at }) => formatAxisMoment(new Date(at), rangeMs) },
              { title: 'Hash rate', isNumber: true, cell: ({ hashRate }) => formatHashRate(hashRate) },
              {
                title: '95 % interval',
                isNumber: true,
                cell: ({ low, high, hashRate }) => formatHashRateInterval(low, high, hashRate),
              },
              { title: 'Accepted', isNumber: true, cell: ({ accepted }) => formatCount(accepted) },
              { title: 'Rejected', isNumber: true, cell: ({ rejected }) => formatCount(rejected) },
              { title: 'Uptime', isNumber: true, cell: ({ uptime }) => formatUptime(uptime) },
            ]}
            rows={series.points}
            keyOf={({ at }) => at}
          />
        </div>
      )}
    </details>
  );
}
