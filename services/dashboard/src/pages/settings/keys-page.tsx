// Keys of services, with grants of their own: made, shown once, and revoked.
import { useState, type FormEvent, type ReactNode } from 'react';
import { useQuery } from '../../api/use-query.ts';
import { Failure, Nothing, StaleFailure } from '../../components/messages.tsx';
import { Panel } from '../../components/panel.tsx';
import { SkeletonLines } from '../../components/skeleton.tsx';
import { Moment } from '../../components/time.tsx';
import { ChangeFailure } from '../../entry-form/entry-form.tsx';
import { RemoveButton } from '../../entry-form/remove-button.tsx';
import type { AuthFailure } from '../../login/auth-api.ts';
import { change } from '../../login/own-account.ts';
import { TextField } from '../../login/text-field.tsx';
import { grantText } from '../account/account-text.ts';
import { GrantsField, grantInputs, type TypedGrant } from './grants-field.tsx';
import { OnceShown } from './once-shown.tsx';
import { CREATE_SERVICE_KEY, REVOKE_KEY, SERVICE_KEYS } from './people-documents.ts';
import { OpenPool } from './people-page.tsx';
import { SettingsFrame } from './settings-frame.tsx';
import { useEditing } from './use-editing.ts';
import { usePermissions } from './use-permissions.ts';

export function KeysPage(): ReactNode {
  const { isOpen, may } = usePermissions();
  return (
    <SettingsFrame section="keys">
      {isOpen === undefined ? (
        <div className="panel">
          <SkeletonLines lines={5} />
        </div>
      ) : isOpen ? (
        <OpenPool />
      ) : may('USER_EDIT') ? (
        <Keys />
      ) : (
        <div className="panel">
          <Nothing title="Not yours to see">
            <p>Who may edit users makes keys for services here.</p>
          </Nothing>
        </div>
      )}
    </SettingsFrame>
  );
}

function Keys(): ReactNode {
  const query = useQuery(SERVICE_KEYS, {}, { pollMs: 30_000 });
  const { open, edit } = useEditing();
  const [failure, setFailure] = useState<AuthFailure>();
  const keys = query.data?.serviceKeys.nodes;
  const revoke = async (id: string): Promise<void> => {
    const outcome = await change(REVOKE_KEY, { id });
    setFailure(outcome.ok ? undefined : outcome.failure);
    query.refetch();
  };
  return (
    <div className={open === 'new' ? 'entries open' : 'entries'}>
      <Panel
        title="Service keys"
        end={
          <button type="button" className="button small" onClick={() => edit('new')}>
            New key
          </button>
        }
      >
        {failure && (
          <div className="panel-body">
            <ChangeFailure failure={failure} />
          </div>
        )}
        {keys === undefined ? (
          query.error ? (
            <Failure error={query.error} onRetry={query.refetch} />
          ) : (
            <SkeletonLines lines={4} />
          )
        ) : (
          <>
            {query.error && <StaleFailure error={query.error} onRetry={query.refetch} />}
            {keys.length === 0 ? (
              <Nothing title="No key yet">
                <p>
                  A program that is nobody’s in particular asks with a key of its own, which may do what it is given
                  here.
                </p>
              </Nothing>
            ) : (
              <div className="scroll-x" role="region" aria-label="Service keys" tabIndex={0}>
                <table className="simple-table entry-table">
                  <thead>
                    <tr>
                      <th scope="col">Key</th>
                      <th scope="col">May act as</th>
                      <th scope="col">Made</th>
                      <th scope="col">Until</th>
                      <th scope="col">
                        <span className="sr-only">Revoke</span>
                      </th>
                    </tr>
                  </thead>
                  <tbody>
                    {keys.map((key) => (
                      <tr key={key.id}>
                        <th scope="row">
                          {key.name} <span className="muted mono">{key.shown}…</span>
                        </th>
                        <td>
                          {key.grants.map(grantText).join('; ')}
                          {key.only !== null && (
                            <span className="muted">
                              {' '}
                              no more than {key.only.map((each) => each.toLowerCase().replace('_', ' ')).join(', ')}
                            </span>
                          )}
                        </td>
                        <td>
                          <Moment at={key.createdAt} />
                        </td>
                        <td>
                          {key.expiresAt === null ? <span className="muted">open</span> : <Moment at={key.expiresAt} />}
                        </td>
                        <td className="number">
                          <RemoveButton
                            isSmall
                            label="Revoke"
                            confirmLabel={`Revoke ${key.name}?`}
                            onRemove={() => void revoke(key.id)}
                          />
                        </td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            )}
          </>
        )}
      </Panel>
      {open === 'new' && <NewKeyPanel onChanged={query.refetch} onOver={() => edit(null)} />}
    </div>
  );
}

function NewKeyPanel({ onChanged, onOver }: { onChanged: () => void; onOver: () => void }): ReactNode {
  const [name, setName] = useState('');
  const [until, setUntil] = useState('');
  const [grants, setGrants] = useState<readonly TypedGrant[]>([{ role: 'DATA_READER', over: '' }]);
  const [token, setToken] = useState<string>();
  const [failure, setFailure] = useState<AuthFailure>();
  const [isChecked, setIsChecked] = useState(false);
  const isPlaceless = grants.some(({ over }) => over.trim() === '');

  const make = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setIsChecked(true);
    if (name.trim() === '' || isPlaceless) return;
    const outcome = await change(CREATE_SERVICE_KEY, {
      name: name.trim(),
      grants: grantInputs(grants),
      expiresAt: until === '' ? null : new Date(until).toISOString(),
    });
    setFailure(outcome.ok ? undefined : outcome.failure);
    if (!outcome.ok) return;
    setToken(outcome.body.createServiceKey.token);
    onChanged();
  };

  return (
    <Panel title="New key" className="editor">
      <div className="panel-body account-form">
        {token !== undefined ? (
          <OnceShown text={token} label="the key" onOver={onOver}>
            Give this to the program: it sends it as <code>Authorization: Bearer …</code>. It is not shown again.
          </OnceShown>
        ) : (
          <form className="entry-form" noValidate onSubmit={(event) => void make(event)}>
            <TextField
              label="Name"
              value={name}
              hint="Of the program, or of what it is for."
              problem={isChecked && name.trim() === '' ? 'This is needed.' : undefined}
              autoComplete="off"
              onChange={setName}
            />
            <GrantsField
              grants={grants}
              problem={isChecked && isPlaceless ? 'Each role needs what it is over.' : undefined}
              onChange={setGrants}
            />
            <TextField
              label="Until"
              type="datetime-local"
              value={until}
              hint="Left empty, until it is revoked."
              onChange={setUntil}
            />
            {failure && <ChangeFailure failure={failure} />}
            <div className="entry-actions">
              <button type="submit" className="button primary">
                Make key
              </button>
              <button type="button" className="button" onClick={onOver}>
                Cancel
              </button>
            </div>
          </form>
        )}
      </div>
    </Panel>
  );
}
