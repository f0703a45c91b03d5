// The overview: totals, then what needs somebody, then the day and the places.
import { useState, type ReactNode } from 'react';
import type { Algorithm } from '../../api/schema-types.ts';
import { useQuery } from '../../api/use-query.ts';
import { useSubscription } from '../../api/use-subscription.ts';
import { EventList } from '../../components/event-list.tsx';
import { Failure, Nothing, NoWorkersYet } from '../../components/messages.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { Panel } from '../../components/panel.tsx';
import { Segmented } from '../../components/segmented.tsx';
import { SkeletonLines } from '../../components/skeleton.tsx';
import { Link } from '../../router/link.tsx';
import { useSearchParams } from '../../router/location.ts';
import { useTenant } from '../../router/tenant.ts';
import { AttentionPanel } from './attention-panel.tsx';
import { FleetChart } from './fleet-chart.tsx';
import { FLEET, FLEET_CHANGED, LATEST_EVENTS, type Totals } from './overview-documents.ts';
import { PlacesPanel } from './places-panel.tsx';
import { PoolsPanel } from './pools-panel.tsx';
import { TotalsStrip } from './totals-strip.tsx';

export function OverviewPage(): ReactNode {
  const [params, setParams] = useSearchParams();
  const algorithm: Algorithm = params.get('algorithm') === 'SCRYPT' ? 'SCRYPT' : 'SHA256D';
  const tenant = useTenant();
  const { data, error, receivedAtMs, refetch } = useQuery(FLEET, { algorithm, tenant }, { pollMs: 10_000 });
  const pushed = usePushedTotals(algorithm, tenant);
  const newer = pushed !== undefined && pushed.receivedAtMs > (receivedAtMs ?? 0) ? pushed : undefined;
  const totals = newer?.totals ?? data?.fleet;
  const both = data !== undefined && data.sha256d.workers > 0 && data.scrypt.workers > 0;
  const none = data !== undefined && data.sha256d.workers + data.scrypt.workers === 0;
  const onlyOther = data !== undefined && data[algorithm === 'SCRYPT' ? 'scrypt' : 'sha256d'].workers === 0;

  return (
    <>
      <PageHeader title="Overview" receivedAtMs={newer?.receivedAtMs ?? receivedAtMs}>
        {(both || onlyOther) && (
          <Segmented
            label="Algorithm"
            value={algorithm}
            choices={[
              { value: 'SHA256D', label: 'SHA-256d' },
              { value: 'SCRYPT', label: 'Scrypt' },
            ]}
            onChoose={(value) => setParams({ algorithm: value === 'SHA256D' ? null : value })}
          />
        )}
      </PageHeader>
      {none ? (
        <div className="panel">
          <NoWorkersYet />
        </div>
      ) : !data && error ? (
        <div className="panel">
          <Failure error={error} onRetry={refetch} />
        </div>
      ) : (
        <div className="overview">
          <TotalsStrip totals={totals} algorithm={algorithm} />
          <div className="overview-columns">
            <div className="column">
              <AttentionPanel />
              <PlacesPanel algorithm={algorithm} />
            </div>
            <div className="column">
              <FleetChart algorithm={algorithm} expected={totals?.expectedHashRate ?? null} />
              <PoolsPanel />
              <LatestEvents />
            </div>
          </div>
        </div>
      )}
    </>
  );
}

/** Totals as the subscription pushes them, with when they came. */
function usePushedTotals(
  algorithm: Algorithm,
  tenant: string | null,
): { totals: Totals; receivedAtMs: number } | undefined {
  const of = `${algorithm} ${tenant ?? ''}`;
  const [pushed, setPushed] = useState<{ of: string; totals: Totals; receivedAtMs: number }>();
  useSubscription(FLEET_CHANGED, { algorithm, tenant }, (message) =>
    setPushed({ of, totals: message.fleetChanged, receivedAtMs: Date.now() }),
  );
  return pushed?.of === of ? pushed : undefined;
}

function LatestEvents(): ReactNode {
  const { data, error, refetch } = useQuery(LATEST_EVENTS, { tenant: useTenant() }, { pollMs: 10_000 });
  const events = data?.events?.nodes;
  return (
    <Panel title="Latest events" end={<Link to="/events">All events</Link>}>
      {!events && error && <Failure error={error} onRetry={refetch} />}
      {!events && !error && <SkeletonLines lines={6} />}
      {events && events.length === 0 && <Nothing title="No event yet" />}
      {events && events.length > 0 && <EventList events={events} />}
    </Panel>
  );
}
