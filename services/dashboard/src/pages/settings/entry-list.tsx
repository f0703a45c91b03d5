// A list of what is entered, a page at a time: with its search, the way to all of it as a file, and beside it the form of what is open.
import { useEffect, useRef, type ReactNode } from 'react';
import type { QueryState } from '../../api/use-query.ts';
import { ExportLink, type ExportedTable } from '../../components/export-link.tsx';
import { Failure, Nothing, StaleFailure } from '../../components/messages.tsx';
import { Panel } from '../../components/panel.tsx';
import { SkeletonLines } from '../../components/skeleton.tsx';
import { DataTable, type Column } from '../../components/table.tsx';
import { formatCount } from '../../format/number.ts';
import { SearchBox } from '../workers/search-box.tsx';
import type { ListPlace } from './list-place.ts';

export interface EntryPage<Row> {
  readonly nodes: readonly Row[];
  readonly totalCount: number;
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

export interface EntryListProps<Row> {
  readonly title: string;
  /** `tenant`, as in: No tenant yet. */
  readonly noun: string;
  /** What is searched, where that is not the title. */
  readonly searched?: string;
  readonly place: ListPlace;
  readonly query: Pick<QueryState<unknown>, 'error' | 'refetch'>;
  readonly page: EntryPage<Row> | undefined;
  /** The file that all of it is. */
  readonly file?: ExportedTable | undefined;
  readonly columns: readonly Column<Row>[];
  readonly nothing: ReactNode;
  readonly actions?: { readonly title: string; readonly cell: (row: Row) => ReactNode } | undefined;
  /** Of the button that opens the form of a new one; left out where none may be made. */
  readonly newLabel?: string | undefined;
  /** Stands above the table. */
  readonly notice?: ReactNode;
  /** The form of what is open. */
  readonly editor?: ReactNode;
}

export function EntryList<Row extends { readonly id: string }>(props: EntryListProps<Row>): ReactNode {
  const {
    title,
    noun,
    searched = title.toLowerCase(),
    place,
    query,
    page,
    file,
    columns,
    nothing,
    actions,
    newLabel,
    notice,
    editor,
  } = props;
  const isNarrowed = place.search !== '' || place.after !== undefined;
  const hasRows = page !== undefined && (page.nodes.length > 0 || isNarrowed);
  const list = useRef<HTMLDivElement>(null);
  const isOpen = Boolean(editor);
  useEffect(() => {
    // Where there is no room beside the list the form stands above it, out of sight of whoever opened it further down.
    if (isOpen && window.matchMedia('(max-width: 1000px)').matches)
      list.current?.querySelector('.editor')?.scrollIntoView({ block: 'start' });
  }, [isOpen, place.open]);
  return (
    <div className={isOpen ? 'entries open' : 'entries'} ref={list}>
      <Panel
        title={title}
        end={
          <>
            {file !== undefined && hasRows && (
              <ExportLink table={file} only={[]} more={place.search === '' ? {} : { q: place.search }} />
            )}
            {newLabel !== undefined && (
              <button type="button" className="button small" onClick={() => place.edit('new')}>
                {newLabel}
              </button>
            )}
          </>
        }
      >
        {notice}
        {hasRows && (
          <div className="list-search">
            <SearchBox noun={searched} value={place.search} onSearch={place.find} />
          </div>
        )}
        {page === undefined ? (
          query.error ? (
            <Failure error={query.error} onRetry={query.refetch} />
          ) : (
            <SkeletonLines lines={5} />
          )
        ) : (
          <>
            {query.error && <StaleFailure error={query.error} onRetry={query.refetch} />}
            {page.nodes.length > 0 ? (
              <DataTable
                label={title}
                className="entry-table"
                columns={columns}
                rows={page.nodes}
                keyOf={({ id }) => id}
                rowClass={({ id }) => (id === place.open ? 'is-open' : undefined)}
                actions={actions}
              />
            ) : isNarrowed ? (
              <Nothing title={place.after === undefined ? `No ${noun} matches` : 'The list ends here'} />
            ) : (
              <Nothing title={`No ${noun} yet`}>{nothing}</Nothing>
            )}
            <PageTurner page={page} place={place} />
          </>
        )}
      </Panel>
      {editor}
    </div>
  );
}

/** How many are shown, and the ways to the others. */
export function PageTurner({
  page: { nodes, totalCount, pageInfo },
  place,
  children,
}: {
  page: EntryPage<unknown>;
  place: ListPlace;
  children?: ReactNode;
}): ReactNode {
  if (nodes.length === 0 && place.after === undefined) return null;
  return (
    <div className="list-end">
      <span className="muted" role="status">
        {formatCount(nodes.length)} of {formatCount(totalCount)}
      </span>
      <span className="end">
        {children}
        {place.after !== undefined && (
          <button type="button" className="button small" onClick={() => place.turn(null)}>
            First page
          </button>
        )}
        {pageInfo.hasNextPage && (
          <button type="button" className="button small" onClick={() => place.turn(pageInfo.endCursor)}>
            Next page
          </button>
        )}
      </span>
    </div>
  );
}
