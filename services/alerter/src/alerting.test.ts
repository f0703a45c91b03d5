// From findings to messages: the real log in memory, real receivers, and a clock that the test can move on.
import { MemoryEventLog, MemoryLogDisk } from '@assay/adapter-memory';
import {
  countFleet,
  decodeAlertRecord,
  encodeAlertRecord,
  testNotification,
  type AlertConfig,
  type AlertRecord,
  type AlertRule,
  type Finding,
  type Fleet,
} from '@assay/alerting';
import { LogError, TOPIC, topicSpecs } from '@assay/event-log';
import { until } from '@assay/event-log/testing';
import { systemClock } from '@assay/kernel';
import { parseSettings, silentLogger, type RunningService } from '@assay/platform';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startAlerting, type AlertingPorts } from './alerting.ts';
import { SlackChannel } from './channels/slack.ts';
import { WebhookChannel } from './channels/webhook.ts';
import { alerterSettings } from './config.ts';
import type { ConfiguredChannel } from './outbox/sender.ts';
import { HttpReceiver } from './testing/http-receiver.ts';
import { SLACK_PATH, slackAnswer } from './testing/slack-rules.ts';

const MINUTE_US = 60_000_000;
const CONFIG = parseSettings(alerterSettings, {
  ASSAY_ALERTS_TICK_SECONDS: '1',
  ASSAY_ALERTS_GROUP_WAIT_SECONDS: '0',
  ASSAY_ALERTS_GIVE_UP_HOURS: '1',
});
const OPEN = { allowPrivate: true, timeoutMs: 5000 };
/** Too large for anything to be a common cause. */
const HUGE: Fleet = { size: () => 1e9 };

let disk: MemoryLogDisk;
let log: MemoryEventLog;
let slack: HttpReceiver;
let hook: HttpReceiver;
let aheadUs: number;
let running: RunningService[];
let registry: Registry;
/** What detection says at each tick. */
let says: (nowUs: number) => Finding[];
const clock = { nowUs: (): number => systemClock.nowUs() + aheadUs };

beforeEach(async () => {
  aheadUs = 0;
  running = [];
  says = () => [];
  disk = new MemoryLogDisk({ clock, limits: { restartPauseMs: 20, longestRestartPauseMs: 100 } });
  log = new MemoryEventLog(disk);
  await log.ensureTopics(topicSpecs(1));
  slack = await HttpReceiver.start(slackAnswer);
  hook = await HttpReceiver.start(() => ({ status: 204 }));
});
afterEach(async () => {
  for (const service of running) await service.stop();
  await log.close();
  await slack.close();
  await hook.close();
});

const RULE: AlertRule = {
  id: 'offline',
  tenant: 'acme',
  name: 'offline',
  kind: 'offline',
  forUs: 0,
  clearForUs: 0,
  flapping: { times: 1000, withinUs: 1, calmUs: 0 },
  steps: [
    { afterUs: 0, channels: ['chat'] },
    { afterUs: 10 * MINUTE_US, channels: ['hook'] },
  ],
};

function finding(atUs: number, machine: number, verdict: 'firing' | 'ok' = 'firing'): Finding {
  const worker = `acme.north.r1.m${machine}`;
  const subject = { tenant: 'acme', site: 'north', rack: 'r1', worker };
  return { rule: 'offline', kind: 'offline', subject, atUs, verdict, severity: 'critical', evidence: {} };
}

function channel(id: string): ConfiguredChannel | undefined {
  if (id === 'chat') return { kind: 'slack', channel: new SlackChannel({ url: slack.url(SLACK_PATH) }, OPEN) };
  if (id === 'hook') {
    return { kind: 'webhook', channel: new WebhookChannel({ url: hook.url('/'), secrets: ['s'] }, OPEN, clock.nowUs) };
  }
  return undefined;
}

async function start(changes: Partial<AlertingPorts> = {}): Promise<RunningService> {
  const config: AlertConfig = { rules: new Map([[RULE.id, RULE]]), windows: [] };
  registry = new Registry();
  const service = await startAlerting(CONFIG, {
    log,
    clock,
    logger: silentLogger,
    registry,
    random: Math.random,
    config: () => config,
    fleet: () => HUGE,
    channel,
    findings: (nowUs) => Promise.resolve(says(nowUs)),
    ...changes,
  });
  running.push(service);
  return service;
}

async function records(): Promise<AlertRecord[]> {
  const stored = await log.readFrom(TOPIC.alerts, 0, 0, { maxRecords: 1e6, maxBytes: 1e9, waitMs: 0 });
  return stored.flatMap(({ value }) => decodeAlertRecord(value) ?? []);
}

