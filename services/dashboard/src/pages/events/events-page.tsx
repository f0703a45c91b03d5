// Everything that happened, newest first, filtered by kind, tenant and worker. Older pages on demand; new ones come in on top.
import { useEffect, useState, type ReactNode } from 'react';
import { ApiError, graphql, type VariablesOf } from '@assay/api-client';
import { request } from '../../api/client.ts';
import type { EventType } from '../../api/schema-types.ts';
import { useQuery } from '../../api/use-query.ts';
import { ExportLink } from '../../components/export-link.tsx';
import { EVENT_WORDS, EventList } from '../../components/event-list.tsx';
import { Failure, Nothing, StaleFailure } from '../../components/messages.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { Segmented } from '../../components/segmented.tsx';
import { SkeletonLines } from '../../components/skeleton.tsx';
import { formatQuantity } from '../../format/number.ts';
import { useSearchParams } from '../../router/location.ts';
import { useTenant } from '../../router/tenant.ts';
import { MAX_LISTED, withNewest, withOlder, type ListedEvents } from './merge-events.ts';

const EVENTS = graphql(`
  query Events($tenant: String, $worker: String, $types: [EventType!], $after: String) {
    events(tenant: $tenant, worker: $worker, types: $types, first: 50, after: $after) {
      nodes {
        id
        at
        type
        tenant
        worker
        gateway
        detail
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

const TYPES = Object.keys(EVENT_WORDS) as EventType[];

export function EventsPage(): ReactNode {
  const [params, setParams] = useSearchParams();
  const type = TYPES.find((each) => each === params.get('type'));
  const tenant = useTenant();
  const worker = params.get('worker');
  const filters = { tenant, worker, types: type === undefined ? null : [type] };
  return (
    <>
      <PageHeader title="Events">
        <ExportLink table="events" only={['type', 'tenant', 'worker']} />
      </PageHeader>
      <div className="toolbar">
        <Segmented<EventType | 'ALL'>
          label="Kind"
          value={type ?? 'ALL'}
          onChoose={(value) => setParams({ type: value === 'ALL' ? null : value })}
          choices={[{ value: 'ALL', label: 'All' }, ...TYPES.map((value) => ({ value, label: EVENT_WORDS[value] }))]}
        />
        <WorkerField key={worker} worker={worker ?? ''} onChange={(name) => setParams({ worker: name })} />
      </div>
      <EventPages
        key={JSON.stringify(filters)}
        filters={filters}
        filtered={type !== undefined || tenant !== null || worker !== null}
      />
    </>
  );
}

function WorkerField({ worker, onChange }: { worker: string; onChange: (name: string) => void }): ReactNode {
  const [text, setText] = useState(worker);
  return (
    <form
      className="worker-field"
      onSubmit={(event) => {
        event.preventDefault();
        onChange(text.trim());
      }}
    >
      <input
        className="input"
        aria-label="Worker, full name"
        placeholder="Full worker name"
        value={text}
        maxLength={127}
        spellCheck={false}
        onChange={(event) => setText(event.target.value)}
      />
      <button type="submit" className="button">
        Show
      </button>
      {worker !== '' && (
        <button type="button" className="button" onClick={() => onChange('')}>
          Clear
        </button>
      )}
    </form>
  );
}

function EventPages({
  filters,
  filtered,
}: {
  filters: Omit<VariablesOf<typeof EVENTS>, 'after'>;
  filtered: boolean;
}): ReactNode {
  const { data, error, refetch } = useQuery(EVENTS, { ...filters, after: null }, { pollMs: 10_000 });
  /** Undefined until the first page is there. */
  const [listed, setListed] = useState<ListedEvents>();
  const [loadingOlder, setLoadingOlder] = useState(false);
  const [olderError, setOlderError] = useState<ApiError>();

  useEffect(() => {
    const page = data?.events;
    if (page) setListed((known) => withNewest(known, page));
  }, [data]);

  const loadOlder = async (): Promise<void> => {
    setLoadingOlder(true);
    const after = listed?.end.endCursor ?? null;
    try {
      const { data: older, partial } = await request(EVENTS, { ...filters, after });
      const page = older.events;
      if (page) setListed((known) => withOlder(known, page, after));
      setOlderError(partial);
    } catch (cause) {
      setOlderError(cause instanceof ApiError ? cause : new ApiError('UNKNOWN', String(cause), false));
    }
    setLoadingOlder(false);
  };

  if (!listed)
    return (
      <div className="panel">{error ? <Failure error={error} onRetry={refetch} /> : <SkeletonLines lines={14} />}</div>
    );
  const { events, end } = listed;
  return (
    <div className="panel">
      {error && <StaleFailure error={error} onRetry={refetch} />}
      {events.length === 0 && (
        <Nothing title={filtered ? 'No event matches' : 'No event yet'}>
          <p>
            {filtered
              ? 'Take a filter away to see more.'
              : 'Connections, disconnections and reject bursts will be listed here.'}
          </p>
        </Nothing>
      )}
      <EventList events={events} wide />
      {olderError && <StaleFailure error={olderError} onRetry={() => void loadOlder()} />}
      {events.length > 0 && (
        <div className="list-end">
          <span className="muted" role="status">
            {formatQuantity(events.length, 'event')}
            {end.hasNextPage ? '' : ', all there are'}
          </span>
          {end.hasNextPage && events.length < MAX_LISTED && (
            <button type="button" className="button" disabled={loadingOlder} onClick={() => void loadOlder()}>
              {loadingOlder ? 'Loading' : 'Show older'}
            </button>
          )}
        </div>
      )}
    </div>
  );
}
