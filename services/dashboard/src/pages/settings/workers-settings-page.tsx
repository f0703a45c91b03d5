// Workers as they are entered, those in quarantine first of all: to be taken in or refused, and set, many at once.
import { useState, type ReactNode } from 'react';
import type { VariablesOf } from '@assay/api-client';
import { useQuery } from '../../api/use-query.ts';
import { Failure, Nothing, StaleFailure } from '../../components/messages.tsx';
import { Panel } from '../../components/panel.tsx';
import { Segmented } from '../../components/segmented.tsx';
import { SkeletonLines } from '../../components/skeleton.tsx';
import { EntryForm } from '../../entry-form/entry-form.tsx';
import { STANDING_WORDS, WORKER_SPECS } from '../../entry-form/worker-specs.ts';
import { formatCount } from '../../format/number.ts';
import { change } from '../../login/own-account.ts';
import { navigate, useSearchParams } from '../../router/location.ts';
import { workerPath } from '../../router/routes.ts';
import { SearchBox } from '../workers/search-box.tsx';
import { ManyWorkers } from './many-workers.tsx';
import { SettingsFrame } from './settings-frame.tsx';
import { useEditing } from './use-editing.ts';
import { CREATE_WORKER, WORKER_ENTRIES, type WorkerStanding } from './workers-documents.ts';
import { WorkersEntryTable } from './workers-entry-table.tsx';

type WorkerInput = VariablesOf<typeof CREATE_WORKER>['worker'];

/** More than may be changed at once would be of no use. */
const MOST_SHOWN = 1000;
const SHOWN_AT_FIRST = 100;
const STANDINGS = Object.keys(STANDING_WORDS) as WorkerStanding[];

export function WorkersSettingsPage(): ReactNode {
  const [params, setParams] = useSearchParams();
  const standing = STANDINGS.find((each) => each === params.get('standing'));
  const search = params.get('q') ?? '';
  const { open, edit } = useEditing();
  const [first, setFirst] = useState(SHOWN_AT_FIRST);
  const filter = { search, standing: standing === undefined ? null : [standing] };
  const query = useQuery(WORKER_ENTRIES, { filter, first }, { pollMs: 15_000 });
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const page = query.data?.workerEntries;
  // Who is chosen and not shown any more is not to be changed unseen.
  const workers = page?.nodes.filter(({ name }) => chosen.has(name)) ?? [];
  const mayEdit = query.data?.viewer.permissions.includes('WORKER_EDIT') ?? false;
  const waiting = query.data?.waiting.totalCount ?? 0;

  const choose = (names: Iterable<string>): void => setChosen(new Set(names));
  return (
    <SettingsFrame section="workers">
      <div className="toolbar">
        <SearchBox value={search} onSearch={(text) => setParams({ q: text }, { replace: true })} />
        <Segmented<WorkerStanding | 'ALL'>
          label="Standing"
          value={standing ?? 'ALL'}
          onChoose={(value) => {
            choose([]);
            setParams({ standing: value === 'ALL' ? null : value });
          }}
          choices={[
            { value: 'ALL', label: 'All' },
            ...STANDINGS.map((value) => ({
              value,
              label:
                value === 'QUARANTINED' ? (
                  <>
                    {STANDING_WORDS[value]} <span className="count">{formatCount(waiting)}</span>
                  </>
                ) : (
                  STANDING_WORDS[value]
                ),
            })),
          ]}
        />
      </div>
      <div className={(workers.length > 0 || open === 'new') && mayEdit ? 'entries open' : 'entries'}>
        <Panel
          title="Workers"
          end={
            mayEdit && (
              <button type="button" className="button small" onClick={() => edit('new')}>
                New worker
              </button>
            )
          }
        >
          {page === undefined ? (
            query.error ? (
              <Failure error={query.error} onRetry={query.refetch} />
            ) : (
              <SkeletonLines lines={10} />
            )
          ) : (
            <>
              {query.error && <StaleFailure error={query.error} onRetry={query.refetch} />}
              {page.nodes.length === 0 ? (
                <NoWorkers standing={standing} isSearch={search !== ''} />
              ) : (
                <WorkersEntryTable rows={page.nodes} chosen={chosen} onChoose={mayEdit ? choose : undefined} />
              )}
              {page.nodes.length > 0 && (
                <div className="list-end">
                  <span className="muted" role="status">
                    {formatCount(page.nodes.length)} of {formatCount(page.totalCount)}
                  </span>
                  {page.totalCount > first && first < MOST_SHOWN && (
                    <button type="button" className="button" onClick={() => setFirst(MOST_SHOWN)}>
                      Show up to {formatCount(MOST_SHOWN)}
                    </button>
                  )}
                </div>
              )}
            </>
          )}
        </Panel>
        {mayEdit && workers.length > 0 ? (
          <ManyWorkers
            workers={workers}
            onChanged={() => {
              choose([]);
              query.refetch();
            }}
            onReload={query.refetch}
          />
        ) : (
          mayEdit && open === 'new' && <NewWorker onOver={() => edit(null)} />
        )}
      </div>
    </SettingsFrame>
  );
}

function NoWorkers({ standing, isSearch }: { standing: WorkerStanding | undefined; isSearch: boolean }): ReactNode {
  if (isSearch) return <Nothing title="No worker matches" />;
  if (standing === 'QUARANTINED')
    return (
      <Nothing title="Nobody waits">
        <p>
          A worker nobody entered waits here where its tenant does not take new workers in by itself. It mines
          meanwhile.
        </p>
      </Nothing>
    );
  return (
    <Nothing title={standing === undefined ? 'No worker is entered yet' : 'None'}>
      <p>A worker is entered with its first share once its tenant is, or by hand before it comes.</p>
    </Nothing>
  );
}

function NewWorker({ onOver }: { onOver: () => void }): ReactNode {
  return (
    <Panel title="New worker" className="editor">
      <div className="panel-body account-form">
        <EntryForm
          specs={[
            {
              name: 'name',
              label: 'Name',
              kind: 'text',
              isNeeded: true,
              placeholder: 'such as acme.north.r1.m07',
              hint: 'As the machine gives it.',
            },
            ...WORKER_SPECS,
          ]}
          label="Enter worker"
          save={async ({ name, ...worker }) => {
            const outcome = await change(CREATE_WORKER, { name: String(name), worker: worker as WorkerInput });
            if (outcome.ok) navigate(workerPath(outcome.body.createWorker.name));
            return outcome;
          }}
          onSaved={() => undefined}
          onCancel={onOver}
        />
      </div>
    </Panel>
  );
}
