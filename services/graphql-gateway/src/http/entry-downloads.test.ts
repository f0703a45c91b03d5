// What is entered, the alerts and the audit log as files, over HTTP, from a pool with two tenants that have everything: each gets its own.
import type { ObjectChange } from '@assay/tenancy';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { sampleAlert } from '../sample/sample-alerts.ts';
import { People } from '../sample/people.ts';
import { SampleGateway } from '../sample/sample-gateway.ts';
import { DOWNLOADS } from './download-routes.ts';

let pool: SampleGateway;
let people: People;
const cookies: Record<string, string> = {};

const ofEntries = Object.keys(DOWNLOADS).filter((path) => !/account|\/(workers|events|history)\.csv/.test(path));

/** Everything of a tenant, each thing with a name that tells whose it is. */
function everythingOf(tenant: string): ObjectChange[] {
  const put = (kind: string, id: string, body: object): ObjectChange => ({ op: 'put', kind, id, body });
  const named = { tenant, name: `=${tenant} thing`, enabled: true };
  return [
    put('site', `${tenant}.hall`, { name: `+${tenant} hall`, location: 'Oslo, Norway', powerWatts: 1e6 }),
    put('group', `${tenant}-group`, { tenant, name: `${tenant} row`, under: [`${tenant}.hall.r1`], tags: ['new'] }),
    put('worker', `${tenant}.hall.r1.m1`, {
      standing: 'active',
      tags: ['row-a', 'new'],
      model: '@S19',
      expectedHashRateHs: 1.1e14,
      secretHash: `sha256$${'A'.repeat(22)}$${'A'.repeat(43)}`,
    }),
    put('worker', `${tenant}.hall.r1.m2`, { standing: 'quarantined', tags: [] }),
    put('user', `${tenant}-user`, {
      email: `${tenant}-user@example.org`,
      name: `${tenant} user`,
      grants: [{ role: 'technician', tenant }],
      disabled: false,
    }),
    put('api_key', `${tenant}-key`, {
      name: `${tenant} program`,
      tokenHash: tenant.padEnd(43, 'x'),
      shown: `${tenant}-k`,
      grants: [{ role: 'data_reader', tenant }],
      createdAtUs: 0,
    }),
    put('alert_channel', `${tenant}-mail`, { ...named, sendsTo: { type: 'mail', to: [`night@${tenant}.example`] } }),
    put('webhook', `${tenant}-hook`, { ...named, url: `https://${tenant}.example/`, sealedSecrets: ['sealed-secret'] }),
    put('alert_rule', `${tenant}-rule`, {
      ...named,
      under: [],
      groups: [`${tenant}-group`],
      looksFor: { kind: 'rate_threshold', windowMinutes: 30, belowFraction: 0.8 },
      severity: 'warning',
      forSeconds: 0,
      clearForSeconds: 60,
      steps: [
        { afterMinutes: 0, channels: [`${tenant}-mail`], webhooks: [] },
        { afterMinutes: 15, channels: [], webhooks: [`${tenant}-hook`] },
      ],
      quietHours: { timeZone: 'Europe/Oslo', days: [0, 6], from: '22:00', to: '07:00', passes: ['critical'] },
    }),
    put('maintenance_window', `${tenant}-window`, {
      tenant,
      name: `${tenant} works`,
      under: [],
      fromUs: 1,
      untilUs: 2,
    }),
  ];
}

beforeAll(async () => {
  pool = await SampleGateway.start();
  people = new People(pool);
  for (const id of ['acme', 'bravo']) await people.tenant(id, { name: `${id} mining` });
  for (const id of ['acme', 'bravo', 'cirrus']) {
    if (id === 'cirrus') await people.tenant(id);
    else await people.change(...everythingOf(id));
    await people.user(`${id}-admin`, [{ role: 'operator_admin', tenant: id }]);
    await people.user(`${id}-customer`, [{ role: 'customer', tenant: id }]);
    for (const name of [`${id}-admin`, `${id}-customer`]) cookies[name] = await people.cookieOf(name);
  }
  await people.change({
    op: 'put',
    kind: 'ownership',
    id: 'lease',
    body: { of: 'acme.hall.r1', holder: 'bravo', fraction: 0.5, fromUs: 0, note: 'acme price' },
  });
  const alerts = ['acme', 'bravo'].flatMap((id) => [
    sampleAlert(`${id}.hall.r1.m1`, { rule: `${id}-rule` }),
    sampleAlert(`${id}.hall.r1.m2`, { state: 'resolved', resolved: { atUs: 5e6, why: 'ok' } }),
  ]);
  await pool.alerts.append(alerts.map((alert) => ({ type: 'alert', alert })));
  await vi.waitFor(() => expect([...pool.alerts.inbox.all()]).toHaveLength(4), 5000);
}, 60_000);
afterAll(() => pool.stop());

