// A form for an entry of the configuration: makes a new one, or changes one that is there. Where somebody else was quicker, it says so and offers
// theirs, since only who looks at both can say which is right.
import { useState, type FormEvent, type ReactNode } from 'react';
import type { AuthFailure, AuthOutcome } from '../login/auth-api.ts';
import { Field } from './fields.tsx';
import { askedSpecs, draftOf, givenIn, type Draft, type Entry, type FieldSpec } from './field-specs.ts';

/** What every form of an entry has besides its fields. */
export interface FormProps {
  readonly onSaved: () => void;
  readonly onReload?: (() => void) | undefined;
  readonly onCancel?: (() => void) | undefined;
  readonly children?: ReactNode;
}

export interface Saving {
  readonly isBusy: boolean;
  readonly failure: AuthFailure | undefined;
  /** Sends once at a time. */
  readonly send: (save: () => Promise<AuthOutcome<unknown>>) => Promise<void>;
}

export function useSaving(onSaved: () => void): Saving {
  const [failure, setFailure] = useState<AuthFailure>();
  const [isBusy, setIsBusy] = useState(false);
  const send: Saving['send'] = async (save) => {
    if (isBusy) return;
    setIsBusy(true);
    const outcome = await save();
    setIsBusy(false);
    setFailure(outcome.ok ? undefined : outcome.failure);
    if (outcome.ok) onSaved();
  };
  return { isBusy, failure, send };
}

interface EntryFormProps extends FormProps {
  readonly specs: readonly FieldSpec[];
  /** Undefined for a new one. */
  readonly entry?: Entry | undefined;
  readonly label: string;
  readonly save: (input: Readonly<Record<string, unknown>>) => Promise<AuthOutcome<unknown>>;
}

export function EntryForm({ specs, entry, label, save, ...form }: EntryFormProps): ReactNode {
  const [draft, setDraft] = useState<Draft>(() => draftOf(specs, entry));
  const [problems, setProblems] = useState<Draft>({});
  const saving = useSaving(form.onSaved);
  const asked = askedSpecs(specs, draft, entry);

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const given = givenIn(asked, draft, entry);
    setProblems(given.problems ?? {});
    const { input } = given;
    if (input === undefined) return;
    if (entry !== undefined && Object.keys(input).length === 0) return form.onSaved();
    void saving.send(() => save(input));
  };

  return (
    <form className="entry-form" noValidate onSubmit={submit}>
      <Fields
        specs={asked}
        draft={draft}
        problems={problems}
        onChange={(name, value) => setDraft({ ...draft, [name]: value })}
      />
      <FormEnd label={label} saving={saving} {...form} />
    </form>
  );
}

interface FieldsProps {
  readonly specs: readonly FieldSpec[];
  readonly draft: Draft;
  readonly problems: Draft;
  readonly onChange: (name: string, value: string) => void;
}

export function Fields({ specs, draft, problems, onChange }: FieldsProps): ReactNode {
  return specs.map((spec) => (
    <Field
      key={spec.name}
      spec={spec}
      value={draft[spec.name] ?? ''}
      problem={problems[spec.name]}
      onChange={(value) => onChange(spec.name, value)}
    />
  ));
}

/** What went wrong, and the ways out of a form. */
export function FormEnd({
  label,
  saving: { isBusy, failure },
  onReload,
  onCancel,
  children,
}: Omit<FormProps, 'onSaved'> & { readonly label: string; readonly saving: Saving }): ReactNode {
  return (
    <>
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
    </>
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
