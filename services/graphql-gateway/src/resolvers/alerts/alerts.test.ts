// Alerts over HTTP, with a keeper of alerts made of the book that alerters keep.
import { AlertBook, decodeAlertRecord, encodeAlertRecord, type AlertRecord } from '@assay/alerting';
import { LogError, TOPIC, type EventLog } from '@assay/event-log';
import type { Grant } from '@assay/tenancy';
import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { parseSettings, Registry, silentLogger } from '@assay/platform';
import { follow } from '../../access/leak-search.ts';
import { AlertLog } from '../../alerts/alert-log.ts';
import { graphqlGatewaySettings } from '../../config.ts';
import { createResolverPorts } from '../../gateway.ts';
import { GatewayMetrics } from '../../metrics.ts';
import { Moment } from '../../operation/moment.ts';
import type { Viewer } from '../../operation/viewer.ts';
import { sampleIdentityPorts } from '../../sample/identity-ports.ts';
import { viewer } from '../../sample/tenant-pool.ts';
import { createSchema } from '../../schema.ts';
import { ADMIN, People } from '../../sample/people.ts';
import { sampleAlert, sampleMessage } from '../../sample/sample-alerts.ts';
import { NOW_US } from '../../sample/sample-farm.ts';
import { memoryLog, SampleGateway, TestClock, type Answer } from '../../sample/sample-gateway.ts';

let log: EventLog;
let pool: SampleGateway;
let people: People;

beforeEach(async () => {
  log = await memoryLog(new TestClock());
  pool = await SampleGateway.start({}, { log });
  people = new People(pool);
  for (const id of ['acme', 'bravo']) await people.tenant(id);
});
afterEach(() => pool.stop());

async function write(...records: AlertRecord[]): Promise<void> {
  const { end } = await log.bounds(TOPIC.alerts, 0);
  await pool.alerts.append(records);
  await vi.waitFor(async () => expect((await log.bounds(TOPIC.alerts, 0)).end).toBe(end + records.length));
}

async function shown(id: string): Promise<void> {
  await vi.waitFor(() => expect(pool.alerts.inbox.get(id)).toBeDefined(), 5000);
}

const firing = (worker: string, changes = {}): AlertRecord & { type: 'alert' } => ({
  type: 'alert',
  alert: sampleAlert(worker, changes),
});

async function asker(
  name: string,
  ...grants: Grant[]
): Promise<(query: string, variables?: object) => Promise<Answer>> {
  await people.user(name, grants);
  const cookie = await people.cookieOf(name);
  return (query, variables = {}) => pool.post(JSON.stringify({ query, variables }), { cookie });
}

/** What an alerter does with commands, by the book; until it is told to end. */
function keepAlerts(...alerts: (AlertRecord & { type: 'alert' })[]): () => void {
  const book = new AlertBook();
  for (const { alert } of alerts) book.restore(alert);
  const rule = { tenant: 'acme', name: 'r', kind: 'offline', forUs: 0, clearForUs: 0, steps: [] } as const;
  const flapping = { times: 4, withinUs: 1, calmUs: 1 };
  book.configure({ rules: new Map([['rule', { ...rule, id: 'rule', flapping }]]), windows: [] });
  let isOver = false;
  const work = async (): Promise<void> => {
    let offset = 0;
    while (!isOver) {
      const records = await log.readFrom(TOPIC.alerts, 0, offset, { maxRecords: 100, maxBytes: 1e6, waitMs: 50 });
      for (const { value } of records) {
        offset++;
        const record = decodeAlertRecord(value)!;
        if (record.type === 'acknowledge') book.acknowledge(record.alert, record.by, record.atUs);
        if (record.type === 'unacknowledge') book.unacknowledge(record.alert, record.atUs);
        if (record.type === 'notification' && record.notification.about === 'test')
          await pool.alerts.append([
            { type: 'undeliverable', id: record.notification.id, atUs: NOW_US, attempts: 1, reason: 'no such chat' },
          ]);
      }
      const changed = book.tick(NOW_US, { size: () => 0 }).alerts;
      if (changed.length > 0) await pool.alerts.append(changed.map((alert) => ({ type: 'alert', alert })));
    }
  };
  void work();
  return () => (isOver = true);
}

