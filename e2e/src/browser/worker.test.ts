/// <reference lib="dom" />
// A machine's page, whole, and a customer's first page, in a real browser over the real gateway and a real ClickHouse with a month of history.
// Screenshots are left in a temporary folder, which is printed.
import { rm } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { buildDashboard } from './build-dashboard.ts';
import { launchBrowserOrSkip } from './launch.ts';
import { startLeasedFarm, type LeasedFarm } from './leased-farm.ts';
import { type LoginGateway, startLoginGateway } from './login-gateway.ts';
import { DESK, expectSound, LOOKS, PHONE, Visits } from './visits.ts';

const MACHINE = 'acme.north.r2.m5';

const browser = await launchBrowserOrSkip('a machine’s page');

describe.skipIf(!browser)('a machine’s page', () => {
  let dist: string;
  let shots: string;
  let farm: LeasedFarm;
  let pool: LoginGateway;
  let visits: Visits;

  beforeAll(async () => {
    ({ dist, shots } = await buildDashboard());
    farm = await startLeasedFarm(Date.now());
    pool = await startLoginGateway(dist, farm.store);
    visits = new Visits(browser as Browser, /WebSocket connection/);
    const body = { standing: 'active', tags: [], model: 'S21', ratedPowerWatts: 2100 };
    await pool.change(...farm.entries, { op: 'put', kind: 'worker', id: MACHINE, body });
    pool.clock.advance(60);
    const changed = { ...body, expectedHashRateHs: 9.9e13, model: 'S21 Pro' };
    await pool.change({ op: 'put', kind: 'worker', id: MACHINE, body: changed });
    pool.clock.advance(600);
  }, 120_000);

  afterEach(async () => expect(await visits.end()).toEqual([]));

  afterAll(async () => {
    await (browser as Browser).close();
    await pool.stop();
    await farm.stop();
    await rm(dist, { recursive: true, force: true });
  });

  const open = (path: string, viewport = DESK, theme: 'light' | 'dark' = 'light'): Promise<Page> =>
    visits.open(pool.url + path, viewport, theme);
  const grid = (page: Page) => page.getByRole('grid', { name: /day by day/ });
  const ready = async (page: Page): Promise<void> => {
    await page.locator('.plot canvas').first().waitFor();
    await grid(page).waitFor();
    await page.getByRole('table', { name: `Connections of ${MACHINE}` }).waitFor();
    await page.getByText('expected rate').first().waitFor();
  };

  it.each(LOOKS)('has everything known, in order: on a %s, %o, %s', async (size, viewport, theme) => {
    const page = await open(`/workers/${MACHINE}?range=30d`, viewport, theme);
    await ready(page);
    await expectSound(page, shots, `worker-${size}-${theme}`, true);
  });

  it('says when what is expected changed, in the chart’s numbers, and by whom', async () => {
    const page = await open(`/workers/${MACHINE}?range=30d`);
    await ready(page);
    const marked = page.getByRole('list', { name: /marked in the chart/ }).getByRole('listitem');
    const texts = await marked.allInnerTexts();
    expect(texts[0]).toMatch(/expected rate 85\.0\sTH\/s → 94\.0\sTH\/s by its password/);
    expect(texts.at(-1)).toMatch(/expected rate 99\.0\sTH\/s, model S21 → S21 Pro by the pool/);
    await page.getByText('Expected, as it was then').waitFor();
  });

  it('puts power beside work', async () => {
    const page = await open(`/workers/${MACHINE}`);
    await ready(page);
    const facts = page.locator('#details');
    await facts.getByText('2,100\u00a0W').waitFor();
    // 2,100 W at 99 TH/s.
    await facts.getByText('21.2\u00a0J/TH').waitFor();
  });

  it('is walked through by the day with the keyboard, and has the same as a table', async () => {
    const page = await open(`/workers/${MACHINE}`);
    await ready(page);
    await page.getByRole('button', { name: 'Uptime', exact: true }).click();
    await page.waitForURL(/day=uptime/);
    const today = new Date(pool.clock.nowUs() / 1000);
    const cell = grid(page).locator('td[tabindex="0"]');
    expect(await cell.getAttribute('aria-label')).toContain(today.toISOString().slice(0, 10));
    await cell.focus();
    await page.keyboard.press('ArrowLeft');
    const weekBefore = new Date(today.getTime() - 7 * 86_400_000).toISOString().slice(0, 10);
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe(
      `${weekBefore}: up 100\u00a0%`,
    );
    await page.locator('.calendar .reading', { hasText: weekBefore }).waitFor();
    await page.locator('#days').getByRole('button', { name: 'Table' }).click();
    await page.getByRole('row', { name: new RegExp(`^${weekBefore}`) }).waitFor();
    await expectSound(page, shots, 'worker-days-table', false);
  });

  it('lists how it came and went', async () => {
    const page = await open(`/workers/${MACHINE}`);
    await ready(page);
    const table = page.getByRole('table', { name: `Connections of ${MACHINE}` });
    expect(await table.getByRole('row').count()).toBe(11);
    await table.getByText('closed by the miner').first().waitFor();
    await table.getByText('10.0.0.15:40000').first().waitFor();
    await page.locator('#connections').getByRole('button', { name: 'Show older' }).click();
    await expect.poll(() => table.getByRole('row').count()).toBe(36);
  });

  it('leads to its parts', async () => {
    const page = await open(`/workers/${MACHINE}`, PHONE);
    await ready(page);
    await page.getByRole('link', { name: 'Connections', exact: true }).click();
    await expect
      .poll(async () => (await page.getByRole('heading', { name: 'Connections' }).boundingBox())?.y)
      .toBeLessThan(400);
  });
});
