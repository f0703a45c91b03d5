// What rules can look for, one entry a kind: what it finds, what it promises about chance, and the fields it has. A further kind is an entry here; a field
// that no kind had before stands in the query of rules (alerting-documents.ts) as well. docs/detection.md has the statistics.
import type { FieldSpec } from '../../entry-form/field-specs.ts';
import type { Rule, RuleInput } from './alerting-documents.ts';

export type Kind = Rule['looksFor']['kind'];
type ConditionField = Exclude<keyof NonNullable<RuleInput['looksFor']>, 'kind'>;

export interface RuleKind {
  readonly says: string;
  /** What it promises about false alarms. */
  readonly promise: string;
  readonly fields: readonly (FieldSpec & { readonly name: ConditionField })[];
  /** Of a new one. */
  readonly severity: Rule['severity'];
  /** About the pool's own parts, not a tenant's. */
  readonly isOfPool?: boolean;
}

const BY_CHANCE =
  'At most one false alarm per machine and year, or as many as you say below: the fewer, the later it tells.';
const TOGETHER =
  'At most one false alarm a year for each, or as many as you say below. All must be silent together, so it tells within a minute or two all the same.';

const FALSE_ALARMS = {
  name: 'falseAlarmsPerWorkerYear',
  label: 'False alarms per machine and year',
  kind: 'number',
  initial: '1',
  hint: 'With 0.1 you are disturbed ten times less, and told later: the test waits until chance is a worse explanation. A farm of 10,000 machines has 27 a day at 1.',
} as const;
const DISCONNECTED = {
  name: 'disconnectedMinutes',
  label: 'Minutes without a connection',
  kind: 'count',
  initial: '3',
  hint: 'Fewer find short reboots as well.',
} as const;
const BASELINE = {
  name: 'baselineFraction',
  label: 'Usual, per cent of all shares',
  kind: 'percent',
  hint: 'Left empty, it is learned from each machine.',
} as const;

/** In the order in which they are offered. */
export const RULE_KINDS: Partial<Record<Kind, RuleKind>> = {
  OFFLINE: {
    says: 'A machine has no connection, or has sent no share for longer than chance allows.',
    promise: BY_CHANCE,
    fields: [FALSE_ALARMS, DISCONNECTED],
    severity: 'WARNING',
  },
  NO_SHARES: {
    says: 'A machine is connected, and has had no share accepted for longer than chance allows.',
    promise: BY_CHANCE,
    fields: [FALSE_ALARMS, DISCONNECTED],
    severity: 'WARNING',
  },
  RATE_BELOW_EXPECTED: {
    says: 'A machine lastingly does less than is expected of it. A dead one is found in a minute, a lost twentieth takes hours to be told from luck.',
    promise: BY_CHANCE,
    fields: [
      FALSE_ALARMS,
      {
        name: 'tolerance',
        label: 'A loss up to, per cent, is none',
        kind: 'percent',
        initial: '3',
        hint: 'Smaller finds smaller losses, and takes much longer for it.',
      },
    ],
    severity: 'WARNING',
  },
  RATE_THRESHOLD: {
    says: 'A machine’s rate over some minutes is below a part of what is expected, whatever the reason.',
    promise: 'Promises nothing about chance: with few shares in the window it cries wolf.',
    fields: [
      {
        name: 'belowFraction',
        label: 'Below, per cent of what is expected',
        kind: 'percent',
        isNeeded: true,
        initial: '90',
      },
      {
        name: 'windowMinutes',
        label: 'Over so many minutes',
        kind: 'count',
        isNeeded: true,
        initial: '60',
        hint: 'Longer is calmer and later.',
      },
      {
        name: 'clearFraction',
        label: 'Over again above, per cent',
        kind: 'percent',
        most: 200,
        hint: 'Left empty, as soon as it is not below any more. Somewhat higher keeps it from coming and going.',
      },
    ],
    severity: 'WARNING',
  },
  INVALID_UP: {
    says: 'More of a machine’s shares than usual are malformed, duplicate, wrong or too easy: failing hardware, or a firmware that cheats.',
    promise: BY_CHANCE,
    fields: [FALSE_ALARMS, BASELINE],
    severity: 'WARNING',
  },
  STALE_UP: {
    says: 'More of a machine’s shares than usual come too late: a slow network, or firmware.',
    promise: BY_CHANCE,
    fields: [FALSE_ALARMS, BASELINE],
    severity: 'INFO',
  },
  FLAPPING: {
    says: 'A machine connects again and again.',
    promise: 'Promises nothing about chance: it counts.',
    fields: [
      { name: 'connects', label: 'Connections', kind: 'count', initial: '5' },
      { name: 'windowMinutes', label: 'Within so many minutes', kind: 'count', initial: '15' },
    ],
    severity: 'INFO',
  },
  LATENCY_UP: {
    says: 'A machine takes long to answer its gateway, on average, some minutes in a row: a slow line, or a machine that is busy with itself.',
    promise: 'Promises nothing about chance: it compares with the limit.',
    fields: [
      { name: 'limitMs', label: 'Longer than, milliseconds', kind: 'number', isNeeded: true, initial: '500' },
      { name: 'minutes', label: 'In so many minutes in a row', kind: 'count', initial: '3' },
    ],
    severity: 'INFO',
  },
  PLACE_DOWN: {
    says: 'Not one machine of a rack or a site sends anything. It is told as one.',
    promise: TOGETHER,
    fields: [FALSE_ALARMS],
    severity: 'CRITICAL',
  },
  GATEWAYS_SILENT: {
    says: 'Not one machine of the tenant sends anything: gateways or the network are down.',
    promise: TOGETHER,
    fields: [FALSE_ALARMS],
    severity: 'CRITICAL',
  },
  UPSTREAM_DOWN: {
    says: 'An upstream pool or node has given no job for some minutes. Of the pool itself: its tenant is *.',
    promise: 'Promises nothing about chance: it watches the clock.',
    fields: [{ name: 'minutes', label: 'Minutes without a job', kind: 'count', initial: '5' }],
    severity: 'CRITICAL',
    isOfPool: true,
  },
  INTEGRITY: {
    says: 'A gateway takes shares that validators refuse, or refuses what they take. Of the pool itself: its tenant is *.',
    promise: 'Promises nothing about chance: every share is judged twice, and they disagree.',
    fields: [{ name: 'minutes', label: 'Over after so many minutes without', kind: 'count', initial: '15' }],
    severity: 'CRITICAL',
    isOfPool: true,
  },
};

export const OFFERED_KINDS = Object.keys(RULE_KINDS) as Kind[];

/** What is left out of a rule is as in a new one. A kind that this page knows nothing of keeps what it has. */
export function conditionSpecs(kind: Kind): readonly FieldSpec[] {
  return (RULE_KINDS[kind]?.fields ?? []).map((field) => ({
    ...field,
    ...(field.initial !== undefined && { placeholder: field.initial }),
  }));
}
