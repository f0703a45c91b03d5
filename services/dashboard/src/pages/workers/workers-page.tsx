// The workers table: the heart of the dashboard.
import type { ReactNode } from 'react';
import type { WorkerSortField } from '../../api/schema-types.ts';
import { Failure, Nothing, NoWorkersYet, StaleFailure } from '../../components/messages.tsx';
import { ExportLink } from '../../components/export-link.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { formatCount, formatQuantity } from '../../format/number.ts';
import { formatMoment } from '../../format/time.ts';
import { useSearchParams } from '../../router/location.ts';
import { filterOf, nextSort, sortParams, tableStateFrom } from './table-state.ts';
import { useWorkerRows } from './use-worker-rows.ts';
import { MAX_ROWS, type RowsState } from './worker-rows.ts';
import { WorkersGrid } from './workers-grid.tsx';
import { WorkersToolbar } from './workers-toolbar.tsx';

/** Rows to show as skeletons before it is known how many there are. */
const UNKNOWN_COUNT = 30;

export function WorkersPage(): ReactNode {
  const [params, setParams] = useSearchParams();
  const table = tableStateFrom(params);
  const filter = filterOf(table);
  const { state, reorder } = useWorkerRows({ filter, sort: table.sort }, filterOf(table, true));
  const onSort = (field: WorkerSortField): void =>
    setParams(sortParams(nextSort(table.sort, field)), { replace: true });
  const starting = state.orderedAtMs === undefined;
  const empty = !starting && state.phase === 'complete' && state.totalCount === 0;

  return (
    <>
      <PageHeader title="Workers" receivedAtMs={state.receivedAtMs}>
        <OrderNote state={state} onRefresh={reorder} />
        <ExportLink table="workers" only={['q', 'tenant', 'site', 'status', 'algorithm', 'sort', 'dir']} />
      </PageHeader>
      <WorkersToolbar state={table} change={setParams} onSort={onSort} />
      <div className="panel workers-panel">
        {state.error && !starting && <StaleFailure error={state.error} onRetry={reorder} />}
        {state.error && starting ? (
          <Failure error={state.error} onRetry={reorder} />
        ) : empty && Object.keys(filter).length === 0 ? (
          <NoWorkersYet />
        ) : empty ? (
          <Nothing title="No worker matches">
            <div className="actions">
              <button
                type="button"
                className="button"
                onClick={() => setParams({ q: null, tenant: null, site: null, status: null, algorithm: null })}
              >
                Clear all filters
              </button>
            </div>
          </Nothing>
        ) : (
          <WorkersGrid
            rows={state.rows}
            totalCount={starting ? UNKNOWN_COUNT : state.totalCount}
            sort={table.sort}
            onSort={onSort}
            orderKey={`${JSON.stringify(filter)} ${table.sort.field} ${table.sort.direction} ${state.orderedAtMs ?? 0}`}
            busy={state.phase === 'starting' || state.phase === 'loading'}
          />
        )}
        <Footer state={state} />
      </div>
    </>
  );
}

/** Values move live, rows do not: this says since when, and puts them in order again. */
function OrderNote({ state, onRefresh }: { state: RowsState; onRefresh: () => void }): ReactNode {
  if (state.orderedAtMs === undefined) return null;
  return (
    <span className="order-note">
      <span className="muted">
        {state.newcomers > 0 ? `${formatQuantity(state.newcomers, 'new worker')} · ` : ''}
        <span title="Values in the rows are live. The rows themselves stay where they are until you refresh.">
          Ordered at {formatMoment(new Date(state.orderedAtMs), new Date())}
        </span>
      </span>
      <button type="button" className="button small" onClick={onRefresh}>
        Refresh
      </button>
    </span>
  );
}

function Footer({ state }: { state: RowsState }): ReactNode {
  return (
    <div className="grid-footer">
      <span role="status" data-testid="row-count">
        {state.orderedAtMs === undefined
          ? 'Loading workers'
          : state.phase === 'loading' || state.phase === 'starting'
            ? `${formatCount(state.rows.length)} of ${formatQuantity(state.totalCount, 'worker')} loaded`
            : state.phase === 'cut'
              ? `The first ${formatCount(MAX_ROWS)} workers; filter to reach the others`
              : formatQuantity(state.totalCount, 'worker')}
      </span>
      <span className="keys" aria-hidden="true">
        <kbd>↑</kbd> <kbd>↓</kbd> move <kbd>Enter</kbd> open <kbd>/</kbd> search
      </span>
    </div>
  );
}
