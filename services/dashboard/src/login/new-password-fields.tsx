// The two fields of a new password, with the rules said beforehand.
import { useState, type ReactNode } from 'react';
import { PASSWORD_RULES, type PairProblems } from './password-pair.ts';
import { TextField } from './text-field.tsx';

interface NewPasswordFieldsProps {
  readonly password: string;
  readonly again: string;
  /** Shown once it was tried to send them. */
  readonly problems: PairProblems;
  readonly onPassword: (value: string) => void;
  readonly onAgain: (value: string) => void;
}

export function NewPasswordFields(props: NewPasswordFieldsProps): ReactNode {
  const [isShown, setIsShown] = useState(false);
  const type = isShown ? 'text' : 'password';
  return (
    <>
      <TextField
        label="New password"
        type={type}
        autoComplete="new-password"
        required
        hint={PASSWORD_RULES}
        problem={props.problems.password}
        value={props.password}
        onChange={props.onPassword}
      />
      <TextField
        label="New password again"
        type={type}
        autoComplete="new-password"
        required
        problem={props.problems.again}
        value={props.again}
        onChange={props.onAgain}
      />
      <label className="check">
        <input type="checkbox" checked={isShown} onChange={(event) => setIsShown(event.target.checked)} />
        Show the password
      </label>
    </>
  );
}
