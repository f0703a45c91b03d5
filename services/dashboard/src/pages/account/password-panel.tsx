// A new password, with the one before. It ends every other session.
import { useState, type FormEvent, type ReactNode } from 'react';
import { Panel } from '../../components/panel.tsx';
import { NewPasswordFields } from '../../login/new-password-fields.tsx';
import { change } from '../../login/own-account.ts';
import { pairProblems } from '../../login/password-pair.ts';
import { SubmitRow } from '../../login/submit-row.tsx';
import { TextField } from '../../login/text-field.tsx';
import { useSubmit } from '../../login/use-submit.ts';
import { CHANGE_PASSWORD } from './account-documents.ts';

export function PasswordPanel({ email, onChanged }: { email: string; onChanged: () => void }): ReactNode {
  const [isOpen, setIsOpen] = useState(false);
  const [isChanged, setIsChanged] = useState(false);
  return (
    <Panel title="Password">
      <div className="panel-body account-form">
        {isOpen ? (
          <PasswordForm
            email={email}
            onOver={(changed) => {
              setIsOpen(false);
              setIsChanged(changed);
              if (changed) onChanged();
            }}
          />
        ) : (
          <>
            <p role="status">
              {isChanged
                ? 'The password is changed, and every other session has ended.'
                : 'A new one ends every session but this.'}
            </p>
            <div className="entry-actions">
              <button type="button" className="button" onClick={() => setIsOpen(true)}>
                Change the password
              </button>
            </div>
          </>
        )}
      </div>
    </Panel>
  );
}

function PasswordForm({ email, onOver }: { email: string; onOver: (changed: boolean) => void }): ReactNode {
  const [current, setCurrent] = useState('');
  const [password, setPassword] = useState('');
  const [again, setAgain] = useState('');
  const [isTried, setIsTried] = useState(false);
  const problems = pairProblems(password, again);
  const form = useSubmit(
    () => change(CHANGE_PASSWORD, { current, password }),
    () => onOver(true),
  );
  const submit = (event: FormEvent): void => {
    setIsTried(true);
    if (problems.password === undefined && problems.again === undefined) form.submit(event);
    else event.preventDefault();
  };
  return (
    <form className="entry-form" onSubmit={submit}>
      {/* For password managers, which must know whose password it is. */}
      <input type="email" autoComplete="username" value={email} readOnly hidden />
      <TextField
        label="Password until now"
        type="password"
        autoComplete="current-password"
        required
        autoFocus
        value={current}
        onChange={setCurrent}
      />
      <NewPasswordFields
        password={password}
        again={again}
        problems={isTried ? problems : {}}
        onPassword={setPassword}
        onAgain={setAgain}
      />
      <SubmitRow label="Change it" sent="password" {...form}>
        <button type="button" className="button" onClick={() => onOver(false)}>
          Cancel
        </button>
      </SubmitRow>
    </form>
  );
}
