import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Rule, RuleInput } from './alerting-documents.ts';
import { givenRule, newQuietHours, newRule, ruleDraft, withKind, type RuleDraft } from './rule-draft.ts';
import { OFFERED_KINDS, RULE_KINDS } from './rule-kinds.ts';
import { PRESETS, presetsFor } from './rule-presets.ts';

const NOTHING_KNOWN = {
  falseAlarmsPerWorkerYear: null,
  disconnectedMinutes: null,
  tolerance: null,
  windowMinutes: null,
  belowFraction: null,
  clearFraction: null,
  baselineFraction: null,
  connects: null,
  limitMs: null,
  minutes: null,
};

const RULE: Rule = {
  id: 'r',
  version: 3,
  tenant: 'acme',
  name: 'Rate',
  enabled: true,
  under: [],
  groups: ['row-a'],
  severity: 'WARNING',
  forSeconds: 0,
  clearForSeconds: 600,
  damping: null,
  looksFor: { ...NOTHING_KNOWN, kind: 'RATE_BELOW_EXPECTED', falseAlarmsPerWorkerYear: 1, tolerance: 0.03 },
  steps: [
    { afterMinutes: 0, channels: ['chat', 'mail'], webhooks: ['first'] },
    { afterMinutes: 15, channels: [], webhooks: ['pager'] },
    { afterMinutes: 15, channels: ['boss'], webhooks: [] },
  ],
  quietHours: { timeZone: 'Europe/Oslo', days: [6, 0], from: '22:00', to: '07:00', passes: ['CRITICAL'] },
};

/** What GraphQL takes, in all its width (libs/tenancy, alerting.ts). */
const anyRule: fc.Arbitrary<Rule> = (() => {
  const id = fc.stringMatching(/^[a-z0-9_-]{1,20}$/);
  const minutes = fc.integer({ min: 1, max: 10_080 });
  const fraction = fc.double({ min: 1e-6, max: 0.999_999, noNaN: true });
  const severity = fc.constantFrom('INFO' as const, 'WARNING' as const, 'CRITICAL' as const);
  const time = fc
    .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
    .map((parts) => parts.map((part) => String(part).padStart(2, '0')).join(':'));
  const values: Record<keyof typeof NOTHING_KNOWN, fc.Arbitrary<number>> = {
    falseAlarmsPerWorkerYear: fc.double({ min: 1e-6, max: 365, noNaN: true }),
    disconnectedMinutes: minutes,
    tolerance: fraction,
    windowMinutes: minutes,
    belowFraction: fraction,
    clearFraction: fc.double({ min: 1e-6, max: 2, noNaN: true }),
    baselineFraction: fraction,
    limitMs: fc.double({ min: 1, max: 60_000, noNaN: true }),
    connects: fc.integer({ min: 2, max: 10_000 }),
    minutes,
  };
  const looksFor = fc.constantFrom(...OFFERED_KINDS).chain((kind) => {
    const known = RULE_KINDS[kind]!.fields.map(({ name, isNeeded }) => {
      const value = values[name as keyof typeof values];
      return [name, isNeeded ? value : fc.option(value)] as const;
    });
    return fc.record(Object.fromEntries(known)).map((condition) => ({ ...NOTHING_KNOWN, kind, ...condition }));
  });
  const step = fc.record({
    afterMinutes: fc.integer({ min: 0, max: 10_080 }),
    channels: fc.array(id, { maxLength: 20 }),
    webhooks: fc.array(id, { maxLength: 20 }),
  });
  return fc.record({
    id,
    version: fc.nat(),
    tenant: id,
    // Names are kept without blanks around them.
    name: fc.string({ minLength: 1, maxLength: 100 }).map((text) => text.trim() || 'x'),
    enabled: fc.boolean(),
    under: fc.array(fc.stringMatching(/^[a-z]{1,5}(\.[a-z0-9]{1,5}){0,3}$/), { maxLength: 30 }),
    groups: fc.array(id, { maxLength: 10 }),
    severity,
    forSeconds: fc.integer({ min: 0, max: 604_800 }),
    clearForSeconds: fc.integer({ min: 0, max: 604_800 }),
    damping: fc.option(
      fc.record({ times: fc.integer({ min: 2, max: 100 }), withinMinutes: minutes, calmMinutes: minutes }),
    ),
    looksFor,
    steps: fc.array(step, { maxLength: 10 }).map((steps) => steps.sort((a, b) => a.afterMinutes - b.afterMinutes)),
    quietHours: fc.option(
      fc.record({
        timeZone: fc.constantFrom('UTC', 'Europe/Oslo', 'America/New_York'),
        days: fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 7 }),
        from: time,
        to: time,
        passes: fc.array(severity, { maxLength: 3 }),
      }),
    ),
  });
})();

/** The rule once what is sent has been taken over, as the gateway does: left out stays, null takes away, what is nested is replaced. */
function after(rule: Rule, { looksFor, ...given }: RuleInput): Rule {
  return {
    ...rule,
    ...(given as Partial<Rule>),
    ...(looksFor && { looksFor: { ...NOTHING_KNOWN, ...looksFor } }),
  };
}

function sent(draft: RuleDraft, rule: Rule | undefined): RuleInput {
  const { rule: input, problems } = givenRule(draft, rule);
  expect(problems).toBeUndefined();
  return input!;
}

