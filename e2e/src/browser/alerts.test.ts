/// <reference lib="dom" />
// The inbox and what is looked for, in a real browser over the real gateway, control log and alerter. Screenshots are left in a temporary folder,
// which is printed.
import { rm } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { buildDashboard } from './build-dashboard.ts';
import { launchBrowserOrSkip } from './launch.ts';
import { type LoginGateway, startLoginGateway } from './login-gateway.ts';
import { DESK, expectSound, PHONE, Visits } from './visits.ts';

type Records = Parameters<LoginGateway['alerts']['append']>[0];

const browser = await launchBrowserOrSkip('the alerts inbox');

describe.skipIf(!browser)('alerts', () => {
  let dist: string;
  let shots: string;
  let pool: LoginGateway;
  const visits = new Visits(
    browser as Browser,
    // Refusals on purpose are logged by the browser, and so is the store that is not there; everything else is ours.
    /status of (400|401|429|503)|WebSocket connection/,
  );

  beforeAll(async () => {
    ({ dist, shots } = await buildDashboard());
  });

  beforeEach(async () => {
    pool = await startLoginGateway(dist);
    const body = { name: 'Acme Mining', kind: 'hosting', autoRegister: false };
    await pool.change({ op: 'put', kind: 'tenant', id: 'acme', body });
  });

  afterEach(async () => {
    const faults = await visits.end();
    await pool.stop();
    expect(faults).toEqual([]);
  });

  afterAll(async () => {
    await (browser as Browser).close();
    await rm(dist, { recursive: true, force: true });
  });

  const open = (path: string, viewport = DESK, colorScheme: 'light' | 'dark' = 'light'): Promise<Page> =>
    visits.open(`${pool.url}${path}`, viewport, colorScheme);
  const sound = (page: Page, shot: string): Promise<void> => expectSound(page, shots, shot, true);

  const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

  /** A rack of six of which five are down, told to a chat that refuses, and one machine elsewhere that is slow. */
  async function trouble(): Promise<void> {
    const chat = { tenant: 'acme', name: 'Night shift', enabled: true };
    const step = { afterMinutes: 0, channels: ['chat'], webhooks: [] };
    const rule = { tenant: 'acme', enabled: true, under: [], groups: [], forSeconds: 0, clearForSeconds: 0 };
    await pool.change(
      {
        op: 'put',
        kind: 'alert_channel',
        id: 'chat',
        body: { ...chat, sendsTo: { type: 'mail', to: ['night@acme.example'] } },
      },
      {
        op: 'put',
        kind: 'alert_rule',
        id: 'offline',
        body: {
          ...rule,
          name: 'A machine is offline',
          severity: 'critical',
          looksFor: { kind: 'offline' },
          steps: [step],
        },
      },
      {
        op: 'put',
        kind: 'alert_rule',
        id: 'rate',
        body: {
          ...rule,
          name: 'Rate too low',
          severity: 'warning',
          looksFor: { kind: 'rate_below_expected' },
          steps: [],
        },
      },
    );
    const nowUs = pool.clock.nowUs();
    const cause = { dimension: 'rack', tenant: 'acme', site: 'north', value: 'r1' } as const;
    const alert = (worker: string, more: object) => {
      const [tenant = '', site = '', rack = ''] = worker.split('.');
      const subject = { tenant, site, rack, worker };
      const firedAtUs = nowUs - 600e6;
      const times = {
        startedAtUs: firedAtUs,
        firedAtUs,
        lastFindingUs: nowUs,
        okSinceUs: 0,
        escalatesFromUs: firedAtUs,
        endToldAtUs: 0,
      };
      const none = { traits: {}, recentFiringsUs: [], flapping: false, silencedBy: '' };
      return {
        type: 'alert',
        alert: { id: worker, key: worker, subject, state: 'firing', ...times, ...none, ...more },
      };
    };
    const told = [{ step: 0, atUs: nowUs - 500e6, channels: ['chat'], group: 'rack' }];
    const message = {
      id: 'message',
      about: 'firing',
      channel: 'chat',
      tenant: 'acme',
      atUs: nowUs - 500e6,
      severity: 'critical',
    };
    const records = [
      {
        type: 'notification',
        notification: {
          ...message,
          step: 0,
          alerts: [],
          count: 5,
          thread: 'rack',
          opens: true,
          group: { id: 'rack', cause, workers: 5, of: 6 },
        },
      },
      {
        type: 'group',
        group: { id: 'rack', cause, class: 'loss', openedAtUs: nowUs - 500e6, messages: 1, channels: ['chat'] },
      },
      ...[1, 2, 3, 4, 5].map((i) =>
        alert(`acme.north.r1.m${i}`, {
          rule: 'offline',
          kind: 'offline',
          severity: 'critical',
          evidence: { 'last share': '11 minutes ago', connection: 'gone for 10 minutes' },
          told,
        }),
      ),
      alert('acme.south.r4.m2', {
        rule: 'rate',
        kind: 'rate_below_expected',
        severity: 'warning',
        evidence: { rate: '93.1 TH/s (90.2 to 96.0)', expected: '104 TH/s' },
        told: [],
      }),
      { type: 'undeliverable', id: 'message', atUs: nowUs - 400e6, attempts: 3, reason: '550 no such mailbox' },
    ];
    await pool.alerts.append(records as unknown as Records);
    await vi.waitFor(() => expect([...pool.alerts.inbox.all()]).toHaveLength(6), 5000);
  }

  it('are shown by their cause, and acknowledged with one tap', async () => {
    await trouble();
    await pool.startAlerter();
    const page = await open('/alerts', PHONE);
    await page.getByRole('heading', { name: 'Rack acme.north.r1' }).waitFor();
    expect(await page.getByText('5 of 6 workers were in trouble').count()).toBe(1);
    await sound(page, 'alerts-phone');
    await page.getByRole('button', { name: 'Who was told' }).first().click();
    await page.getByText('given up. 550 no such mailbox').waitFor();
    await sound(page, 'alerts-told-phone');
    await button(page, 'Acknowledge all 5').click();
    await page.getByText('1 firing, 5 acknowledged').waitFor();
    expect(pool.alerts.inbox.get('acme.north.r1.m3')).toMatchObject({ state: 'acknowledged' });
    await button(page, 'Take back').first().click();
    await page.getByText('2 firing, 4 acknowledged').waitFor();

    const desk = await open('/alerts', DESK, 'dark');
    await desk.getByRole('heading', { name: 'Rack acme.north.r1' }).waitFor();
    await sound(desk, 'alerts-desk-dark');
    await button(desk, 'Warning').click();
    await vi.waitFor(async () => expect(await desk.getByRole('heading', { name: /^Rack/ }).count()).toBe(0), 5000);
    expect(new URL(desk.url()).search).toBe('?severity=WARNING');
    await sound(desk, 'alerts-warning-desk-dark');
  }, 120_000);

  it('say that nothing is wrong, and lead to the rules', async () => {
    const page = await open('/alerts');
    await page.getByRole('heading', { name: 'Nothing is wrong that a rule looks for' }).waitFor();
    await sound(page, 'alerts-none-desk');
  }, 60_000);

  it('are looked for by rules made with one click, and told to channels that can be tried', async () => {
    await pool.startAlerter();
    const page = await open('/settings/channels');
    await button(page, 'New channel').click();
    await page.getByLabel('Name', { exact: true }).fill('Night shift');
    expect(await page.getByLabel('The bot’s token').count()).toBe(0);
    await page.getByLabel('Addresses').fill('night@acme.example');
    await sound(page, 'channel-new-desk');
    await button(page, 'Make channel').click();
    await page.getByRole('row', { name: /Night shift/ }).waitFor();
    await button(page, 'Send a test').click();
    await page.getByText('the pool has no mail server').waitFor();
    await sound(page, 'channel-tested-desk');

    await page.goto(`${pool.url}/settings/rules`);
    await button(page, 'Add A machine is offline').click();
    await page.getByRole('row', { name: /A machine is offline/ }).waitFor();
    const [rule] = [...pool.control.state.all('alert_rule')];
    const [channel] = [...pool.control.state.all('alert_channel')];
    expect(rule!.body).toMatchObject({
      looksFor: { kind: 'offline' },
      steps: [{ afterMinutes: 0, channels: [channel!.id] }],
    });
    await button(page, 'Edit A machine is offline').click();
    await page.getByLabel('False alarms per machine and year').fill('0.1');
    await sound(page, 'rule-edit-desk');
    await button(page, 'Save').click();
    await vi.waitFor(
      () =>
        expect(pool.control.state.get('alert_rule', rule!.id)!.body.looksFor).toEqual({
          kind: 'offline',
          falseAlarmsPerWorkerYear: 0.1,
        }),
      5000,
    );
    const phone = await open('/settings/rules', PHONE, 'dark');
    await phone.getByRole('heading', { name: 'Add with one click' }).waitFor();
    await phone.getByRole('row', { name: /A machine is offline/ }).waitFor();
    await sound(phone, 'rules-phone-dark');
  }, 120_000);

  it('are looked for by rules that are made by choosing, and keep all that they hold', async () => {
    const mail = (id: string, name: string) =>
      ({
        op: 'put',
        kind: 'alert_channel',
        id,
        body: { tenant: 'acme', name, enabled: true, sendsTo: { type: 'mail', to: [`${id}@acme.example`] } },
      }) as const;
    const worker = (id: string) => ({ op: 'put', kind: 'worker', id, body: { standing: 'active', tags: [] } }) as const;
    await pool.change(
      ...[mail('night', 'Night shift'), mail('boss', 'The boss'), mail('pager', 'Pager')],
      { op: 'put', kind: 'site', id: 'acme.north', body: { name: 'North hall' } },
      { op: 'put', kind: 'group', id: 'row-a', body: { tenant: 'acme', name: 'Row A', under: [], tags: ['a'] } },
      ...[worker('acme.north.r1.m1'), worker('acme.north.r1.m2')],
    );
    const page = await open('/settings/rules');
    await button(page, 'New rule').click();
    await sound(page, 'rule-kinds-desk');
    await page.getByRole('button', { name: /^Rate below threshold/ }).click();
    await page.getByText('Promises nothing about chance').waitFor();
    // Only what this kind has.
    expect(await page.getByLabel('Minutes without a connection').count()).toBe(0);
    expect(await page.getByLabel('Below, per cent of what is expected').inputValue()).toBe('90');
    await page.getByLabel('Name', { exact: true }).fill('North is slow');
    const find = page.getByPlaceholder('Find a site, rack, group or machine');
    await find.fill('north');
    await button(page, 'site acme.north North hall').click();
    await find.fill('r1');
    await sound(page, 'rule-scope-desk');
    await button(page, 'rack acme.north.r1').click();
    await find.fill('row');
    await button(page, 'group Row A').click();
    await button(page, 'Take away acme.north.r1').click();
    await button(page, 'Tell somebody').click();
    await page.getByLabel('Tell as well').selectOption('Pager');
    await button(page, 'Add a step').click();
    await button(page, 'Make rule').click();
    await page.getByText('Choose whom to tell, or take the step away.').waitFor();
    const second = page.getByRole('group', { name: 'Step 2' });
    await second.getByLabel('Tell', { exact: true }).selectOption('The boss');
    await button(page, 'Add a step').click();
    await page.getByRole('group', { name: 'Step 3' }).getByLabel('Tell', { exact: true }).selectOption('Pager');
    await page.getByLabel('Tell nobody at certain hours').check();
    await page.getByLabel('Sun').uncheck();
    await page.getByLabel('Time zone').fill('Europe/Oslo');
    await sound(page, 'rule-new-desk');
    await button(page, 'Make rule').click();
    await page.getByRole('row', { name: /North is slow/ }).waitFor();
    const rule = [...pool.control.state.all('alert_rule')][0]!;
    expect(rule.body).toEqual({
      tenant: 'acme',
      name: 'North is slow',
      enabled: true,
      under: ['acme.north'],
      groups: ['row-a'],
      looksFor: { kind: 'rate_threshold', belowFraction: 0.9, windowMinutes: 60 },
      severity: 'warning',
      forSeconds: 0,
      clearForSeconds: 120,
      steps: [
        { afterMinutes: 0, channels: ['night', 'pager'], webhooks: [] },
        { afterMinutes: 15, channels: ['boss'], webhooks: [] },
        { afterMinutes: 30, channels: ['pager'], webhooks: [] },
      ],
      quietHours: {
        timeZone: 'Europe/Oslo',
        days: [1, 2, 3, 4, 5, 6],
        from: '22:00',
        to: '07:00',
        passes: ['critical'],
      },
    });

    // Opened and saved, it is as it was; changed in one thing, it is so in that alone.
    const phone = await open('/settings/rules', PHONE, 'dark');
    await button(phone, 'Edit North is slow').click();
    await phone.getByRole('group', { name: 'Step 3' }).waitFor();
    await phone.getByText('group Row A').waitFor();
    await sound(phone, 'rule-edit-phone-dark');
    await button(phone, 'Save').click();
    await phone.getByRole('heading', { name: 'North is slow' }).waitFor({ state: 'detached' });
    expect(pool.control.state.get('alert_rule', rule.id)).toEqual(rule);
    await button(phone, 'Edit North is slow').click();
    await button(phone, 'Take away step 2').click();
    await button(phone, 'Save').click();
    await phone.getByRole('heading', { name: 'North is slow' }).waitFor({ state: 'detached' });
    const { steps } = rule.body;
    expect(pool.control.state.get('alert_rule', rule.id)!.body).toEqual({ ...rule.body, steps: [steps[0], steps[2]] });
  }, 120_000);

  it('are told to nobody within a maintenance window, which starts now', async () => {
    const page = await open('/settings/maintenance', PHONE);
    await page.getByLabel('Place', { exact: true }).fill('acme.north');
    await button(page, '2 h').click();
    await page.getByText('Silent from now on.').waitFor();
    const [window] = [...pool.control.state.all('maintenance_window')];
    expect(window!.body).toMatchObject({ tenant: 'acme', under: ['acme.north'] });
    expect(window!.body.untilUs - window!.body.fromUs).toBe(2 * 3600e6);
    await page.getByRole('row', { name: /Works at acme.north/ }).waitFor();
    await sound(page, 'maintenance-phone');
  }, 60_000);
});
