// One field of a form for an entry, by what it holds.
import { useId, type ReactNode } from 'react';
import { TextField } from '../login/text-field.tsx';
import { listIn, type FieldSpec } from './field-specs.ts';
import { PlacesField } from './places-field.tsx';

interface FieldProps {
  readonly spec: FieldSpec;
  readonly value: string;
  readonly problem: string | undefined;
  readonly onChange: (value: string) => void;
}

export function Field({ spec, value, problem, onChange }: FieldProps): ReactNode {
  switch (spec.kind) {
    case 'choice':
      return (
        <SelectField
          label={spec.label}
          value={value}
          choices={spec.choices ?? []}
          hint={spec.hint}
          onChange={onChange}
        />
      );
    case 'flag':
      return <FlagField spec={spec} value={value} problem={problem} onChange={onChange} />;
    case 'note':
      return <NoteField spec={spec} value={value} problem={problem} onChange={onChange} />;
    case 'places':
      return (
        <PlacesField
          label={spec.label}
          hint={spec.hint}
          places={listIn(value)}
          onChange={(places) => onChange(places.join(', '))}
        />
      );
    default:
      return (
        <TextField
          label={spec.label}
          value={value}
          hint={spec.hint}
          problem={problem}
          placeholder={spec.placeholder}
          autoComplete="off"
          inputMode={
            spec.kind === 'count'
              ? 'numeric'
              : spec.kind === 'number' || spec.kind === 'percent'
                ? 'decimal'
                : undefined
          }
          type={spec.kind === 'moment' ? 'datetime-local' : 'text'}
          aria-required={spec.isNeeded}
          onChange={onChange}
        />
      );
  }
}

interface SelectFieldProps {
  readonly label: string;
  readonly value: string;
  readonly choices: readonly { readonly value: string; readonly label: string }[];
  readonly hint?: string | undefined;
  readonly onChange: (value: string) => void;
}

export function SelectField({ label, value, choices, hint, onChange }: SelectFieldProps): ReactNode {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        className="input"
        value={value}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onChange={(event) => onChange(event.target.value)}
      >
        {!choices.some((choice) => choice.value === value) && (
          <option value={value}>{value === '' ? 'Choose' : value}</option>
        )}
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.label}
          </option>
        ))}
      </select>
      {hint !== undefined && (
        <p id={`${id}-hint`} className="field-hint">
          {hint}
        </p>
      )}
    </div>
  );
}

function FlagField({ spec, value, onChange }: FieldProps): ReactNode {
  return (
    <label className="check">
      <input
        type="checkbox"
        checked={value === 'yes'}
        onChange={(event) => onChange(event.target.checked ? 'yes' : '')}
      />
      {spec.label}
    </label>
  );
}

function NoteField({ spec, value, problem, onChange }: FieldProps): ReactNode {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{spec.label}</label>
      <textarea id={id} className="input" rows={3} value={value} onChange={(event) => onChange(event.target.value)} />
      {problem !== undefined && <p className="form-problem">{problem}</p>}
    </div>
  );
}
