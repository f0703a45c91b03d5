// People: who may log in and as what; to invite, change, disable and help them.
import { useState, type FormEvent, type ReactNode } from 'react';
import { useQuery } from '../../api/use-query.ts';
import { Failure, Nothing, StaleFailure } from '../../components/messages.tsx';
import { Panel } from '../../components/panel.tsx';
import { SkeletonLines } from '../../components/skeleton.tsx';
import { Moment } from '../../components/time.tsx';
import { ChangeFailure } from '../../entry-form/entry-form.tsx';
import type { AuthFailure } from '../../login/auth-api.ts';
import { change } from '../../login/own-account.ts';
import { TextField } from '../../login/text-field.tsx';
import { grantText } from '../account/account-text.ts';
import { GrantsField, grantInputs, type TypedGrant } from './grants-field.tsx';
import { OnceShown } from './once-shown.tsx';
import { INVITE_USER, PEOPLE, type Person } from './people-documents.ts';
import { PersonPanel } from './person-panel.tsx';
import { SettingsFrame } from './settings-frame.tsx';
import { useEditing } from './use-editing.ts';
import { usePermissions } from './use-permissions.ts';

/** As a browser reaches it here, where the pool was not told its address. */
export function invitationLink({ url, path }: { readonly url: string | null; readonly path: string }): string {
  return url ?? `${location.origin}${path}`;
}

export function PeoplePage(): ReactNode {
  const { isOpen, may } = usePermissions();
  return (
    <SettingsFrame section="people">
      {isOpen === undefined ? (
        <div className="panel">
          <SkeletonLines lines={5} />
        </div>
      ) : isOpen ? (
        <OpenPool />
      ) : may('USER_EDIT') ? (
        <People />
      ) : (
        <div className="panel">
          <Nothing title="Not yours to see">
            <p>Who may edit users sees them here.</p>
          </Nothing>
        </div>
      )}
    </SettingsFrame>
  );
}

export function OpenPool(): ReactNode {
  return (
    <div className="panel">
      <Nothing title="Nobody has to log in">
        <p>
          This pool has no users: who reaches it sees and changes everything. The link it printed when it started makes
          the first user; from then on everybody needs a login, and is invited here.
        </p>
      </Nothing>
    </div>
  );
}

function People(): ReactNode {
  const query = useQuery(PEOPLE, {}, { pollMs: 30_000 });
  const { open, edit } = useEditing();
  const users = query.data?.users.nodes;
  const person = users?.find(({ id }) => id === open);
  const isOpen = open === 'new' || person !== undefined;
  return (
    <div className={isOpen ? 'entries open' : 'entries'}>
      <Panel
        title="People"
        end={
          <button type="button" className="button small" onClick={() => edit('new')}>
            Invite
          </button>
        }
      >
        {users === undefined ? (
          query.error ? (
            <Failure error={query.error} onRetry={query.refetch} />
          ) : (
            <SkeletonLines lines={5} />
          )
        ) : (
          <>
            {query.error && <StaleFailure error={query.error} onRetry={query.refetch} />}
            <div className="scroll-x" role="region" aria-label="People" tabIndex={0}>
              <table className="simple-table entry-table">
                <thead>
                  <tr>
                    <th scope="col">Who</th>
                    <th scope="col">May act as</th>
                    <th scope="col">Second factor</th>
                    <th scope="col">Standing</th>
                    <th scope="col">
                      <span className="sr-only">Change</span>
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {users.map((user) => (
                    <tr key={user.id} className={user.id === open ? 'is-open' : undefined}>
                      <th scope="row">
                        {user.name} <span className="muted">{user.email}</span>
                      </th>
                      <td>
                        {user.grants.length === 0 ? (
                          <span className="muted">nothing</span>
                        ) : (
                          user.grants.map(grantText).join('; ')
                        )}
                      </td>
                      <td>{user.hasSecondFactor ? 'on' : <span className="muted">off</span>}</td>
                      <td>
                        <Standing user={user} />
                      </td>
                      <td className="number">
                        <button
                          type="button"
                          className="button small"
                          aria-label={`Edit ${user.name}`}
                          onClick={() => edit(user.id)}
                        >
                          Edit
                        </button>
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          </>
        )}
      </Panel>
      {open === 'new' ? (
        <InvitePanel onChanged={query.refetch} onOver={() => edit(null)} />
      ) : (
        person && (
          <PersonPanel
            key={`${person.id} ${person.version}`}
            person={person}
            onChanged={query.refetch}
            onOver={() => edit(null)}
          />
        )
      )}
    </div>
  );
}

function Standing({ user }: { user: Person }): ReactNode {
  if (user.disabled) return <span className="tag bad">disabled</span>;
  if (user.invitedUntil !== null)
    return (
      <span className="tag warn">
        link waits until <Moment at={user.invitedUntil} />
      </span>
    );
  if (!user.hasPassword && user.issuer === null) return <span className="tag warn">cannot log in</span>;
  return <span className="tag good">active</span>;
}

function InvitePanel({ onChanged, onOver }: { onChanged: () => void; onOver: () => void }): ReactNode {
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const [grants, setGrants] = useState<readonly TypedGrant[]>([{ role: 'TECHNICIAN', over: '' }]);
  const [link, setLink] = useState<string>();
  const [failure, setFailure] = useState<AuthFailure>();
  const [isChecked, setIsChecked] = useState(false);
  const isPlaceless = grants.some(({ over }) => over.trim() === '');

  const invite = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setIsChecked(true);
    if (name.trim() === '' || email.trim() === '' || isPlaceless) return;
    const outcome = await change(INVITE_USER, { name: name.trim(), email: email.trim(), grants: grantInputs(grants) });
    setFailure(outcome.ok ? undefined : outcome.failure);
    if (!outcome.ok) return;
    setLink(invitationLink(outcome.body.inviteUser));
    onChanged();
  };

  const needed = (text: string): string | undefined =>
    isChecked && text.trim() === '' ? 'This is needed.' : undefined;
  return (
    <Panel title="Invite" className="editor">
      <div className="panel-body account-form">
        {link !== undefined ? (
          <OnceShown text={link} label="the link" onOver={onOver}>
            Send this link to {name}. It works once, for seven days, and is not shown again.
          </OnceShown>
        ) : (
          <form className="entry-form" noValidate onSubmit={(event) => void invite(event)}>
            <TextField label="Name" value={name} problem={needed(name)} autoComplete="off" onChange={setName} />
            <TextField
              label="E-mail address"
              type="email"
              value={email}
              problem={needed(email)}
              autoComplete="off"
              onChange={setEmail}
            />
            <GrantsField
              grants={grants}
              problem={isChecked && isPlaceless ? 'Each role needs what it is over.' : undefined}
              onChange={setGrants}
            />
            {failure && <ChangeFailure failure={failure} />}
            <div className="entry-actions">
              <button type="submit" className="button primary">
                Make the link
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
