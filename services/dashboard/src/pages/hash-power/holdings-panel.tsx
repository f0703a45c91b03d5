// The holdings on one side, one of them chosen: the others are a row each.
import type { ReactNode } from 'react';
import { ContributionBar } from '../../components/contribution-bar.tsx';
import { Panel } from '../../components/panel.tsx';
import { DataTable, type Column } from '../../components/table.tsx';
import { formatUptime } from '../../format/fraction.ts';
import { formatHashRate } from '../../format/hash-rate.ts';
import { Link } from '../../router/link.tsx';
import { formatPart, meanRate, type HeldAccount } from './figures.ts';

interface HoldingsPanelProps {
  readonly side: 'held' | 'given';
  readonly holdings: readonly HeldAccount[];
  readonly chosen: string | undefined;
  /** The page that shows one day by day. */
  readonly pathOf: (holding: string) => string;
}

export function HoldingsPanel({ side, holdings, chosen, pathOf }: HoldingsPanelProps): ReactNode {
  const columns: readonly Column<HeldAccount>[] = [
    {
      title: 'Machines',
      cell: ({ id, of }) => (
        <Link to={pathOf(id)} aria-current={id === chosen ? 'true' : undefined}>
          {of}
        </Link>
      ),
    },
    side === 'held'
      ? { title: 'Owner', cell: ({ owner }) => owner }
      : { title: 'Holder', cell: ({ holder }) => holder },
    { title: 'Part', isNumber: true, cell: ({ fraction }) => formatPart(fraction) },
    {
      title: 'From, until',
      cell: ({ from, until }) => (
        <span className="nowrap">
          {from.slice(0, 10)} – {until === null ? 'open' : until.slice(0, 10)}
        </span>
      ),
    },
    {
      title: 'Promised',
      isNumber: true,
      cell: ({ promisedHashRate }) => (promisedHashRate === null ? '–' : formatHashRate(promisedHashRate)),
    },
    {
      title: 'Got',
      isNumber: true,
      cell: ({ figures }) => {
        const rate = meanRate(figures);
        return rate === null ? '–' : formatHashRate(rate.hashRate);
      },
    },
    {
      title: 'Got / promised',
      cell: ({ figures: { total } }) =>
        total.contribution === null ? '–' : <ContributionBar contribution={total.contribution} interval={false} />,
    },
    { title: 'Uptime', isNumber: true, cell: ({ figures }) => formatUptime(figures.total.uptime) },
  ];
  return (
    <Panel title={side === 'held' ? 'What is held' : 'What was given'}>
      <DataTable
        label={side === 'held' ? 'Holdings' : 'Given shares'}
        className="holdings-table"
        columns={columns}
        rows={holdings}
        keyOf={({ id }) => id}
        rowClass={({ id }) => (id === chosen ? 'chosen' : undefined)}
      />
    </Panel>
  );
}
