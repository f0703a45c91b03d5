// A rule as a flat form, and back: what is nested in the API stands here as one field each, and is sent whole as soon as one of its fields was
// changed. Presets are the rules most pools want. Pure.
import type { FieldSpec } from '../../entry-form/field-specs.ts';
import { KIND_WORDS, SEVERITY_WORDS } from '../alerts/alert-text.ts';
import type { Rule, RuleInput } from './alerting-documents.ts';

type Kind = Rule['looksFor']['kind'];
type Condition = NonNullable<RuleInput['looksFor']>;
type Flat = Readonly<Record<string, unknown>>;

/** What the alerter looks for; nothing feeds the others. */
const KINDS = [
  'OFFLINE',
  'NO_SHARES',
  'RATE_BELOW_EXPECTED',
  'RATE_THRESHOLD',
  'INVALID_UP',
  'STALE_UP',
  'FLAPPING',
  'PLACE_DOWN',
  'GATEWAYS_SILENT',
  'UPSTREAM_DOWN',
] as const satisfies readonly Kind[];

const CONDITION = [
  'falseAlarmsPerWorkerYear',
  'disconnectedMinutes',
  'tolerance',
  'windowMinutes',
  'belowFraction',
  'clearFraction',
  'baselineFraction',
  'connects',
  'minutes',
] as const;
/** Of the condition, what each kind knows. */
const KNOWN: Record<(typeof KINDS)[number], readonly (typeof CONDITION)[number][]> = {
  OFFLINE: ['falseAlarmsPerWorkerYear', 'disconnectedMinutes'],
  NO_SHARES: ['falseAlarmsPerWorkerYear', 'disconnectedMinutes'],
  RATE_BELOW_EXPECTED: ['falseAlarmsPerWorkerYear', 'tolerance'],
  RATE_THRESHOLD: ['windowMinutes', 'belowFraction', 'clearFraction'],
  INVALID_UP: ['falseAlarmsPerWorkerYear', 'baselineFraction'],
  STALE_UP: ['falseAlarmsPerWorkerYear', 'baselineFraction'],
  FLAPPING: ['windowMinutes', 'connects'],
  PLACE_DOWN: ['falseAlarmsPerWorkerYear'],
  GATEWAYS_SILENT: ['falseAlarmsPerWorkerYear'],
  UPSTREAM_DOWN: ['minutes'],
};
const STEPS = ['tellFirst', 'thenAfter', 'tellThen'] as const;
const QUIET = ['quietFrom', 'quietTo', 'timeZone', 'criticalPasses'] as const;
const EVERY_DAY = [0, 1, 2, 3, 4, 5, 6];

export interface Preset {
  readonly name: string;
  readonly says: string;
  readonly rule: RuleInput;
}

export const PRESETS: readonly Preset[] = [
  {
    name: 'A machine is offline',
    says: 'No connection for three minutes, or no share for longer than chance allows. About one false alarm per machine and year.',
    rule: { looksFor: { kind: 'OFFLINE' }, severity: 'WARNING', forSeconds: 0, clearForSeconds: 120 },
  },
  {
    name: 'Rate below expectation',
    says: 'A machine that lastingly earns less than 97 % of what is expected. Slow losses take hours to be told from luck; about one false alarm per machine and year.',
    rule: {
      looksFor: { kind: 'RATE_BELOW_EXPECTED', falseAlarmsPerWorkerYear: 1, tolerance: 0.03 },
      severity: 'WARNING',
      forSeconds: 0,
      clearForSeconds: 600,
    },
  },
  {
    name: 'Whole site or rack down',
    says: 'All machines of a rack or a site silent at once: known within a minute or two, and told as one. It costs no false alarms of single machines, since all must be silent together.',
    rule: { looksFor: { kind: 'PLACE_DOWN' }, severity: 'CRITICAL', forSeconds: 0, clearForSeconds: 120 },
  },
  {
    name: 'Nothing arrives any more',
    says: 'No share of any machine of the tenant: gateways or the network are down.',
    rule: { looksFor: { kind: 'GATEWAYS_SILENT' }, severity: 'CRITICAL', forSeconds: 0, clearForSeconds: 120 },
  },
  {
    name: 'More stale shares',
    says: 'More shares come too late than usual: slow network or firmware. About one false alarm per machine and year.',
    rule: { looksFor: { kind: 'STALE_UP' }, severity: 'INFO', forSeconds: 300, clearForSeconds: 600 },
  },
];

