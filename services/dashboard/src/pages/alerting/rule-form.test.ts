import { expect, it } from 'vitest';
import type { Rule } from './alerting-documents.ts';
import { flatRule, PRESETS, ruleInput } from './rule-form.ts';

const RULE = {
  id: 'r',
  version: 3,
  tenant: 'acme',
  name: 'Rate',
  enabled: true,
  under: [],
  severity: 'WARNING',
  forSeconds: 0,
  looksFor: {
    kind: 'RATE_BELOW_EXPECTED',
    falseAlarmsPerWorkerYear: 1,
    tolerance: 0.03,
    disconnectedMinutes: null,
    windowMinutes: null,
    belowFraction: null,
    clearFraction: null,
    baselineFraction: null,
    connects: null,
    minutes: null,
  },
  steps: [
    { afterMinutes: 0, channels: ['chat'], webhooks: [] },
    { afterMinutes: 15, channels: [], webhooks: ['pager'] },
  ],
  quietHours: { timeZone: 'Europe/Oslo', days: [6, 0], from: '22:00', to: '07:00', passes: ['CRITICAL'] },
} as const satisfies Rule;

it('sends only what was changed, and what is nested as a whole', () => {
  expect(ruleInput({ name: 'Other' }, RULE)).toEqual({ name: 'Other' });
  expect(ruleInput({ tolerance: 0.1 }, RULE)).toEqual({
    looksFor: { kind: 'RATE_BELOW_EXPECTED', falseAlarmsPerWorkerYear: 1, tolerance: 0.1 },
  });
  expect(ruleInput({ kind: 'OFFLINE' }, RULE)).toEqual({ looksFor: { kind: 'OFFLINE', falseAlarmsPerWorkerYear: 1 } });
  expect(ruleInput({ thenAfter: 30 }, RULE)).toEqual({
    steps: [
      { afterMinutes: 0, channels: ['chat'], webhooks: [] },
      { afterMinutes: 30, channels: [], webhooks: ['pager'] },
    ],
  });
  expect(ruleInput({ thenAfter: null }, RULE)).toEqual({
    steps: [{ afterMinutes: 0, channels: ['chat'], webhooks: [] }],
  });
});

it('keeps the days of quiet hours, and takes them away when they have no beginning', () => {
  expect(ruleInput({ quietTo: '08:00', criticalPasses: false }, RULE).quietHours).toEqual({
    ...RULE.quietHours,
    to: '08:00',
    passes: [],
  });
  expect(ruleInput({ quietFrom: null }, RULE)).toEqual({ quietHours: null });
});

it('shows steps and webhooks in fields of their own', () => {
  expect(flatRule(RULE)).toMatchObject({
    tellFirst: 'chat',
    thenAfter: 15,
    tellThen: 'webhook:pager',
    kind: 'RATE_BELOW_EXPECTED',
  });
});

it('has presets that say what they cost', () => {
  for (const { says, rule } of PRESETS) {
    expect(says.length).toBeGreaterThan(40);
    expect(rule.looksFor?.kind).toBeDefined();
  }
});
