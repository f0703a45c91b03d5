import { expect, it } from 'vitest';
import type { Actor, RefusalCode } from '../control-object.ts';
import { ControlState } from '../control-state.ts';

const TOOL: Actor = { kind: 'system', id: 'test' };
const tenant = { name: 'A tenant', kind: 'hosting', autoRegister: true };
const chat = (more: object = {}) => ({
  tenant: 'acme',
  name: 'Chat of the night shift',
  enabled: true,
  sendsTo: { type: 'slack', sealedUrl: 'sealed:v1:abc' },
  ...more,
});
const hook = (more: object = {}) => ({
  tenant: 'acme',
  name: 'Ticket system',
  enabled: true,
  url: 'https://tickets.acme.example/hooks/assay?queue=1',
  sealedSecrets: ['sealed:v1:abc'],
  ...more,
});
const rule = (more: object = {}) => ({
  tenant: 'acme',
  name: 'Machines offline',
  enabled: true,
  under: [],
  groups: [],
  looksFor: { kind: 'offline' },
  severity: 'critical',
  forSeconds: 120,
  clearForSeconds: 60,
  steps: [{ afterMinutes: 0, channels: ['chat'], webhooks: ['hook'] }],
  ...more,
});
const works = (more: object = {}) => ({
  tenant: 'acme',
  name: 'New fans',
  under: [],
  fromUs: 10,
  untilUs: 20,
  ...more,
});
const user = (email: string, grants: readonly object[]) => ({ email, name: 'Somebody', grants, disabled: false });

class Fold {
  readonly state = new ControlState();
  #requests = 0;

  put(kind: string, id: string, body: unknown, by: Actor = TOOL): RefusalCode | undefined {
    const request = `r${++this.#requests}`;
    const changes = [{ op: 'put', kind, id, body }];
    const outcome = this.state.apply({ type: 'change', request, by, changes }, 1);
    return outcome.applied ? undefined : outcome.refusal.code;
  }

  remove(kind: string, id: string): RefusalCode | undefined {
    const request = `r${++this.#requests}`;
    const changes = [{ op: 'remove', kind, id }];
    const outcome = this.state.apply({ type: 'change', request, by: TOOL, changes }, 1);
    return outcome.applied ? undefined : outcome.refusal.code;
  }
}

function acme(): Fold {
  const fold = new Fold();
  const given = [
    ['tenant', 'acme', tenant],
    ['tenant', 'globex', tenant],
    ['alert_channel', 'chat', chat()],
    ['webhook', 'hook', hook()],
    ['alert_rule', 'offline', rule()],
    ['maintenance_window', 'fans', works()],
  ] as const;
  for (const [kind, id, body] of given) expect([id, fold.put(kind, id, body)]).toEqual([id, undefined]);
  return fold;
}

it('takes every kind of rule, with what detection needs to know of it', () => {
  const fold = acme();
  const kinds = [
    { kind: 'no_shares', falseAlarmsPerWorkerYear: 1 },
    { kind: 'rate_below_expected', tolerance: 0.03 },
    { kind: 'rate_threshold', windowMinutes: 30, belowFraction: 0.9, clearFraction: 0.95 },
    { kind: 'invalid_up', baselineFraction: 0.002 },
    { kind: 'stale_up' },
    { kind: 'flapping', connects: 6, windowMinutes: 30 },
    { kind: 'latency_up', limitMs: 250, minutes: 5 },
    { kind: 'place_down' },
    { kind: 'upstream_down', minutes: 2 },
    { kind: 'gateways_silent' },
  ];
  for (const looksFor of kinds)
    expect([looksFor.kind, fold.put('alert_rule', looksFor.kind, rule({ looksFor }))]).toEqual([
      looksFor.kind,
      undefined,
    ]);
  const bad = [
    { kind: 'offline', limitMs: 5 },
    { kind: 'rate_threshold' },
    { kind: 'latency_up' },
    { kind: 'latency_up', limitMs: 0 },
    { kind: 'aliens' },
  ];
  for (const looksFor of bad) {
    expect(fold.put('alert_rule', 'bad', rule({ looksFor }))).toBe('malformed');
  }
  const integrity = { looksFor: { kind: 'integrity', minutes: 30 }, under: [], steps: [] };
  expect(fold.put('alert_rule', 'gateways', rule({ ...integrity, tenant: '*' }))).toBeUndefined();
  expect(fold.put('alert_rule', 'bad', rule(integrity))).toBe('invalid');
});

