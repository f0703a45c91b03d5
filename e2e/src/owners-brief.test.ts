/// <reference lib="dom" />
// What an owner of machines asked for, line by line, on the pool that one command starts: point a miner at it with its address, the worker's
// credentials and a reporting interval; see hash rate, uptime, invalid shares and contribution against expectation; be told in Slack, on Telegram
// and by mail when it drops; and a customer logs in with two factors and sees what is theirs, and nothing else.
import { spawnSync } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { AssayClient, graphql } from '@assay/api-client';
import { ALGORITHMS } from '@assay/mining';
import { Farm, type Ailment, type MachineSpec } from '@assay/sim';
import { fastHash, formatSecretHash } from '@assay/tenancy';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Receivers } from './alerts/receivers.ts';
import { accessibilityFaults } from './browser/accessibility.ts';
import { launchBrowserOrSkip } from './browser/launch.ts';
import { appCode } from './browser/login-gateway.ts';
import { LOAD_DIFFICULTY } from './harness/load-farm.ts';
import { LOAD_SETTINGS, PoolProcess } from './harness/pool-process.ts';
import { waitFor } from './harness/wait-for.ts';

const CONFIGURE = fileURLToPath(new URL('../../services/graphql-gateway/dist/configure-main.js', import.meta.url));
const SHARES_PER_SECOND = 5;
const HASH_RATE = LOAD_DIFFICULTY * ALGORITHMS.sha256d.hashesPerDifficulty * SHARES_PER_SECOND;
const SECRET = 'kettle-orchard-41';
const MACHINE = 'acme.north.r1.m1';
const BAD_BOARD = 'acme.north.r1.m2';
const STRANGER = 'globex.south.r1.m1';
const CUSTOMER = { email: 'cora@acme.example', password: 'nine patient herons' };
const SEED = 7;
const CONNECTED_WITHIN_MS = 30_000;
/** Enough shares for an interval of ±12 %. */
const SHARES_SEEN = 300;
/** Its minutes have to be over and in ClickHouse; at 300 shares a minute a loss of six tenths shows in the first. */
const TOLD_WITHIN_MS = 300_000;

const machine = (username: string, secret: string, ailment: Ailment = { type: 'healthy' }): MachineSpec => ({
  algorithm: 'sha256d',
  username,
  password: `${secret},rate=${HASH_RATE},interval=1m`,
  userAgent: 'bmminer/2.0.0',
  versionMask: 0x1fffe000,
  hashRateHs: HASH_RATE,
  ailment,
});

const WORKER = graphql(`
  query Brief($name: String!) {
    worker(name: $name) {
      status
      expectedHashRate
      uptime
      hashRate(window: M1) {
        hashRate
        low
        high
      }
      shares {
        accepted
        rejected
        invalidFraction
      }
      contribution(window: M5) {
        fraction
        low
        high
      }
    }
  }
`);
const INVITE = graphql(`
  mutation Invite($email: String!) {
    inviteUser(email: $email, name: "Cora", grants: [{ role: CUSTOMER, tenant: "acme" }]) {
      path
    }
  }
`);

const BEGIN = graphql(`
  mutation Begin {
    beginSecondFactor {
      secret
      enrolment
    }
  }
`);
const CONFIRM = graphql(`
  mutation Confirm($enrolment: String!, $code: String!) {
    confirmSecondFactor(enrolment: $enrolment, code: $code)
  }
`);

const browser = await launchBrowserOrSkip("the owner's brief");

