// A list of entries of one kind, and beside it the form of the one that is open.
import { useState, type ReactNode } from 'react';
import { Panel } from '../../components/panel.tsx';
import { ChangeFailure, EntryForm } from '../../entry-form/entry-form.tsx';
import type { Entry, FieldSpec } from '../../entry-form/field-specs.ts';
import { RemoveButton } from '../../entry-form/remove-button.tsx';
import type { AuthFailure, AuthOutcome } from '../../login/auth-api.ts';
import { EntryList, type EntryListProps } from './entry-list.tsx';

export type Given = Readonly<Record<string, unknown>>;

/** What the form of an entry is given. */
export interface EditorProps<Row> {
  /** Undefined for a new one. */
  readonly row: Row | undefined;
  /** Once it is saved, or nothing is to be saved. */
  readonly onSaved: () => void;
  readonly onReload: () => void;
  readonly onCancel: () => void;
  /** The way to remove it. */
  readonly children: ReactNode;
}

interface EntriesPanelProps<Row> extends Omit<EntryListProps<Row>, 'actions' | 'newLabel' | 'editor'> {
  readonly nameOf: (row: Row) => string;
  readonly remove: (row: Row) => Promise<AuthOutcome<unknown>>;
  readonly isReadOnly?: boolean;
  readonly form: (props: EditorProps<Row>) => ReactNode;
}

export function EntriesPanel<Row extends { readonly id: string; readonly version: number }>({
  nameOf,
  remove,
  isReadOnly = false,
  form,
  ...list
}: EntriesPanelProps<Row>): ReactNode {
  const { noun, place, page } = list;
  const row = page?.nodes.find(({ id }) => id === place.open);
  const isOpen = !isReadOnly && page !== undefined && (place.open === 'new' || row !== undefined);
  return (
    <EntryList
      {...list}
      newLabel={isReadOnly ? undefined : `New ${noun}`}
      actions={
        isReadOnly
          ? undefined
          : {
              title: 'Change',
              cell: (each) => (
                <button
                  type="button"
                  className="button small"
                  aria-label={`Edit ${nameOf(each)}`}
                  onClick={() => place.edit(each.id)}
                >
                  Edit
                </button>
              ),
            }
      }
      editor={
        isOpen && (
          <Editor
            key={`${place.open} ${row?.version ?? ''}`}
            title={row === undefined ? `New ${noun}` : nameOf(row)}
            noun={noun}
            row={row}
            remove={remove}
            form={form}
            onChanged={list.query.refetch}
            onOver={() => place.edit(null)}
          />
        )
      }
    />
  );
}

interface EditorPanelProps<Row> extends Pick<EntriesPanelProps<Row>, 'noun' | 'remove' | 'form'> {
  readonly title: string;
  readonly row: Row | undefined;
  readonly onChanged: () => void;
  readonly onOver: () => void;
}

function Editor<Row>({ title, noun, row, remove, form, onChanged, onOver }: EditorPanelProps<Row>): ReactNode {
  const [failure, setFailure] = useState<AuthFailure>();
  const over = (): void => {
    onChanged();
    onOver();
  };
  const takeAway = async (gone: Row): Promise<void> => {
    const outcome = await remove(gone);
    setFailure(outcome.ok ? undefined : outcome.failure);
    if (outcome.ok) over();
  };
  return (
    <Panel title={title} className="editor">
      <div className="panel-body account-form">
        {form({
          row,
          onSaved: over,
          onReload: onChanged,
          onCancel: onOver,
          children: row !== undefined && (
            <RemoveButton label="Remove" confirmLabel={`Remove ${noun}?`} onRemove={() => void takeAway(row)} />
          ),
        })}
        {failure && <ChangeFailure failure={failure} onReload={onChanged} />}
      </div>
    </Panel>
  );
}

interface SpecFormProps<Row> extends EditorProps<Row> {
  readonly noun: string;
  readonly specs: readonly FieldSpec[];
  readonly newSpecs: readonly FieldSpec[];
  readonly create: (given: Given) => Promise<AuthOutcome<unknown>>;
  readonly change: (row: Row, given: Given) => Promise<AuthOutcome<unknown>>;
}

/** The form of an entry whose fields are described one by one. */
export function SpecForm<Row>({
  noun,
  row,
  specs,
  newSpecs,
  create,
  change,
  ...editor
}: SpecFormProps<Row>): ReactNode {
  return (
    <EntryForm
      specs={row === undefined ? newSpecs : specs}
      entry={row as Entry | undefined}
      label={row === undefined ? `Make ${noun}` : 'Save'}
      save={(given) => (row === undefined ? create(given) : change(row, given))}
      {...editor}
    />
  );
}
