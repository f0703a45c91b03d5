// A rule while it is edited, and what is to be sent of it. Invariant: what nobody touched is not sent, and of what is sent whole (the condition, the steps,
// the quiet hours) every part that nobody touched is as it was, so that whatever a rule holds over GraphQL is still there when it is saved. Pure.
import { draftOf, givenIn, type Draft, type FieldSpec } from '../../entry-form/field-specs.ts';
import { KIND_WORDS, SEVERITY_WORDS } from '../alerts/alert-text.ts';
import type { Rule, RuleInput } from './alerting-documents.ts';
import { conditionSpecs, RULE_KINDS, type Kind } from './rule-kinds.ts';

export type Severity = Rule['severity'];

/** A step as it is typed. */
export interface StepDraft {
  readonly after: string;
  /** Ids of channels, and of webhooks behind `webhook:`. */
  readonly told: readonly string[];
}

export type QuietDraft = NonNullable<Rule['quietHours']>;

export interface RuleDraft {
  readonly kind: Kind;
  readonly fields: Draft;
  readonly condition: Draft;
  readonly under: readonly string[];
  readonly groups: readonly string[];
  readonly steps: readonly StepDraft[];
  readonly quietHours: QuietDraft | null;
}

export type GivenRule =
  { readonly rule: RuleInput; readonly problems?: undefined } | { readonly rule?: undefined; readonly problems: Draft };

export const NAME_SPECS: readonly FieldSpec[] = [
  { name: 'name', label: 'Name', kind: 'text', isNeeded: true },
  {
    name: 'severity',
    label: 'Severity',
    kind: 'choice',
    isNeeded: true,
    choices: Object.entries(SEVERITY_WORDS).map(([value, label]) => ({ value, label })),
  },
  { name: 'enabled', label: 'Switched on', kind: 'flag', initial: 'yes' },
];

export const TIME_SPECS: readonly FieldSpec[] = [
  {
    name: 'forSeconds',
    label: 'Must have lasted, seconds',
    kind: 'count',
    isNeeded: true,
    initial: '0',
    hint: 'Before anybody is told. What is over by then is told to nobody.',
  },
  {
    name: 'clearForSeconds',
    label: 'Is over once all was well for, seconds',
    kind: 'count',
    isNeeded: true,
    initial: '120',
  },
];

const DAMPING = ['times', 'withinMinutes', 'calmMinutes'] as const;
export const DAMPING_SPECS: readonly (FieldSpec & { readonly name: (typeof DAMPING)[number] })[] = [
  {
    name: 'times',
    label: 'What comes so many times',
    kind: 'count',
    hint: 'Is told once, and is over only once it was calm for long. Left empty, as for every rule: 4 times in 60 minutes, calm for 20.',
  },
  { name: 'withinMinutes', label: 'within, minutes', kind: 'count' },
  { name: 'calmMinutes', label: 'must be calm for, minutes', kind: 'count' },
];

const SPECS = [...NAME_SPECS, ...TIME_SPECS, ...DAMPING_SPECS];
const EVERY_DAY = [0, 1, 2, 3, 4, 5, 6];
const WEBHOOK = 'webhook:';

export function newRule(kind: Kind): RuleDraft {
  const severity = RULE_KINDS[kind]?.severity ?? 'WARNING';
  return {
    kind,
    fields: { ...draftOf(SPECS, undefined), name: KIND_WORDS[kind], severity },
    condition: draftOf(conditionSpecs(kind), undefined),
    under: [],
    groups: [],
    steps: [],
    quietHours: null,
  };
}

export function ruleDraft(rule: Rule): RuleDraft {
  const { kind } = rule.looksFor;
  return {
    kind,
    fields: draftOf(SPECS, flat(rule)),
    condition: draftOf(conditionSpecs(kind), rule.looksFor),
    under: rule.under,
    groups: rule.groups,
    steps: rule.steps.map(({ afterMinutes, channels, webhooks }) => ({
      after: String(afterMinutes),
      told: [...channels, ...webhooks.map((id) => `${WEBHOOK}${id}`)],
    })),
    quietHours: rule.quietHours,
  };
}

/** With another kind: what both know stays as it is typed. */
export function withKind(draft: RuleDraft, kind: Kind): RuleDraft {
  const begun = draftOf(conditionSpecs(kind), undefined);
  const kept = Object.entries(draft.condition).filter(([name]) => name in begun);
  const isUnnamed = draft.fields['name'] === KIND_WORDS[draft.kind];
  const fields = isUnnamed ? { ...draft.fields, name: KIND_WORDS[kind] } : draft.fields;
  return { ...draft, kind, fields, condition: { ...begun, ...Object.fromEntries(kept) } };
}

