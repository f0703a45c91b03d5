// A form for an entry of the configuration: makes a new one, or changes one that is there. Where somebody else was quicker, it says so and offers
// theirs, since only who looks at both can say which is right.
import { useState, type FormEvent, type ReactNode } from 'react';
import type { AuthFailure, AuthOutcome } from '../login/auth-api.ts';
import { Field } from './fields.tsx';
import { draftOf, givenIn, type Draft, type Entry, type FieldSpec } from './field-specs.ts';

interface EntryFormProps {
  readonly specs: readonly FieldSpec[];
  /** Undefined for a new one. */
  readonly entry?: Entry | undefined;
  readonly label: string;
  readonly save: (input: Readonly<Record<string, unknown>>) => Promise<AuthOutcome<unknown>>;
  readonly onSaved: () => void;
  readonly onReload?: () => void;
  readonly onCancel?: () => void;
  readonly children?: ReactNode;
}

export function EntryForm({
  specs,
  entry,
  label,
  save,
  onSaved,
  onReload,
  onCancel,
  children,
}: EntryFormProps): ReactNode {
  const [draft, setDraft] = useState<Draft>(() => draftOf(specs, entry));
  const [problems, setProblems] = useState<Draft>({});
  const [failure, setFailure] = useState<AuthFailure>();
  const [isBusy, setIsBusy] = useState(false);

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (isBusy) return;
    const given = givenIn(specs, draft, entry);
    setProblems(given.problems ?? {});
    if (given.input === undefined) return;
    if (entry !== undefined && Object.keys(given.input).length === 0) return onSaved();
    setIsBusy(true);
    const outcome = await save(given.input);
    setIsBusy(false);
    setFailure(outcome.ok ? undefined : outcome.failure);
    if (outcome.ok) onSaved();
  };

  return (
    <form className="entry-form" noValidate onSubmit={(event) => void submit(event)}>
      {specs.map((spec) => (
        <Field
          key={spec.name}
          spec={spec}
          value={draft[spec.name] ?? ''}
          problem={problems[spec.name]}
          onChange={(value) => setDraft({ ...draft, [spec.name]: value })}
        />
      ))}
      {failure && <ChangeFailure failure={failure} onReload={onReload} />}
      <div className="entry-actions">
        <button type="submit" className="button primary" aria-disabled={isBusy || undefined}>
          {isBusy ? 'One moment …' : label}
        </button>
        {onCancel && (
          <button type="button" className="button" onClick={onCancel}>
            Cancel
          </button>
        )}
        {children}
      </div>
    </form>
  );
}

export function ChangeFailure({
  failure,
  onReload,
}: {
  failure: AuthFailure;
  onReload?: (() => void) | undefined;
}): ReactNode {
  const isOld = failure.code === 'CONFLICT' && onReload !== undefined;
  return (
    <div className="banner bad entry-problem" role="alert">
      <span>{isOld ? 'Somebody else has changed this meanwhile.' : failure.message}</span>
      {isOld && (
        <button type="button" className="button small" onClick={onReload}>
          Show what it is now
        </button>
      )}
    </div>
  );
}
