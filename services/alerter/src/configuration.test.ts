// From objects of the control log to rules, windows and channels that send.
import { parseSettings, Sealer } from '@assay/platform';
import { channelSecret, ControlState, webhookSecret } from '@assay/tenancy';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { alerterSettings } from './config.ts';
import { AlertingConfiguration, configurationOptions } from './configuration.ts';
import { aMessage, NOON_US } from './testing/alerts.ts';
import { HttpReceiver } from './testing/http-receiver.ts';
import { SLACK_PATH, slackAnswer } from './testing/slack-rules.ts';
import { failure, TELEGRAM_CHAT, TELEGRAM_TOKEN, telegramAnswer } from './testing/telegram-rules.ts';

const sealer = new Sealer([Buffer.alloc(32, 1)]);
const before = new Sealer([Buffer.alloc(32, 2)]);
const never = new AbortController().signal;

let slack: HttpReceiver;
let telegram: HttpReceiver;
let hook: HttpReceiver;
let state: ControlState;
let configuration: AlertingConfiguration;
beforeAll(async () => {
  slack = await HttpReceiver.start(slackAnswer);
  telegram = await HttpReceiver.start(telegramAnswer);
  hook = await HttpReceiver.start(() => ({ status: 204 }));
  state = new ControlState();
  const tenant = { name: 'A tenant', kind: 'hosting', autoRegister: true };
  const own = { tenant: 'acme', name: 'Name', enabled: true };
  put('tenant', 'acme', tenant);
  put('alert_channel', 'chat', {
    ...own,
    sendsTo: { type: 'slack', sealedUrl: sealer.seal(slack.url(SLACK_PATH), channelSecret('chat')) },
  });
  put('alert_channel', 'off', {
    ...own,
    enabled: false,
    sendsTo: { type: 'slack', sealedUrl: sealer.seal('x', channelSecret('off')) },
  });
  put('alert_channel', 'lost', {
    ...own,
    sendsTo: { type: 'slack', sealedUrl: before.seal('x', channelSecret('lost')) },
  });
  const telegramTo = {
    type: 'telegram',
    sealedToken: sealer.seal(TELEGRAM_TOKEN, channelSecret('tg')),
    chat: TELEGRAM_CHAT,
  };
  put('alert_channel', 'tg', { ...own, sendsTo: telegramTo });
  put('alert_channel', 'mail', { ...own, sendsTo: { type: 'mail', to: ['ops@acme.example'] } });
  put('webhook', 'chat', {
    ...own,
    url: hook.url('/x'),
    sealedSecrets: ['new', 'old'].map((secret) => sealer.seal(secret, webhookSecret('chat'))),
  });
  put('webhook', 'half', {
    ...own,
    url: hook.url('/x'),
    sealedSecrets: [sealer.seal('new', webhookSecret('half')), before.seal('old', webhookSecret('half'))],
  });
  const rule = {
    ...own,
    under: [],
    groups: [],
    looksFor: { kind: 'offline' },
    severity: 'critical',
    forSeconds: 90,
    clearForSeconds: 30,
    steps: [
      { afterMinutes: 0, channels: ['chat', 'off'], webhooks: [] },
      { afterMinutes: 15, channels: ['tg'], webhooks: ['chat'] },
    ],
    quietHours: { timeZone: 'Europe/Berlin', days: [0, 6], from: '22:30', to: '07:00', passes: ['critical'] },
  };
  put('alert_rule', 'offline', rule);
  put('alert_rule', 'off', { ...rule, enabled: false });
  put('maintenance_window', 'fans', { tenant: 'acme', name: 'Fans', under: ['acme.north'], fromUs: 1, untilUs: 2 });
  const settings = parseSettings(alerterSettings, {
    ASSAY_ALERTS_ALLOW_PRIVATE_NETWORKS: 'true',
    ASSAY_ALERTS_TELEGRAM_API_URL: telegram.url('/'),
  });
  configuration = new AlertingConfiguration(
    state,
    configurationOptions(settings, { unsealer: sealer, nowUs: () => NOON_US }),
  );
});
afterAll(() => Promise.all([slack.close(), telegram.close(), hook.close()]));

let requests = 0;
function put(kind: string, id: string, body: unknown): void {
  const by = { kind: 'system', id: 'test' };
  const outcome = state.apply(
    { type: 'change', request: `r${++requests}`, by, changes: [{ op: 'put', kind, id, body }] },
    1,
  );
  expect([id, outcome.applied]).toEqual([id, true]);
}

const send = (id: string) => configuration.channel(id)!.channel.send(aMessage(), never);

it('says nothing before the fold has caught up, and then what it holds', () => {
  configuration.changed(['worker', 'tenant']);
  expect(configuration.config).toBeUndefined();
  configuration.refresh();
  expect(configuration.config).toEqual({
    rules: new Map([
      [
        'offline',
        {
          id: 'offline',
          tenant: 'acme',
          name: 'Name',
          kind: 'offline',
          forUs: 90e6,
          clearForUs: 30e6,
          flapping: { times: 4, withinUs: 3600e6, calmUs: 1200e6 },
          steps: [
            { afterUs: 0, channels: ['chat'] },
            { afterUs: 900e6, channels: ['tg', 'webhook:chat'] },
          ],
          quietHours: { timeZone: 'Europe/Berlin', days: [0, 6], from: 1350, to: 420, passes: ['critical'] },
        },
      ],
    ]),
    windows: [{ id: 'fans', tenant: 'acme', under: ['acme.north'], fromUs: 1, toUs: 2 }],
  });
});

it('opens the secrets of channels, which then send', async () => {
  for (const id of ['chat', 'tg', 'webhook:chat']) expect([id, await send(id)]).toEqual([id, { type: 'delivered' }]);
  expect(hook.received[0]!.headers['assay-signature']).toMatch(/^v1=[0-9a-f]{64},v1=[0-9a-f]{64}$/);
  expect(configuration.channel('nowhere')).toBeUndefined();
  telegram.respond = () => failure(429, 'Too Many Requests: retry after 3', { retry_after: 3 });
  expect(await send('tg')).toMatchObject({ type: 'retry', afterMs: 3000 });
});

it('keeps messages for channels that cannot be used as they are, and says what to do', async () => {
  const again = { type: 'retry', reason: 'its secret was sealed with another key: enter it again' };
  expect([await send('lost'), await send('webhook:half')]).toEqual([again, again]);
  expect(await send('mail')).toEqual({
    type: 'retry',
    reason: 'the pool has no mail server: ASSAY_ALERTS_SMTP_HOST names it',
  });
});

it('is worked out anew when one of its objects changes', () => {
  put('maintenance_window', 'more', { tenant: 'acme', name: 'More', under: [], fromUs: 5, untilUs: 6 });
  configuration.changed(['worker']);
  expect(configuration.config!.windows).toHaveLength(1);
  configuration.changed(['maintenance_window']);
  expect(configuration.config!.windows).toHaveLength(2);
});
