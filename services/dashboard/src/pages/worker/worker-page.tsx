// One worker: how it does now, how it did, and what happened to it.
import type { ReactNode } from 'react';
import { EventList } from '../../components/event-list.tsx';
import { Failure, Nothing } from '../../components/messages.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { Panel } from '../../components/panel.tsx';
import { Skeleton, SkeletonLines } from '../../components/skeleton.tsx';
import { StatusBadge } from '../../components/status-badge.tsx';
import { Link } from '../../router/link.tsx';
import { workersPath } from '../../router/routes.ts';
import { OpenAlertsPanel } from '../alerts/open-alerts-panel.tsx';
import { CalendarPanel } from './calendar-panel.tsx';
import { ConnectionsPanel } from './connections-panel.tsx';
import { EntryPanel } from './entry-panel.tsx';
import { useWorker } from './use-worker.ts';
import { WorkerCharts } from './worker-charts.tsx';
import type { WorkerDetail } from './worker-documents.ts';
import { FactsPanel, RatesPanel } from './worker-facts.tsx';
import { WorkerStats } from './worker-stats.tsx';

export function WorkerPage({ name }: { name: string }): ReactNode {
  const { data, error, receivedAtMs, refetch } = useWorker(name);
  const worker = data?.worker;
  return (
    <>
      <Breadcrumbs name={name} worker={worker ?? undefined} />
      <PageHeader
        title={name}
        receivedAtMs={receivedAtMs}
        heading={
          <div className="worker-heading">
            <h1>{name}</h1>
            {worker && <StatusBadge status={worker.status} />}
          </div>
        }
      />
      {worker ? (
        <Worker worker={worker} />
      ) : worker === null ? (
        <div className="worker">
          <div className="panel">
            <Nothing title="No worker of this name has been seen">
              <p>Names are case-sensitive. A worker appears with its first connection.</p>
              <div className="actions">
                <Link to={workersPath({ q: name.split('.')[0]! })} className="button">
                  Search workers
                </Link>
                <Link to={`/connect?worker=${encodeURIComponent(name)}`} className="button primary">
                  Connect it
                </Link>
              </div>
            </Nothing>
          </div>
          <EntryPanel name={name} />
        </div>
      ) : error ? (
        <div className="panel">
          <Failure error={error} onRetry={refetch} />
        </div>
      ) : (
        <WorkerSkeleton />
      )}
    </>
  );
}

function Breadcrumbs({ name, worker }: { name: string; worker: WorkerDetail | undefined }): ReactNode {
  const tenant = worker?.tenant ?? name.split('.')[0]!;
  return (
    <nav className="breadcrumbs" aria-label="Breadcrumbs">
      <Link to="/workers">Workers</Link>
      <span aria-hidden="true">/</span>
      <Link to={workersPath({ tenant })}>{tenant}</Link>
      {worker && worker.site !== '' && (
        <>
          <span aria-hidden="true">/</span>
          <Link to={workersPath({ tenant, site: worker.site })}>{worker.site}</Link>
        </>
      )}
    </nav>
  );
}

function Worker({ worker }: { worker: WorkerDetail }): ReactNode {
  return (
    <div className="worker">
      <OpenAlertsPanel name={worker.name} />
      <WorkerStats worker={worker} />
      <SectionLinks />
      <div className="worker-columns">
        <div className="column">
          <Section id="history">
            <WorkerCharts name={worker.name} expected={worker.expectedHashRate} firstSeen={worker.firstSeen} />
          </Section>
          <Section id="days">
            <CalendarPanel name={worker.name} />
          </Section>
          <Section id="connections">
            <ConnectionsPanel name={worker.name} />
          </Section>
        </div>
        <div className="column">
          <Section id="details">
            <RatesPanel worker={worker} />
            <FactsPanel worker={worker} />
          </Section>
          <Section id="configuration">
            <EntryPanel name={worker.name} />
          </Section>
          <Section id="events">
            <Panel title="Events" end={<Link to={`/events?worker=${encodeURIComponent(worker.name)}`}>All</Link>}>
              {worker.events === null ? (
                <Nothing title="Not known while the history store is away" />
              ) : worker.events.length === 0 ? (
                <Nothing title="No event yet" />
              ) : (
                <EventList events={worker.events} showWorker={false} />
              )}
            </Panel>
          </Section>
        </div>
      </div>
    </div>
  );
}

/** The parts of the page in the order in which a phone has them below each other. */
const SECTIONS = [
  ['history', 'History'],
  ['days', 'Days'],
  ['connections', 'Connections'],
  ['details', 'Details'],
  ['configuration', 'Configuration'],
  ['events', 'Events'],
] as const;

function SectionLinks(): ReactNode {
  return (
    <nav className="section-links" aria-label="Parts of this page">
      {SECTIONS.map(([id, label]) => (
        <a key={id} href={`#${id}`}>
          {label}
        </a>
      ))}
    </nav>
  );
}

function Section({ id, children }: { id: (typeof SECTIONS)[number][0]; children: ReactNode }): ReactNode {
  return (
    <div id={id} className="page-section">
      {children}
    </div>
  );
}

function WorkerSkeleton(): ReactNode {
  return (
    <div className="worker" role="status" aria-label="Loading worker">
      <div className="panel stats worker-stats">
        {[0, 1, 2, 3, 4, 5].map((stat) => (
          <div key={stat} className="stat">
            <Skeleton width={90} height={12} />
            <div style={{ padding: '9px 0' }}>
              <Skeleton width={120} height={22} />
            </div>
            <Skeleton width={130} height={12} />
          </div>
        ))}
      </div>
      <div className="panel">
        <SkeletonLines lines={12} height={20} />
      </div>
    </div>
  );
}
