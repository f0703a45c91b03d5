// What upstream pools and nodes were passed on and what they credited: whether the farm is paid for what it does. Not there while machines
// get jobs of the pool's own making.
import type { ReactNode } from 'react';
import type { HashRate } from '../../api/schema-types.ts';
import { useQuery } from '../../api/use-query.ts';
import { HashRateValue } from '../../components/hash-rate-value.tsx';
import { Panel } from '../../components/panel.tsx';
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
      <div className="scroll-x">
        <table className="simple-table pools">
          <thead>
            <tr>
              <th scope="col">Upstream</th>
              <th scope="col" className="number">
                Credited
              </th>
              <th scope="col" className="number">
                Refused
              </th>
              <th scope="col" className="number">
                Credited rate
              </th>
              <th scope="col" className="number minor">
                Answer, p99
              </th>
              <th scope="col" className="number minor">
                Last credited
              </th>
            </tr>
          </thead>
          <tbody>
            {upstreams.map((upstream) => (
              <UpstreamRow key={`${upstream.source} ${upstream.endpoint}`} upstream={upstream} />
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

function UpstreamRow({ upstream }: { upstream: Upstream }): ReactNode {
  const { source, endpoint, passedOn, credited, rejected, rejectedFraction, unanswered, unsent } = upstream;
  const reasons = upstream.byReason.map(({ reason, count }) => `${formatCount(count)} × ${reason}`).join('\n');
  const lost = unanswered + unsent;
  const interval = ({ low, high, hashRate }: HashRate): string => formatHashRateInterval(low, high, hashRate);
  const rates = `95 % interval of the credited rate: ${interval(upstream.creditedHashRate)}`;
  return (
    <tr>
      <th scope="row">
        {source}
        <span className="endpoint muted" title={endpoint}>
          {endpoint}
        </span>
      </th>
      <td className="number" title={lost === 0 ? undefined : `${formatCount(lost)} without an answer`}>
        {formatCount(credited)}
        <span className="of muted">of {formatCount(passedOn)}</span>
      </td>
      <td className="number" title={reasons}>
        <span
          className={(rejectedFraction ?? 0) > HIGH_REJECTED ? 'count-offline' : rejected === 0 ? 'muted' : undefined}
        >
          {formatInvalid(rejectedFraction)}
        </span>
      </td>
      <td className="number">
        <HashRateValue rate={upstream.creditedHashRate} interval={false} />
        <span className="of muted" title={rates}>
          of {formatHashRate(upstream.passedOnHashRate.hashRate)}
        </span>
      </td>
      <td className="number minor">
        {upstream.latencyP99Ms === null ? '–' : `${formatCount(upstream.latencyP99Ms)}\u00a0ms`}
      </td>
      <td className="number minor">
        {upstream.lastCreditedAt === null ? (
          'never'
        ) : (
          <>
            <Age since={upstream.lastCreditedAt} /> ago
          </>
        )}
      </td>
    </tr>
  );
}