describe.skipIf(!browser)("the owner's brief", () => {
  let receivers: Receivers;
  let pool: PoolProcess;
  let farm: Farm;
  let others: Farm;
  let shots: string;
  let admin: AssayClient;

  beforeAll(async () => {
    shots = await mkdtemp(join(tmpdir(), 'assay-screenshots-'));
    process.stdout.write(`screenshots: ${shots}\n`);
    receivers = await Receivers.start();
    pool = await PoolProcess.launch({ ...LOAD_SETTINGS, ...receivers.settings });
    configure(pool, receivers);
    const target = { host: '127.0.0.1', port: pool.ports.stratum };
    farm = new Farm([machine(MACHINE, SECRET)], target, SEED);
    others = new Farm(
      [machine(BAD_BOARD, 'x', { type: 'bad-board', badSubmitsPerMinute: 30 }), machine(STRANGER, 'x')],
      target,
      SEED + 1,
    );
  }, 120_000);

  afterAll(async () => {
    farm?.stop();
    others?.stop();
    await pool?.dispose();
    await receivers?.close();
    await (browser as Browser).close();
  });

  const seen = async (name: string, client = new AssayClient({ url: pool.url })) =>
    (await client.request(WORKER, { name })).data.worker;

  it('lets a machine in with its credentials, and nobody without them', { timeout: 120_000 }, async () => {
    await waitFor('the machines', CONNECTED_WITHIN_MS, () => farm.connected + others.connected === 3);
    expect(await authorized(pool.ports.stratum, MACHINE, 'x')).toBe(false);
    expect(await authorized(pool.ports.stratum, MACHINE, SECRET)).toBe(true);
    const [latest] = await waitFor('the worker on record', CONNECTED_WITHIN_MS, async () => {
      const rows = await pool.sql<{ interval: number; agent: string }>(
        'SELECT latest.reporting_interval AS interval, latest.user_agent AS agent FROM assay.workers FINAL WHERE worker = {worker:String}',
        { worker: BAD_BOARD },
      );
      return rows.length > 0 ? rows : undefined;
    });
    expect(latest).toEqual({ interval: 60, agent: 'bmminer/2.0.0' });
  });

  it('shows hash rate, uptime, invalid shares and contribution against expectation', { timeout: 240_000 }, async () => {
    const worker = await waitFor('shares enough to judge it by', 180_000, async () => {
      const worker = await seen(MACHINE);
      return (worker?.shares?.accepted ?? 0) >= SHARES_SEEN ? worker : undefined;
    });
    expect(worker).toMatchObject({ status: 'ONLINE', expectedHashRate: HASH_RATE, shares: { rejected: 0 } });
    const { hashRate, low, high } = worker.hashRate!;
    // Four standard deviations of the shares of a minute, so that one run in ten thousand says otherwise.
    expect(Math.abs(hashRate / HASH_RATE - 1)).toBeLessThan(4 / Math.sqrt(60 * SHARES_PER_SECOND));
    expect([low < hashRate, hashRate < high]).toEqual([true, true]);
    expect(worker.contribution!.fraction).toBeGreaterThan(0.75);
    expect(worker.contribution!.low).toBeLessThan(worker.contribution!.fraction);
    expect(worker.uptime).toBeGreaterThan(0.5);
    const bad = await waitFor('what its bad board sends', 60_000, async () => {
      const worker = await seen(BAD_BOARD);
      return (worker?.shares?.rejected ?? 0) > 0 ? worker : undefined;
    });
    expect(bad.shares!.invalidFraction).toBeGreaterThan(0);
    expect(bad.contribution!.fraction).toBeLessThan(worker.contribution!.fraction);
  });

  it('has a first user, by the link it printed, and is closed to everybody else from then on', async () => {
    const [, token] = /#setup=(\S+)/.exec(pool.output) ?? [];
    const answer = await fetch(`${pool.url}/auth/setup`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token, email: 'owner@pool.example', name: 'Owner', password: 'four calm glaciers' }),
    });
    expect(answer.status).toBe(200);
    const [, session] = /=(session_[^;]+)/.exec(answer.headers.get('set-cookie') ?? '') ?? [];
    admin = new AssayClient({ url: pool.url, token: session! });
    // A tenant asks for a second factor, so whoever may see it must have one.
    const { secret, enrolment } = (await admin.request(BEGIN, {})).data.beginSecondFactor;
    await admin.request(CONFIRM, { enrolment, code: appCode(secret, Date.now() * 1000) });
    await expect(seen(MACHINE)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    expect((await seen(STRANGER, admin))?.status).toBe('ONLINE');
  });

  it(
    'lets a customer log in with two factors, who sees what is theirs and nothing else',
    { timeout: 180_000 },
    async () => {
      const context = await (browser as Browser).newContext({ viewport: { width: 1440, height: 900 } });
      try {
        const page = await context.newPage();
        const { path } = (await admin.request(INVITE, { email: CUSTOMER.email })).data.inviteUser;
        const secret = await accept(page, pool.url + path);
        await page.getByRole('button', { name: 'Log out', exact: true }).click();

        await page.getByLabel('E-mail address').fill(CUSTOMER.email);
        await page.getByLabel('Password').fill(CUSTOMER.password);
        await page.getByRole('button', { name: 'Log in', exact: true }).click();
        await page.getByRole('heading', { name: 'Second factor', exact: true }).waitFor();
        // A code is good once: this is the next one, which the pool takes for a clock that is a little ahead.
        await page
          .getByLabel('Six digits of your authenticator app')
          .fill(appCode(secret, (Date.now() + 30_000) * 1000));
        await page.keyboard.press('Enter');
        await page.getByRole('navigation', { name: 'Pages' }).waitFor();

        await page.goto(`${pool.url}/workers`);
        await page.getByText(MACHINE.slice('acme.'.length)).first().waitFor();
        expect(await page.locator('body').innerText()).not.toContain('globex');
        await page.screenshot({ path: join(shots, 'customer-workers-desk.png') });
        expect(await accessibilityFaults(page)).toEqual([]);
        await page.setViewportSize({ width: 390, height: 844 });
        await page.goto(`${pool.url}/workers/${encodeURIComponent(MACHINE)}`);
        await page.getByText('Online', { exact: true }).first().waitFor();
        await page.screenshot({ path: join(shots, 'customer-machine-phone.png') });
        await page.goto(`${pool.url}/workers/${encodeURIComponent(STRANGER)}`);
        await page
          .getByText(/no worker/i)
          .first()
          .waitFor();

        // The same by the API, in the same session: nothing that is not theirs is there for them.
        const answer = (await page.evaluate(ASK_ALL, STRANGER)) as {
          data: { tenants: { name: string }[]; workers: { nodes: { name: string }[] }; worker: unknown };
        };
        expect(answer.data.tenants).toEqual([{ name: 'acme' }]);
        expect(answer.data.workers.nodes.map(({ name }) => name)).toEqual([MACHINE, BAD_BOARD]);
        expect(answer.data.worker).toBeNull();
      } finally {
        await context.close();
      }
    },
  );

  it('tells in Slack, on Telegram and by mail when the machine drops', { timeout: 420_000 }, async () => {
    expect(receivers.told).toEqual([[], [], []]);
    farm.stop();
    farm = new Farm(
      [machine(MACHINE, SECRET, { type: 'slow', fraction: 0.4 })],
      { host: '127.0.0.1', port: pool.ports.stratum },
      SEED + 2,
    );
    await waitFor('the three to tell', TOLD_WITHIN_MS, () => receivers.told.every((messages) => messages.length > 0));
    for (const messages of receivers.told) {
      expect(messages[0]).toContain(MACHINE);
      expect(messages.join()).not.toContain(STRANGER);
    }
  });
});