it('takes channels and webhooks as their receivers need them, and nothing that is none', () => {
  const fold = acme();
  const mail = (more: object) => chat({ sendsTo: { type: 'mail', to: ['ops@acme.example'], ...more } });
  expect(fold.put('alert_channel', 'mail', mail({}))).toBeUndefined();
  const server = { host: 'smtp.acme.example', port: 587, security: 'starttls', from: 'assay@acme.example' };
  expect(
    fold.put('alert_channel', 'own', mail({ server: { ...server, user: 'u', sealedPassword: 's' } })),
  ).toBeUndefined();
  const telegram = { type: 'telegram', sealedToken: 's', chat: '-1001234567890' };
  expect(fold.put('alert_channel', 'tg', chat({ sendsTo: telegram }))).toBeUndefined();
  for (const to of ['a@b.example\r\nBcc: c@d.example', 'a@b.example,c@d.example', 'Name <a@b.example>', 'nobody']) {
    expect(fold.put('alert_channel', 'bad', mail({ to: [to] }))).toBe('malformed');
  }
  expect(fold.put('alert_channel', 'bad', chat({ sendsTo: { ...telegram, chat: '../getMe' } }))).toBe('malformed');
  for (const url of ['ftp://x.example/', 'https://user:pass@x.example/', 'https://', 'x.example', 'https://a b/']) {
    expect([url, fold.put('webhook', 'bad', hook({ url }))]).toEqual([url, 'malformed']);
  }
  expect(fold.put('webhook', 'bad', hook({ sealedSecrets: [] }))).toBe('malformed');
  // Nothing of a secret's plain text has a place to stand in.
  expect(fold.put('alert_channel', 'bad', chat({ sendsTo: { type: 'slack', url: 'https://hooks.slack.com/x' } }))).toBe(
    'malformed',
  );
});

it('checks times of day, and that steps come one after the other', () => {
  const fold = acme();
  const quietHours = { timeZone: 'Europe/Berlin', days: [1, 2], from: '22:00', to: '07:00', passes: ['critical'] };
  expect(fold.put('alert_rule', 'night', rule({ quietHours }))).toBeUndefined();
  expect(fold.put('alert_rule', 'night', rule({ quietHours: { ...quietHours, from: '24:00' } }))).toBe('malformed');
  const step = (afterMinutes: number) => ({ afterMinutes, channels: ['chat'], webhooks: [] });
  expect(fold.put('alert_rule', 'steps', rule({ steps: [step(0), step(15), step(15)] }))).toBeUndefined();
  expect(fold.put('alert_rule', 'steps', rule({ steps: [step(15), step(0)] }))).toBe('malformed');
  expect(fold.put('maintenance_window', 'w', works({ untilUs: 10 }))).toBe('malformed');
});

it('keeps what a rule tells by as long as the rule', () => {
  const fold = acme();
  expect(fold.remove('alert_channel', 'chat')).toBe('in_use');
  expect(fold.remove('webhook', 'hook')).toBe('in_use');
  const nowhere = { steps: [{ afterMinutes: 0, channels: ['nowhere'], webhooks: [] }] };
  expect(fold.put('alert_rule', 'r', rule(nowhere))).toBe('unknown_reference');
  expect(fold.remove('alert_rule', 'offline')).toBeUndefined();
  expect(fold.remove('alert_channel', 'chat')).toBeUndefined();
});

it("tells no tenant's trouble through another's channels, webhooks or groups, and moves nothing between tenants", () => {
  const fold = acme();
  expect(fold.put('alert_rule', 'spy', rule({ tenant: 'globex' }))).toBe('invalid');
  expect(
    fold.put('group', 'theirs', { tenant: 'globex', name: 'Theirs', under: ['globex'], tags: [] }),
  ).toBeUndefined();
  expect(fold.put('alert_rule', 'spy', rule({ groups: ['theirs'] }))).toBe('invalid');
  expect(fold.put('alert_rule', 'spy', rule({ under: ['globex.north'] }))).toBe('invalid');
  expect(fold.put('maintenance_window', 'w', works({ under: ['acme.north', 'acmex.north'] }))).toBe('invalid');
  expect(fold.put('alert_channel', 'chat', chat({ tenant: 'globex' }))).toBe('invalid');
  expect(fold.put('webhook', 'hook', hook({ tenant: 'globex' }))).toBe('invalid');
  expect(fold.put('alert_rule', 'offline', rule({ tenant: 'globex', steps: [] }))).toBe('invalid');
});

it('lets only those change alerting who may edit it there', () => {
  const fold = acme();
  fold.put('user', 'site', user('site@acme.example', [{ role: 'site_manager', tenant: 'acme', site: 'acme.north' }]));
  fold.put('user', 'tech', user('tech@acme.example', [{ role: 'technician', tenant: 'acme' }]));
  fold.put('user', 'owner', user('owner@acme.example', [{ role: 'customer', tenant: 'acme' }]));
  const by = (id: string): Actor => ({ kind: 'user', id });
  expect(fold.put('alert_rule', 'n', rule({ under: ['acme.north.r1'] }), by('site'))).toBeUndefined();
  expect(fold.put('maintenance_window', 'n', works({ under: ['acme.north'] }), by('site'))).toBeUndefined();
  for (const under of [[], ['acme'], ['acme.south'], ['acme.north', 'acme.south']]) {
    expect(fold.put('alert_rule', 'm', rule({ under }), by('site'))).toBe('forbidden');
    expect(fold.put('maintenance_window', 'm', works({ under }), by('site'))).toBe('forbidden');
  }
  expect(fold.put('alert_channel', 'c', chat(), by('site'))).toBe('forbidden');
  expect(fold.put('alert_rule', 'm', rule(), by('tech'))).toBe('forbidden');
  expect(fold.put('alert_rule', 'm', rule(), by('owner'))).toBeUndefined();
  const pools = rule({ tenant: '*', looksFor: { kind: 'upstream_down' }, steps: [] });
  expect(fold.put('alert_rule', 'p', pools, by('owner'))).toBe('forbidden');
  expect(fold.put('alert_rule', 'p', pools)).toBeUndefined();
});
