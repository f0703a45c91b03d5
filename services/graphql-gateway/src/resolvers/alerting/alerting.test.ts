// Rules, channels, webhooks and maintenance windows over GraphQL, on the real control log: what is kept of secrets, who may change what, and
// what is refused.
import { Sealer } from '@assay/platform';
import { channelSecret, webhookSecret, type AlertChannelBody } from '@assay/tenancy';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Asker } from '../../sample/asker.ts';
import { People } from '../../sample/people.ts';
import { SampleGateway, type Answer } from '../../sample/sample-gateway.ts';

let pool: SampleGateway;
let people: People;
let customer: (query: string, variables?: Record<string, unknown>) => Promise<Answer>;

beforeEach(async () => {
  await open(await SampleGateway.start());
});
afterEach(() => pool.stop());

async function open(gateway: SampleGateway): Promise<void> {
  pool = gateway;
  people = new People(pool);
  for (const id of ['acme', 'bravo']) await people.tenant(id);
  customer = await as('customer', 'acme');
}

async function as(role: 'customer' | 'technician' | 'operator_admin', tenant: string) {
  const name = `${role}-${tenant.replace('*', 'all')}`;
  await people.user(name, [{ role, tenant }]);
  const asker = new Asker(pool, { cookie: await people.cookieOf(name) });
  return (query: string, variables?: Record<string, unknown>) => asker.ask(query, variables);
}

const CREATE_CHANNEL =
  'mutation ($channel: AlertChannelInput!) { createAlertChannel(tenant: "acme", channel: $channel) { id version type chat to server { host user hasPassword } } }';
const CHANGE_CHANNEL =
  'mutation ($id: ID!, $version: Int!, $channel: AlertChannelInput!) { changeAlertChannel(id: $id, version: $version, channel: $channel) { version chat server { host hasPassword } } }';
const CREATE_RULE =
  'mutation ($rule: AlertRuleInput!) { createAlertRule(tenant: "acme", rule: $rule) { id version enabled looksFor { kind falseAlarmsPerWorkerYear tolerance windowMinutes } steps { afterMinutes channels webhooks } quietHours { timeZone days passes } } }';

const sendsTo = (id: string): AlertChannelBody['sendsTo'] => pool.control.state.get('alert_channel', id)!.body.sendsTo;
const codeOf = (answer: Answer): string | undefined => answer.errors?.[0]?.extensions.code;

it('keeps the secrets of channels sealed, and shows none of them', async () => {
  const url = 'https://hooks.slack.com/services/T0/B0/abcdef';
  const slack = await customer(CREATE_CHANNEL, { channel: { name: 'Ops', slack: { url } } });
  expect(slack.errors).toBeUndefined();
  const { id } = slack.data.createAlertChannel;
  const kept = sendsTo(id);
  expect(kept.type === 'slack' && pool.sealer.open(kept.sealedUrl, channelSecret(id))).toBe(url);
  expect(JSON.stringify(slack.data)).not.toContain('abcdef');

  const telegram = await customer(CREATE_CHANNEL, {
    channel: { name: 'Bot', telegram: { token: 't0ken', chat: '-100' } },
  });
  const bot = telegram.data.createAlertChannel;
  const moved = await customer(CHANGE_CHANNEL, { id: bot.id, version: 1, channel: { telegram: { chat: '@farm' } } });
  expect(moved.data.changeAlertChannel).toMatchObject({ version: 2, chat: '@farm' });
  const of = sendsTo(bot.id);
  expect(of.type === 'telegram' && pool.sealer.open(of.sealedToken, channelSecret(bot.id))).toBe('t0ken');
  expect(codeOf(await customer(CHANGE_CHANNEL, { id: bot.id, version: 1, channel: { name: 'late' } }))).toBe(
    'CONFLICT',
  );
});

it("does not keep a mail server's password for another server", async () => {
  const server = { host: 'mail.acme.example', port: 587, security: 'STARTTLS', from: 'a@acme.example', user: 'a' };
  const mail = { to: ['ops@acme.example'], server: { ...server, password: 'hunter2' } };
  const made = (await customer(CREATE_CHANNEL, { channel: { name: 'Mail', mail } })).data.createAlertChannel;
  expect(made.server).toEqual({ host: 'mail.acme.example', user: 'a', hasPassword: true });
  const change = async (version: number, changed: object): Promise<unknown> =>
    (
      await customer(CHANGE_CHANNEL, {
        id: made.id,
        version,
        channel: { mail: { to: ['x@acme.example'], server: { ...server, ...changed } } },
      })
    ).data.changeAlertChannel.server;
  expect(await change(1, {})).toEqual({ host: 'mail.acme.example', hasPassword: true });
  expect(await change(2, { host: 'thief.example' })).toEqual({ host: 'thief.example', hasPassword: false });
});