describe('a rule that is opened and saved', () => {
  it('sends nothing, whatever it holds', () => {
    fc.assert(
      fc.property(anyRule, (rule) => {
        expect(sent(ruleDraft(rule), rule)).toEqual({});
      }),
      { numRuns: 500 },
    );
  });

  it('keeps all but the one thing that was changed', () => {
    const edits: readonly ((rule: Rule, draft: RuleDraft) => readonly [RuleDraft, Rule])[] = [
      (rule, draft) => [
        { ...draft, fields: { ...draft.fields, name: 'Other' } },
        { ...rule, name: 'Other' },
      ],
      (rule, draft) => [
        { ...draft, fields: { ...draft.fields, forSeconds: '77' } },
        { ...rule, forSeconds: 77 },
      ],
      (rule, draft) => {
        const name = RULE_KINDS[rule.looksFor.kind]!.fields[0]!.name;
        const isFraction = name === 'belowFraction';
        return [
          { ...draft, condition: { ...draft.condition, [name]: '7' } },
          { ...rule, looksFor: { ...rule.looksFor, [name]: isFraction ? 0.07 : 7 } },
        ];
      },
      (rule, draft) => [
        { ...draft, under: [...draft.under, 'acme.new'] },
        { ...rule, under: [...rule.under, 'acme.new'] },
      ],
      (rule, draft) => [
        { ...draft, groups: draft.groups.slice(1) },
        { ...rule, groups: rule.groups.slice(1) },
      ],
      (rule, draft) => [
        { ...draft, quietHours: null },
        { ...rule, quietHours: null },
      ],
      (rule, draft) => {
        if (draft.quietHours === null) return [draft, rule];
        const quietHours = { ...draft.quietHours, from: '01:00' };
        return [
          { ...draft, quietHours },
          { ...rule, quietHours },
        ];
      },
      (rule, draft) => [
        { ...draft, fields: { ...draft.fields, times: '3', withinMinutes: '30', calmMinutes: '9' } },
        { ...rule, damping: { times: 3, withinMinutes: 30, calmMinutes: 9 } },
      ],
      // A step more, where all that are there tell somebody.
      (rule, draft) => {
        if (draft.steps.length === 10 || draft.steps.some(({ told }) => told.length === 0)) return [draft, rule];
        return [
          { ...draft, steps: [...draft.steps, { after: '10080', told: ['webhook:last', 'chat'] }] },
          { ...rule, steps: [...rule.steps, { afterMinutes: 10_080, channels: ['chat'], webhooks: ['last'] }] },
        ];
      },
    ];
    fc.assert(
      fc.property(anyRule, fc.constantFrom(...edits), (rule, edit) => {
        const [draft, expected] = edit(rule, ruleDraft(rule));
        expect(after(rule, sent(draft, rule))).toEqual(expected);
      }),
      { numRuns: 1000 },
    );
  });
});

it('steps are all there, each with all its channels', () => {
  const draft = ruleDraft(RULE);
  expect(draft.steps).toEqual([
    { after: '0', told: ['chat', 'mail', 'webhook:first'] },
    { after: '15', told: ['webhook:pager'] },
    { after: '15', told: ['boss'] },
  ]);
  const steps = draft.steps.map((step, i) => (i === 2 ? { ...step, after: '30' } : step));
  expect(sent({ ...draft, steps }, RULE)).toEqual({
    steps: [RULE.steps[0], RULE.steps[1], { ...RULE.steps[2], afterMinutes: 30 }],
  });
});

it('with another kind has that kind’s fields alone', () => {
  expect(sent(withKind(ruleDraft(RULE), 'OFFLINE'), RULE)).toEqual({
    looksFor: { kind: 'OFFLINE', falseAlarmsPerWorkerYear: 1, disconnectedMinutes: 3 },
  });
});

it('a new rule begins with what its kind has by default', () => {
  expect(sent(newRule('RATE_THRESHOLD'), undefined)).toEqual({
    name: 'Rate below threshold',
    severity: 'WARNING',
    enabled: true,
    forSeconds: 0,
    clearForSeconds: 120,
    looksFor: { kind: 'RATE_THRESHOLD', belowFraction: 0.9, windowMinutes: 60 },
  });
  expect(withKind(newRule('OFFLINE'), 'STALE_UP').fields['name']).toBe('More stale shares');
});

it('says what is wrong, by field, and sends nothing then', () => {
  const draft = {
    ...newRule('OFFLINE'),
    fields: { ...newRule('OFFLINE').fields, name: ' ', times: '4' },
    steps: [
      { after: '10', told: ['chat'] },
      { after: '5', told: ['chat'] },
      { after: 'soon', told: [] },
      { after: '20', told: [] },
    ],
    quietHours: { ...newQuietHours(), from: '25:00', days: [] },
  };
  const { problems, rule } = givenRule(draft, undefined);
  expect(rule).toBeUndefined();
  expect(Object.keys(problems!).sort()).toEqual(
    ['name', 'withinMinutes', 'calmMinutes', 'step 1', 'step 2', 'step 3', 'from', 'days'].sort(),
  );
});

it('every kind says what it finds and what it promises', () => {
  for (const { says, promise } of Object.values(RULE_KINDS)) {
    expect(says.length).toBeGreaterThan(20);
    expect(promise).toMatch(/false alarm|chance/);
  }
});

it('has presets that say what they cost', () => {
  for (const { says, rule } of PRESETS) {
    expect(says.length).toBeGreaterThan(40);
    expect(rule.looksFor?.kind).toBeDefined();
  }
  const kinds = (tenant: string): unknown[] => presetsFor(tenant).map(({ rule }) => rule.looksFor?.kind);
  expect(kinds('acme')).not.toContain('INTEGRITY');
  expect(kinds('*')).toEqual([...kinds('acme'), 'INTEGRITY']);
});
