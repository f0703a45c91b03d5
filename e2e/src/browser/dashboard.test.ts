/// <reference lib="dom" />
// The dashboard in a real browser over the sample fleet: what an operator sees and does, on a desk and on a phone, when all is well and
// when it is not. Screenshots of every page are left in a temporary folder, which is printed.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { accessibilityFaults } from './accessibility.ts';
import { buildDashboard } from './build-dashboard.ts';
import { launchBrowserOrSkip } from './launch.ts';
import { type SampleServer, startSampleServer } from './sample-server.ts';

const WORKERS = 10_000;
const DESK = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };

const browser = await launchBrowserOrSkip('the dashboard');

interface OpenOptions {
  readonly viewport?: typeof DESK;
  readonly theme?: 'light' | 'dark';
}

describe.skipIf(!browser)('dashboard', () => {
  let dist: string;
  let shots: string;
  let server: SampleServer;
  let contexts: BrowserContext[] = [];
  let faults: string[] = [];

  beforeAll(async () => {
    ({ dist, shots } = await buildDashboard());
    server = await startSampleServer({ workers: WORKERS, dashboard: dist });
  });

  afterEach(async () => {
    server.mode = 'normal';
    await Promise.all(contexts.map((context) => context.close()));
    contexts = [];
    const seen = faults;
    faults = [];
    // A policy violation or an uncaught error anywhere is a failure of the test during which it happened.
    expect(seen).toEqual([]);
  });

  afterAll(async () => {
    await (browser as Browser).close();
    await server.stop();
    await rm(dist, { recursive: true, force: true });
  });

  async function open(path: string, { viewport = DESK, theme = 'light' }: OpenOptions = {}): Promise<Page> {
    const context = await (browser as Browser).newContext({ viewport, colorScheme: theme });
    contexts.push(context);
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    page.on('pageerror', (error) => faults.push(String(error)));
    page.on('console', (message) => {
      // Answers of the server that fail on purpose are logged by the browser; everything else is ours.
      if (message.type() === 'error' && !/status of 503|WebSocket connection/.test(message.text()))
        faults.push(message.text());
    });
    await page.goto(server.url + path);
    return page;
  }

  const named = (kind: string): string => server.workers.find((worker) => worker.kind === kind)!.name;
  const workerPage = (name: string): string => `/workers/${encodeURIComponent(name)}`;
  const grid = (page: Page): ReturnType<Page['getByRole']> => page.getByRole('grid', { name: 'Workers' });
  const firstRow = (page: Page): ReturnType<Page['locator']> => page.locator('[aria-rowindex="2"]');
  const wholeTable = (page: Page): Promise<void> =>
    page.getByTestId('row-count').getByText('10,000 workers', { exact: true }).waitFor();

  /** What to wait for on each page: its slowest part. */
  const PAGES: readonly {
    readonly name: string;
    readonly path: () => string;
    readonly ready: (page: Page) => Promise<unknown>;
  }[] = [
    {
      name: 'overview',
      path: () => '/',
      ready: (page) =>
        Promise.all([
          page.locator('.trouble.silent').waitFor(),
          page.locator('.plot canvas').waitFor(),
          page.locator('.places .site-row').first().waitFor(),
          page.locator('.pools tbody tr').first().waitFor(),
          page.locator('.event-list li').first().waitFor(),
        ]),
    },
    {
      name: 'fleet',
      path: () => '/fleet',
      ready: (page) => page.locator('.fleet-canvas canvas').last().waitFor(),
    },
    { name: 'workers', path: () => '/workers', ready: (page) => wholeTable(page) },
    {
      name: 'worker',
      path: () => workerPage(named('stale-prone')),
      ready: (page) =>
        Promise.all([page.locator('.plot canvas').nth(1).waitFor(), page.locator('.uptime-strip').waitFor()]),
    },
    {
      name: 'connect',
      path: () => '/connect',
      ready: (page) => page.getByRole('button', { name: 'Copy URL' }).waitFor(),
    },
    {
      name: 'events',
      path: () => '/events',
      ready: (page) => page.getByRole('button', { name: 'Show older' }).waitFor(),
    },
  ];

  for (const theme of ['light', 'dark'] as const) {
    for (const [size, viewport] of [
      ['desk', DESK],
      ['phone', PHONE],
    ] as const) {
      it.each(PAGES)(
        `shows $name on a ${size}, ${theme}, without serious accessibility faults`,
        async ({ name, path, ready }) => {
          const page = await open(path(), { viewport, theme });
          await ready(page);
          await page.screenshot({ path: join(shots, `${name}-${size}-${theme}.png`) });
          expect(
            await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth),
          ).toBeLessThanOrEqual(0);
          // Which of the two themes is on the screen: the red of the background is near 255 or near 0.
          const background = await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
          expect(Number(/\d+/.exec(background)?.[0]) > 128 ? 'light' : 'dark').toBe(theme);
          expect(await accessibilityFaults(page)).toEqual([]);
        },
      );
    }
  }

  it('puts what needs attention first, with a way to each machine', async () => {
    const page = await open('/');
    const silent = server.workers.filter((worker) => worker.status === 'SILENT').length;
    await page.locator('.trouble.silent').waitFor();
    expect(await page.locator('.trouble.silent .trouble-count').innerText()).toBe(String(silent));
    expect(await page.locator('.trouble h3').allInnerTexts()).toEqual([
      expect.stringContaining('Silent'),
      expect.stringContaining('Offline'),
      expect.stringContaining('Below expectation'),
      expect.stringContaining('Rejected shares'),
    ]);
    const link = page.locator('.trouble.offline .name').first();
    const name = await link.innerText();
    await link.click();
    await page.getByRole('heading', { level: 1, name }).waitFor();
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('content');
  });

  it('tells what pools credit of what they were passed on, and what they refuse too much of', async () => {
    const page = await open('/');
    const rows = page.locator('.pools tbody tr');
    await rows.first().waitFor();
    expect(await rows.count()).toBe(3);
    expect(await rows.nth(0).innerText()).toMatch(/btc\.pool\.example:3333\s+28,311\s+of 28,323\s+0\.04\s%/);
    expect(await rows.nth(0).innerText()).toMatch(/7\.02\sPH\/s\s+of 7\.09\sPH\/s/);
    expect(await rows.nth(1).locator('.count-offline').innerText()).toMatch(/4\.81\s%/);
    expect(await rows.nth(1).locator('td').nth(1).locator('[title]').getAttribute('title')).toContain(
      '40 × 23 Low difficulty share',
    );
    expect(await rows.nth(2).innerText()).toMatch(/10\.0\.0\.7:8332\s+0\s+of 1\s+–[^]*never/);
  });

  it('maps 10,000 machines by rack, says what a cell is, and goes from the fleet to a rack and to a machine', async () => {
    const page = await open('/fleet');
    const racks = new Set(server.workers.map(({ name }) => name.slice(0, name.lastIndexOf('.')))).size;
    await page.getByText(`10,000 machines in ${racks} racks`).waitFor();
    const map = page.getByRole('application').first();
    await map.focus();
    await page.keyboard.press('ArrowRight');
    const first = server.workers[0]!;
    await page.locator('.fleet-tip', { hasText: first.name }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: first.name }).waitFor();
    await page.goBack();
    await page.getByRole('button', { name: 'Table' }).click();
    const rack = first.name.slice(0, first.name.lastIndexOf('.'));
    await page.getByRole('table', { name: 'Racks' }).getByRole('link', { name: rack, exact: true }).click();
    const ofRack = server.workers.filter(({ name }) => name.startsWith(`${rack}.`)).length;
    await page.getByText(`${ofRack} machines in 1 rack`).waitFor();
    await page.getByRole('button', { name: 'Map' }).click();
    await page.locator('.fleet-canvas canvas').click({ position: { x: 10, y: 25 } });
    await page.getByRole('heading', { level: 1, name: first.name }).waitFor();
  });

  it('holds few rows in the document and reaches the last of 10,000', async () => {
    const page = await open('/workers');
    await wholeTable(page);
    expect(await grid(page).getAttribute('aria-rowcount')).toBe('10001');
    const most = await page.evaluate(async () => {
      const box = document.querySelector('[role="grid"]')!;
      let rows = 0;
      for (let step = 0; step <= 40; step++) {
        box.scrollTop = ((box.scrollHeight - box.clientHeight) * step) / 40;
        await new Promise(requestAnimationFrame);
        await new Promise(requestAnimationFrame);
        rows = Math.max(rows, box.querySelectorAll('[role="row"]').length);
      }
      return rows;
    });
    expect(most).toBeLessThan(80);
    const last = server.workers.at(-1)!;
    await page.locator('[aria-rowindex="10001"]').getByRole('link', { name: last.name }).waitFor();
  });

  it('sorts by a column, keeps it in the address, and turns it around', async () => {
    const page = await open('/workers');
    await wholeTable(page);
    await page.getByRole('button', { name: 'Hash rate' }).click();
    await page.waitForURL(/sort=HASH_RATE&dir=DESC/);
    const highest = Math.max(...server.workers.map((worker) => worker.hashRate));
    const strongest = server.workers.find((worker) => worker.hashRate === highest)!;
    await firstRow(page).getByRole('link', { name: strongest.name }).waitFor();
    expect(await page.getByRole('columnheader', { name: 'Hash rate' }).getAttribute('aria-sort')).toBe('descending');
    await page.getByRole('button', { name: 'Hash rate' }).click();
    await page.waitForURL((url) => !url.search.includes('dir='));
    const weakest = server.workers.find((worker) => worker.hashRate === 0)!;
    await firstRow(page).getByRole('link', { name: weakest.name }).waitFor();
    await page.reload();
    await firstRow(page).getByRole('link', { name: weakest.name }).waitFor();
  });

  it('filters by tenant, site and status, and clears what matches nothing', async () => {
    const page = await open('/workers');
    await page.getByLabel('Whose machines').selectOption('helios');
    await page.getByLabel('Site').selectOption('sonora');
    await page.getByRole('button', { name: /^Silent/ }).click();
    await page.waitForURL(/tenant=helios&site=sonora&status=SILENT/);
    const matching = server.workers.filter(
      (worker) => worker.tenant === 'helios' && worker.site === 'sonora' && worker.status === 'SILENT',
    );
    await page.getByTestId('row-count').getByText(`${matching.length} workers`, { exact: true }).waitFor();
    expect(await page.locator('.grid-row.data .badge').allInnerTexts()).toEqual(matching.map(() => 'Silent'));
    await page.getByLabel('Search workers').fill('no such machine');
    await page.getByText('No worker matches').waitFor();
    await page.getByRole('button', { name: 'Clear all filters' }).click();
    await wholeTable(page);
    expect(new URL(page.url()).search).toBe('');
  });

  it('shows one tenant on every page once it is chosen, and all again', async () => {
    const page = await open('/');
    await page.getByLabel('Whose machines').selectOption('helios');
    const ofTenant = server.workers.filter((worker) => worker.tenant === 'helios');
    await page.locator('.stat .unit', { hasText: `of ${ofTenant.length.toLocaleString('en')}` }).waitFor();
    expect(await page.locator('.places .tenant-row').count()).toBe(1);
    const nav = page.getByRole('navigation', { name: 'Pages' });
    await nav.getByRole('link', { name: 'Workers' }).click();
    await page.waitForURL(/workers\?tenant=helios/);
    await page
      .getByTestId('row-count')
      .getByText(`${ofTenant.length.toLocaleString('en')} workers`, { exact: true })
      .waitFor();
    await nav.getByRole('link', { name: 'Events' }).click();
    await page.waitForURL(/events\?tenant=helios/);
    await page.locator('.event-list li').first().waitFor();
    await page.getByLabel('Whose machines').selectOption('');
    expect(new URL(page.url()).search).toBe('');
  });

  it('has what does not fit on a phone behind More, closed by Escape and by the way to a page', async () => {
    const page = await open('/', { viewport: PHONE });
    const nav = page.getByRole('navigation', { name: 'Pages' });
    const more = nav.getByRole('button', { name: 'More' });
    await more.click();
    const connect = nav.getByRole('link', { name: 'Connect', exact: true });
    await connect.waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.screenshot({ path: join(shots, 'more-phone.png') });
    await page.keyboard.press('Escape');
    await connect.waitFor({ state: 'hidden' });
    await more.click();
    await connect.click();
    await page.getByRole('heading', { level: 1, name: 'Connect a miner' }).waitFor();
    await connect.waitFor({ state: 'hidden' });
    expect(await more.getAttribute('class')).toBe('current');
  });

  it('is driven by the keyboard: slash, letters, arrows, Enter, and back to the same place', async () => {
    const page = await open('/workers');
    await wholeTable(page);
    await page.keyboard.press('/');
    await page.keyboard.type('ATACAMA.r02');
    const matching = server.workers.filter((worker) => worker.name.includes('atacama.r02'));
    await page.getByTestId('row-count').getByText(`${matching.length} workers`, { exact: true }).waitFor();
    await page.keyboard.press('ArrowDown');
    for (let i = 0; i < 30; i++) await page.keyboard.press('ArrowDown');
    expect(await grid(page).getAttribute('aria-activedescendant')).toBe('worker-row-30');
    const active = page.locator('.grid-row.active');
    expect(await active.getAttribute('aria-rowindex')).toBe('32');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: matching[30]!.name }).waitFor();
    await page.goBack();
    await active.getByRole('link', { name: matching[30]!.name }).waitFor();
    await grid(page).focus();
    await page.keyboard.press('End');
    await page.locator(`.grid-row.active[aria-rowindex="${matching.length + 1}"]`).waitFor();
  });

  it('shows live changes in place, without moving rows', async () => {
    const page = await open('/workers');
    await wholeTable(page);
    const worker = server.workers[3]!;
    const row = page.locator('[aria-rowindex="5"]');
    await row.getByRole('link', { name: worker.name }).waitFor();
    const before = { status: worker.status, hashRate: worker.hashRate, lastShareAtMs: worker.lastShareAtMs };
    server.change(worker.name, { status: 'SILENT', hashRate: 77e9, lastShareAtMs: Date.now() - 3_900_000 });
    await row.getByText('77.0 GH/s').waitFor();
    await row.getByText('Silent').waitFor();
    await row.getByText('1 h 5 min').waitFor();
    expect(await row.getByRole('link').innerText()).toBe(worker.name);
    server.change(worker.name, before);
  });

  it('catches up after the socket was lost', async () => {
    const page = await open('/workers?q=northwind.oslo.r01');
    const worker = server.workers.find((each) => each.name.startsWith('northwind.oslo.r01'))!;
    await firstRow(page).getByRole('link', { name: worker.name }).waitFor();
    await page.getByTestId('freshness').getByText('Live').waitFor();
    const { hashRate } = worker;
    server.dropSockets();
    // Changed while nobody listens: only fetching again can show it.
    worker.hashRate = 55e9;
    await firstRow(page).getByText('55.0 GH/s').waitFor();
    worker.hashRate = hashRate;
  });

  it('shows a worker over every range, as a drawing and as a table', async () => {
    const name = named('stale-prone');
    const page = await open(workerPage(name));
    await page.locator('.plot canvas').nth(1).waitFor();
    await page.getByText('stale', { exact: false }).first().waitFor();
    for (const range of ['1h', '6h', '7d', '30d']) {
      await page.getByRole('button', { name: range, exact: true }).click();
      await page.waitForURL(new RegExp(`range=${range}`));
      await page.locator('.plot canvas').nth(1).waitFor();
    }
    await page.getByRole('button', { name: '1h', exact: true }).click();
    await page.getByText('Mean over 1 min').waitFor();
    await page.getByText('Show as table').click();
    await expect.poll(() => page.locator('.series-table tbody tr').count()).toBe(60);
    server.change(name, { lastShareAtMs: Date.now() - 7_320_000 });
    await page.locator('.stat', { hasText: 'Last share' }).getByText('2 h 2 min').waitFor();
    server.change(name, { lastShareAtMs: Date.now() });
  });

  it('reads out the point under the pointer', async () => {
    const page = await open('/');
    const plot = page.locator('.plot').first();
    await plot.locator('canvas').waitFor();
    const box = (await plot.boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.getByText(/accepted, .* rejected/).waitFor();
  });

  it('draws how long a machine takes to answer, and says where that is not measured', async () => {
    const heard = server.workers.find(({ status, seed }) => status === 'ONLINE' && seed % 10 !== 0)!;
    const page = await open(workerPage(heard.name));
    const section = page.locator('section', { has: page.getByRole('heading', { name: 'Time to answer' }) }).last();
    await section.locator('.plot canvas').waitFor();
    await section.getByText(/Mean \d+\sms/).waitFor();
    await section.getByText(/Slowest \d+\sms/).waitFor();
    await section.scrollIntoViewIfNeeded();
    await section.screenshot({ path: join(shots, 'latency.png') });
    await section.locator('.plot').hover({ position: { x: 400, y: 60 } });
    await section.getByText(/slowest \d+\sms, \d+ answers/).waitFor();
    const unheard = server.workers.find(({ status, seed }) => status === 'ONLINE' && seed % 10 === 0)!;
    await page.goto(server.url + workerPage(unheard.name));
    await section.getByText('Not measured in this range').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
  });

  it('looks at a machine that was first seen just now over its first hour', async () => {
    const worker = server.workers.find((each) => each.kind === 'healthy')!;
    const { firstSeenMs } = worker;
    Object.assign(worker, { firstSeenMs: Date.now() - 600_000 });
    const page = await open(workerPage(worker.name));
    await page.getByText('Mean over 1 min').waitFor();
    expect(await page.getByRole('button', { name: '1h', exact: true }).getAttribute('aria-pressed')).toBe('true');
    await page
      .getByText(/time since it was first seen/)
      .first()
      .waitFor();
    Object.assign(worker, { firstSeenMs });
  });

  it('says that a worker is not known', async () => {
    const page = await open('/workers/nobody.here');
    await page.getByText('No worker of this name has been seen').waitFor();
  });

  it('gives exact settings, copies them, and ticks off the first share as it comes', async () => {
    const page = await open('/connect');
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    const worker = server.workers.find((each) => each.kind === 'dead' && each.invalidFraction !== null)!;
    const [tenant, site, rack, machine] = worker.name.split('.') as [string, string, string, string];
    await page.getByLabel('Tenant').fill(tenant);
    await page.getByLabel('Site').fill(site);
    await page.getByLabel('Rack').fill(rack);
    await page.getByLabel('Machine', { exact: true }).fill(machine);
    await page.getByLabel('Expected rate').fill('100T');
    await page.getByLabel('Start difficulty').fill('65536');
    await page.getByRole('button', { name: 'cgminer' }).click();
    const command = `cgminer -o stratum+tcp://127.0.0.1:3333 -u ${worker.name} -p d=65536,rate=100T`;
    await page.getByText(command).waitFor();
    await page.getByRole('button', { name: 'Copy command' }).click();
    await page.getByText('Copied').waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(command);
    const steps = page.locator('.steps > li');
    await steps.nth(0).and(page.locator('.trouble')).waitFor();
    server.change(worker.name, { status: 'ONLINE', hashRate: 90e12, lastShareAtMs: Date.now() });
    await steps.nth(0).and(page.locator('.done')).waitFor();
    await steps.nth(2).and(page.locator('.done')).waitFor();
    server.change(worker.name, { status: 'OFFLINE', hashRate: 0 });
    await page.getByLabel('Tenant').fill('');
    await page.getByText('The tenant is missing').waitFor();
  });

  it('lists events by kind and page by page', async () => {
    const page = await open('/events');
    await page.getByRole('button', { name: 'Reject burst' }).click();
    await page.waitForURL(/type=REJECT_BURST/);
    await page.locator('.event-icon.REJECT_BURST').first().waitFor();
    await expect.poll(() => page.locator('.event-icon:not(.REJECT_BURST)').count()).toBe(0);
    await page.getByRole('button', { name: 'All', exact: true }).click();
    await page.getByText('50 events').waitFor();
    await page.getByRole('button', { name: 'Show older' }).click();
    await page.getByText('100 events').waitFor();
    expect(await page.locator('.event-list li').count()).toBe(100);
  });

  it('remembers the chosen theme', async () => {
    const page = await open('/', { theme: 'light' });
    const background = (): Promise<string> =>
      page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    const light = await background();
    await page.getByRole('button', { name: /Switch to light/ }).click();
    await page.getByRole('button', { name: /Switch to dark/ }).click();
    const dark = await background();
    expect(dark).not.toBe(light);
    await page.reload();
    await page.getByRole('button', { name: /Theme: dark/ }).waitFor();
    expect(await background()).toBe(dark);
  });

  it('welcomes whoever has no worker yet', async () => {
    server.mode = 'empty';
    for (const path of ['/', '/workers']) {
      const page = await open(path);
      await page.getByText('No worker has connected yet').waitFor();
      expect(await accessibilityFaults(page)).toEqual([]);
      await page.getByRole('link', { name: 'Connect a miner' }).click();
      await page.getByRole('heading', { level: 1, name: 'Connect a miner' }).waitFor();
    }
  });

  it('withholds rates while the live state is being rebuilt', async () => {
    server.mode = 'stale';
    const page = await open('/');
    await page.getByText('The live state is being rebuilt.').waitFor();
    await page.locator('.stat', { hasText: 'Hash rate, 15 min' }).getByText('withheld').waitFor();
    expect(await page.locator('.stat .value').first().innerText()).toBe('–');
    await page.goto(`${server.url}/workers`);
    await wholeTable(page);
    await firstRow(page).getByText('Was online').waitFor();
    expect(await page.locator('.grid-row.data .cell.rate').allInnerTexts()).toSatisfy((texts: string[]) =>
      texts.every((text) => text.trim() === '–'),
    );
    expect(await accessibilityFaults(page)).toEqual([]);
  });

  it('goes on with what is live while the history store is away', async () => {
    server.mode = 'no-history';
    const page = await open('/');
    await page.getByText('The history store is away.').waitFor();
    await page.locator('.trouble.silent').waitFor();
    await page.getByText('STORE_UNAVAILABLE').first().waitFor();
    await page.goto(`${server.url}${workerPage(named('slow'))}`);
    await page.locator('.stat', { hasText: 'Hash rate, 15 min' }).getByText('H/s').waitFor();
    expect(await page.locator('.stat', { hasText: 'Uptime, 24 h' }).locator('.value').innerText()).toBe('–');
    server.mode = 'normal';
    await page.locator('.uptime-strip').waitFor();
  });

  it('names the code of an error and recovers from it', async () => {
    server.mode = 'error';
    const page = await open('/workers');
    await page.getByText('ClickHouse did not answer within 10 s').waitFor();
    await page.getByText('TIMEOUT').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    server.mode = 'normal';
    await page.getByRole('button', { name: 'Try again' }).click();
    await wholeTable(page);
  });

  it('says at once that the connection is lost, never shows the old as live, and comes back by itself', async () => {
    const page = await open('/workers');
    await wholeTable(page);
    await firstRow(page).getByText('Online', { exact: true }).waitFor();
    server.mode = 'away';
    server.dropSockets();
    await page.getByText('Connection lost.').waitFor();
    await page.getByText(/What is shown is .* old, not live/).waitFor();
    await firstRow(page).getByText('Was online').waitFor();
    expect(await page.getByTestId('freshness').innerText()).toBe('Not connected');
    server.mode = 'normal';
    await page.getByRole('button', { name: 'Retry now' }).click();
    await firstRow(page).getByText('Online', { exact: true }).waitFor();
    await page.getByTestId('freshness').getByText(/^Live/).waitFor();
  });
});
