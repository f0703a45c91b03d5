// A machine stops. Slack, Telegram and mail tell of it, and of its return: the whole pool, real miners over TCP, and real receivers of each kind.
import { join } from 'node:path';
import { openLmdbEventLog } from '@assay/adapter-lmdb';
import {
  HttpReceiver,
  MailReceiver,
  SLACK_PATH,
  slackAnswer,
  TELEGRAM_CHAT,
  TELEGRAM_TOKEN,
  telegramAnswer,
} from '@assay/alerter/testing';
import { ControlLog } from '@assay/control-log';
import { systemClock } from '@assay/kernel';
import { Sealer, secretsKeyFile } from '@assay/platform';
import { Farm } from '@assay/sim';
import { channelSecret, type Actor, type ObjectChange } from '@assay/tenancy';
import { expect, it, onTestFinished } from 'vitest';
import { loadFarm } from '../harness/load-farm.ts';
import { LOAD_SETTINGS, PoolProcess } from '../harness/pool-process.ts';
import { waitFor } from '../harness/wait-for.ts';

const TOOL: Actor = { kind: 'system', id: 'test' };
const SEED = 1;
const SHARES_PER_SECOND = 5;
/** Its minute has to be over, a minute of silence to pass, and the disk may be slow. */
const TOLD_WITHIN_MS = 240_000;
const CONNECTED_WITHIN_MS = 30_000;

const put = (kind: string, id: string, body: unknown): ObjectChange => ({ op: 'put', kind, id, body });

/** Slack's answer for what it would take; what it would not, the test sees as trouble. */
async function receivers() {
  const slack = await HttpReceiver.start(slackAnswer);
  const telegram = await HttpReceiver.start(telegramAnswer);
  const mail = await MailReceiver.start();
  onTestFinished(async () => void (await Promise.all([slack.close(), telegram.close(), mail.close()])));
  return { slack, telegram, mail };
}

/** The configuration as services write it, into the log of a pool that runs. */
async function configure(pool: PoolProcess, changes: (sealer: Sealer) => readonly ObjectChange[]): Promise<void> {
  const log = await openLmdbEventLog({ dir: join(pool.dataDir, 'log'), clock: systemClock });
  const control = new ControlLog({ log, onWarning: () => undefined });
  try {
    const sealer = new Sealer([secretsKeyFile(join(pool.dataDir, 'secrets.key'))]);
    expect(await control.change(TOOL, changes(sealer))).toMatchObject({ applied: true });
  } finally {
    control.close();
    await log.close();
  }
}

it(
  'a machine that stops is told of in Slack, Telegram and by mail, and so is its return',
  { timeout: 600_000 },
  async () => {
    const { slack, telegram, mail } = await receivers();
    const pool = await PoolProcess.launch({
      ...LOAD_SETTINGS,
      ASSAY_ALERTS_TICK_SECONDS: '1',
      ASSAY_ALERTS_GROUP_WAIT_SECONDS: '0',
      ASSAY_ALERTS_ALLOW_PRIVATE_NETWORKS: 'true',
      ASSAY_ALERTS_TELEGRAM_API_URL: telegram.url('/'),
      ASSAY_ALERTS_SMTP_HOST: '127.0.0.1',
      ASSAY_ALERTS_SMTP_PORT: String(mail.port),
      ASSAY_ALERTS_SMTP_SECURITY: 'none',
      ASSAY_ALERTS_SMTP_FROM: 'assay@pool.example',
    });
    onTestFinished(() => pool.dispose());
    const [failing, ...steady] = loadFarm(4, SHARES_PER_SECOND) as [ReturnType<typeof loadFarm>[number]];
    const tenants = ['tenant0', 'tenant1', 'tenant2'];
    const worker = failing.username;
    await configure(pool, (sealer) => [
      ...tenants.map((id) => put('tenant', id, { name: id, kind: 'hosting', autoRegister: true })),
      put('alert_channel', 'chat', {
        tenant: 'tenant0',
        name: 'Chat',
        enabled: true,
        sendsTo: { type: 'slack', sealedUrl: sealer.seal(slack.url(SLACK_PATH), channelSecret('chat')) },
      }),
      put('alert_channel', 'phone', {
        tenant: 'tenant0',
        name: 'Phone',
        enabled: true,
        sendsTo: {
          type: 'telegram',
          sealedToken: sealer.seal(TELEGRAM_TOKEN, channelSecret('phone')),
          chat: TELEGRAM_CHAT,
        },
      }),
      put('alert_channel', 'post', {
        tenant: 'tenant0',
        name: 'Mail',
        enabled: true,
        sendsTo: { type: 'mail', to: ['ops@farm.example'] },
      }),
      put('alert_rule', 'offline', {
        tenant: 'tenant0',
        name: 'Machines that are gone',
        enabled: true,
        under: [],
        groups: [],
        looksFor: { kind: 'offline', disconnectedMinutes: 1 },
        severity: 'critical',
        forSeconds: 0,
        clearForSeconds: 0,
        steps: [{ afterMinutes: 0, channels: ['chat', 'phone', 'post'], webhooks: [] }],
      }),
    ]);

    const target = { host: '127.0.0.1', port: pool.ports.stratum };
    const others = new Farm(steady, target, SEED);
    onTestFinished(() => others.stop());
    const machine = new Farm([failing], target, SEED + 1);
    await waitFor('the machines', CONNECTED_WITHIN_MS, () => others.connected + machine.connected === 4);
    await waitFor('a share on record', CONNECTED_WITHIN_MS, async () => {
      const [row] = await pool.sql<{ n: string }>('SELECT count() AS n FROM shares WHERE worker = {worker:String}', {
        worker,
      });
      return Number(row?.n) > 0;
    });
    machine.stop();

    const told = (): string[][] => [
      slack.received.map(({ body }) => body),
      telegram.received.map(({ body }) => body),
      mail.mails.map(({ text }) => text),
    ];
    await waitFor('the three to tell', TOLD_WITHIN_MS, () => told().every((messages) => messages.length > 0));
    for (const [message] of told()) expect(message).toContain(worker);
    // Nobody else is in trouble.
    for (const messages of told()) for (const { username } of steady) expect(messages.join()).not.toContain(username);

    const back = new Farm([failing], target, SEED + 2);
    onTestFinished(() => back.stop());
    await waitFor('the three to tell of its return', TOLD_WITHIN_MS, () =>
      told().every((messages) => messages.length > 1),
    );
    expect(told().map(({ length }) => length)).toEqual([2, 2, 2]);
    const ready = (await (await fetch(`${pool.url}/readyz`)).json()) as { checks: Record<string, string> };
    expect(Object.entries(ready.checks).filter(([, state]) => state !== 'ok')).toEqual([]);
  },
);