export function ruleSpecs(
  channels: readonly { readonly value: string; readonly label: string }[],
): readonly FieldSpec[] {
  const told = [{ value: '', label: 'Nobody' }, ...channels];
  return [
    { name: 'name', label: 'Name', kind: 'text', isNeeded: true },
    { name: 'enabled', label: 'Switched on', kind: 'flag', initial: 'yes' },
    {
      name: 'kind',
      label: 'Looks for',
      kind: 'choice',
      isNeeded: true,
      choices: KINDS.map((value) => ({ value, label: KIND_WORDS[value] })),
      initial: 'OFFLINE',
    },
    {
      name: 'severity',
      label: 'Severity',
      kind: 'choice',
      isNeeded: true,
      choices: Object.entries(SEVERITY_WORDS).map(([value, label]) => ({ value, label })),
      initial: 'WARNING',
    },
    {
      name: 'under',
      label: 'Only below',
      kind: 'list',
      placeholder: 'such as acme.north, acme.south.r1',
      hint: 'Sites, racks or machines by name. Empty: all of the tenant.',
    },
    {
      name: 'falseAlarmsPerWorkerYear',
      label: 'False alarms per machine and year',
      kind: 'number',
      hint: 'Empty is 1. With 0.1 you are disturbed ten times less, and told later: the test waits until chance is a worse explanation.',
    },
    {
      name: 'disconnectedMinutes',
      label: 'Minutes without a connection',
      kind: 'count',
      hint: 'Offline and no shares. Empty is 3. Fewer find short reboots as well.',
    },
    {
      name: 'tolerance',
      label: 'A loss up to, per cent, is none',
      kind: 'percent',
      hint: 'Rate below expectation. Empty is 3. Smaller finds smaller losses, and takes much longer for it.',
    },
    {
      name: 'belowFraction',
      label: 'Below, per cent of what is expected',
      kind: 'percent',
      hint: 'Rate below threshold, which needs it. It promises nothing about chance: with few shares in the window it cries wolf.',
    },
    {
      name: 'windowMinutes',
      label: 'Over so many minutes',
      kind: 'count',
      hint: 'Rate below threshold, which needs it, and reconnecting. Longer is calmer and later.',
    },
    { name: 'connects', label: 'Connections in that time', kind: 'count', hint: 'Reconnecting. Empty is 5.' },
    { name: 'minutes', label: 'Minutes without a job', kind: 'count', hint: 'Upstream down. Empty is 5.' },
    {
      name: 'forSeconds',
      label: 'Must have lasted, seconds',
      kind: 'count',
      initial: '0',
      hint: 'Before anybody is told. What is over by then is told to nobody.',
    },
    { name: 'tellFirst', label: 'Tell', kind: 'choice', choices: told },
    {
      name: 'thenAfter',
      label: 'If nobody acknowledges within, minutes',
      kind: 'count',
      hint: 'Empty: nobody else is told.',
    },
    { name: 'tellThen', label: 'tell as well', kind: 'choice', choices: told },
    {
      name: 'quietFrom',
      label: 'Quiet from',
      kind: 'text',
      placeholder: '22:00',
      hint: 'Quiet hours, every day. What still fires at their end is told then.',
    },
    { name: 'quietTo', label: 'Quiet until', kind: 'text', placeholder: '07:00' },
    { name: 'timeZone', label: 'In the time zone', kind: 'text', placeholder: 'Europe/Oslo' },
    { name: 'criticalPasses', label: 'Critical is told all the same', kind: 'flag', initial: 'yes' },
  ];
}

/** The fields of the form, of a rule that is there. Of steps with several channels the first is shown. */
export function flatRule(rule: Rule): Flat & Pick<Rule, 'id' | 'version' | 'tenant' | 'name'> {
  const [first, second] = rule.steps;
  const target = (step: Rule['steps'][number] | undefined): string | null =>
    step?.channels[0] ?? (step?.webhooks[0] === undefined ? null : `webhook:${step.webhooks[0]}`);
  const { quietHours } = rule;
  return {
    ...rule,
    ...rule.looksFor,
    tellFirst: target(first),
    thenAfter: second?.afterMinutes,
    tellThen: target(second),
    quietFrom: quietHours?.from,
    quietTo: quietHours?.to,
    timeZone: quietHours?.timeZone,
    criticalPasses: quietHours?.passes.includes('CRITICAL') ?? true,
  };
}

/** What to send: what was given, over what the rule is. */
export function ruleInput(given: Flat, rule: Rule | undefined): RuleInput {
  const now: Flat = { ...(rule && flatRule(rule)), ...given };
  const touched = (names: readonly string[]): boolean => names.some((name) => name in given);
  const plain = ['name', 'enabled', 'severity', 'under', 'forSeconds'].filter((name) => name in given);
  return {
    ...Object.fromEntries(plain.map((name) => [name, given[name] ?? (name === 'forSeconds' ? 0 : given[name])])),
    ...(touched(['kind', ...CONDITION]) && { looksFor: conditionOf(now) }),
    ...(touched(STEPS) && { steps: stepsOf(now) }),
    ...(touched(QUIET) && { quietHours: quietOf(now, rule) }),
  };
}

function conditionOf(now: Flat): Condition {
  const kind = now['kind'] as (typeof KINDS)[number];
  const known = KNOWN[kind].filter((name) => now[name] !== undefined && now[name] !== null);
  return { kind, ...Object.fromEntries(known.map((name) => [name, now[name]])) };
}

function stepsOf({ tellFirst, thenAfter, tellThen }: Flat): NonNullable<RuleInput['steps']> {
  const step = (afterMinutes: number, to: unknown) =>
    typeof to !== 'string' || to === ''
      ? []
      : [
          to.startsWith('webhook:')
            ? { afterMinutes, channels: [], webhooks: [to.slice('webhook:'.length)] }
            : { afterMinutes, channels: [to], webhooks: [] },
        ];
  return [...step(0, tellFirst), ...(typeof thenAfter === 'number' ? step(thenAfter, tellThen) : [])];
}

/** Null when it has none: with neither a beginning nor an end. */
function quietOf(
  { quietFrom, quietTo, timeZone, criticalPasses }: Flat,
  rule: Rule | undefined,
): NonNullable<RuleInput['quietHours']> | null {
  if (typeof quietFrom !== 'string' || typeof quietTo !== 'string') return null;
  const others = rule?.quietHours?.passes.filter((severity) => severity !== 'CRITICAL') ?? [];
  return {
    from: quietFrom,
    to: quietTo,
    timeZone: typeof timeZone === 'string' ? timeZone : Intl.DateTimeFormat().resolvedOptions().timeZone,
    days: [...(rule?.quietHours?.days ?? EVERY_DAY)],
    passes: criticalPasses === false ? others : [...others, 'CRITICAL'],
  };
}
