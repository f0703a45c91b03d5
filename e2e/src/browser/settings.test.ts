/// <reference lib="dom" />
// What a pool's people configure in the dashboard, in a real browser over the real gateway and control log.
// Screenshots are left in a temporary folder, which is printed.
import { readFile, rm } from 'node:fs/promises';
import type { Browser, Download, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { buildDashboard } from './build-dashboard.ts';
import { launchBrowserOrSkip } from './launch.ts';
import { type LoginGateway, startLoginGateway } from './login-gateway.ts';
import { DESK, expectSound, PHONE, Visits } from './visits.ts';

const PASSWORD = 'seven quiet rivers';
/** Of no secret in particular. */
const SECRET_HASH = `sha256$${'A'.repeat(22)}$${'A'.repeat(43)}`;

async function text(download: Download): Promise<string> {
  return readFile(await download.path(), 'utf8');
}

const browser = await launchBrowserOrSkip('configuring the pool');

describe.skipIf(!browser)('the settings', () => {
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
  const body = (kind: 'tenant' | 'worker', id: string) => pool.control.state.get(kind, id)?.body;

  const LOGIN = { email: 'ann@farm.example', password: PASSWORD };

  /** A page of who may do everything, and is the first user. */
  async function asFirstUser(path: string): Promise<Page> {
    const token = pool.setupUrl()!.split('#setup=')[1];
    return openWith('setup', { ...LOGIN, name: 'Ann Lee', token }, path);
  }

  async function asFirstUserAgain(path: string, viewport: typeof DESK, colorScheme: 'light' | 'dark'): Promise<Page> {
    return openWith('login', LOGIN, path, viewport, colorScheme);
  }

  async function openWith(
    way: 'setup' | 'login',
    given: object,
    path: string,
    viewport = DESK,
    colorScheme: 'light' | 'dark' = 'light',
  ): Promise<Page> {
    const page = await open('/', viewport, colorScheme);
    const status = await page.evaluate(
      async ([url, sent]) => {
        const headers = { 'content-type': 'application/json' };
        return (await fetch(url!, { method: 'POST', headers, body: sent! })).status;
      },
      [`/auth/${way}`, JSON.stringify(given)],
    );
    expect(status).toBe(200);
    await page.goto(`${pool.url}${path}`);
    return page;
  }

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
    const find = page.getByRole('searchbox', { name: 'Workers and racks' });
    await find.fill('acme.north.r1');
    await button(page, 'as typed acme.north.r1').click();
    await find.fill('acme.north.r2');
    await button(page, 'as typed acme.north.r2').click();
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
    const share = { of: 'acme.north', holder: 'globex', fraction: 0.25, fromUs: 1767225600000000 };
    await pool.change(tenant('acme'), tenant('globex'), worker(name, { model: 'S19' }), {
      op: 'put',
      kind: 'ownership',
      id: 'lease',
      body: share,
    });
    const page = await open(`/workers/${name}`);
    await page.getByText('In quarantine').waitFor();
    await page.getByText('globex: 25 % of acme.north, from').waitFor();
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

  it('give hash power to a tenant, and end it', async () => {
    await pool.change(tenant('acme'), tenant('globex'), worker('acme.north.r1.m1'));
    const page = await open('/settings/ownership?edit=new');
    await page.getByLabel('Of', { exact: true }).fill('acme.north.r1');
    await page.getByLabel('Holder').fill('globex');
    await page.getByLabel('Share, per cent').fill('60');
    await page.getByLabel('Promised rate').fill('5.5 PH/s');
    await button(page, 'Make share').click();
    await page.getByRole('row', { name: /acme.north.r1 globex 60 %.*in force/ }).waitFor();
    await button(page, 'New share').click();
    await page.getByLabel('Of', { exact: true }).fill('acme.north');
    await page.getByLabel('Holder').fill('globex');
    await page.getByLabel('Share, per cent').fill('50');
    await button(page, 'Make share').click();
    await page.getByText('More than all of acme.north would be given away').waitFor();
    await button(page, 'Cancel').click();
    await button(page, 'Edit acme.north.r1 to globex').click();
    await page.getByLabel('Until').fill('2030-01-01T00:00');
    await sound(page, 'ownership-desk');
    await button(page, 'Save').click();
    await page.getByText('1 Jan 2030').waitFor();
    expect(
      [...pool.control.state.all('ownership')].map(({ body: { of, fraction, untilUs } }) => [of, fraction, untilUs]),
    ).toEqual([['acme.north.r1', 0.6, Date.parse('2030-01-01T00:00') * 1000]]);
    await sound(await open('/settings/ownership', PHONE, 'dark'), 'ownership-phone');
  });

  it('say who changed what, from what to what', async () => {
    const name = 'acme.north.r1.m07';
    await pool.change(tenant('acme'), worker(name, { tags: ['new'] }));
    for (let i = 0; i < 60; i++) await pool.change(worker(`acme.south.m${i}`));
    await pool.change(
      worker(name, {
        standing: 'active',
        expectedHashRateHs: 1.1e14,
        model: 'S21',
        tags: ['row-a', 'new'],
        secretHash: SECRET_HASH,
      }),
    );
    const page = await open('/settings/changes');
    const newest = page.locator('.change-list > li').first();
    await newest.getByText(name).waitFor();
    const told = await newest.innerText();
    for (const part of [
      'Changed worker',
      'the pool (test)',
      'quarantined',
      'active',
      '110 TH/s',
      '+ row-a',
      '(secret)',
    ])
      expect(told).toContain(part);
    expect(told).not.toContain('sha256');
    await sound(page, 'changes-desk');
    await button(page, 'Show older').click();
    await page.getByText('63 changes, all that are kept at hand').waitFor();
    await newest.getByRole('button', { name }).click();
    expect(new URL(page.url()).search).toBe(`?object=${name}`);
    await page.getByText('2 changes, all that are kept at hand').waitFor();
    await button(page, 'Clear').click();
    await page.getByLabel('Kind').selectOption('tenant');
    await page.getByText('1 change, all that are kept at hand').waitFor();
    await page.getByLabel('From').fill('2035-01-01');
    await page.getByRole('heading', { name: 'No change matches' }).waitFor();
    const phone = await open(`/settings/changes?object=${name}`, PHONE, 'dark');
    await phone.getByText('2 changes').waitFor();
    await sound(phone, 'changes-phone');
  });

  it('list more than a page, search it, and give all of it as a file', async () => {
    const sites = Array.from({ length: 230 }, (_, i) => `acme.hall-${String(i).padStart(3, '0')}`);
    await pool.change(
      tenant('acme'),
      ...sites.map((id) => ({ op: 'put', kind: 'site', id, body: { name: `Hall ${id.slice(-3)}` } }) as const),
    );
    const page = await open('/settings/places');
    await page.getByText('100 of 230').waitFor();
    await button(page, 'Next page').click();
    await page.getByRole('row', { name: /Hall 100/ }).waitFor();
    expect(new URL(page.url()).searchParams.get('after')).toBeTruthy();
    await button(page, 'Next page').click();
    await page.getByText('30 of 230').waitFor();
    await sound(page, 'places-last-page-desk');
    // What is open stays open on its page, and what was changed is shown there.
    await button(page, 'Edit Hall 229').click();
    await page.getByLabel('Location').fill('Oslo');
    await button(page, 'Save').click();
    await page.getByRole('row', { name: /Hall 229.*Oslo/ }).waitFor();
    await page.goBack();
    await page.getByLabel('Search sites').fill('oslo');
    await page.getByText('1 of 1').waitFor();
    expect(new URL(page.url()).searchParams.get('q')).toBe('oslo');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Export CSV' }).click(),
    ]);
    const lines = (await text(download)).trimEnd().split('\r\n');
    expect(lines).toHaveLength(2);
    expect(lines[1]).toContain('acme.hall-229,acme,Hall 229,Oslo');
    await page.getByLabel('Search sites').fill('nowhere');
    await page.getByRole('heading', { name: 'No site matches' }).waitFor();
    const phone = await open('/settings/places?q=hall-22', PHONE, 'dark');
    await phone.getByText('10 of 10').waitFor();
    await sound(phone, 'places-search-phone-dark');
  });

  it.each([
    ['a phone', PHONE, 'light'],
    ['a phone', PHONE, 'dark'],
    ['a desk', DESK, 'dark'],
  ] as const)('are read on %s, %o, %s', async (on, viewport, theme) => {
    const long = 'acme.north-hall-with-a-long-name.rack-017.machine-0042';
    const hook = {
      tenant: 'acme',
      name: 'A program of theirs',
      enabled: false,
      url: `https://hooks.example/${'x'.repeat(60)}`,
    };
    await pool.change(
      tenant('acme', { name: 'Acme Mining and Hosting of the North', maxWorkers: 100_000 }),
      tenant('globex'),
      worker(long, { model: 'S19j Pro', expectedHashRateHs: 1.1e14, tags: ['row-a', 'new'], owner: 'Ann' }),
      { op: 'put', kind: 'site', id: 'acme.north', body: { name: 'North hall', location: 'Oslo', powerWatts: 2.4e6 } },
      { op: 'put', kind: 'ownership', id: 'lease', body: { of: long, holder: 'globex', fraction: 0.25, fromUs: 0 } },
      { op: 'put', kind: 'webhook', id: 'hook', body: { ...hook, sealedSecrets: ['sealed'] } },
      {
        op: 'put',
        kind: 'maintenance_window',
        id: 'works',
        body: { tenant: 'acme', name: 'Works', under: [long], fromUs: 0, untilUs: 4e15 },
      },
    );
    for (const [section, text] of [
      ['tenants', 'Acme Mining and Hosting'],
      ['places', 'North hall'],
      ['workers', 'machine-0042'],
      ['ownership', 'globex'],
      ['channels', 'A program of theirs'],
      ['maintenance', 'Works'],
      ['changes', 'North hall'],
    ] as const) {
      const page = await open(`/settings/${section}`, viewport, theme);
      await page.getByText(text).first().waitFor();
      await sound(page, `${section}-${on.replace(' ', '-')}-${theme}`);
    }
  });

  it('tell on an open pool that nobody has to log in', async () => {
    const page = await open('/settings/people');
    await page.getByRole('heading', { name: 'Nobody has to log in' }).waitFor();
    await page.getByRole('link', { name: 'Service keys' }).click();
    await page.getByRole('heading', { name: 'Nobody has to log in' }).waitFor();
  });

  it('invite people, change what they may, keep them out, and let them back in', async () => {
    await pool.change(tenant('acme'));
    const page = await asFirstUser('/settings/people');
    await button(page, 'Invite').click();
    await button(page, 'Make the link').click();
    await page.getByText('Each role needs what it is over.').waitFor();
    await page.getByLabel('Name', { exact: true }).fill('Bob');
    await page.getByLabel('E-mail address').fill('bob@farm.example');
    await page.getByLabel('Role').selectOption('SITE_MANAGER');
    await page.getByLabel('Over', { exact: true }).fill('acme.north');
    await button(page, 'Make the link').click();
    const link = await page.locator('code.secret').innerText();
    expect(link).toMatch(/^http:\/\/.*\/#invitation=[\w-]+$/);
    await sound(page, 'invited-desk');
    await button(page, 'I have it').click();
    await page.getByRole('row', { name: /Bob bob@farm.example site manager, acme.north off link waits/ }).waitFor();

    // Bob follows it.
    const bob = await open('/');
    await bob.goto(link);
    await bob.getByLabel('New password', { exact: true }).fill(PASSWORD);
    await bob.getByLabel('New password again').fill(PASSWORD);
    await bob.getByRole('button', { name: 'Set the password' }).click();
    await button(bob, 'Not now').click();
    await bob.getByRole('link', { name: 'Your account: Bob' }).waitFor();

    await page.reload();
    await button(page, 'Edit Bob').click();
    await page.getByLabel('Role').selectOption('AUDITOR');
    await button(page, 'Add a role').click();
    await page.getByLabel('Over', { exact: true }).nth(1).fill('acme');
    await sound(page, 'person-desk');
    await button(page, 'Save').click();
    await page.getByRole('row', { name: /auditor, acme.north; technician, acme off active/ }).waitFor();
    await button(page, 'Edit Bob').click();
    await page.getByRole('heading', { name: 'Sessions' }).waitFor();
    await button(page, 'Disable').click();
    await page.getByRole('row', { name: /Bob.*disabled/ }).waitFor();
    await bob.getByRole('heading', { name: 'Log in' }).waitFor();
    await button(page, 'Enable').click();
    await page.getByRole('row', { name: /Bob.*active/ }).waitFor();
    await button(page, 'New link').click();
    expect(await page.locator('code.secret').innerText()).toContain('#invitation=');
    const phone = await asFirstUserAgain('/settings/people', PHONE, 'dark');
    await phone.getByRole('row', { name: /Bob/ }).waitFor();
    await sound(phone, 'people-phone');
    await button(page, 'I have it').click();
    await button(page, 'Edit Bob').click();
    await button(page, 'Remove').click();
    await button(page, 'Remove Bob?').click();
    await page.getByRole('row', { name: /Bob/ }).waitFor({ state: 'detached' });
    // All of it is on record, by whom it was.
    await page.getByRole('link', { name: 'Audit log' }).click();
    await page.getByText('Removed user Bob').waitFor();
    await sound(page, 'people-changes-desk');
  });

  it('make a key of one’s own for no more than it needs, show it once, and revoke it', async () => {
    const page = await asFirstUser('/account');
    await page.getByRole('link', { name: 'See and make keys' }).click();
    await page.getByRole('heading', { name: 'No key yet' }).waitFor();
    await sound(page, 'own-keys-none-desk');
    await button(page, 'New key').click();
    await button(page, 'Make key').click();
    await page.getByText('This is needed.').waitFor();
    await page.getByLabel('Name', { exact: true }).fill('my script');
    await page.getByLabel('see machines').uncheck();
    await button(page, 'Make key').click();
    await page.getByText('Choose at least one.').waitFor();
    await page.getByLabel('see earnings').check();
    await page.getByLabel('see machines').check();
    await page.getByLabel('Until').fill('2031-05-01T12:00');
    await sound(page, 'own-key-new-desk');
    await button(page, 'Make key').click();
    const token = await page.locator('code.secret').innerText();
    const ask = async () => {
      const response = await fetch(`${pool.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify({ query: '{ viewer { kind permissions key { expiresAt } } }' }),
      });
      return {
        status: response.status,
        viewer: ((await response.json()) as { data?: { viewer: unknown } }).data?.viewer,
      };
    };
    expect(await ask()).toEqual({
      status: 200,
      viewer: {
        kind: 'KEY',
        permissions: ['FLEET_VIEW', 'MONEY_VIEW'],
        key: { expiresAt: new Date('2031-05-01T12:00').toISOString() },
      },
    });
    await button(page, 'I have it').click();
    await page.getByRole('row', { name: /my script.*see earnings, see machines.*1 May 2031/ }).waitFor();
    expect(await page.content()).not.toContain(token);
    const phone = await asFirstUserAgain('/account/keys', PHONE, 'dark');
    await phone.getByRole('row', { name: /my script/ }).waitFor();
    await sound(phone, 'own-keys-phone-dark');
    await button(page, 'Revoke').click();
    await button(page, 'Revoke my script?').click();
    await page.getByRole('heading', { name: 'No key yet' }).waitFor();
    expect((await ask()).status).toBe(401);
  });

  it('make a key for a service, show it once, and revoke it', async () => {
    await pool.change(tenant('acme'));
    const page = await asFirstUser('/settings/keys');
    await page.getByRole('heading', { name: 'No key yet' }).waitFor();
    await button(page, 'New key').click();
    await page.getByLabel('Name', { exact: true }).fill('the billing');
    await page.getByLabel('Over', { exact: true }).fill('acme');
    await button(page, 'Make key').click();
    const token = await page.locator('code.secret').innerText();
    const ask = async () =>
      (
        await fetch(`${pool.url}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
          body: JSON.stringify({ query: '{ viewer { kind } }' }),
        })
      ).status;
    expect(await ask()).toBe(200);
    await sound(page, 'key-desk');
    await button(page, 'I have it').click();
    await page.getByRole('row', { name: /the billing.*data reader, acme/ }).waitFor();
    expect(await page.content()).not.toContain(token);
    await button(page, 'Revoke').click();
    await button(page, 'Revoke the billing?').click();
    await page.getByRole('heading', { name: 'No key yet' }).waitFor();
    expect(await ask()).toBe(401);
  });
});
