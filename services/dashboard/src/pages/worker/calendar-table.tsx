// The days as a table, the newest first: for who cannot see the grid, and for who wants the figures.
import type { ReactNode } from 'react';
import { formatContribution, formatContributionInterval, formatInvalid, formatUptime } from '../../format/fraction.ts';
import { formatHashRate } from '../../format/hash-rate.ts';
import { formatCount } from '../../format/number.ts';
import { invalidOf, type CalendarDay } from './calendar.ts';

export function CalendarTable({ label, days }: { label: string; days: readonly CalendarDay[] }): ReactNode {
  const known = days.filter(({ point }) => point !== undefined).reverse();
  return (
    <div className="scroll-x table-box" tabIndex={0} role="region" aria-label={label}>
      <table className="simple-table">
        <caption className="sr-only">{label}</caption>
        <thead>
          <tr>
            <th scope="col">Day, UTC</th>
            {['Hash rate', 'Of expectation', '95 % interval', 'Uptime', 'Invalid', 'Connects'].map((title) => (
              <th key={title} scope="col" className="number">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {known.map(({ date, point, connects, isUnderWay }) => (
            <tr key={date}>
              <th scope="row">
                {date}
                {isUnderWay ? ', so far' : ''}
              </th>
              <td className="number">{formatHashRate(point!.hashRate)}</td>
              <td className="number">
                {point!.contribution === null
                  ? '–'
                  : formatContribution(point!.contribution.fraction, point!.contribution)}
              </td>
              <td className="number muted">
                {point!.contribution === null ? '' : formatContributionInterval(point!.contribution)}
              </td>
              <td className="number">{formatUptime(point!.uptime)}</td>
              <td className="number">{formatInvalid(invalidOf(point!))}</td>
              <td className="number">{formatCount(connects)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
