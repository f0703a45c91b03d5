/// <reference lib="dom" />
// What a pool's people configure in the dashboard, in a real browser over the real gateway and control log.
// Screenshots are left in a temporary folder, which is printed.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { accessibilityFaults } from './accessibility.ts';
import { buildDashboard } from './build-dashboard.ts';
import { launchBrowserOrSkip } from './launch.ts';
import { type LoginGateway, startLoginGateway } from './login-gateway.ts';

const DESK = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };

const browser = await launchBrowserOrSkip('configuring the pool');

describe.skipIf(!browser)('the settings', () => {
  let dist: string;
  let shots: string;
  let pool: LoginGateway;
  let contexts: BrowserContext[] = [];
  let faults: string[] = [];

  beforeAll(async () => {
    ({ dist, shots } = await buildDashboard());
  });

  beforeEach(async () => {
    pool = await startLoginGateway(dist);
  });

  afterEach(async () => {
    await Promise.all(contexts.map((context) => context.close()));
    contexts = [];
    await pool.stop();
    const seen = faults;
    faults = [];
    expect(seen).toEqual([]);
  });

  afterAll(async () => {
    await (browser as Browser).close();
    await rm(dist, { recursive: true, force: true });
  });

  async function open(path: string, viewport = DESK, colorScheme: 'light' | 'dark' = 'light'): Promise<Page> {
    const context = await (browser as Browser).newContext({ viewport, colorScheme });
    contexts.push(context);
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    page.on('pageerror', (error) => faults.push(String(error)));
    page.on('console', (message) => {
      // Refusals on purpose are logged by the browser, and so is the store that is not there; everything else is ours.
      if (message.type() === 'error' && !/status of (400|401|429|503)|WebSocket connection/.test(message.text()))
        faults.push(message.text());
    });
    await page.goto(`${pool.url}${path}`);
    return page;
  }

  async function sound(page: Page, shot: string): Promise<void> {
    await page.screenshot({ path: join(shots, `${shot}.png`), fullPage: true });
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0);
  }

  const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
  const body = (kind: 'tenant' | 'worker', id: string) => pool.control.state.get(kind, id)?.body;

  const tenant = (id: string, more: object = {}) =>
    ({ op: 'put', kind: 'tenant', id, body: { name: id, kind: 'hosting', autoRegister: false, ...more } }) as const;
  const worker = (id: string, more: object = {}) =>
    ({ op: 'put', kind: 'worker', id, body: { standing: 'quarantined', tags: [], ...more } }) as const;

  it('enter a tenant, change it, and say what is wrong', async () => {
    const page = await open('/');
    await page.getByRole('link', { name: 'Settings' }).click();
    await page.getByRole('heading', { name: 'No tenant yet' }).waitFor();
    await sound(page, 'tenants-none-desk');
    await button(page, 'New tenant').click();
    expect(new URL(page.url()).search).toBe('?edit=new');
    await button(page, 'Make tenant').click();
    expect(await page.getByText('This is needed.').count()).toBe(2);
    await page.getByLabel('Id', { exact: true }).fill('acme');
    await page.getByLabel('Name', { exact: true }).fill('Acme Mining');
    await page.getByLabel('Time zone of reports').fill('Mars/Base');
    await button(page, 'Make tenant').click();
    await page.getByText('Mars/Base is no time zone').waitFor();
    await page.getByLabel('Time zone of reports').fill('Europe/Oslo');
    await button(page, 'Make tenant').click();
    await page.getByRole('row', { name: /Acme Mining acme/ }).waitFor();
    expect(body('tenant', 'acme')).toEqual({
      name: 'Acme Mining',
      kind: 'hosting',
      autoRegister: true,
      requireSecondFactor: false,
      timeZone: 'Europe/Oslo',
    });

    await button(page, 'Edit Acme Mining').click();
    await page.getByLabel('Most workers').fill('250');
    await sound(page, 'tenant-edit-desk');
    // Somebody else is quicker.
    await pool.change(tenant('acme', { name: 'Acme AS' }));
    await button(page, 'Save').click();
    await page.getByText('Somebody else has changed this meanwhile.').waitFor();
    await button(page, 'Show what it is now').click();
    await page.getByRole('heading', { name: 'Acme AS' }).waitFor();
    await page.getByLabel('Most workers').fill('250');
    await button(page, 'Save').click();
    await page.getByText('0 of 250').waitFor();
    expect(body('tenant', 'acme')).toMatchObject({ name: 'Acme AS', maxWorkers: 250 });

    const phone = await open('/settings/tenants?edit=acme', PHONE, 'dark');
    await phone.getByLabel('Most workers').waitFor();
    await sound(phone, 'tenant-edit-phone');
    await button(phone, 'Remove').click();
    await button(phone, 'Remove tenant?').click();
    await phone.getByRole('heading', { name: 'No tenant yet' }).waitFor();
  });

  it('enter sites and groups', async () => {
    await pool.change(tenant('acme'));
    const page = await open('/settings/places?edit=new');
    await page.getByLabel('Id', { exact: true }).fill('acme.north');
    await page.getByLabel('Name', { exact: true }).fill('North hall');
    await page.getByLabel('Power, watts').fill('2400000');
    await button(page, 'Make site').click();
    await page.getByRole('row', { name: /North hall acme.north.*2.4.MW/ }).waitFor();
    await button(page, 'New group').click();
    await page.getByLabel('Tenant', { exact: true }).fill('acme');
    await page.getByLabel('Name', { exact: true }).fill('Row A');
    await page.getByLabel('Workers and racks').fill('acme.north.r1, acme.north.r2');
    await button(page, 'Make group').click();
    await page.getByRole('row', { name: /Row A acme/ }).waitFor();
    await sound(page, 'places-desk');
    expect([...pool.control.state.all('group')][0]!.body).toMatchObject({ under: ['acme.north.r1', 'acme.north.r2'] });
    await sound(await open('/settings/places', PHONE), 'places-phone');
  });

  it('take many workers in from quarantine, refuse others, and set what they are', async () => {
    const names = Array.from({ length: 12 }, (_, i) => `acme.north.r1.m${String(i).padStart(2, '0')}`);
    await pool.change(tenant('acme'), ...names.map((name) => worker(name)));
    const page = await open('/settings/workers?standing=QUARANTINED');
    await page.getByLabel('Choose acme.north.r1.m00').check();
    await page.getByLabel('Choose acme.north.r1.m01').check();
    await sound(page, 'quarantine-desk');
    await button(page, 'Refuse').click();
    await page.getByText('10 of 10').waitFor();
    await page.getByLabel('Choose all that are shown').check();
    await page.getByLabel('Expected rate').fill('110 TH/s');
    await page.getByLabel('Model').fill('S19j Pro');
    await page.getByLabel('Tags to add').fill('new, row-a');
    await button(page, 'Set for 10 workers').click();
    await page.getByRole('row', { name: /m02.*S19j Pro.*110.TH\/s/ }).waitFor();
    await page.getByLabel('Choose all that are shown').check();
    await button(page, 'Take in').click();
    await page.getByRole('heading', { name: 'Nobody waits' }).waitFor();
    expect(body('worker', names[0]!)).toMatchObject({ standing: 'retired' });
    for (const name of names.slice(2))
      expect(body('worker', name)).toEqual({
        standing: 'active',
        tags: ['new', 'row-a'],
        model: 'S19j Pro',
        expectedHashRateHs: 1.1e14,
      });
    const phone = await open('/settings/workers', PHONE, 'dark');
    await phone.getByRole('row', { name: /m11/ }).waitFor();
    await sound(phone, 'workers-phone');
  });

  it('say on a worker’s page what is entered of it, change it, and draw a secret', async () => {
    const name = 'acme.north.r1.m07';
    await pool.change(tenant('acme'), worker(name, { model: 'S19' }));
    const page = await open(`/workers/${name}`);
    await page.getByText('In quarantine').waitFor();
    await button(page, 'Edit').click();
    await page.getByLabel('Standing').selectOption('Active');
    await page.getByLabel('Expected rate').fill('fast');
    await button(page, 'Save').click();
    await page.getByText('A number with its unit, such as 110 TH/s.').waitFor();
    await page.getByLabel('Expected rate').fill('0.11P');
    await page.getByLabel('Rated power, watts').fill('3250');
    await button(page, 'Save').click();
    await page.getByText('3,250').waitFor();
    expect(body('worker', name)).toEqual({
      standing: 'active',
      tags: [],
      model: 'S19',
      expectedHashRateHs: 1.1e14,
      ratedPowerWatts: 3250,
    });
    await button(page, 'Edit').click();
    await button(page, 'Draw one').click();
    const secret = await page.locator('code.secret').innerText();
    expect(secret).toMatch(/^[\w-]{22}$/);
    await sound(page, 'worker-entry-desk');
    expect(body('worker', name)).toMatchObject({ secretHash: expect.stringMatching(/^sha256\$/) as unknown });
    await button(page, 'Take it away').click();
    await button(page, 'Let any password do?').click();
    await page.getByText('Any password will do now.').waitFor();
    expect(body('worker', name)).not.toHaveProperty('secretHash');

    const phone = await open(`/workers/${name}?edit=entry`, PHONE, 'dark');
    await phone.getByLabel('Rated power, watts').waitFor();
    await sound(phone, 'worker-entry-phone');
  });
});
