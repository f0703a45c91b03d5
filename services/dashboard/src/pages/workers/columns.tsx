// The columns of the workers table: title, sort field, class (its width is in the style sheet) and cell.
import type { ReactNode } from 'react';
import type { WorkerSortField } from '../../api/schema-types.ts';
import { ContributionBar } from '../../components/contribution-bar.tsx';
import { HashRateValue } from '../../components/hash-rate-value.tsx';
import { isFaulty } from '../../components/invalid.ts';
import { StatusBadge } from '../../components/status-badge.tsx';
import { Age } from '../../components/time.tsx';
import { formatInvalid, formatUptime } from '../../format/fraction.ts';
import { formatCount, formatDifficulty } from '../../format/number.ts';
import { Link } from '../../router/link.tsx';
import { workerPath } from '../../router/routes.ts';
import type { WorkerRow } from './workers-documents.ts';

export interface Column {
  readonly id: string;
  readonly title: string;
  readonly hint: string;
  readonly sort?: WorkerSortField;
  readonly cell: (row: WorkerRow) => ReactNode;
}

export const COLUMNS: readonly Column[] = [
  { id: 'name', title: 'Worker', hint: 'Username', sort: 'NAME', cell: (row) => <Name row={row} /> },
  {
    id: 'status',
    title: 'Status',
    hint: 'Online, silent or offline',
    cell: (row) => <StatusBadge status={row.status} />,
  },
  {
    id: 'rate',
    title: 'Hash rate',
    hint: 'Last 15 minutes, with its 95 % interval',
    sort: 'HASH_RATE',
    cell: (row) => <HashRateValue rate={row.hashRate} />,
  },
  { id: 'uptime', title: 'Uptime', hint: 'Last 24 hours', sort: 'UPTIME', cell: (row) => formatUptime(row.uptime) },
  {
    id: 'invalid',
    title: 'Invalid',
    hint: 'Rejected shares of the last 24 hours',
    sort: 'INVALID',
    cell: (row) => <Invalid row={row} />,
  },
  {
    id: 'contribution',
    title: 'Against expectation',
    hint: 'Hash rate of the last hour over what was expected, with its 95 % interval',
    sort: 'CONTRIBUTION',
    cell: (row) =>
      row.contribution === null ? (
        <span className="muted">–</span>
      ) : (
        <ContributionBar contribution={row.contribution} />
      ),
  },
  {
    id: 'difficulty',
    title: 'Difficulty',
    hint: 'Share difficulty assigned',
    sort: 'DIFFICULTY',
    cell: (row) => formatDifficulty(row.difficulty),
  },
  {
    id: 'last',
    title: 'Last share',
    hint: 'Time since the last accepted share',
    sort: 'LAST_SHARE',
    cell: (row) => (row.lastShareAt === null ? <span className="muted">never</span> : <Age since={row.lastShareAt} />),
  },
  {
    id: 'agent',
    title: 'User agent',
    hint: 'As the miner named itself',
    cell: (row) => <span title={row.userAgent}>{row.userAgent}</span>,
  },
];

function Name({ row }: { row: WorkerRow }): ReactNode {
  return (
    <Link to={workerPath(row.name)} tabIndex={-1} title={row.name}>
      {row.path === '' ? (
        row.name
      ) : (
        <>
          <span className="tenant">{row.tenant}.</span>
          {row.path}
        </>
      )}
    </Link>
  );
}

function Invalid({ row: { shares } }: { row: WorkerRow }): ReactNode {
  if (!shares) return formatInvalid(null);
  return (
    <span
      className={isFaulty(shares.invalidFraction) ? 'faulty' : ''}
      title={`${formatCount(shares.rejected)} of ${formatCount(shares.accepted + shares.rejected)} shares`}
    >
      {formatInvalid(shares.invalidFraction)}
    </span>
  );
}
