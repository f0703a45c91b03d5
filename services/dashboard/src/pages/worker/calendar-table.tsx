// The days as a table, the newest first: for who cannot see the grid, and for who wants the figures.
import type { ReactNode } from 'react';
import { DataTable, type Column } from '../../components/table.tsx';
import { formatContribution, formatContributionInterval, formatInvalid, formatUptime } from '../../format/fraction.ts';
import { formatHashRate } from '../../format/hash-rate.ts';
import { formatCount } from '../../format/number.ts';
import { invalidOf, type CalendarDay } from './calendar.ts';

const COLUMNS: readonly Column<CalendarDay>[] = [
  { title: 'Day, UTC', cell: ({ date, isUnderWay }) => `${date}${isUnderWay ? ', so far' : ''}` },
  { title: 'Hash rate', isNumber: true, cell: ({ point }) => formatHashRate(point!.hashRate) },
  {
    title: 'Of expectation',
    isNumber: true,
    cell: ({ point }) =>
      point!.contribution === null ? '–' : formatContribution(point!.contribution.fraction, point!.contribution),
  },
  {
    title: '95 % interval',
    isNumber: true,
    cell: ({ point }) =>
      point!.contribution !== null && <span className="muted">{formatContributionInterval(point!.contribution)}</span>,
  },
  { title: 'Uptime', isNumber: true, cell: ({ point }) => formatUptime(point!.uptime) },
  { title: 'Invalid', isNumber: true, cell: ({ point }) => formatInvalid(invalidOf(point!)) },
  { title: 'Connects', isNumber: true, cell: ({ connects }) => formatCount(connects) },
];

export function CalendarTable({ label, days }: { label: string; days: readonly CalendarDay[] }): ReactNode {
  const known = days.filter(({ point }) => point !== undefined).reverse();
  return (
    <div className="table-box">
      <DataTable label={label} columns={COLUMNS} rows={known} keyOf={({ date }) => date} />
    </div>
  );
}
