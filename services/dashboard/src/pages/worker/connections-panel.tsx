// How the machine came and went: its connections, the newest first, and how often it had to connect anew.
import { useState, type ReactNode } from 'react';
import { useQuery } from '../../api/use-query.ts';
import { Failure, Nothing, StaleFailure } from '../../components/messages.tsx';
import { Panel } from '../../components/panel.tsx';
import { DataTable } from '../../components/table.tsx';
import { SkeletonLines } from '../../components/skeleton.tsx';
import { Age, Moment } from '../../components/time.tsx';
import { formatDifficulty, formatQuantity } from '../../format/number.ts';
import { formatEndReason } from '../../format/end-reason.ts';
import { formatDuration } from '../../format/time.ts';
import { useLastAnswer } from '../use-last-answer.ts';
import { WORKER_CONNECTIONS, type WorkerConnection } from './worker-documents.ts';

const FIRST = 10;
const MORE = 90;
/** Longer lists are for the events' page and its file. */
const MOST = 1000;
const DAYS = 30;

export function ConnectionsPanel({ name }: { name: string }): ReactNode {
  const [first, setFirst] = useState(FIRST);
  const { data, error, refetch } = useQuery(WORKER_CONNECTIONS, { name, first }, { pollMs: 30_000 });
  const worker = useLastAnswer(data?.worker ?? undefined, name);
  const connections = worker?.connections;
  const nodes = connections?.nodes ?? [];
  return (
    <Panel
      title="Connections"
      end={worker?.connectsByDay && <span className="muted">{connectsText(worker.connectsByDay)}</span>}
    >
      {worker === undefined ? (
        error ? (
          <Failure error={error} onRetry={refetch} />
        ) : (
          <SkeletonLines lines={4} />
        )
      ) : (
        <>
          {error && connections && <StaleFailure error={error} onRetry={refetch} />}
          {!connections ? (
            <Nothing title="Not known while the history store is away" />
          ) : nodes.length === 0 ? (
            <Nothing title="No connection on record" />
          ) : (
            <ConnectionTable connections={nodes} label={`Connections of ${name}`} />
          )}
          {connections?.pageInfo.hasNextPage && first < MOST && (
            <div className="list-end">
              <span className="muted" role="status">
                The newest {formatQuantity(nodes.length, 'connection')}
              </span>
              <button
                type="button"
                className="button"
                disabled={nodes.length < first}
                onClick={() => setFirst(Math.min(MOST, first + MORE))}
              >
                {nodes.length < first ? 'Loading' : 'Show older'}
              </button>
            </div>
          )}
        </>
      )}
    </Panel>
  );
}

function connectsText(days: readonly { readonly count: number }[]): string {
  const count = days.reduce((sum, day) => sum + day.count, 0);
  return `connected ${formatQuantity(count, 'time')} in ${DAYS} days`;
}

function ConnectionTable({
  connections,
  label,
}: {
  connections: readonly WorkerConnection[];
  label: string;
}): ReactNode {
  // Where it stands is not told to who only holds a share of it.
  const hasAddress = connections.some(({ remoteAddress }) => remoteAddress !== null);
  return (
    <DataTable
      label={label}
      className="connections"
      columns={[
        { title: 'Connected', cell: ({ connectedAt }) => <Moment at={connectedAt} /> },
        { title: 'For', isNumber: true, cell: (connection) => <Length connection={connection} /> },
        { title: 'Ended', cell: (connection) => <End connection={connection} /> },
        { title: 'Gateway', cell: ({ gateway }) => gateway },
        ...(hasAddress
          ? [
              {
                title: 'From',
                cell: ({ remoteAddress }: WorkerConnection) =>
                  remoteAddress !== null && <span className="mono">{remoteAddress}</span>,
              },
            ]
          : []),
        { title: 'Difficulty', isNumber: true, cell: ({ difficulty }) => formatDifficulty(difficulty) },
      ]}
      rows={connections}
      keyOf={({ id }) => id}
    />
  );
}

function Length({ connection: { connectedAt, endedAt, isOpen } }: { connection: WorkerConnection }): ReactNode {
  if (isOpen) return <Age since={connectedAt} />;
  return endedAt === null ? '–' : formatDuration(Date.parse(endedAt) - Date.parse(connectedAt));
}

function End({ connection: { endedAt, endReason, isOpen } }: { connection: WorkerConnection }): ReactNode {
  if (isOpen) return 'connected';
  if (endedAt === null) return <span className="muted">not seen</span>;
  return (
    <>
      <Moment at={endedAt} /> <span className="muted">{formatEndReason(endReason)}</span>
    </>
  );
}