const titles = (receiver: HttpReceiver): string[] =>
  receiver.received.map(({ body }) => {
    const { text, title } = JSON.parse(body) as { text?: string; title?: string };
    return text ?? title ?? '';
  });

const command = (type: 'acknowledge' | 'unacknowledge', alert: string): Promise<unknown> =>
  log.append(TOPIC.alerts, [{ value: encodeAlertRecord({ type, alert, by: 'ann', atUs: clock.nowUs() }) }], 0);

async function lastAlert(): Promise<(AlertRecord & { type: 'alert' })['alert'] | undefined> {
  return (await records()).findLast((record) => record.type === 'alert')?.alert;
}

it('tells of trouble and of its end, and keeps both on record', async () => {
  says = (nowUs) => [finding(nowUs, 1)];
  await start();
  await until('the message', () => slack.received.length === 1);
  says = (nowUs) => [finding(nowUs, 1, 'ok')];
  await until('its end', () => slack.received.length === 2);
  expect(titles(slack)).toEqual(['CRITICAL: acme.north.r1.m1: offline', 'Resolved: acme.north.r1.m1: offline']);
  await until('the record', async () => (await records()).filter(({ type }) => type === 'delivered').length === 2);
  expect(await log.lag('alerter', TOPIC.alerts)).toBeLessThanOrEqual(10);
});

it('escalates until somebody acknowledges, which takes no longer than a tick', async () => {
  says = (nowUs) => [finding(nowUs, 1)];
  await start();
  await until('the message', () => slack.received.length === 1);
  await command('acknowledge', (await lastAlert())!.id);
  await until('the acknowledgement', async () => (await lastAlert())?.state === 'acknowledged');
  aheadUs += 30 * MINUTE_US;
  await command('unacknowledge', (await lastAlert())!.id);
  await until('its withdrawal', async () => (await lastAlert())?.state === 'firing');
  expect(hook.received).toEqual([]);
  aheadUs += 11 * MINUTE_US;
  await until('the escalation', () => hook.received.length === 1);
  expect(titles(hook)).toEqual(['CRITICAL: acme.north.r1.m1: offline (step 2, not acknowledged)']);
});

it('tries a channel when somebody asks for it', async () => {
  await start();
  const notification = testNotification('t', 'chat', 'acme', 'ann', clock.nowUs());
  await log.append(TOPIC.alerts, [{ value: encodeAlertRecord({ type: 'notification', notification }) }], 0);
  await until('the test', () => slack.received.length === 1);
  expect(titles(slack)).toEqual(['Test: alerts of Assay reach you here']);
  await until('the record', async () => (await records()).some(({ type }) => type === 'delivered'));
});

it('tells of a rack that is down in one message, with its cause', async () => {
  const rack = Array.from({ length: 40 }, (_, i) => ({ subject: finding(0, i).subject, traits: {} }));
  says = (nowUs) => rack.map((_, i) => finding(nowUs, i));
  await start({ fleet: () => countFleet(rack) });
  await until('the message', () => slack.received.length === 1);
  await until('the record', async () => (await records()).some(({ type }) => type === 'delivered'));
  expect(titles(slack)).toEqual(['CRITICAL: rack r1 of site north: 40 of 40 workers in trouble']);
});

it('puts a storm of messages into a digest, each of them told', async () => {
  says = (nowUs) => Array.from({ length: 200 }, (_, i) => finding(nowUs, i));
  await start();
  await until('everything to be told', async () => {
    const told = (await records()).filter(({ type }) => type === 'delivered' || type === 'digest');
    return told.some(({ type }) => type === 'digest') && told.some(({ type }) => type === 'delivered');
  });
  expect(titles(slack)).toEqual(['200 messages at once: 200 of trouble, 0 of its end']);
  expect(await registry.getSingleMetricAsString('assay_alerter_digested_total')).toContain(' 200');
});

it('goes on trying while a receiver is away, and tells all of it later', async () => {
  slack.respond = () => ({ status: 503 });
  says = (nowUs) => [finding(nowUs, 1)];
  await start();
  await until('a failure', async () => (await records()).some(({ type }) => type === 'retry'));
  expect(await registry.getSingleMetricAsString('assay_alerter_owed')).toContain('assay_alerter_owed 1');
  slack.respond = slackAnswer;
  aheadUs += 20 * MINUTE_US;
  await until('the record', async () => (await records()).some(({ type }) => type === 'delivered'));
});