it('lists the newest first by state, severity and place, a page at a time', async () => {
  const names = ['m1', 'm2', 'm3', 'm4', 'm5'];
  await write(
    ...names.map((name, i) =>
      firing(`acme.north.r1.${name}`, {
        id: name,
        startedAtUs: NOW_US - 1e6 * Math.floor(i / 2),
        severity: i === 4 ? 'critical' : 'warning',
      }),
    ),
  );
  await shown('m5');
  const page = '{ nodes { id } totalCount isCurrent pageInfo { hasNextPage endCursor } }';
  const first = (await pool.data(`{ alerts(first: 3) ${page} }`)).alerts;
  expect(first).toMatchObject({ totalCount: 5, isCurrent: true, pageInfo: { hasNextPage: true } });
  const rest = (await pool.data(`{ alerts(first: 3, after: "${first.pageInfo.endCursor}") ${page} }`)).alerts;
  expect([...first.nodes, ...rest.nodes].map(({ id }: { id: string }) => id)).toEqual(names);
  expect(rest.pageInfo.hasNextPage).toBe(false);
  const ids = async (filter: string): Promise<string[]> =>
    (await pool.data(`{ alerts(filter: ${filter}) { nodes { id } } }`)).alerts.nodes.map(
      ({ id }: { id: string }) => id,
    );
  expect(await ids('{ severities: [CRITICAL] }')).toEqual(['m5']);
  expect(await ids('{ states: [RESOLVED] }')).toEqual([]);
  expect(await ids('{ worker: "acme.north.r1.m2", states: [FIRING] }')).toEqual(['m2']);
  expect(await ids('{ site: "south" }')).toEqual([]);
  expect(await pool.data('{ alertCounts { firing critical warning info acknowledged } }')).toEqual({
    alertCounts: { firing: 5, critical: 1, warning: 4, info: 0, acknowledged: 0 },
  });
  expect((await pool.ask('{ alerts(first: 1001) { totalCount } }')).errors![0]!.extensions.code).toBe('BAD_USER_INPUT');
});

it('tells of one its evidence, its messages with what became of them, and what it has in common with others', async () => {
  await people.change({
    op: 'put',
    kind: 'alert_channel',
    id: 'chat',
    body: { tenant: 'acme', name: 'The chat', enabled: true, sendsTo: { type: 'mail', to: ['a@example.org'] } },
  });
  const cause = { dimension: 'rack', tenant: 'acme', site: 'north', value: 'r1' } as const;
  const told = [{ step: 0, atUs: NOW_US, channels: ['chat'], group: 'g' }];
  const { alert } = firing('acme.north.r1.m1', { id: 'one', told });
  const message = sampleMessage(alert, 'chat') as AlertRecord & { type: 'notification' };
  const { notification } = message;
  await write(
    { ...message, notification: { ...notification, thread: 'g', group: { id: 'g', cause, workers: 38, of: 40 } } },
    { type: 'group', group: { id: 'g', cause, class: 'loss', openedAtUs: NOW_US, messages: 1, channels: ['chat'] } },
    { type: 'alert', alert },
    {
      type: 'retry',
      id: notification.id,
      atUs: NOW_US,
      attempts: 2,
      reason: '503 of the mail server',
      nextAtUs: NOW_US,
    },
  );
  const query =
    '{ alert(id: "one") { state kind evidence { name text } messages { channelName state attempts reason } group { dimension site value workers of } } }';
  await vi.waitFor(async () =>
    expect((await pool.data(query)).alert).toEqual({
      state: 'FIRING',
      kind: 'OFFLINE',
      evidence: [{ name: 'last share', text: '4 minutes ago' }],
      messages: [{ channelName: 'The chat', state: 'RETRYING', attempts: 2, reason: '503 of the mail server' }],
      group: { dimension: 'RACK', site: 'north', value: 'r1', workers: 38, of: 40 },
    }),
  );
});

it('shows each viewer what is theirs, and the pool’s own to who may view the pool', async () => {
  const ofPool = { tenant: '*', site: '', rack: '', worker: '' };
  await write(
    firing('acme.north.r1.m1', { id: 'north' }),
    firing('acme.south.r1.m1', { id: 'south' }),
    firing('acme', { id: 'whole', kind: 'gateways_silent', subject: { ...ofPool, tenant: 'acme' } }),
    firing('bravo.pit.r1.m1', { id: 'bravo' }),
    firing('', { id: 'pool', kind: 'upstream_down', subject: ofPool, traits: { upstream: 'up' } }),
  );
  await shown('pool');
  const seen = async (name: string, ...grants: Grant[]): Promise<string[]> => {
    const ask = await asker(name, ...grants);
    return (await ask('{ alerts { nodes { id } } }')).data.alerts.nodes.map(({ id }: { id: string }) => id).sort();
  };
  expect(await seen('admin', ADMIN)).toEqual(['bravo', 'north', 'pool', 'south', 'whole']);
  expect(await seen('customer', { role: 'customer', tenant: 'acme' })).toEqual(['north', 'south', 'whole']);
  expect(await seen('manager', { role: 'site_manager', tenant: 'acme', site: 'acme.north' })).toEqual(['north']);
  expect(await seen('nobody')).toEqual([]);
});

