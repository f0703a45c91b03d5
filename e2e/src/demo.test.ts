// What a newcomer sees: `npm start -- --demo`, and within a minute a living dashboard in a real browser.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser } from './browser/launch.ts';
import { PoolProcess } from './harness/pool-process.ts';
import { waitFor } from './harness/wait-for.ts';

const FIRST_MINUTE_MS = 60_000;

interface Fleet {
  fleet: {
    workers: number;
    online: number;
    hashRate: { hashRate: number; low: number; high: number };
    expectedHashRate: number;
    shares: { accepted: number; byReason: { reason: string; count: number }[] } | null;
  };
  tenants: { name: string; sites: { name: string }[] }[];
}

const FLEET = `{ fleet { workers online expectedHashRate hashRate(window: M1) { hashRate low high } shares { accepted byReason { reason count } } }
  tenants { name sites { name } } }`;

describe('the demo', () => {
  let pool: PoolProcess;
  let browser: Browser | undefined;

  beforeAll(async () => {
    pool = await PoolProcess.launch({}, ['--demo']);
    browser = await launchBrowser();
    if (!browser && process.env['CI']) throw new Error('CI needs a browser, and none starts on this machine');
  });
  afterAll(async () => {
    await browser?.close();
    await pool.dispose();
  });

  it('has three tenants, two sites each and at least 60 machines mining within a minute', async () => {
    const { fleet, tenants } = await waitFor('60 machines with shares', FIRST_MINUTE_MS, async () => {
      const answer = await pool.graphql<Fleet>(FLEET);
      return answer.fleet.online >= 60 && (answer.fleet.shares?.accepted ?? 0) > 200 ? answer : undefined;
    });
    expect(tenants.map(({ sites }) => sites.length)).toEqual([2, 2, 2]);
    expect(fleet.workers).toBeGreaterThanOrEqual(60);
    expect(fleet.hashRate.low).toBeLessThan(fleet.hashRate.hashRate);
    expect(fleet.hashRate.high).toBeGreaterThan(fleet.hashRate.hashRate);
    expect(fleet.hashRate.low).toBeLessThan(fleet.expectedHashRate * 1.1);
  });

  it('has machines whose submits do not prove', async () => {
    const reasons = await waitFor('a bad board to show', FIRST_MINUTE_MS, async () => {
      const { fleet } = await pool.graphql<Fleet>(FLEET);
      const found = fleet.shares?.byReason.map(({ reason }) => reason) ?? [];
      return found.length > 0 ? found : undefined;
    });
    expect(reasons).toContain('low_difficulty');
  });

  it('shows them in a browser, and the numbers move', async (context) => {
    if (!browser) {
      process.stderr.write('NO BROWSER ON THIS MACHINE: the demo was not looked at.\n');
      return context.skip();
    }
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') faults.push(message.text());
    });
    await page.goto(`${pool.url}/workers`);
    await page
      .getByText('northwind.', { exact: false })
      .or(page.getByText('hydra.', { exact: false }))
      .first()
      .waitFor();
    const table = page.getByRole('grid');
    const before = await table.innerText();
    expect(before).toContain('kH/s');
    await waitFor('the table to change by itself', FIRST_MINUTE_MS, async () => (await table.innerText()) !== before);
    expect(faults).toEqual([]);
    await page.close();
  });
});
