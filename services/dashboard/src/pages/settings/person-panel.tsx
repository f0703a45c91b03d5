// One person: name, address and roles, and the ways to help them or to keep them out.
import { useState, type FormEvent, type ReactNode } from 'react';
import { useQuery } from '../../api/use-query.ts';
import { Panel } from '../../components/panel.tsx';
import { ChangeFailure } from '../../entry-form/entry-form.tsx';
import { RemoveButton } from '../../entry-form/remove-button.tsx';
import type { AuthFailure, AuthOutcome } from '../../login/auth-api.ts';
import { FailureBanner } from '../../login/failure-banner.tsx';
import { change } from '../../login/own-account.ts';
import { TextField } from '../../login/text-field.tsx';
import { SessionsPanel } from '../account/sessions-panel.tsx';
import { GrantsField, grantInputs, typedGrants } from './grants-field.tsx';
import { OnceShown } from './once-shown.tsx';
import {
  CHANGE_USER,
  REMOVE_USER,
  RENEW_INVITATION,
  RESET_SECOND_FACTOR,
  USER_SESSIONS,
  type Person,
} from './people-documents.ts';
import { invitationLink } from './people-page.tsx';

interface PersonPanelProps {
  readonly person: Person;
  readonly onChanged: () => void;
  readonly onOver: () => void;
}

export function PersonPanel({ person, onChanged, onOver }: PersonPanelProps): ReactNode {
  const { id, version } = person;
  const [name, setName] = useState(person.name);
  const [email, setEmail] = useState(person.email);
  const [grants, setGrants] = useState(() => typedGrants(person.grants));
  const [failure, setFailure] = useState<AuthFailure>();
  const [link, setLink] = useState<string>();

  const make = async <Body,>(made: Promise<AuthOutcome<Body>>, onDone: (body: Body) => void): Promise<void> => {
    const outcome = await made;
    setFailure(outcome.ok ? undefined : outcome.failure);
    if (outcome.ok) onDone(outcome.body);
  };
  const over = (): void => {
    onChanged();
    onOver();
  };
  const save = (event: FormEvent): void => {
    event.preventDefault();
    const given = {
      ...(name.trim() !== person.name && { name: name.trim() }),
      ...(email.trim() !== person.email && { email: email.trim() }),
      ...(JSON.stringify(grants) !== JSON.stringify(typedGrants(person.grants)) && { grants: grantInputs(grants) }),
    };
    if (Object.keys(given).length === 0) return onOver();
    void make(change(CHANGE_USER, { id, version, ...given }), over);
  };

  return (
    <div className="settings-column editor">
      <Panel title={person.name}>
        <div className="panel-body account-form">
          {link !== undefined && (
            <OnceShown text={link} label="the link" onOver={over}>
              Send this link to {person.name}. It sets a new password, works once, for seven days, and is not shown
              again.
            </OnceShown>
          )}
          <form className="entry-form" noValidate onSubmit={save}>
            <TextField label="Name" value={name} autoComplete="off" onChange={setName} />
            <TextField label="E-mail address" type="email" value={email} autoComplete="off" onChange={setEmail} />
            <GrantsField grants={grants} problem={undefined} onChange={(next) => setGrants([...next])} />
            {failure &&
              (failure.code === 'CONFLICT' ? (
                <ChangeFailure failure={failure} onReload={onChanged} />
              ) : (
                <FailureBanner failure={failure} sent="account" />
              ))}
            <div className="entry-actions">
              <button type="submit" className="button primary">
                Save
              </button>
              <button type="button" className="button" onClick={onOver}>
                Cancel
              </button>
            </div>
          </form>
          <h3>Help, or keep out</h3>
          <div className="entry-actions">
            <button
              type="button"
              className="button"
              onClick={() =>
                void make(change(RENEW_INVITATION, { user: id }), (body) =>
                  setLink(invitationLink(body.renewInvitation)),
                )
              }
            >
              New link
            </button>
            {person.hasSecondFactor && (
              <RemoveButton
                label="Reset second factor"
                confirmLabel="Take it away?"
                onRemove={() => void make(change(RESET_SECOND_FACTOR, { user: id }), onChanged)}
              />
            )}
            <button
              type="button"
              className="button"
              onClick={() => void make(change(CHANGE_USER, { id, version, disabled: !person.disabled }), onChanged)}
            >
              {person.disabled ? 'Enable' : 'Disable'}
            </button>
            <RemoveButton
              label="Remove"
              confirmLabel={`Remove ${person.name}?`}
              onRemove={() => void make(change(REMOVE_USER, { id }), over)}
            />
          </div>
          <p className="field-hint">
            Whoever is disabled, or whose second factor is reset, is logged out everywhere at once.
          </p>
        </div>
      </Panel>
      <PersonSessions id={id} />
    </div>
  );
}

function PersonSessions({ id }: { id: string }): ReactNode {
  const { data, refetch } = useQuery(USER_SESSIONS, { id });
  const sessions = data?.user?.sessions ?? [];
  if (sessions.length === 0) return null;
  return <SessionsPanel sessions={sessions} onChanged={refetch} isOwn={false} />;
}
