// The second factor: six digits of the app, or a recovery code. With the password once more, or in a session that owes it.
import { useRef, useState, type Dispatch, type ReactNode } from 'react';
import { postAuth, type LoggedIn } from './auth-api.ts';
import type { Credentials, DoorEvent } from './door.ts';
import { EntryPanel } from './entry-panel.tsx';
import { logOut } from './log-out.ts';
import { SubmitRow } from './submit-row.tsx';
import { TextField } from './text-field.tsx';
import { useSubmit } from './use-submit.ts';

interface CodeFormProps {
  readonly credentials: Credentials | null;
  readonly send: Dispatch<DoorEvent>;
}

export function CodeForm({ credentials, send }: CodeFormProps): ReactNode {
  const [code, setCode] = useState('');
  const [isRecovery, setIsRecovery] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const typed = code.replace(/\s/g, '');
  const form = useSubmit(
    () =>
      credentials
        ? postAuth<LoggedIn>('login', { ...credentials, code: typed })
        : postAuth<LoggedIn>('second-factor', { code: typed }),
    ({ owed }) => send({ type: 'let_in', owed }),
    ({ code: failed }) => {
      if (failed === 'UNAUTHENTICATED') return send({ type: 'enrolment_over' });
      input.current?.focus();
      input.current?.select();
    },
  );
  const switchKind = (): void => {
    setIsRecovery(!isRecovery);
    setCode('');
    input.current?.focus();
  };
  return (
    <EntryPanel title="Second factor">
      <form className="entry-form" onSubmit={form.submit}>
        <TextField
          // Another kind of keyboard, and another thing for a password manager to offer.
          key={String(isRecovery)}
          label={isRecovery ? 'Recovery code' : 'Six digits of your authenticator app'}
          hint={
            isRecovery ? 'One of the ten you were shown when you set the second factor up. Each works once.' : undefined
          }
          inputMode={isRecovery ? 'text' : 'numeric'}
          autoComplete={isRecovery ? 'off' : 'one-time-code'}
          required
          autoFocus
          value={code}
          inputRef={input}
          onChange={setCode}
        />
        <SubmitRow label="Go on" sent="code" {...form}>
          <button type="button" className="button" onClick={switchKind}>
            {isRecovery ? 'Use the app instead' : 'Use a recovery code'}
          </button>
        </SubmitRow>
      </form>
      <button
        type="button"
        className="link-button"
        onClick={() => (credentials ? send({ type: 'back' }) : void logOut())}
      >
        {credentials ? 'Back to the login' : 'Log in as somebody else'}
      </button>
    </EntryPanel>
  );
}
