// People: who may log in and as what; to invite, change, disable and help them.
import { useState, type FormEvent, type ReactNode } from 'react';
import { useQuery } from '../../api/use-query.ts';
import { Panel } from '../../components/panel.tsx';
import { Moment } from '../../components/time.tsx';
import { FormEnd, useSaving } from '../../entry-form/entry-form.tsx';
import { change } from '../../login/own-account.ts';
import { TextField } from '../../login/text-field.tsx';
import { grantText } from '../account/account-text.ts';
import { EntryList } from './entry-list.tsx';
import { GrantsField, grantInputs, type TypedGrant } from './grants-field.tsx';
import { useListPlace } from './list-place.ts';
import { OnceShown } from './once-shown.tsx';
import { INVITE_USER, PEOPLE, type Person } from './people-documents.ts';
import { PersonPanel } from './person-panel.tsx';
import { SettingsFrame } from './settings-frame.tsx';
import { UserEditors } from './user-editors.tsx';

/** As a browser reaches it here, where the pool was not told its address. */
export function invitationLink({ url, path }: { readonly url: string | null; readonly path: string }): string {
  return url ?? `${location.origin}${path}`;
}

export function PeoplePage(): ReactNode {
  return (
    <SettingsFrame section="people">
      <UserEditors refusal="Who may edit users sees them here.">
        <People />
      </UserEditors>
    </SettingsFrame>
  );
}

function People(): ReactNode {
  const place = useListPlace();
  const query = useQuery(PEOPLE, place.variables, { pollMs: 30_000 });
  const page = query.data?.users;
  const person = page?.nodes.find(({ id }) => id === place.open);
  const over = (): void => place.edit(null);
  return (
    <EntryList
      title="People"
      noun="person"
      place={place}
      query={query}
      page={page}
      file="users"
      nothing={<p>Whoever is invited stands here.</p>}
      newLabel="Invite"
      columns={[
        {
          title: 'Who',
          cell: ({ name, email }) => (
            <>
              {name} <span className="muted">{email}</span>
            </>
          ),
        },
        {
          title: 'May act as',
          cell: ({ grants }) =>
            grants.length === 0 ? <span className="muted">nothing</span> : grants.map(grantText).join('; '),
        },
        {
          title: 'Second factor',
          cell: ({ hasSecondFactor }) => (hasSecondFactor ? 'on' : <span className="muted">off</span>),
        },
        { title: 'Standing', cell: (user) => <Standing user={user} /> },
      ]}
      actions={{
        title: 'Change',
        cell: ({ id, name }) => (
          <button type="button" className="button small" aria-label={`Edit ${name}`} onClick={() => place.edit(id)}>
            Edit
          </button>
        ),
      }}
      editor={
        place.open === 'new' ? (
          <InvitePanel onChanged={query.refetch} onOver={over} />
        ) : (
          person && (
            <PersonPanel
              key={`${person.id} ${person.version}`}
              person={person}
              onChanged={query.refetch}
              onOver={over}
            />
          )
        )
      }
    />
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
  const [isChecked, setIsChecked] = useState(false);
  const saving = useSaving(onChanged);
  const isPlaceless = grants.some(({ over }) => over.trim() === '');

  const invite = (event: FormEvent): void => {
    event.preventDefault();
    setIsChecked(true);
    if (name.trim() === '' || email.trim() === '' || isPlaceless) return;
    const given = { name: name.trim(), email: email.trim(), grants: grantInputs(grants) };
    void saving.send(async () => {
      const outcome = await change(INVITE_USER, given);
      if (outcome.ok) setLink(invitationLink(outcome.body.inviteUser));
      return outcome;
    });
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
          <form className="entry-form" noValidate onSubmit={invite}>
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
            <FormEnd label="Make the link" saving={saving} onCancel={onOver} />
          </form>
        )}
      </div>
    </Panel>
  );
}
