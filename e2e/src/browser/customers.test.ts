/// <reference lib="dom" />
// What a customer who rents hash power sees of it, and what the owner sees, in a real browser over the real gateway and a real ClickHouse.
// Screenshots are left in a temporary folder, which is printed.
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { accessibilityFaults } from './accessibility.ts';
import { buildDashboard } from './build-dashboard.ts';
import { launchBrowserOrSkip } from './launch.ts';
import { startLeasedFarm, type LeasedFarm } from './leased-farm.ts';
import { type LoginGateway, startLoginGateway } from './login-gateway.ts';
import { DESK, LOOKS } from './visits.ts';

const browser = await launchBrowserOrSkip('what customers bought and got');

describe.skipIf(!browser)('customers', () => {
  let dist: string;
  let shots: string;
  let farm: LeasedFarm;
  let pool: LoginGateway;
  let contexts: BrowserContext[] = [];
  let faults: string[] = [];

  beforeAll(async () => {
    ({ dist, shots } = await buildDashboard());
    farm = await startLeasedFarm(Date.now());
    pool = await startLoginGateway(dist, farm.store);
    await pool.change(...farm.entries);
  }, 120_000);

  afterEach(async () => {
    await Promise.all(contexts.map((context) => context.close()));
    contexts = [];
    const seen = faults;
    faults = [];
    expect(seen).toEqual([]);
  });

  afterAll(async () => {
    await (browser as Browser).close();
    await pool.stop();
    await farm.stop();
    await rm(dist, { recursive: true, force: true });
  });

  async function open(path: string, viewport = DESK, colorScheme: 'light' | 'dark' = 'light'): Promise<Page> {
    const context = await (browser as Browser).newContext({ viewport, colorScheme, acceptDownloads: true });
    contexts.push(context);
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    page.on('pageerror', (error) => faults.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error' && !/WebSocket connection/.test(message.text())) faults.push(message.text());
    });
    await page.goto(`${pool.url}${path}`);
    return page;
  }

  async function sound(page: Page, shot: string): Promise<void> {
    await page.screenshot({ path: join(shots, `${shot}.png`), fullPage: true });
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0);
  }

  const drawn = (page: Page) => page.locator('.plot canvas').first().waitFor();
  const row = (page: Page, name: string) => page.getByRole('row', { name: new RegExp(name) });

  it.each(LOOKS)('see what they hold, day by day: on a %s, %o, %s', async (size, viewport, theme) => {
    const page = await open('/hash-power?tenant=globex', viewport, theme);
    await drawn(page);
    await row(page, 'acme.north.r2').first().waitFor();
    await sound(page, `held-${size}-${theme}`);
  });

  it('choose one of several holdings, a side and a time, by the address', async () => {
    const page = await open('/hash-power?tenant=globex');
    await page.getByRole('link', { name: 'acme.north.r1.m2' }).click();
    await page.getByRole('heading', { name: /acme\.north\.r1\.m2, 100 %, of acme/ }).waitFor();
    expect(new URL(page.url()).searchParams.get('holding')).toBe('lease-2');
    await page.getByRole('button', { name: '7 days' }).click();
    await page.getByText('7 days').waitFor();
    await page.getByRole('button', { name: 'Contributed in all' }).click();
    await page.getByRole('heading', { name: 'Contributed, day by day' }).waitFor();
    expect(Object.fromEntries(new URL(page.url()).searchParams)).toMatchObject({ days: '7', side: 'all' });
  });

  it('are the owner’s other side of it', async () => {
    const page = await open('/hash-power?tenant=acme&side=given');
    await page.getByRole('heading', { name: /acme\.north\.r2, 50 %, to globex/ }).waitFor();
    await drawn(page);
    await sound(page, 'given-desk-light');
  });

  it.each(LOOKS)('read a report on the page: on a %s, %o, %s', async (size, viewport, theme) => {
    const page = await open('/reports?tenant=globex', viewport, theme);
    await page.getByRole('link', { name: 'PDF' }).waitFor();
    await sound(page, `report-${size}-${theme}`);
  });

  it('take it along as PDF and CSV, and tables too', async () => {
    const page = await open('/reports?tenant=globex');
    for (const [name, begins] of [
      ['PDF', '%PDF-1.'],
      ['CSV', 'part,holding,of,owner,holder,fraction,date'],
    ] as const) {
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('link', { name, exact: true }).click(),
      ]);
      expect(download.suggestedFilename()).toMatch(new RegExp(`^assay-globex-\\d{4}-\\d{2}\\.${name.toLowerCase()}$`));
      expect((await readFile(await download.path(), 'utf8')).startsWith(begins)).toBe(true);
    }
    await page.goto(`${pool.url}/workers?q=r1.m2`);
    const [table] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Export CSV' }).click(),
    ]);
    const lines = (await readFile(await table.path(), 'utf8')).trimEnd().split('\r\n');
    expect(lines.map((line) => line.split(',')[0])).toEqual(['worker', 'acme.north.r1.m2']);
  });

  it('print a report without the frame around it', async () => {
    const page = await open('/reports?tenant=globex');
    await drawn(page);
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('.header').isVisible()).toBe(false);
    expect(await page.getByRole('table').first().isVisible()).toBe(true);
    await page.screenshot({ path: join(shots, 'report-print.png'), fullPage: true });
  });

  it('are told that there is nothing to see', async () => {
    const page = await open('/hash-power?tenant=nobody');
    await page.getByText('No such tenant that you see all of').waitFor();
    await sound(page, 'nobody-desk-light');
  });
});