const ASK_ALL = async (stranger: string): Promise<unknown> => {
  const query = `query ($name: String!) { tenants { name } workers(first: 100) { nodes { name } } worker(name: $name) { status } }`;
  const answer = await fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables: { name: stranger } }),
  });
  return answer.json();
};

/** As an operator does it: a file for `npm run configure -- import`, with the pool running. */
function configure({ dataDir }: PoolProcess, receivers: Receivers): void {
  const object = (kind: string, id: string, body: unknown) => ({ kind, id, body });
  const objects = [
    object('tenant', 'acme', { name: 'Acme Mining', kind: 'hosting', autoRegister: true, requireSecondFactor: true }),
    object('tenant', 'globex', { name: 'Globex', kind: 'hosting', autoRegister: true }),
    object('worker', MACHINE, { standing: 'active', tags: [], secretHash: formatSecretHash(fastHash(SECRET)) }),
    ...receivers.channels('acme', (seal) => ({ seal })),
    object('alert_rule', 'below', {
      tenant: 'acme',
      name: 'Below what it should do',
      enabled: true,
      under: [MACHINE],
      groups: [],
      looksFor: { kind: 'rate_below_expected', falseAlarmsPerWorkerYear: 1 },
      severity: 'critical',
      forSeconds: 0,
      clearForSeconds: 0,
      steps: [{ afterMinutes: 0, channels: ['chat', 'phone', 'post'], webhooks: [] }],
    }),
  ];
  const { status, stderr } = spawnSync(process.execPath, [CONFIGURE, 'import'], {
    env: { ...process.env, ASSAY_DATA_DIR: dataDir },
    input: JSON.stringify({ format: 'assay configuration 1', objects }),
    encoding: 'utf8',
    timeout: 60_000,
  });
  if (status !== 0) throw new Error(`the configuration was not taken: ${stderr}`);
}

/** What the pool says to a machine that logs in so. */
async function authorized(port: number, username: string, secret: string): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    const send = (id: number, method: string, params: readonly string[]): void =>
      void socket.write(`${JSON.stringify({ id, method, params })}\n`);
    send(1, 'mining.subscribe', []);
    send(2, 'mining.authorize', [username, secret]);
    for await (const line of createInterface({ input: socket })) {
      const { id, result } = JSON.parse(line) as { id: number | null; result: unknown };
      if (id === 2) return result === true;
    }
    throw new Error('the pool closed the connection without an answer');
  } finally {
    socket.destroy();
  }
}

/** Follows an invitation: a password, and the second factor that the tenant asks for. @returns the app's secret */
async function accept(page: Page, link: string): Promise<string> {
  page.setDefaultTimeout(20_000);
  await page.goto(link);
  await page.getByLabel('New password', { exact: true }).fill(CUSTOMER.password);
  await page.getByLabel('New password again').fill(CUSTOMER.password);
  await page.getByRole('button', { name: 'Set the password', exact: true }).click();
  const secret = (await page.locator('.secret').innerText()).replaceAll(' ', '');
  await page.getByLabel('Six digits the app shows now').fill(appCode(secret, Date.now() * 1000));
  await page.getByRole('button', { name: 'Confirm', exact: true }).click();
  await page.getByLabel('I have kept them').check();
  await page.getByRole('button', { name: 'Go on', exact: true }).click();
  await page.getByRole('navigation', { name: 'Pages' }).waitFor();
  return secret;
}
