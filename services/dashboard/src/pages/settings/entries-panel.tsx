// A list of entries of one kind, and beside it the form of the one that is open.
import { useState, type ReactNode } from 'react';
import type { QueryState } from '../../api/use-query.ts';
import { Failure, Nothing, StaleFailure } from '../../components/messages.tsx';
import { Panel } from '../../components/panel.tsx';
import { SkeletonLines } from '../../components/skeleton.tsx';
import { ChangeFailure, EntryForm } from '../../entry-form/entry-form.tsx';
import type { Entry, FieldSpec } from '../../entry-form/field-specs.ts';
import { RemoveButton } from '../../entry-form/remove-button.tsx';
import { formatCount } from '../../format/number.ts';
import type { AuthFailure, AuthOutcome } from '../../login/auth-api.ts';
import { useEditing } from './use-editing.ts';

export interface Column<Row> {
  readonly title: string;
  readonly isNumber?: boolean;
  readonly cell: (row: Row) => ReactNode;
}

export type Given = Readonly<Record<string, unknown>>;

interface EntriesPanelProps<Row> {
  readonly title: string;
  /** `tenant`, as in: Change tenant. */
  readonly noun: string;
  /** Word of the address for which entry is open. */
  readonly word?: string;
  readonly query: Pick<QueryState<unknown>, 'error' | 'refetch'>;
  readonly page: { readonly nodes: readonly Row[]; readonly totalCount: number } | undefined;
  readonly columns: readonly Column<Row>[];
  readonly nameOf: (row: Row) => string;
  readonly nothing: ReactNode;
  readonly specs: readonly FieldSpec[];
  readonly newSpecs: readonly FieldSpec[];
  readonly create: (given: Given) => Promise<AuthOutcome<unknown>>;
  readonly change: (row: Row, given: Given) => Promise<AuthOutcome<unknown>>;
  readonly remove: (row: Row) => Promise<AuthOutcome<unknown>>;
  readonly isReadOnly?: boolean;
}

export function EntriesPanel<Row extends { readonly id: string; readonly version: number }>(
  props: EntriesPanelProps<Row>,
): ReactNode {
  const { title, noun, word, query, page, columns, nameOf, isReadOnly = false } = props;
  const { open, edit } = useEditing(word);
  const row = page?.nodes.find(({ id }) => id === open);
  const isOpen = !isReadOnly && page !== undefined && (open === 'new' || row !== undefined);
  return (
    <div className={isOpen ? 'entries open' : 'entries'}>
      <Panel
        title={title}
        end={
          !isReadOnly && (
            <button type="button" className="button small" onClick={() => edit('new')}>
              New {noun}
            </button>
          )
        }
      >
        {page === undefined ? (
          query.error ? (
            <Failure error={query.error} onRetry={query.refetch} />
          ) : (
            <SkeletonLines lines={5} />
          )
        ) : (
          <>
            {query.error && <StaleFailure error={query.error} onRetry={query.refetch} />}
            {page.nodes.length === 0 ? (
              <Nothing title={`No ${noun} yet`}>{props.nothing}</Nothing>
            ) : (
              <div className="scroll-x" role="region" aria-label={title} tabIndex={0}>
                <table className="simple-table entry-table">
                  <thead>
                    <tr>
                      {columns.map((column) => (
                        <th key={column.title} scope="col" className={column.isNumber ? 'number' : undefined}>
                          {column.title}
                        </th>
                      ))}
                      {!isReadOnly && (
                        <th scope="col">
                          <span className="sr-only">Change</span>
                        </th>
                      )}
                    </tr>
                  </thead>
                  <tbody>
                    {page.nodes.map((each) => (
                      <tr key={each.id} className={each.id === open ? 'is-open' : undefined}>
                        {columns.map((column, i) =>
                          i === 0 ? (
                            <th key={column.title} scope="row">
                              {column.cell(each)}
                            </th>
                          ) : (
                            <td key={column.title} className={column.isNumber ? 'number' : undefined}>
                              {column.cell(each)}
                            </td>
                          ),
                        )}
                        {!isReadOnly && (
                          <td className="number">
                            <button
                              type="button"
                              className="button small"
                              aria-label={`Edit ${nameOf(each)}`}
                              onClick={() => edit(each.id)}
                            >
                              Edit
                            </button>
                          </td>
                        )}
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            )}
            {page.totalCount > page.nodes.length && (
              <p className="list-end muted">
                The first {formatCount(page.nodes.length)} of {formatCount(page.totalCount)}.
              </p>
            )}
          </>
        )}
      </Panel>
      {isOpen && <Editor key={`${open} ${row?.version ?? ''}`} {...props} row={row} onOver={() => edit(null)} />}
    </div>
  );
}

function Editor<Row extends { readonly id: string; readonly version: number }>({
  row,
  onOver,
  ...props
}: EntriesPanelProps<Row> & { readonly row: Row | undefined; readonly onOver: () => void }): ReactNode {
  const { noun, nameOf, specs, newSpecs, create, change, remove, query } = props;
  const [failure, setFailure] = useState<AuthFailure>();
  const over = (): void => {
    query.refetch();
    onOver();
  };
  const takeAway = async (): Promise<void> => {
    const outcome = await remove(row!);
    setFailure(outcome.ok ? undefined : outcome.failure);
    if (outcome.ok) over();
  };
  return (
    <Panel title={row === undefined ? `New ${noun}` : nameOf(row)} className="editor">
      <div className="panel-body account-form">
        <EntryForm
          specs={row === undefined ? newSpecs : specs}
          entry={row as Entry | undefined}
          label={row === undefined ? `Make ${noun}` : 'Save'}
          save={(given) => (row === undefined ? create(given) : change(row, given))}
          onSaved={over}
          onReload={query.refetch}
          onCancel={onOver}
        >
          {row !== undefined && (
            <RemoveButton label="Remove" confirmLabel={`Remove ${noun}?`} onRemove={() => void takeAway()} />
          )}
        </EntryForm>
        {failure && <ChangeFailure failure={failure} onReload={query.refetch} />}
      </div>
    </Panel>
  );
}
