// The same series as a table, for readers to whom a drawing says nothing. Folded away until asked for.
import { useState, type ReactNode } from 'react';
import type { Series } from '../api/schema-types.ts';
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
        <div className="scroll-x table-box" tabIndex={0} role="region" aria-label={label}>
          <table className="simple-table">
            <caption className="sr-only">{label}</caption>
            <thead>
              <tr>
                <th scope="col">From</th>
                <th scope="col" className="number">
                  Hash rate
                </th>
                <th scope="col" className="number">
                  95 % interval
                </th>
                <th scope="col" className="number">
                  Accepted
                </th>
                <th scope="col" className="number">
                  Rejected
                </th>
                <th scope="col" className="number">
                  Uptime
                </th>
              </tr>
            </thead>
            <tbody>
              {series.points.map((point) => (
                <tr key={point.at}>
                  <th scope="row">{formatAxisMoment(new Date(point.at), rangeMs)}</th>
                  <td className="number">{formatHashRate(point.hashRate)}</td>
                  <td className="number">{formatHashRateInterval(point.low, point.high, point.hashRate)}</td>
                  <td className="number">{formatCount(point.accepted)}</td>
                  <td className="number">{formatCount(point.rejected)}</td>
                  <td className="number">{formatUptime(point.uptime)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </details>
  );
}
