/// <reference lib="dom" />
// The dashboard's door in a real browser over the real gateway: from a pool open to everybody to one with users, and every way in and out.
// Screenshots are left in a temporary folder, which is printed.
import { rm } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import decodeQR from 'qr/decode.js';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { buildDashboard } from './build-dashboard.ts';
import { launchBrowserOrSkip } from './launch.ts';
import { appCode, type LoginGateway, startLoginGateway } from './login-gateway.ts';
import { DESK, expectSound, PHONE, Visits } from './visits.ts';

const EMAIL = 'ann@farm.example';
const PASSWORD = 'seven quiet rivers';

const browser = await launchBrowserOrSkip('logging in');

describe.skipIf(!browser)('the door of the dashboard', () => {
  let dist: string;
  let shots: string;
  let pool: LoginGateway;
  const visits = new Visits(
    browser as Browser,
    // Refusals on purpose are logged by the browser, and so is the store that is not there; everything else is ours.
    /status of (400|401|410|429|503)|WebSocket connection/,
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

  const open = (url: string, viewport = DESK, colorScheme: 'light' | 'dark' = 'light'): Promise<Page> =>
    visits.open(url, viewport, colorScheme);
  const sound = (page: Page, shot: string): Promise<void> => expectSound(page, shots, shot, false);

  const heading = (page: Page, name: string): Promise<void> =>
    page.getByRole('heading', { name, exact: true }).waitFor();
  const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
  const focused = (page: Page): Promise<string> =>
    page.evaluate(() => {
      const { activeElement } = document;
      return (activeElement as HTMLInputElement).labels?.[0]?.innerText ?? activeElement?.textContent ?? '';
    });

  /** The first user, made as a person would, who leaves the second factor for later. */
  async function makeFirstUser(page: Page): Promise<void> {
    await page.getByLabel('Your name').fill('Ann Lee');
    await page.getByLabel('E-mail address').fill(EMAIL);
    await page.getByLabel('New password', { exact: true }).fill(PASSWORD);
    await page.getByLabel('New password again').fill(PASSWORD);
    await button(page, 'Make the user').click();
    await heading(page, 'Second factor');
  }

  async function logIn(page: Page, password = PASSWORD): Promise<void> {
    await page.getByLabel('E-mail address').fill(EMAIL);
    await page.getByLabel('Password').fill(password);
    await button(page, 'Log in').click();
  }

  /** Sets a second factor up on the form that is open; the secret comes out of the QR code, as an app would take it. */
  async function enrol(page: Page): Promise<{ secret: string; recovery: string[] }> {
    const uri = new URL(await readQrCode(page));
    const secret = uri.searchParams.get('secret')!;
    expect(uri.protocol).toBe('otpauth:');
    expect((await page.locator('.secret').innerText()).replaceAll(' ', '')).toBe(secret);
    await page.getByLabel('Six digits the app shows now').fill(appCode(secret, pool.clock.nowUs()));
    await button(page, 'Confirm').click();
    await heading(page, 'Your recovery codes');
    const recovery = await page.locator('.recovery-codes li').allInnerTexts();
    expect(recovery).toHaveLength(10);
    return { secret, recovery };
  }

  it('lets everybody in while the pool has no users, and nobody without a login from the first user on', async () => {
    const stranger = await open(`${pool.url}/workers`);
    await heading(stranger, 'Workers');
    expect(await stranger.getByRole('button', { name: 'Log out' }).count()).toBe(0);

    const page = await open(pool.setupUrl()!);
    await heading(page, 'Make the first user');
    expect(await focused(page)).toBe('Your name');
    await sound(page, 'setup-desk');
    await makeFirstUser(page);
    expect(await focused(page)).toBe('Second factor');
    await sound(page, 'offer-desk');
    await button(page, 'Not now').click();
    await heading(page, 'Overview');
    expect(page.url()).toBe(`${pool.url}/`);
    await page.getByRole('link', { name: 'Your account: Ann Lee' }).waitFor();
    // This gateway has no ClickHouse: what is known of the fleet without it is shown as what it is, not as a fault of the API.
    await page.getByText('The live state is being rebuilt.').waitFor();
    await sound(page, 'overview-desk');

    // Whoever was looking on is asked for a login where they stand.
    await heading(stranger, 'Log in');
    expect(new URL(stranger.url()).pathname).toBe('/workers');

    await button(page, 'Log out').click();
    await heading(page, 'Log in');
  });

  it('says beforehand which passwords are taken, and why one is not', async () => {
    const page = await open(pool.setupUrl()!, PHONE);
    await heading(page, 'Make the first user');
    await page.getByText('At least 12 characters').waitFor();
    await page.getByLabel('Your name').fill('Ann Lee');
    await page.getByLabel('E-mail address').fill(EMAIL);
    await page.getByLabel('New password', { exact: true }).fill('short');
    await page.getByLabel('New password again').fill('other');
    await button(page, 'Make the user').click();
    await page.getByText('7 characters are missing.').waitFor();
    await page.getByText('The two are not the same.').waitFor();
    await sound(page, 'setup-problems-phone');
    await page.getByLabel('New password', { exact: true }).fill('annleeannlee');
    await page.getByLabel('New password again').fill('annleeannlee');
    await button(page, 'Make the user').click();
    await page.getByRole('alert').getByText('too easy to guess').waitFor();
  });

  it('goes on where one wanted to go, with the keyboard alone, also after the session has ended', async () => {
    await makeFirstUser(await open(pool.setupUrl()!));
    const page = await open(`${pool.url}/events?type=CONNECTED`, PHONE);
    await heading(page, 'Log in');
    await sound(page, 'login-phone');
    expect(await focused(page)).toBe('E-mail address');
    await page.keyboard.type(EMAIL);
    await page.keyboard.press('Tab');
    expect(await focused(page)).toBe('Password');
    await page.keyboard.type('not the password');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('The e-mail address or the password is not right.').waitFor();
    await sound(page, 'login-refused-phone');
    // The wrong password is selected: typing replaces it.
    expect(await focused(page)).toBe('Password');
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press('Enter');
    await heading(page, 'Events');
    expect(page.url()).toBe(`${pool.url}/events?type=CONNECTED`);
    await sound(page, 'events-phone');

    pool.clock.advance(8 * 86_400);
    await heading(page, 'Log in');
    await logIn(page);
    await heading(page, 'Events');
  });

  it('says how long to wait after too many wrong passwords', async () => {
    await makeFirstUser(await open(pool.setupUrl()!));
    const page = await open(pool.url, DESK, 'dark');
    await heading(page, 'Log in');
    const refused = page.waitForResponse((response) => response.status() === 429);
    await logIn(page, 'wrong wrong wrong');
    const again = setInterval(
      () =>
        void button(page, 'Log in')
          .click({ timeout: 1000 })
          .catch(() => undefined),
      100,
    );
    await refused;
    clearInterval(again);
    await page.getByText('Too many wrong attempts.').waitFor();
    expect(await page.getByRole('button', { name: /Try again in \d+\ss/ }).getAttribute('aria-disabled')).toBe('true');
    await sound(page, 'login-throttled-desk-dark');
    await logInOnceAllowed(page);
    await heading(page, 'Overview');
  });

  it('asks for the second factor, by app or by recovery code', async () => {
    const first = await open(pool.setupUrl()!);
    await makeFirstUser(first);
    await button(first, 'Set it up').click();
    await first.getByRole('img', { name: 'QR code' }).waitFor();
    await sound(first, 'enrolment-desk');
    const { secret, recovery } = await enrol(first);
    await sound(first, 'recovery-desk');
    expect(await button(first, 'Go on').isDisabled()).toBe(true);
    await first.getByLabel('I have kept them').check();
    await button(first, 'Go on').click();
    await heading(first, 'Overview');

    pool.clock.advance(60);
    const page = await open(`${pool.url}/connect`, PHONE, 'dark');
    await logIn(page);
    await heading(page, 'Second factor');
    expect(await focused(page)).toBe('Six digits of your authenticator app');
    await sound(page, 'code-phone-dark');
    const right = appCode(secret, pool.clock.nowUs());
    await page.keyboard.type(right === '000000' ? '000001' : '000000');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('The code is not right').waitFor();
    await page.keyboard.type(right);
    await page.keyboard.press('Enter');
    await heading(page, 'Connect a miner');

    const lost = await open(pool.url);
    await logIn(lost);
    await button(lost, 'Use a recovery code').click();
    expect(await focused(lost)).toBe('Recovery code');
    await lost.keyboard.type(recovery[0]!.toUpperCase());
    await lost.keyboard.press('Enter');
    await heading(lost, 'Overview');
    await lost.goto(`${pool.url}/account`);
    await lost.getByText('On, with 9 recovery codes left.').waitFor();
  });

  it('takes who is invited in by the link, once, and asks a second factor of whom a tenant asks it', async () => {
    const tenant = { name: 'Acme', kind: 'hosting' as const, autoRegister: true };
    await pool.change({ op: 'put', kind: 'tenant', id: 'acme', body: tenant });
    const admin = await open(pool.setupUrl()!);
    await makeFirstUser(admin);
    await button(admin, 'Not now').click();
    await heading(admin, 'Overview');
    const link = pool.url + (await invite(admin, 'bob@acme.example', 'Bob'));
    const body = { ...tenant, requireSecondFactor: true };
    await pool.change({ op: 'put', kind: 'tenant', id: 'acme', expect: 1, body });
    // Whose roles are over every tenant is asked as well, in the middle of what they do.
    await heading(admin, 'Second factor');

    const page = await open(link, PHONE);
    await heading(page, 'Welcome, Bob');
    expect(await page.getByLabel('E-mail address').inputValue()).toBe('bob@acme.example');
    await sound(page, 'invitation-phone');
    await page.getByLabel('New password', { exact: true }).fill(PASSWORD);
    await page.getByLabel('New password again').fill(PASSWORD);
    await button(page, 'Set the password').click();
    await page.getByRole('img', { name: 'QR code' }).waitFor();
    expect(await button(page, 'Not now').count()).toBe(0);
    await sound(page, 'enrolment-required-phone');
    await enrol(page);
    await sound(page, 'recovery-phone');
    await page.getByLabel('I have kept them').check();
    await button(page, 'Go on').click();
    await heading(page, 'Overview');
    expect(page.url()).toBe(`${pool.url}/`);

    const late = await open(link, DESK, 'dark');
    await heading(late, 'This link has ended');
    await sound(late, 'link-ended-desk-dark');
    await button(late, 'Go to the dashboard').click();
    await heading(late, 'Log in');
    expect(late.url()).toBe(`${pool.url}/`);
  });

  it('has a page on which one changes the password, sets a second factor up and ends other sessions', async () => {
    const page = await open(pool.setupUrl()!);
    await makeFirstUser(page);
    await button(page, 'Not now').click();
    const elsewhere = await open(`${pool.url}/connect`, PHONE);
    await logIn(elsewhere);
    await heading(elsewhere, 'Connect a miner');
    await elsewhere.getByRole('link', { name: 'Your account: Ann Lee' }).click();
    await heading(elsewhere, 'Your account');
    await elsewhere.getByText('operator admin, everywhere').waitFor();
    await sound(elsewhere, 'account-phone');

    await page.getByRole('link', { name: 'Your account: Ann Lee' }).click();
    const sessions = page.locator('.session-list li');
    await expect.poll(() => sessions.count()).toBe(2);
    await sound(page, 'account-desk');
    await button(page, 'End all others').click();
    await expect.poll(() => sessions.count()).toBe(1);
    await sessions.getByText('this one').waitFor();
    await heading(elsewhere, 'Log in');

    await button(page, 'Change the password').click();
    await page.getByLabel('Password until now').fill('not this one');
    await page.getByLabel('New password', { exact: true }).fill('five loud mountains');
    await page.getByLabel('New password again').fill('five loud mountains');
    await button(page, 'Change it').click();
    await page.getByRole('alert').getByText('The password is not right.').waitFor();
    await sound(page, 'account-password-desk');
    await page.getByLabel('Password until now').fill(PASSWORD);
    await button(page, 'Change it').click();
    await page.getByText('The password is changed').waitFor();

    await button(page, 'Set it up').click();
    const { secret } = await enrol(page);
    await page.getByLabel('I have kept them').check();
    await button(page, 'Go on').click();
    await page.getByText('On, with 10 recovery codes left.').waitFor();
    pool.clock.advance(60);
    await button(page, 'Turn it off').click();
    await page.getByLabel('Six digits of the app').fill(appCode(secret, pool.clock.nowUs()));
    await button(page, 'Turn it off').click();
    await page.getByText('Off. With an authenticator app').waitFor();

    // Whoever comes upon an open browser cannot change what its user logs in with.
    pool.clock.advance(16 * 60);
    await button(page, 'Set it up').click();
    await page.getByRole('alert').getByText('You logged in too long ago for this.').waitFor();
    await button(page, 'Log in again').click();
    await heading(page, 'Log in');
    await logIn(page, 'five loud mountains');
    await heading(page, 'Your account');
    await button(page, 'Log out').last().click();
    await heading(page, 'Log in');
  });

  /** The path of an invitation, asked for in the session of the page. */
  function invite(page: Page, email: string, name: string): Promise<string> {
    return page.evaluate(
      async (variables) => {
        const query = `mutation ($email: String!, $name: String!) {
          inviteUser(email: $email, name: $name, grants: [{ role: TECHNICIAN, tenant: "acme" }]) { path }
        }`;
        const answer = await fetch('/graphql', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ query, variables }),
        });
        return ((await answer.json()) as { data: { inviteUser: { path: string } } }).data.inviteUser.path;
      },
      { email, name },
    );
  }

  /** When the gateway takes another try, and the button says so. */
  async function logInOnceAllowed(page: Page): Promise<void> {
    pool.clock.advance(600);
    await button(page, 'Log in').waitFor();
    await logIn(page);
  }
});

/** What an app would read off the screen. */
async function readQrCode(page: Page): Promise<string> {
  const { size, data } = await page.locator('.qr-code').evaluate(async (drawing) => {
    const size = 400;
    const copy = drawing.cloneNode(true) as SVGElement;
    copy.setAttribute('width', String(size));
    copy.setAttribute('height', String(size));
    const image = new Image();
    image.src = `data:image/svg+xml,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = size;
    const context = canvas.getContext('2d')!;
    context.drawImage(image, 0, 0);
    return { size, data: [...context.getImageData(0, 0, size, size).data] };
  });
  return decodeQR({ width: size, height: size, data: Uint8ClampedArray.from(data) });
}
