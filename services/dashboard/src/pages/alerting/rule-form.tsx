// The form of a rule: first what it looks for, then what that kind has, what it is about, whom it tells when, and when it is quiet.
import { useState, type FormEvent, type ReactNode } from 'react';
import { useQuery } from '../../api/use-query.ts';
import { FormEnd, Fields, useSaving } from '../../entry-form/entry-form.tsx';
import { SelectField } from '../../entry-form/fields.tsx';
import { PlacesField } from '../../entry-form/places-field.tsx';
import { change } from '../../login/own-account.ts';
import { KIND_WORDS } from '../alerts/alert-text.ts';
import type { EditorProps } from '../settings/entries-panel.tsx';
import { CHANGE_RULE, CREATE_RULE, TARGETS, type Rule } from './alerting-documents.ts';
import { QuietField } from './quiet-field.tsx';
import {
  DAMPING_SPECS,
  givenRule,
  NAME_SPECS,
  newRule,
  ruleDraft,
  TIME_SPECS,
  withKind,
  type RuleDraft,
} from './rule-draft.ts';
import { conditionSpecs, OFFERED_KINDS, RULE_KINDS, type Kind } from './rule-kinds.ts';
import { StepsField, targetChoices } from './steps-field.tsx';
import { TenantField, type TenantChoosing } from './tenant-choice.tsx';

interface RuleFormProps extends EditorProps<Rule> {
  readonly tenants: TenantChoosing;
}

export function RuleForm({ row: rule, tenants, ...form }: RuleFormProps): ReactNode {
  const [draft, setDraft] = useState<RuleDraft | undefined>(() => rule && ruleDraft(rule));
  if (draft === undefined) return <KindList onChoose={(kind) => setDraft(newRule(kind))} onCancel={form.onCancel} />;
  return <RuleFields rule={rule} draft={draft} onChange={setDraft} tenants={tenants} {...form} />;
}

function KindList({ onChoose, onCancel }: { onChoose: (kind: Kind) => void; onCancel: () => void }): ReactNode {
  return (
    <>
      <p className="field-hint">What shall it look for?</p>
      <ul className="kind-list">
        {OFFERED_KINDS.map((kind) => (
          <li key={kind}>
            <button type="button" onClick={() => onChoose(kind)}>
              <strong>{KIND_WORDS[kind]}</strong>
              <span className="muted">{RULE_KINDS[kind]?.says}</span>
            </button>
          </li>
        ))}
      </ul>
      <div className="entry-actions">
        <button type="button" className="button" onClick={onCancel}>
          Cancel
        </button>
      </div>
    </>
  );
}

interface RuleFieldsProps extends Omit<EditorProps<Rule>, 'row'> {
  readonly rule: Rule | undefined;
  readonly draft: RuleDraft;
  readonly onChange: (draft: RuleDraft) => void;
  readonly tenants: TenantChoosing;
}

function RuleFields({ rule, draft, onChange, tenants, ...form }: RuleFieldsProps): ReactNode {
  const kind = RULE_KINDS[draft.kind];
  const [given, setTenant] = useState<string>();
  const tenant = rule?.tenant ?? (kind?.isOfPool ? '*' : (given ?? tenants.tenant));
  const [problems, setProblems] = useState<Readonly<Record<string, string>>>({});
  const saving = useSaving(form.onSaved);
  const { data } = useQuery(TARGETS, { tenant });

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const { rule: input, problems: wrong } = givenRule(draft, rule);
    setProblems(wrong ?? {});
    if (input === undefined) return;
    if (rule === undefined) return void saving.send(() => change(CREATE_RULE, { tenant, rule: input }));
    if (Object.keys(input).length === 0) return form.onSaved();
    const { id, version } = rule;
    void saving.send(() => change(CHANGE_RULE, { id, version, rule: input }));
  };
  const setField = (name: string, value: string): void =>
    onChange({ ...draft, fields: { ...draft.fields, [name]: value } });
  const kinds = OFFERED_KINDS.includes(draft.kind) ? OFFERED_KINDS : [draft.kind, ...OFFERED_KINDS];

  return (
    <form className="entry-form" noValidate onSubmit={submit}>
      <SelectField
        label="Looks for"
        value={draft.kind}
        choices={kinds.map((value) => ({ value, label: KIND_WORDS[value] }))}
        hint={kind && `${kind.says} ${kind.promise}`}
        onChange={(value) => onChange(withKind(draft, value as Kind))}
      />
      <Fields
        specs={conditionSpecs(draft.kind)}
        draft={draft.condition}
        problems={problems}
        onChange={(name, value) => onChange({ ...draft, condition: { ...draft.condition, [name]: value } })}
      />
      <Fields specs={NAME_SPECS} draft={draft.fields} problems={problems} onChange={setField} />
      {rule === undefined && !kind?.isOfPool && (
        <TenantField choice={tenants} value={tenant} onChange={(value) => setTenant(value)} />
      )}
      {!kind?.isOfPool && (
        <PlacesField
          label="Only"
          hint={
            draft.under.length + draft.groups.length === 0
              ? tenant === '*'
                ? 'Nothing chosen: everybody’s machines.'
                : `Nothing chosen: all machines of ${tenant}.`
              : 'These, and all that lies below them.'
          }
          tenant={tenant === '*' ? undefined : tenant}
          places={draft.under}
          onChange={(under) => onChange({ ...draft, under })}
          groups={
            tenant === '*' ? undefined : { ids: draft.groups, onChange: (groups) => onChange({ ...draft, groups }) }
          }
        />
      )}
      <StepsField
        steps={draft.steps}
        targets={targetChoices(data)}
        problems={problems}
        onChange={(steps) => onChange({ ...draft, steps })}
      />
      <QuietField
        quietHours={draft.quietHours}
        problems={problems}
        onChange={(quietHours) => onChange({ ...draft, quietHours })}
      />
      <details className="more-fields" open={DAMPING_SPECS.some(({ name }) => problems[name] !== undefined)}>
        <summary>When it begins and ends</summary>
        <div className="entry-form">
          <Fields
            specs={[...TIME_SPECS, ...DAMPING_SPECS]}
            draft={draft.fields}
            problems={problems}
            onChange={setField}
          />
        </div>
      </details>
      <FormEnd label={rule === undefined ? 'Make rule' : 'Save'} saving={saving} {...form} />
    </form>
  );
}
