// The inbox: what is wrong now, one cause at a time, and what was. Filters are in the address; what changes is seen within seconds.
import type { ReactNode } from 'react';
import { useQuery } from '../../api/use-query.ts';
import { useSubscription } from '../../api/use-subscription.ts';
import { ExportLink } from '../../components/export-link.tsx';
import { Failure, Nothing, StaleFailure } from '../../components/messages.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { Segmented } from '../../components/segmented.tsx';
import { SkeletonLines } from '../../components/skeleton.tsx';
import { formatQuantity } from '../../format/number.ts';
import { Link } from '../../router/link.tsx';
import { useSearchParams } from '../../router/location.ts';
import { AlertCard } from './alert-card.tsx';
import { ALERTS, ALERTS_CHANGED, type AlertFilter } from './alert-documents.ts';
import { causeText, clustersOf, SEVERITY_WORDS, type AlertCluster } from './alert-text.ts';
import { useAcknowledge, type Acknowledging } from './use-acknowledge.ts';

const SHOWN = {
  open: { label: 'Open', states: ['FIRING', 'ACKNOWLEDGED'] },
  pending: { label: 'Pending', states: ['PENDING'] },
  over: { label: 'Over', states: ['RESOLVED'] },
} as const;
type Shown = keyof typeof SHOWN;

const SEVERITIES = ['CRITICAL', 'WARNING', 'INFO'] as const;

export function AlertsPage(): ReactNode {
  const [params, setParams] = useSearchParams();
  const shown = (Object.keys(SHOWN) as Shown[]).find((each) => each === params.get('show')) ?? 'open';
  const severity = SEVERITIES.find((each) => each === params.get('severity'));
  const filter: AlertFilter = {
    states: [...SHOWN[shown].states],
    severities: severity === undefined ? null : [severity],
    tenant: params.get('tenant'),
    site: params.get('site'),
    worker: params.get('worker'),
    rule: params.get('rule'),
  };
  const { data, error, receivedAtMs, refetch } = useQuery(
    ALERTS,
    { filter, after: params.get('after') },
    { pollMs: 20_000 },
  );
  useSubscription(ALERTS_CHANGED, {}, refetch);
  const acknowledging = useAcknowledge(refetch);
  const narrowed = (['site', 'worker', 'rule'] as const).filter((name) => params.has(name));
  const counts = data?.alertCounts;
  return (
    <>
      <PageHeader title="Alerts" receivedAtMs={receivedAtMs}>
        {counts && (
          <span className="muted">
            {counts.firing} firing, {counts.acknowledged} acknowledged
          </span>
        )}
        <ExportLink table="alerts" only={['show', 'severity', 'tenant', 'site', 'worker', 'rule']} />
      </PageHeader>
      <div className="toolbar">
        <Segmented<Shown>
          label="State"
          value={shown}
          onChoose={(value) => setParams({ show: value === 'open' ? null : value, after: null })}
          choices={(Object.keys(SHOWN) as Shown[]).map((value) => ({ value, label: SHOWN[value].label }))}
        />
        <Segmented<(typeof SEVERITIES)[number] | 'ALL'>
          label="Severity"
          value={severity ?? 'ALL'}
          onChoose={(value) => setParams({ severity: value === 'ALL' ? null : value, after: null })}
          choices={[
            { value: 'ALL', label: 'All' },
            ...SEVERITIES.map((value) => ({ value, label: SEVERITY_WORDS[value] })),
          ]}
        />
        {narrowed.map((name) => (
          <button
            key={name}
            type="button"
            className="button small"
            onClick={() => setParams({ [name]: null, after: null })}
          >
            {name} {name === 'rule' ? '' : params.get(name)} ×
          </button>
        ))}
      </div>
      {acknowledging.said !== undefined && (
        <div className="banner warn inline-banner" role="status">
          {acknowledging.said}
        </div>
      )}
      {data === undefined ? (
        <div className="panel">{error ? <Failure error={error} onRetry={refetch} /> : <SkeletonLines lines={8} />}</div>
      ) : (
        <>
          {error && <StaleFailure error={error} onRetry={refetch} />}
          {!data.alerts.isCurrent && (
            <div className="banner warn inline-banner" role="alert">
              The log of alerts cannot be read just now: this is how things stood when it last could.
            </div>
          )}
          {data.alerts.nodes.length === 0 ? (
            <div className="panel">
              <NoAlert shown={shown} isNarrowed={narrowed.length > 0 || severity !== undefined} />
            </div>
          ) : (
            clustersOf(data.alerts.nodes).map((cluster) => (
              <Cluster key={cluster.key} cluster={cluster} acknowledging={acknowledging} />
            ))
          )}
          <div className="list-end">
            <span className="muted" role="status">
              {formatQuantity(data.alerts.totalCount, 'alert')}
            </span>
            {params.has('after') && (
              <button type="button" className="button" onClick={() => setParams({ after: null })}>
                Newest
              </button>
            )}
            {data.alerts.pageInfo.hasNextPage && (
              <button
                type="button"
                className="button"
                onClick={() => setParams({ after: data.alerts.pageInfo.endCursor })}
              >
                Older
              </button>
            )}
          </div>
        </>
      )}
    </>
  );
}

function NoAlert({ shown, isNarrowed }: { shown: Shown; isNarrowed: boolean }): ReactNode {
  if (isNarrowed) return <Nothing title="No alert matches" />;
  if (shown !== 'open') return <Nothing title={shown === 'over' ? 'Nothing is over yet' : 'Nothing is pending'} />;
  return (
    <Nothing title="Nothing is wrong that a rule looks for">
      <p>What is looked for, and who is told, is for the rules to say.</p>
      <div className="actions">
        <Link to="/settings/rules" className="button">
          Rules
        </Link>
      </div>
    </Nothing>
  );
}

function Cluster({ cluster, acknowledging }: { cluster: AlertCluster; acknowledging: Acknowledging }): ReactNode {
  const [params, setParams] = useSearchParams();
  const { group, alerts } = cluster;
  const firing = alerts.filter(({ state, mayAcknowledge }) => state === 'FIRING' && mayAcknowledge).map(({ id }) => id);
  const cards = (
    <ul className="alerts">
      {alerts.map((alert) => (
        <AlertCard
          key={alert.id}
          alert={alert}
          isBusy={acknowledging.isBusy}
          onAcknowledge={acknowledging.acknowledge}
          isOpen={params.get('alert') === alert.id}
          onOpen={(id) => setParams({ alert: id }, { replace: true })}
        />
      ))}
    </ul>
  );
  if (group === undefined) return <div className="panel">{cards}</div>;
  return (
    <section className="panel alert-group" aria-label={causeText(group)}>
      <header>
        <h2>{causeText(group)}</h2>
        <div className="end">
          {firing.length > 1 && (
            <button
              type="button"
              className="button small"
              disabled={acknowledging.isBusy}
              onClick={() => acknowledging.acknowledge(firing, true)}
            >
              Acknowledge all {firing.length}
            </button>
          )}
        </div>
      </header>
      <p className="alert-cause muted">
        Probable common cause
        {group.workers !== null &&
          group.of !== null &&
          `: ${group.workers} of ${group.of} workers were in trouble when it was told`}
        .
      </p>
      {cards}
    </section>
  );
}