it('acknowledges as the alerter does it, several at once, and takes it back', async () => {
  const alerts = [firing('acme.north.r1.m1', { id: 'a' }), firing('acme.north.r1.m2', { id: 'b' })];
  await write(
    ...alerts,
    firing('acme.north.r1.m3', { id: 'over', state: 'resolved', resolved: { atUs: NOW_US, why: 'ok' } }),
  );
  await shown('over');
  const end = keepAlerts(...alerts);
  const technician = await asker('tech', { role: 'technician', tenant: 'acme' });
  const { data, errors } = await technician(
    'mutation { acknowledgeAlerts(ids: ["a", "b", "over"]) { outcome alert { id state acknowledgedBy { id name } } } }',
  );
  expect(errors).toBeUndefined();
  expect(data.acknowledgeAlerts).toMatchObject([
    { outcome: 'DONE', alert: { id: 'a', state: 'ACKNOWLEDGED', acknowledgedBy: { id: 'tech', name: 'tech' } } },
    { outcome: 'DONE', alert: { id: 'b' } },
    { outcome: 'NOT_FIRING', alert: { id: 'over', state: 'RESOLVED' } },
  ]);
  const back = await technician('mutation { unacknowledgeAlerts(ids: ["a"]) { outcome alert { state } } }');
  expect(back.data.unacknowledgeAlerts).toEqual([{ outcome: 'DONE', alert: { state: 'FIRING' } }]);
  end();
});

it('acknowledges nothing for who may not, nor what they do not see', async () => {
  await write(firing('acme.north.r1.m1', { id: 'a' }), firing('bravo.pit.r1.m1', { id: 'b' }));
  await shown('b');
  const codeOf = async (ask: (query: string) => Promise<Answer>, id: string): Promise<string | undefined> =>
    (await ask(`mutation { acknowledgeAlerts(ids: ["${id}"]) { outcome } }`)).errors?.[0]?.extensions.code;
  const auditor = await asker('auditor', { role: 'auditor', tenant: 'acme' });
  expect(await codeOf(auditor, 'a')).toBe('FORBIDDEN');
  expect(await codeOf(auditor, 'b')).toBe('NOT_FOUND');
  expect(await codeOf(auditor, 'none')).toBe('NOT_FOUND');
  const { end } = await log.bounds(TOPIC.alerts, 0);
  expect(end).toBe(2);
});

it('says that the alerter does not answer, with the command on record', async () => {
  await write(firing('acme.north.r1.m1', { id: 'a' }));
  await shown('a');
  const { acknowledgeAlerts } = await pool.data(
    'mutation { acknowledgeAlerts(ids: ["a"]) { outcome alert { state } } }',
  );
  expect(acknowledgeAlerts).toEqual([{ outcome: 'UNANSWERED', alert: { state: 'FIRING' } }]);
  expect((await log.bounds(TOPIC.alerts, 0)).end).toBe(2);
}, 20_000);

it('sends a test to a channel and tells how it went', async () => {
  const body = { tenant: 'acme', name: 'Chat', enabled: true, sendsTo: { type: 'mail', to: ['a@example.org'] } };
  await people.change({ op: 'put', kind: 'alert_channel', id: 'chat', body });
  const end = keepAlerts();
  const customer = await asker('customer', { role: 'customer', tenant: 'acme' });
  const { data } = await customer('mutation { sendTestMessage(channel: "chat") { id state attempts reason } }');
  expect(data.sendTestMessage).toMatchObject({ state: 'UNDELIVERABLE', attempts: 1, reason: 'no such chat' });
  const again = `{ testMessage(id: "${data.sendTestMessage.id}") { state reason } }`;
  expect((await customer(again)).data.testMessage).toEqual({ state: 'UNDELIVERABLE', reason: 'no such chat' });
  const technician = await asker('tech', { role: 'technician', tenant: 'acme' });
  expect((await technician('mutation { sendTestMessage(channel: "chat") { id } }')).errors![0]!.extensions.code).toBe(
    'FORBIDDEN',
  );
  expect((await technician(again)).data.testMessage).toBeNull();
  const stranger = await asker('stranger', { role: 'customer', tenant: 'bravo' });
  expect((await stranger('mutation { sendTestMessage(channel: "chat") { id } }')).errors![0]!.extensions.code).toBe(
    'NOT_FOUND',
  );
  end();
});

