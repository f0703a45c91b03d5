// Workers as they are entered, those in quarantine first of all: to be taken in or refused, and set, many at once.
import { useState, type ReactNode } from 'react';
import type { VariablesOf } from '@assay/api-client';
import { useQuery } from '../../api/use-query.ts';
import { ExportLink } from '../../components/export-link.tsx';
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
import { PageTurner } from './entry-list.tsx';
import { useListPlace } from './list-place.ts';
import { ManyWorkers } from './many-workers.tsx';
import { SettingsFrame } from './settings-frame.tsx';
import { CREATE_WORKER, WORKER_ENTRIES, type WorkerStanding } from './workers-documents.ts';
import { WorkersEntryTable } from './workers-entry-table.tsx';

type WorkerInput = VariablesOf<typeof CREATE_WORKER>['worker'];

/** As many as may be changed at once. */
const MOST_SHOWN = 1000;
const SHOWN_AT_FIRST = 100;
const STANDINGS = Object.keys(STANDING_WORDS) as WorkerStanding[];

export function WorkersSettingsPage(): ReactNode {
  const [params, setParams] = useSearchParams();
  const standing = STANDINGS.find((each) => each === params.get('standing'));
  const isLong = params.get('rows') === String(MOST_SHOWN);
  const place = useListPlace(undefined, isLong ? MOST_SHOWN : SHOWN_AT_FIRST);
  const { open, edit } = place;
  const { search, first, after } = place.variables;
  const filter = { search, standing: standing === undefined ? null : [standing] };
  const query = useQuery(WORKER_ENTRIES, { filter, first, after }, { pollMs: 15_000 });
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
        <SearchBox value={place.search} onSearch={place.find} />
        <Segmented<WorkerStanding | 'ALL'>
          label="Standing"
          value={standing ?? 'ALL'}
          onChoose={(value) => {
            choose([]);
            setParams({ standing: value === 'ALL' ? null : value, after: null });
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
            <>
              <ExportLink table="worker-entries" only={['q', 'standing']} />
              {mayEdit && (
                <button type="button" className="button small" onClick={() => edit('new')}>
                  New worker
                </button>
              )}
            </>
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
                <NoWorkers standing={standing} isSearch={place.search !== ''} />
              ) : (
                <WorkersEntryTable rows={page.nodes} chosen={chosen} onChoose={mayEdit ? choose : undefined} />
              )}
              <PageTurner page={page} place={place}>
                {!isLong && page.totalCount > first && mayEdit && (
                  <button
                    type="button"
                    className="button small"
                    onClick={() => setParams({ rows: String(MOST_SHOWN) })}
                  >
                    {formatCount(MOST_SHOWN)} a page, as many as can be changed at once
                  </button>
                )}
              </PageTurner>
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
