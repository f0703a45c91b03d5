// E-mail address and password, or the provider where there is one.
import { useRef, useState, type Dispatch, type ReactNode } from 'react';
import { postAuth, type LoggedIn } from './auth-api.ts';
import type { DoorEvent, LoginNotice } from './door.ts';
import { EntryPanel } from './entry-panel.tsx';
import { SubmitRow } from './submit-row.tsx';
import { TextField } from './text-field.tsx';
import { useSubmit } from './use-submit.ts';
import { wantedPath } from './wanted-path.ts';

const NOTICES: Record<LoginNotice, string> = {
  password_set: 'Your password is set. Log in with it, and with your second factor.',
  OIDC_REFUSED: 'The login was not taken: you have no account here that goes with it, or it took too long.',
  OIDC_UNAVAILABLE: 'The login provider cannot be reached at the moment.',
};

interface LoginFormProps {
  readonly oidc: string | null;
  readonly notice: LoginNotice | undefined;
  readonly send: Dispatch<DoorEvent>;
}

export function LoginForm({ oidc, notice, send }: LoginFormProps): ReactNode {
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const passwordInput = useRef<HTMLInputElement>(null);
  const form = useSubmit(
    () => postAuth<LoggedIn>('login', { email: email.trim(), password }),
    ({ owed }) => send({ type: 'let_in', owed }),
    ({ code }) => {
      if (code === 'SECOND_FACTOR_REQUIRED')
        return send({ type: 'code_wanted', credentials: { email: email.trim(), password } });
      passwordInput.current?.focus();
      passwordInput.current?.select();
    },
  );
  return (
    <EntryPanel title="Log in">
      {notice !== undefined && (
        <p className={`banner ${notice === 'password_set' ? 'warn' : 'bad'} entry-problem`} role="status">
          {NOTICES[notice]}
        </p>
      )}
      <form className="entry-form" onSubmit={form.submit}>
        <TextField
          label="E-mail address"
          type="email"
          autoComplete="username"
          required
          autoFocus
          value={email}
          onChange={setEmail}
        />
        <TextField
          label="Password"
          type="password"
          autoComplete="current-password"
          required
          value={password}
          inputRef={passwordInput}
          onChange={setPassword}
        />
        <SubmitRow label="Log in" sent="password" {...form} />
      </form>
      {oidc !== null && (
        <a className="button entry-provider" href="/auth/oidc" onClick={() => wantedPath.keep()}>
          Log in with {oidc}
        </a>
      )}
      <p className="field-hint">
        No account, or the password lost? Whoever runs this pool can give you a link that sets one.
      </p>
    </EntryPanel>
  );
}