it('shows a webhook’s secret once, and lets two sign while it is changed', async () => {
  const made = await customer(
    'mutation { createWebhook(tenant: "acme", webhook: { name: "Hook", url: "https://acme.example/hook" }) { secret webhook { id version secrets } } }',
  );
  const { secret, webhook } = made.data.createWebhook;
  const opened = (): (string | undefined)[] =>
    pool.control.state
      .get('webhook', webhook.id)!
      .body.sealedSecrets.map((sealed) => pool.sealer.open(sealed, webhookSecret(webhook.id)));
  expect(opened()).toEqual([secret]);
  const drawn = await customer(
    `mutation { drawWebhookSecret(id: "${webhook.id}", version: 1) { secret webhook { version secrets } } }`,
  );
  expect(opened()).toEqual([drawn.data.drawWebhookSecret.secret, secret]);
  const ended = await customer(`mutation { endWebhookSecret(id: "${webhook.id}", version: 2) { version secrets } }`);
  expect(ended.data.endWebhookSecret).toEqual({ version: 3, secrets: 1 });
  expect(opened()).toEqual([drawn.data.drawWebhookSecret.secret]);
});

it('makes rules that the alerter understands, and refuses what their kind does not know', async () => {
  const channel = (await customer(CREATE_CHANNEL, { channel: { name: 'Mail', mail: { to: ['a@acme.example'] } } })).data
    .createAlertChannel.id;
  const rule = {
    name: 'Rate too low',
    severity: 'WARNING',
    looksFor: { kind: 'RATE_BELOW_EXPECTED', tolerance: 0.05 },
    steps: [{ afterMinutes: 0, channels: [channel] }],
    quietHours: { timeZone: 'Europe/Oslo', days: [0, 6], from: '22:00', to: '06:00', passes: ['CRITICAL'] },
  };
  const made = (await customer(CREATE_RULE, { rule })).data.createAlertRule;
  expect(made).toMatchObject({
    version: 1,
    enabled: true,
    looksFor: { kind: 'RATE_BELOW_EXPECTED', tolerance: 0.05, falseAlarmsPerWorkerYear: null },
    steps: [{ afterMinutes: 0, channels: [channel], webhooks: [] }],
    quietHours: { passes: ['CRITICAL'] },
  });
  const refused = async (change: object): Promise<string | undefined> =>
    codeOf(await customer(CREATE_RULE, { rule: { ...rule, ...change } }));
  expect(await refused({ looksFor: { kind: 'OFFLINE', tolerance: 0.05 } })).toBe('BAD_USER_INPUT');
  expect(await refused({ looksFor: { kind: 'LATENCY_UP' } })).toBe('BAD_USER_INPUT');
  expect(await refused({ looksFor: { kind: 'LATENCY_UP', limitMs: 250, minutes: 2 } })).toBeUndefined();
  // Of the pool's own parts no tenant makes rules.
  expect(await refused({ looksFor: { kind: 'INTEGRITY' } })).toBe('BAD_USER_INPUT');
  expect(await refused({ under: ['bravo.pit'] })).toBe('BAD_USER_INPUT');
  expect(await refused({ quietHours: { ...rule.quietHours, timeZone: 'Mars/Base' } })).toBe('BAD_USER_INPUT');
  const remove = `mutation { removeAlertChannel(id: "${channel}", version: 1) }`;
  expect(codeOf(await customer(remove))).toBe('IN_USE');
});

it('opens and ends a maintenance window', async () => {
  const made = await customer(
    'mutation { createMaintenanceWindow(tenant: "acme", window: { name: "Works", under: ["acme.north"], from: "2026-01-14T12:00:00Z", until: "2026-01-14T14:00:00Z" }) { id version from until } }',
  );
  const { id } = made.data.createMaintenanceWindow;
  const ended = await customer(
    `mutation { changeMaintenanceWindow(id: "${id}", version: 1, window: { until: "2026-01-14T13:00:00Z" }) { until } }`,
  );
  expect(ended.data.changeMaintenanceWindow.until).toBe('2026-01-14T13:00:00.000Z');
  const listed = await customer('{ maintenanceWindows(tenant: "acme") { totalCount nodes { id under } } }');
  expect(listed.data.maintenanceWindows).toEqual({ totalCount: 1, nodes: [{ id, under: ['acme.north'] }] });
});

it('lets nobody change what is not theirs, nor see another tenant’s', async () => {
  const { id } = (await customer(CREATE_CHANNEL, { channel: { name: 'Mail', mail: { to: ['a@acme.example'] } } })).data
    .createAlertChannel;
  const change = { id, version: 1, channel: { name: 'mine' } };
  expect(codeOf(await (await as('technician', 'acme'))(CHANGE_CHANNEL, change))).toBe('FORBIDDEN');
  const stranger = await as('customer', 'bravo');
  expect(codeOf(await stranger(CHANGE_CHANNEL, change))).toBe('NOT_FOUND');
  expect(
    codeOf(await stranger(CREATE_CHANNEL, { channel: { name: 'theirs', slack: { url: 'https://x.example/y' } } })),
  ).toBe('FORBIDDEN');
  expect((await stranger('{ alertChannels { totalCount } }')).data.alertChannels.totalCount).toBe(0);
});

it('says that it has no key to seal secrets with', async () => {
  await pool.stop();
  await open(await SampleGateway.start({}, { sealer: new Sealer([]) }));
  const answer = await customer(CREATE_CHANNEL, {
    channel: { name: 'Ops', slack: { url: 'https://hooks.slack.com/x' } },
  });
  expect(codeOf(answer)).toBe('NOT_CONFIGURED');
  expect(answer.errors![0]!.message).toContain('ASSAY_SECRETS_KEY');
});