async function get(path: string, as: string): Promise<{ readonly status: number; readonly text: string }> {
  const response = await fetch(`${pool.url}${path}`, { headers: { cookie: cookies[as]! } });
  return { status: response.status, text: await response.text() };
}

async function file(name: string, as: string, parameters = ''): Promise<string[]> {
  const { status, text } = await get(`/exports/${name}.csv${parameters}`, as);
  expect(status, text).toBe(200);
  expect(text.endsWith('\r\n')).toBe(true);
  return text.slice(0, -2).split('\r\n');
}

describe('every table', () => {
  it('is one of these', () => {
    expect(ofEntries).toHaveLength(13);
  });

  it.each(ofEntries)('%s has what is its reader’s own, and nothing of others', async (path) => {
    const { status, text } = await get(path, 'acme-admin');
    expect(status).toBe(200);
    expect(text.split('\r\n').length, text).toBeGreaterThan(2);
    expect(text).toContain('acme');
    // That bravo holds half of a rack of acme's is acme's own.
    expect(text.replaceAll(/acme\.hall\.r1,bravo|holder: none -> ""bravo""/g, '')).not.toContain('bravo');
  });

  it.each(ofEntries)('%s is empty for who has nothing, but for what they are themselves', async (path) => {
    for (const who of ['cirrus-admin', 'cirrus-customer']) {
      const { status, text } = await get(path, who);
      expect(status).toBe(200);
      expect(text).not.toMatch(/acme|bravo/);
    }
  });

  it.each(ofEntries)('%s holds no secret, and nothing that a spreadsheet takes for a formula', async (path) => {
    const { text } = await get(path, 'acme-admin');
    expect(text).not.toMatch(/sealed-secret|sha256|xxxx/);
    for (const field of text.split(/,|\r\n/)) expect(field).not.toMatch(/^"?[=+@-]/);
  });
});

it('people and keys are for who may edit them', async () => {
  expect(await file('users', 'acme-customer')).toHaveLength(1);
  expect(await file('service-keys', 'acme-customer')).toHaveLength(1);
  expect((await file('users', 'acme-admin')).join()).toContain('acme-user@example.org');
});

it('the holder of a share is not told the giver’s note', async () => {
  const held = await file('ownerships', 'bravo-customer');
  expect(held).toHaveLength(2);
  expect(held[1]).toContain('acme.hall.r1,bravo,0.5');
  expect(held.join()).not.toContain('price');
  expect((await file('ownerships', 'acme-admin')).join()).toContain('acme price');
  // Nor can they find out by searching for it.
  expect(await file('ownerships', 'bravo-customer', '?q=price')).toHaveLength(1);
  expect(await file('ownerships', 'bravo-customer', '?q=HALL')).toHaveLength(2);
});

it('tables are narrowed as their pages are', async () => {
  expect(await file('worker-entries', 'acme-admin')).toHaveLength(3);
  const waiting = await file('worker-entries', 'acme-admin', '?standing=QUARANTINED');
  expect(waiting.slice(1).map((line) => line.split(',')[0])).toEqual(['acme.hall.r1.m2']);
  expect(await file('worker-entries', 'acme-admin', '?q=s19')).toHaveLength(2);
  expect(await file('rules', 'acme-admin', '?q=nothing')).toHaveLength(1);
  expect(await file('alerts', 'acme-admin')).toHaveLength(2);
  expect(await file('alerts', 'acme-admin', '?show=over')).toHaveLength(2);
  expect(await file('alerts', 'acme-admin', '?show=all')).toHaveLength(3);
  expect(await file('alerts', 'acme-admin', '?show=all&rule=bravo-rule')).toHaveLength(1);
  expect((await file('changes', 'acme-admin', '?kind=SITE'))[1]).toContain('acme.hall');
  expect(await file('changes', 'acme-admin', '?limit=3')).toHaveLength(4);
  expect(await file('changes', 'acme-admin', '?from=2000-01-01T00:00:00Z&to=2000-01-02T00:00:00Z')).toHaveLength(1);
  for (const bad of [
    'changes.csv?from=yesterday',
    'changes.csv?kind=CAT',
    'alerts.csv?show=some',
    'changes.csv?limit=0',
  ])
    expect((await get(`/exports/${bad}`, 'acme-admin')).status, bad).toBe(400);
});

it('a rule is told whole', async () => {
  const [head, line] = await file('rules', 'acme-admin');
  expect(head).toBe(
    'id,tenant,name,enabled,kind,condition,severity,under,groups,for_seconds,clear_for_seconds,damping,steps,quiet_days,quiet_from,quiet_to,quiet_time_zone,quiet_passes,version,created_at,changed_at,changed_by',
  );
  expect(line).toContain(
    `acme-rule,acme,'=acme thing,true,rate_threshold,"windowMinutes 30, belowFraction 0.8",warning,,acme-group,0,60,,"after 0 minutes: acme-mail, after 15 minutes: webhook:acme-hook",0 6,22:00,07:00,Europe/Oslo,critical,1,`,
  );
});