export function newQuietHours(): QuietDraft {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  return { timeZone, days: EVERY_DAY, from: '22:00', to: '07:00', passes: ['CRITICAL'] };
}

/** What to send: of a rule that is there what differs, of a new one all. Or what is wrong, by field; of steps by `step 0`. */
export function givenRule(draft: RuleDraft, rule: Rule | undefined): GivenRule {
  const fields = givenIn(SPECS, draft.fields, rule && flat(rule));
  const isSameKind = rule?.looksFor.kind === draft.kind;
  const condition = givenIn(conditionSpecs(draft.kind), draft.condition, isSameKind ? rule.looksFor : undefined);
  const damping = dampingIn(draft.fields);
  const steps = stepsOf(draft);
  const areStepsTouched = rule === undefined ? draft.steps.length > 0 : !isEqual(steps, rule.steps);
  const isQuietTouched = !isEqual(draft.quietHours, rule?.quietHours ?? null);
  const problems = {
    ...fields.problems,
    ...condition.problems,
    ...damping.problems,
    ...(areStepsTouched && stepProblems(draft.steps)),
    ...(isQuietTouched && draft.quietHours !== null && quietProblems(draft.quietHours)),
  };
  if (fields.input === undefined || condition.input === undefined || Object.keys(problems).length > 0)
    return { problems };

  const plain = Object.entries(fields.input).filter(([name]) => !(DAMPING as readonly string[]).includes(name));
  const looksFor = { ...(isSameKind && rule.looksFor), ...condition.input, kind: draft.kind };
  return {
    rule: {
      ...Object.fromEntries(plain),
      ...((!isSameKind || Object.keys(condition.input).length > 0) && { looksFor: withoutNull(looksFor) }),
      ...(!isEqual(damping.input, rule?.damping ?? null) && { damping: damping.input }),
      ...(!isEqual(draft.under, rule?.under ?? []) && { under: [...draft.under] }),
      ...(!isEqual(draft.groups, rule?.groups ?? []) && { groups: [...draft.groups] }),
      ...(areStepsTouched && { steps }),
      ...(isQuietTouched && { quietHours: draft.quietHours }),
    },
  };
}

function flat({ damping, ...rule }: Rule): Readonly<Record<string, unknown>> {
  return { ...rule, ...damping };
}

/** Null when it has none. */
function dampingIn(fields: Draft): { readonly input: Rule['damping']; readonly problems?: Draft } {
  const missing = DAMPING.filter((name) => (fields[name] ?? '').trim() === '');
  if (missing.length === DAMPING.length) return { input: null };
  const problems = Object.fromEntries(missing.map((name) => [name, 'All three are needed, or none.']));
  const [times, withinMinutes, calmMinutes] = DAMPING.map((name) => Number(fields[name])) as [number, number, number];
  return { input: { times, withinMinutes, calmMinutes }, problems };
}

function stepsOf({ steps }: RuleDraft): NonNullable<RuleInput['steps']> {
  return steps.map(({ after, told }) => ({
    afterMinutes: Number(after),
    channels: told.filter((id) => !id.startsWith(WEBHOOK)),
    webhooks: told.filter((id) => id.startsWith(WEBHOOK)).map((id) => id.slice(WEBHOOK.length)),
  }));
}

function stepProblems(steps: readonly StepDraft[]): Draft {
  return Object.fromEntries(
    steps.flatMap(({ after, told }, i) => {
      const problem = !/^\d{1,5}$/.test(after.trim())
        ? 'Minutes as a whole number, such as 15.'
        : Number(after) < Number(steps[i - 1]?.after ?? 0)
          ? 'Not before the step above.'
          : told.length === 0
            ? 'Choose whom to tell, or take the step away.'
            : undefined;
      return problem === undefined ? [] : [[`step ${i}`, problem]];
    }),
  );
}

function quietProblems({ from, to, days }: QuietDraft): Draft {
  const isTime = (text: string): boolean => /^([01]\d|2[0-3]):[0-5]\d$/.test(text);
  return {
    ...(!isTime(from) && { from: 'A time of day, such as 22:00.' }),
    ...(!isTime(to) && { to: 'A time of day, such as 07:00.' }),
    ...(days.length === 0 && { days: 'At least one day.' }),
  };
}

function withoutNull<Entry extends object>(entry: Entry): Entry {
  return Object.fromEntries(
    Object.entries(entry).filter(([, value]) => value !== null && value !== undefined),
  ) as Entry;
}

/** Of what GraphQL gave and what is made of it here, whose fields stand in one order. */
function isEqual(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
