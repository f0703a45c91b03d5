// What upstream pools and nodes were passed on and what they credited: whether the farm is paid for what it does. Not there while machines
// get jobs of the pool's own making.
import type { ReactNode } from 'react';
import type { HashRate } from '../../api/schema-types.ts';
import { useQuery } from '../../api/use-query.ts';
import { HashRateValue } from '../../components/hash-rate-value.tsx';
import { Panel } from '../../components/panel.tsx';
import { DataTable, type Column } from '../../components/table.tsx';
import { Age } from '../../components/time.tsx';
import { formatInvalid } from '../../format/fraction.ts';
import { formatHashRate, formatHashRateInterval } from '../../format/hash-rate.ts';
import { formatCount } from '../../format/number.ts';
import { useTenant } from '../../router/tenant.ts';
import { UPSTREAMS, type Upstream } from './overview-documents.ts';

/** From here on a pool refuses so much that somebody should ask why. */
const HIGH_REJECTED = 0.01;

export function PoolsPanel(): ReactNode {
  const { data } = useQuery(UPSTREAMS, { tenant: useTenant() }, { pollMs: 15_000 });
  const upstreams = data?.upstreams ?? [];
  if (upstreams.length === 0) return null;
  return (
    <Panel title="Pools and nodes" end={<span className="muted">24 h</span>}>
      <DataTable
        label="Pools and nodes"
        className="pools"
        columns={COLUMNS}
        rows={upstreams}
        keyOf={({ source, endpoint }) => `${source} ${endpoint}`}
      />
    </Panel>
  );
}

const interval = ({ low, high, hashRate }: HashRate): string => formatHashRateInterval(low, high, hashRate);

const COLUMNS: readonly Column<Upstream>[] = [
  {
    title: 'Upstream',
    cell: ({ source, endpoint }) => (
      <>
        {source}
        <span className="endpoint muted" title={endpoint}>
          {endpoint}
        </span>
      </>
    ),
  },
  {
    title: 'Credited',
    isNumber: true,
    cell: ({ credited, passedOn, unanswered, unsent }) => {
      const lost = unanswered + unsent;
      return (
        <span title={lost === 0 ? undefined : `${formatCount(lost)} without an answer`}>
          {formatCount(credited)}
          <span className="of muted">of {formatCount(passedOn)}</span>
        </span>
      );
    },
  },
  {
    title: 'Refused',
    isNumber: true,
    cell: ({ rejected, rejectedFraction, byReason }) => (
      <span
        title={byReason.map(({ reason, count }) => `${formatCount(count)} × ${reason}`).join('\n')}
        className={(rejectedFraction ?? 0) > HIGH_REJECTED ? 'count-offline' : rejected === 0 ? 'muted' : undefined}
      >
        {formatInvalid(rejectedFraction)}
      </span>
    ),
  },
  {
    title: 'Credited rate',
    isNumber: true,
    cell: ({ creditedHashRate, passedOnHashRate }) => (
      <span>
        <HashRateValue rate={creditedHashRate} interval={false} />
        <span className="of muted" title={`95 % interval of the credited rate: ${interval(creditedHashRate)}`}>
          of {formatHashRate(passedOnHashRate.hashRate)}
        </span>
      </span>
    ),
  },
  {
    title: 'Answer, p99',
    isNumber: true,
    cell: ({ latencyP99Ms }) => (latencyP99Ms === null ? '–' : `${formatCount(latencyP99Ms)}\u00a0ms`),
  },
  {
    title: 'Last credited',
    isNumber: true,
    cell: ({ lastCreditedAt }) =>
      lastCreditedAt === null ? (
        'never'
      ) : (
        <span>
          <Age since={lastCreditedAt} /> ago
        </span>
      ),
  },
];