it('says that nothing is known while the topic cannot be read, and that it is not current when it goes away', async () => {
  let isAway = true;
  const flaky: EventLog = new Proxy(log, {
    get:
      (target, name) =>
      (...args: never[]) => {
        if (isAway) throw new LogError('unavailable', 'away', { retriable: true });
        return (target[name as 'bounds'] as (...args: never[]) => unknown).apply(target, args);
      },
  });
  const alerts = new AlertLog({ log: flaky, onWarning: () => undefined });
  const other = await SampleGateway.start({}, { alerts });
  const query = '{ alerts { isCurrent totalCount } }';
  expect((await other.ask(query)).errors![0]!.extensions).toMatchObject({
    code: 'ALERTS_UNAVAILABLE',
    retriable: true,
  });
  await log.append(TOPIC.alerts, [{ value: encodeAlertRecord(firing('acme.north.r1.m1', { id: 'a' })) }], 0);
  isAway = false;
  await vi.waitFor(
    async () => expect((await other.ask(query)).data).toEqual({ alerts: { isCurrent: true, totalCount: 1 } }),
    5000,
  );
  isAway = true;
  await vi.waitFor(
    async () => expect((await other.ask(query)).data).toEqual({ alerts: { isCurrent: false, totalCount: 1 } }),
    5000,
  );
  await other.stop();
}, 20_000);

it('runs the examples of docs/alerts.md', async () => {
  const text = await readFile(new URL('../../../../../docs/alerts.md', import.meta.url), 'utf8');
  const bodies = [...text.matchAll(/-d '(\{[^']*\})'/g)].map(([, body]) => body!);
  expect(bodies).toHaveLength(6);
  const alert = firing('acme.north.r1.m1', { id: 'one' });
  await write(alert);
  await shown('one');
  const end = keepAlerts(alert);
  let channel = '';
  const answers: Answer['data'][] = [];
  for (const body of bodies) {
    const { data, errors } = await pool.post(
      body.replaceAll('"CHANNEL"', `"${channel}"`).replaceAll('"ALERT"', '"one"'),
    );
    expect(errors).toBeUndefined();
    channel ||= data.createAlertChannel.id;
    answers.push(data);
  }
  end();
  const [, tried, rule, open, acknowledged, works] = answers;
  expect(tried.sendTestMessage).toMatchObject({ state: 'UNDELIVERABLE' });
  expect(rule.createAlertRule.version).toBe(1);
  expect(open).toMatchObject({ alertCounts: { firing: 1 }, alerts: { nodes: [{ id: 'one' }] } });
  expect(acknowledged.acknowledgeAlerts).toMatchObject([{ outcome: 'DONE', alert: { state: 'ACKNOWLEDGED' } }]);
  expect(works.createMaintenanceWindow.version).toBe(1);
});

it('tells subscribers what changed of what they see, and nobody else', async () => {
  const world = (as: Viewer) => ({
    schema: createSchema(ports, sampleIdentityPorts(pool.control, pool.clock)),
    context: () => ({ viewer: as, moment: new Moment(ports, as) }),
  });
  const config = parseSettings(graphqlGatewaySettings, {});
  const { store, live, control, alerts, clock } = pool;
  const given = { store, live, control, alerts, clock, logger: silentLogger };
  const ports = createResolverPorts(config, given, new GatewayMetrics(new Registry()));
  const document = 'subscription { alertsChanged(intervalMs: 500) { counts { firing } alerts { id state } } }';
  const acme = await follow(world(viewer({ role: 'customer', tenant: 'acme' })), document);
  const bravo = await follow(world(viewer({ role: 'customer', tenant: 'bravo' })), document);
  await write(firing('acme.north.r1.m1', { id: 'a' }));
  const told = { counts: { firing: 1 }, alerts: [{ id: 'a', state: 'FIRING' }] };
  await vi.waitFor(
    () => expect(acme.messages.map((text) => JSON.parse(text))).toEqual([{ data: { alertsChanged: told } }]),
    5000,
  );
  await write(firing('bravo.pit.r1.m1', { id: 'b' }));
  await vi.waitFor(() => expect(bravo.messages).toHaveLength(1), 5000);
  expect(bravo.messages[0]).not.toContain('"a"');
  expect(acme.messages).toHaveLength(1);
  acme.end();
  bravo.end();
});
