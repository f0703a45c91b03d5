// What is wrong with one worker just now, above everything else of its page; nothing while nothing is.
import type { ReactNode } from 'react';
import { useQuery } from '../../api/use-query.ts';
import { useSubscription } from '../../api/use-subscription.ts';
import { Panel } from '../../components/panel.tsx';
import { useSearchParams } from '../../router/location.ts';
import { Link } from '../../router/link.tsx';
import { AlertCard } from './alert-card.tsx';
import { ALERTS_CHANGED, WORKER_ALERTS } from './alert-documents.ts';
import { useAcknowledge } from './use-acknowledge.ts';

export function OpenAlertsPanel({ name }: { name: string }): ReactNode {
  const { data, error, refetch } = useQuery(WORKER_ALERTS, { name }, { pollMs: 20_000 });
  useSubscription(ALERTS_CHANGED, {}, refetch);
  const { isBusy, said, acknowledge } = useAcknowledge(refetch);
  const [params, setParams] = useSearchParams();
  const alerts = data?.worker?.openAlerts;
  const all = <Link to={`/alerts?worker=${encodeURIComponent(name)}&show=over`}>Earlier ones</Link>;
  if (alerts === undefined)
    return error ? (
      <Panel title="Alerts">
        <p className="alert-cause muted">Whether anything is wrong is not known: {error.message}</p>
      </Panel>
    ) : null;
  if (alerts.length === 0) return null;
  return (
    <Panel title="Open alerts" end={all}>
      {said !== undefined && (
        <p className="alert-cause" role="status">
          {said}
        </p>
      )}
      <ul className="alerts">
        {alerts.map((alert) => (
          <AlertCard
            key={alert.id}
            alert={alert}
            isBusy={isBusy}
            onAcknowledge={acknowledge}
            isOpen={params.get('alert') === alert.id}
            onOpen={(id) => setParams({ alert: id }, { replace: true })}
          />
        ))}
      </ul>
    </Panel>
  );
}
