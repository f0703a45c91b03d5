// What a one-time link opens: the first user of a pool, or the password of somebody who was invited.
import { useEffect, useState, type Dispatch, type ReactNode } from 'react';
import { postAuth, type AuthFailure, type LoggedIn } from './auth-api.ts';
import type { DoorEvent, EntryLink } from './door.ts';
import { EntryPanel } from './entry-panel.tsx';
import { FailureBanner } from './failure-banner.tsx';
import { NewPasswordFields } from './new-password-fields.tsx';
import { pairProblems } from './password-pair.ts';
import { SubmitRow } from './submit-row.tsx';
import { TextField } from './text-field.tsx';
import { useSubmit } from './use-submit.ts';

interface LinkFormProps {
  readonly link: EntryLink;
  readonly send: Dispatch<DoorEvent>;
}

interface Invited {
  readonly email: string;
  readonly name: string;
}

export function LinkForm({ link, send }: LinkFormProps): ReactNode {
  const [invited, setInvited] = useState<Invited>();
  const [failure, setFailure] = useState<AuthFailure>();
  const [round, setRound] = useState(0);
  const isInvitation = link.kind === 'invitation';
  useEffect(() => {
    if (!isInvitation) return;
    let isCurrent = true;
    void postAuth<Invited>('invitation/look', { token: link.token }).then((outcome) => {
      if (!isCurrent) return;
      if (outcome.ok) setInvited(outcome.body);
      else setFailure(outcome.failure);
    });
    return () => {
      isCurrent = false;
    };
  }, [isInvitation, link.token, round]);

  if (failure) {
    const isOver = failure.code === 'LINK_ENDED' || failure.code === 'BAD_REQUEST';
    return isOver ? (
      <LinkEnded send={send} />
    ) : (
      <EntryPanel title="Invitation">
        <FailureBanner failure={failure} sent="account" />
        <button
          type="button"
          className="button"
          onClick={() => {
            setFailure(undefined);
            setRound(round + 1);
          }}
        >
          Try again
        </button>
      </EntryPanel>
    );
  }
  if (isInvitation && invited === undefined) return null;
  return <AccountForm link={link} invited={invited} send={send} onEnded={setFailure} />;
}

function LinkEnded({ send }: { send: Dispatch<DoorEvent> }): ReactNode {
  return (
    <EntryPanel title="This link has ended">
      <p role="alert">
        It was used already, replaced by a newer one, or is too old. Whoever gave it to you can make a new one; a pool
        without users prints one whenever it starts.
      </p>
      <div className="entry-actions">
        <button type="button" className="button primary" onClick={() => leave(send)}>
          Go to the dashboard
        </button>
      </div>
    </EntryPanel>
  );
}

/** The address must not hold the link any more: a reload would come back to it. */
function leave(send: Dispatch<DoorEvent>): void {
  history.replaceState(null, '', location.pathname + location.search);
  send({ type: 'back' });
}

interface AccountFormProps extends LinkFormProps {
  readonly invited: Invited | undefined;
  readonly onEnded: (failure: AuthFailure) => void;
}

function AccountForm({ link, invited, send, onEnded }: AccountFormProps): ReactNode {
  const [email, setEmail] = useState(invited?.email ?? '');
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [again, setAgain] = useState('');
  const [isTried, setIsTried] = useState(false);
  const problems = pairProblems(password, again);
  const isSound = problems.password === undefined && problems.again === undefined;
  const form = useSubmit(
    () =>
      invited
        ? postAuth<LoggedIn>('invitation', { token: link.token, password })
        : postAuth<LoggedIn>('setup', { token: link.token, email: email.trim(), name: name.trim(), password }),
    ({ owed, expiresAt }) => send(expiresAt === null ? { type: 'password_set' } : { type: 'account_made', owed }),
    (failed) => {
      if (failed.code === 'LINK_ENDED') onEnded(failed);
    },
  );
  return (
    <EntryPanel title={invited ? `Welcome, ${invited.name}` : 'Make the first user'}>
      <p className="entry-intro">
        {invited
          ? 'Set the password you will log in with.'
          : 'The first user may do everything. From then on nobody sees this pool without a login.'}
      </p>
      <form
        className="entry-form"
        onSubmit={(event) => {
          setIsTried(true);
          if (isSound) form.submit(event);
          else event.preventDefault();
        }}
      >
        {!invited && (
          <TextField
            label="Your name"
            autoComplete="name"
            required
            autoFocus
            maxLength={100}
            value={name}
            onChange={setName}
          />
        )}
        <TextField
          label="E-mail address"
          type="email"
          autoComplete="username"
          hint={invited ? undefined : 'What you log in with. Nothing is sent to it.'}
          required
          readOnly={invited !== undefined}
          value={email}
          onChange={setEmail}
        />
        <NewPasswordFields
          password={password}
          again={again}
          problems={isTried ? problems : {}}
          onPassword={setPassword}
          onAgain={setAgain}
        />
        <SubmitRow label={invited ? 'Set the password' : 'Make the user'} sent="account" {...form} />
      </form>
    </EntryPanel>
  );
}
