// What is entered of a worker: read, changed, and the secret its password must hold.
import type { ReactNode } from 'react';
import type { VariablesOf } from '@assay/api-client';
import { serverNowMs } from '../../api/server-clock.ts';
import { useQuery } from '../../api/use-query.ts';
import { Failure, Nothing } from '../../components/messages.tsx';
import { Panel } from '../../components/panel.tsx';
import { SkeletonLines } from '../../components/skeleton.tsx';
import { Moment } from '../../components/time.tsx';
import { EntryForm } from '../../entry-form/entry-form.tsx';
import { WORKER_SPECS } from '../../entry-form/worker-specs.ts';
import { actorText } from '../../format/actor.ts';
import { formatHashRate } from '../../format/hash-rate.ts';
import { formatPower } from '../../format/power.ts';
import { change } from '../../login/own-account.ts';
import { Link } from '../../router/link.tsx';
import { changesPath } from '../../router/routes.ts';
import { useEditing } from '../settings/use-editing.ts';
import { CREATE_WORKER } from '../settings/workers-documents.ts';
import { StandingTag } from '../settings/workers-entry-table.tsx';
import { CHANGE_WORKER, WORKER_ENTRY, type WorkerEntryDetail, type WorkerHolding } from './entry-documents.ts';
import { SecretForm } from './secret-form.tsx';

type WorkerInput = VariablesOf<typeof CHANGE_WORKER>['worker'];

export function EntryPanel({ name }: { name: string }): ReactNode {
  const { data, error, refetch } = useQuery(WORKER_ENTRY, { name }, { pollMs: 30_000 });
  const { open, edit } = useEditing();
  const entry = data?.workerEntry;
  const permissions = data?.viewer.permissions ?? [];
  const mayEdit = permissions.includes('WORKER_EDIT');
  const isOpen = mayEdit && open !== undefined;
  const over = (): void => {
    refetch();
    edit(null);
  };
  return (
    <Panel
      title="Configuration"
      end={
        <>
          {permissions.includes('AUDIT_VIEW') && <Link to={changesPath({ object: name })}>Changes</Link>}
          {mayEdit && !isOpen && data && (
            <button type="button" className="button small" onClick={() => edit('entry')}>
              {entry ? 'Edit' : 'Enter it'}
            </button>
          )}
        </>
      }
    >
      {data === undefined ? (
        error ? (
          <Failure error={error} onRetry={refetch} />
        ) : (
          <SkeletonLines lines={5} />
        )
      ) : isOpen ? (
        <div className="panel-body account-form">
          <EntryForm
            key={entry?.version ?? 0}
            specs={WORKER_SPECS}
            entry={entry ?? undefined}
            label={entry ? 'Save' : 'Enter worker'}
            save={(given) =>
              entry
                ? change(CHANGE_WORKER, { name, version: entry.version, worker: given as WorkerInput })
                : change(CREATE_WORKER, { name, worker: given as WorkerInput })
            }
            onSaved={over}
            onReload={refetch}
            onCancel={() => edit(null)}
          />
          {entry && <SecretForm entry={entry} onChanged={refetch} />}
        </div>
      ) : entry ? (
        <EntryFacts entry={entry} holdings={data.ownerships.nodes} />
      ) : (
        <Nothing title="Not entered">
          <p>It mines all the same. Entered, it can have an expected rate, a secret and tags.</p>
        </Nothing>
      )}
    </Panel>
  );
}

function EntryFacts({ entry, holdings }: { entry: WorkerEntryDetail; holdings: readonly WorkerHolding[] }): ReactNode {
  const now = serverNowMs();
  const open = holdings.filter(({ until }) => until === null || Date.parse(until) > now);
  const facts: readonly (readonly [string, ReactNode])[] = [
    ['Standing', <StandingTag key="standing" standing={entry.standing} />],
    ['Model', entry.model],
    ['Expected rate', entry.expectedHashRate === null ? null : formatHashRate(entry.expectedHashRate)],
    ['Rated power', entry.ratedPowerWatts === null ? null : formatPower(entry.ratedPowerWatts)],
    ['Owner', entry.owner],
    [
      'Tags',
      entry.tags.length === 0
        ? null
        : entry.tags.map((tag) => (
            <span key={tag} className="tag">
              {tag}
            </span>
          )),
    ],
    ['Secret', entry.hasSecret ? 'asked for' : 'any password will do'],
    ['Held by', open.length === 0 ? null : open.map((each) => <Holding key={each.id} holding={each} />)],
    ['Note', entry.note],
    [
      'Changed',
      <span key="changed">
        <Moment at={entry.changedAt} /> by {actorText(entry.changedBy)}
      </span>,
    ],
  ];
  return (
    <dl className="facts">
      {facts
        .filter(([, value]) => value !== null)
        .map(([label, value]) => (
          <FactRow key={label} label={label}>
            {value}
          </FactRow>
        ))}
    </dl>
  );
}

/** Whose part of its hash power is, of it alone or with its rack or site. */
function Holding({ holding: { of, holder, fraction, from, until } }: { holding: WorkerHolding }): ReactNode {
  return (
    <div>
      {holder}: {Number((fraction * 100).toFixed(4))} % of {of}, from <Moment at={from} />
      {until !== null && (
        <>
          {' '}
          until <Moment at={until} />
        </>
      )}
    </div>
  );
}

function FactRow({ label, children }: { label: string; children: ReactNode }): ReactNode {
  return (
    <>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </>
  );
}
