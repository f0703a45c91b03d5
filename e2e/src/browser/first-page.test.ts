/// <reference lib="dom" />
// Where people begin, in a real browser over the real gateway: who only bought hash power with what they bought and got, everybody else with the
// overview. Screenshots are left in a temporary folder, which is printed.
import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import type { Grant, ObjectChange } from '@assay/tenancy';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { buildDashboard } from './build-dashboard.ts';
import { launchBrowserOrSkip } from './launch.ts';
import { startLeasedFarm, type LeasedFarm } from './leased-farm.ts';
import { type LoginGateway, startLoginGateway } from './login-gateway.ts';
import { DESK, expectSound, LOOKS, Visits } from './visits.ts';

const browser = await launchBrowserOrSkip('where people begin');

describe.skipIf(!browser)('the first page', () => {
  let dist: string;
  let shots: string;
  let farm: LeasedFarm;
  let pool: LoginGateway;
  let visits: Visits;

  beforeAll(async () => {
    ({ dist, shots } = await buildDashboard());
    farm = await startLeasedFarm(Date.now());
    pool = await startLoginGateway(dist, farm.store);
    visits = new Visits(browser as Browser, /status of 401|WebSocket connection/);
    const nowUs = pool.clock.nowUs();
    await pool.change(
      ...farm.entries,
      ...person('buyer', [{ role: 'customer', tenant: 'globex' }], nowUs),
      ...person('hosted', [{ role: 'customer', tenant: 'acme' }], nowUs),
      ...person('operator', [{ role: 'operator_admin', tenant: '*' }], nowUs),
    );
  }, 120_000);

  afterEach(async () => expect(await visits.end()).toEqual([]));

  afterAll(async () => {
    await (browser as Browser).close();
    await pool.stop();
    await farm.stop();
    await rm(dist, { recursive: true, force: true });
  });

  /** A page of somebody who is logged in. */
  async function as(name: string, path = '/', viewport = DESK, theme: 'light' | 'dark' = 'light'): Promise<Page> {
    const page = await visits.open(pool.url, viewport, theme);
    await page.context().addCookies([{ name: 'assay_session', value: tokenOf(name), url: pool.url }]);
    await page.goto(pool.url + path);
    return page;
  }

  const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name });

  it.each(LOOKS)('of a buyer is what they bought and got: on a %s, %o, %s', async (size, viewport, theme) => {
    const page = await as('buyer', '/', viewport, theme);
    await page.waitForURL(/\/hash-power$/);
    await page.locator('.plot canvas').first().waitFor();
    await page
      .getByRole('row', { name: /acme\.north\.r2/ })
      .first()
      .waitFor();
    await expectSound(page, shots, `buyer-${size}-${theme}`, false);
  });

  it('is where a buyer’s navigation leads, which offers nothing that would be empty for them', async () => {
    const page = await as('buyer', '/workers');
    await page.locator('.grid-row.data').first().waitFor();
    const nav = page.getByRole('navigation', { name: 'Pages' });
    await nav.getByRole('link', { name: 'Bought and got' }).first().waitFor();
    expect(await nav.locator(':scope > a').allInnerTexts()).toEqual([
      'Bought and got',
      'Fleet',
      'Workers',
      'Alerts',
      'Events',
      'Reports',
      'Settings',
    ]);
    await page.getByRole('link', { name: 'Assay, first page' }).click();
    await heading(page, 'Bought and got').waitFor();
    // The way back does not lead to the start, which would lead here again.
    await page.goBack();
    await heading(page, 'Workers').waitFor();
  });

  it.each(['hosted', 'operator'])('of who has machines is the overview: %s', async (name) => {
    const page = await as(name);
    await heading(page, 'Overview').waitFor();
    await page.locator('.places .site-row').first().waitFor();
    expect(new URL(page.url()).pathname).toBe('/');
  });
});

const tokenOf = (name: string): string => `session_${name.padEnd(43, 'x')}`;

/** A user, and a session of theirs. */
function person(name: string, grants: readonly Grant[], nowUs: number): ObjectChange[] {
  const session = {
    user: name,
    tokenHash: createHash('sha256').update(tokenOf(name)).digest('hex'),
    method: 'password',
    remoteAddress: '127.0.0.1',
    userAgent: 'test',
    createdAtUs: nowUs,
    expiresAtUs: nowUs + 86_400e6,
  };
  const user = { email: `${name}@example.org`, name, grants, disabled: false };
  return [
    { op: 'put', kind: 'user', id: name, body: user },
    { op: 'put', kind: 'session', id: `${name}-session`, body: session },
  ];
}
