// A list of keys, each of which can be revoked, and beside it the form of a new one, whose token is shown once.
import { useState, type FormEvent, type ReactNode } from 'react';
import type { QueryState } from '../../api/use-query.ts';
import type { ExportedTable } from '../../components/export-link.tsx';
import { Panel } from '../../components/panel.tsx';
import type { Column } from '../../components/table.tsx';
import { Moment } from '../../components/time.tsx';
import { FormEnd, useSaving } from '../../entry-form/entry-form.tsx';
import { RemoveButton } from '../../entry-form/remove-button.tsx';
import type { AuthFailure, AuthOutcome } from '../../login/auth-api.ts';
import { FailureBanner } from '../../login/failure-banner.tsx';
import { change } from '../../login/own-account.ts';
import { TextField } from '../../login/text-field.tsx';
import { serverNowMs } from '../../api/server-clock.ts';
import { EntryList, type EntryPage } from '../settings/entry-list.tsx';
import type { ListPlace } from '../settings/list-place.ts';
import { OnceShown } from '../settings/once-shown.tsx';
import { REVOKE_KEY, type Key } from './key-documents.ts';

interface KeyListProps {
  readonly title: string;
  readonly place: ListPlace;
  readonly query: Pick<QueryState<unknown>, 'error' | 'refetch'>;
  readonly page: EntryPage<Key> | undefined;
  readonly file?: ExportedTable;
  /** What a key may do. */
  readonly may: (key: Key) => ReactNode;
  readonly nothing: ReactNode;
  /** The form of a new one. */
  readonly newKey: (props: NewKeyProps) => ReactNode;
}

export interface NewKeyProps {
  readonly onMade: () => void;
  readonly onOver: () => void;
}

export function KeyList({ place, query, page, file, may, newKey, ...list }: KeyListProps): ReactNode {
  const [failure, setFailure] = useState<AuthFailure>();
  const revoke = async (id: string): Promise<void> => {
    const outcome = await change(REVOKE_KEY, { id });
    setFailure(outcome.ok ? undefined : outcome.failure);
    query.refetch();
  };
  const columns: readonly Column<Key>[] = [
    {
      title: 'Key',
      cell: ({ name, shown }) => (
        <>
          {name} <span className="muted mono">{shown}…</span>
        </>
      ),
    },
    { title: 'May', cell: may },
    { title: 'Made', cell: ({ createdAt }) => <Moment at={createdAt} /> },
    { title: 'Until', cell: ({ expiresAt }) => <Until at={expiresAt} /> },
  ];
  return (
    <EntryList
      {...list}
      noun="key"
      place={place}
      query={query}
      page={page}
      file={file}
      columns={columns}
      newLabel="New key"
      notice={
        failure && (
          <div className="panel-body">
            <FailureBanner failure={failure} sent="account" />
          </div>
        )
      }
      actions={{
        title: 'Revoke',
        cell: ({ id, name }) => (
          <RemoveButton isSmall label="Revoke" confirmLabel={`Revoke ${name}?`} onRemove={() => void revoke(id)} />
        ),
      }}
      editor={place.open === 'new' && newKey({ onMade: query.refetch, onOver: () => place.edit(null) })}
    />
  );
}

function Until({ at }: { at: string | null }): ReactNode {
  if (at === null) return <span className="muted">open</span>;
  return Date.parse(at) < serverNowMs() ? <span className="tag">over</span> : <Moment at={at} />;
}

interface NewKeyPanelProps extends NewKeyProps {
  /** How the key is asked for, by its name and end, to be answered with its token. Undefined where something else is still missing. */
  readonly make: (name: string, expiresAt: string | null) => (() => Promise<AuthOutcome<string>>) | undefined;
  /** What it may do. */
  readonly children: ReactNode;
}

export function NewKeyPanel({ make, onMade, onOver, children }: NewKeyPanelProps): ReactNode {
  const [name, setName] = useState('');
  const [until, setUntil] = useState('');
  const [token, setToken] = useState<string>();
  const [isChecked, setIsChecked] = useState(false);
  const saving = useSaving(onMade);

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setIsChecked(true);
    const ask = name.trim() === '' ? undefined : make(name.trim(), until === '' ? null : new Date(until).toISOString());
    if (ask === undefined) return;
    void saving.send(async () => {
      const outcome = await ask();
      if (outcome.ok) setToken(outcome.body);
      return outcome;
    });
  };

  return (
    <Panel title="New key" className="editor">
      <div className="panel-body account-form">
        {token !== undefined ? (
          <OnceShown text={token} label="the key" onOver={onOver}>
            Give this to the program: it sends it as <code>Authorization: Bearer …</code>. It is not shown again.
          </OnceShown>
        ) : (
          <form className="entry-form" noValidate onSubmit={submit}>
            <TextField
              label="Name"
              value={name}
              hint="Of the program, or of what it is for."
              problem={isChecked && name.trim() === '' ? 'This is needed.' : undefined}
              autoComplete="off"
              maxLength={100}
              onChange={setName}
            />
            {children}
            <TextField
              label="Until"
              type="datetime-local"
              value={until}
              hint="Left empty, until it is revoked."
              onChange={setUntil}
            />
            <FormEnd label="Make key" saving={saving} onCancel={onOver} />
          </form>
        )}
      </div>
    </Panel>
  );
}
