// Whom a rule tells, and whom as well when nobody has acknowledged: steps, each after some minutes, each to several channels.
import type { ResultOf } from '@assay/api-client';
import type { ReactNode } from 'react';
import type { Choice, Draft } from '../../entry-form/field-specs.ts';
import { SelectField } from '../../entry-form/fields.tsx';
import { Chip } from '../../entry-form/places-field.tsx';
import { TextField } from '../../login/text-field.tsx';
import { Link } from '../../router/link.tsx';
import type { TARGETS } from './alerting-documents.ts';
import type { StepDraft } from './rule-draft.ts';

/** As many as a rule may have. */
const MOST_STEPS = 10;

/** Channels by id, and webhooks by theirs behind `webhook:`, as steps are typed. */
export function targetChoices(data: ResultOf<typeof TARGETS> | undefined): readonly Choice[] {
  return [
    ...(data?.alertChannels.nodes ?? []).map(({ id, name }) => ({ value: id, label: name })),
    ...(data?.webhooks.nodes ?? []).map(({ id, name }) => ({ value: `webhook:${id}`, label: `${name} (webhook)` })),
  ];
}

interface StepsFieldProps {
  readonly steps: readonly StepDraft[];
  readonly targets: readonly Choice[];
  readonly problems: Draft;
  readonly onChange: (steps: readonly StepDraft[]) => void;
}

export function StepsField({ steps, targets, problems, onChange }: StepsFieldProps): ReactNode {
  const set = (at: number, step: Partial<StepDraft>): void =>
    onChange(steps.map((each, i) => (i === at ? { ...each, ...step } : each)));
  const add = (): void => {
    const after = steps.length === 0 ? '0' : String((Number(steps.at(-1)!.after) || 0) + 15);
    const told = targets[0] === undefined || steps.length > 0 ? [] : [targets[0].value];
    onChange([...steps, { after, told }]);
  };
  return (
    <fieldset className="choices">
      <legend>Whom it tells</legend>
      {steps.length === 0 && <p className="field-hint">Nobody: it is on record, and seen here.</p>}
      {steps.map((step, i) => (
        <Step
          key={i}
          at={i}
          step={step}
          targets={targets}
          problem={problems[`step ${i}`]}
          onChange={(changed) => set(i, changed)}
          onRemove={() => onChange(steps.filter((_each, at) => at !== i))}
        />
      ))}
      {targets.length === 0 && (
        <p className="field-hint">
          There is nobody to tell yet: <Link to="/settings/channels">make a channel</Link>.
        </p>
      )}
      {steps.length < MOST_STEPS && (
        <button type="button" className="button small" onClick={add}>
          {steps.length === 0 ? 'Tell somebody' : 'Add a step'}
        </button>
      )}
    </fieldset>
  );
}

interface StepProps {
  readonly at: number;
  readonly step: StepDraft;
  readonly targets: readonly Choice[];
  readonly problem: string | undefined;
  readonly onChange: (step: Partial<StepDraft>) => void;
  readonly onRemove: () => void;
}

function Step({ at, step: { after, told }, targets, problem, onChange, onRemove }: StepProps): ReactNode {
  const nameOf = (id: string): string => targets.find(({ value }) => value === id)?.label ?? id;
  const left = targets.filter(({ value }) => !told.includes(value));
  return (
    <div className="grant" role="group" aria-label={`Step ${at + 1}`}>
      <TextField
        label={at === 0 ? 'After, minutes' : 'When nobody has acknowledged after, minutes'}
        value={after}
        inputMode="numeric"
        autoComplete="off"
        maxLength={5}
        onChange={(value) => onChange({ after: value })}
      />
      {told.length > 0 && (
        <ul className="chips">
          {told.map((id, i) => (
            <Chip
              key={`${id} ${i}`}
              name={nameOf(id)}
              onRemove={() => onChange({ told: told.filter((_each, place) => place !== i) })}
            >
              {nameOf(id)}
            </Chip>
          ))}
        </ul>
      )}
      {left.length > 0 && (
        <SelectField
          label={told.length === 0 ? 'Tell' : 'Tell as well'}
          value=""
          choices={left}
          onChange={(id) => onChange({ told: [...told, id] })}
        />
      )}
      {problem !== undefined && <p className="form-problem">{problem}</p>}
      <button type="button" className="button small" aria-label={`Take away step ${at + 1}`} onClick={onRemove}>
        Take away
      </button>
    </div>
  );
}