it('gives up in the open: on record, counted, and with the reason', async () => {
  slack.respond = () => ({ status: 503 });
  says = (nowUs) => [finding(nowUs, 1)];
  await start();
  await until('a failure', async () => (await records()).some(({ type }) => type === 'retry'));
  aheadUs += 61 * MINUTE_US;
  await until('the end of it', async () => (await records()).some(({ type }) => type === 'undeliverable'));
  const given = (await records()).find(({ type }) => type === 'undeliverable');
  expect(given).toMatchObject({ attempts: 2, reason: 'Slack answered 503' });
  expect(await registry.getSingleMetricAsString('assay_alerter_notifications_total')).toContain(
    'kind="slack",outcome="undeliverable"} 1',
  );
});

it('looks at nothing before the configuration is known, and loses nothing meanwhile', async () => {
  says = (nowUs) => [finding(nowUs, 1)];
  const first = await start();
  await until('the message', () => slack.received.length === 1);
  await until('the record', async () => (await records()).some(({ type }) => type === 'delivered'));
  await first.stop();
  const before = await records();
  let known = false;
  let asked = 0;
  await start({
    config: () => {
      asked++;
      return known ? { rules: new Map([[RULE.id, RULE]]), windows: [] } : undefined;
    },
  });
  await until('it to ask', () => asked > 3);
  expect(await records()).toEqual(before);
  known = true;
  says = (nowUs) => [finding(nowUs, 1, 'ok')];
  await until('the end', () => slack.received.length === 2);
  expect(titles(slack)[1]).toBe('Resolved: acme.north.r1.m1: offline');
});

it('hands over to a process that stands by, and tells nothing twice', async () => {
  says = (nowUs) => [finding(nowUs, 1)];
  const first = await start();
  await until('the message', () => slack.received.length === 1);
  await until('the record', async () => (await records()).some(({ type }) => type === 'delivered'));
  const firstRegistry = registry;
  await start();
  await first.stop();
  says = (nowUs) => [finding(nowUs, 1, 'ok')];
  await until('the end', () => slack.received.length === 2);
  expect(titles(slack)).toEqual(['CRITICAL: acme.north.r1.m1: offline', 'Resolved: acme.north.r1.m1: offline']);
  expect(await firstRegistry.getSingleMetricAsString('assay_alerter_keeper')).toContain('keeper 0');
  expect(await registry.getSingleMetricAsString('assay_alerter_keeper')).toContain('keeper 1');
});

it('passes over records it cannot read, counts them, and goes on', async () => {
  await log.append(
    TOPIC.alerts,
    [{ value: Buffer.from('{"type":"of a later version"}') }, { value: Buffer.from('?') }],
    0,
  );
  says = (nowUs) => [finding(nowUs, 1)];
  await start();
  await until('the message', () => slack.received.length === 1);
  expect(await registry.getSingleMetricAsString('assay_alerter_unreadable_records_total')).toContain('total 2');
});

it('goes on telling what is owed while detection has nothing to say, and says so', async () => {
  const fresh: boolean[] = [];
  let failing = false;
  says = (nowUs) => [finding(nowUs, 1)];
  const service = await start({
    findings: (nowUs, isFresh) => {
      fresh.push(isFresh);
      return failing ? Promise.reject(new Error('no ClickHouse')) : Promise.resolve(says(nowUs));
    },
  });
  await until('the message', () => slack.received.length === 1);
  failing = true;
  await until('the trouble', async () => (await service.ready()).checks['alerts'] !== 'ok');
  expect((await service.ready()).checks).toEqual({ alerts: 'detection has no findings to give: no ClickHouse' });
  aheadUs += 11 * MINUTE_US;
  await until('the escalation', () => hook.received.length === 1);
  failing = false;
  await until('all to be well', async () => (await service.ready()).checks['alerts'] === 'ok');
  // After a failure it asks for everything again, as it did at first.
  expect([fresh[0], fresh[1], fresh.slice(2).includes(true)]).toEqual([true, false, true]);
});

it('begins anew from the log when the log fails', async () => {
  says = (nowUs) => [finding(nowUs, 1)];
  const failing = new Proxy(log, {
    get: (target, name) => {
      if (name === 'append' && full) return () => Promise.reject(new LogError('full', 'full', { retriable: true }));
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  let full = true;
  const service = await start({ log: failing });
  await until('the trouble', async () => (await service.ready()).checks['alerts'] !== 'ok');
  expect(slack.received).toEqual([]);
  full = false;
  await until('the message', () => slack.received.length === 1);
  await until('all to be well', async () => (await service.ready()).checks['alerts'] === 'ok');
});
