// Reports and tables as files, over HTTP, from a store that has a month of two tenants' work.
import { readFile } from 'node:fs/promises';
import { coinbaseHalves } from '@assay/mining';
import type { ObjectChange } from '@assay/tenancy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pdfPages } from '../downloads/pdf-text.ts';
import { People } from '../sample/people.ts';
import { insertMining, insertWorkers } from '../sample/sample-farm.ts';
import { SampleGateway, TestClock } from '../sample/sample-gateway.ts';
import { startSampleStore, type SampleStore } from '../sample/sample-store.ts';

const NOW = Date.parse('2026-04-02T09:00:00Z') * 1000;
const minute = (iso: string): number => Date.parse(iso) / 60_000;
const us = (iso: string): number => Date.parse(iso) * 1000;

let sample: SampleStore;
let pool: SampleGateway;
let people: People;
const cookies: Record<string, string> = {};

beforeAll(async () => {
  sample = await startSampleStore();
  const clock = new TestClock();
  clock.advance((NOW - clock.nowUs()) / 1e6);
  pool = await SampleGateway.start({}, { store: sample.store, clock });
  people = new People(pool);
  await people.tenant('acme', { name: 'Acme Mining', timeZone: 'America/New_York' });
  await people.tenant('globex', { name: 'Globex Überländ 株式会社', timeZone: 'Europe/Berlin', kind: 'cloud' });
  const lease = (id: string, body: object): ObjectChange => ({ op: 'put', kind: 'ownership', id, body });
  await people.change(
    lease('lease-1', {
      of: 'acme.north.r1',
      holder: 'globex',
      fraction: 0.5,
      fromUs: us('2026-03-03T10:00:00Z'),
      untilUs: us('2026-03-30T22:30:00Z'),
      promisedHashRateHs: 1e12,
    }),
    lease('lease-2', { of: 'acme.north.r1.m2', holder: 'globex', fraction: 0.25, fromUs: us('2026-03-20T00:00:00Z') }),
  );
  // Three days of two machines across the change of clocks, a gap of two days, and what only the owner sees.
  await insertMining(sample.store, [
    {
      worker: 'acme.north.r1.m1',
      fromMinute: minute('2026-03-27T12:00Z'),
      toMinute: minute('2026-03-29T23:30Z'),
      accepted: 6,
      stale: 1,
    },
    {
      worker: 'acme.north.r1.m2',
      fromMinute: minute('2026-03-28T00:00Z'),
      toMinute: minute('2026-03-31T12:00Z'),
      accepted: 4,
    },
    {
      worker: 'acme.south.r9.secret',
      fromMinute: minute('2026-03-28T00:00Z'),
      toMinute: minute('2026-03-31T12:00Z'),
      accepted: 40,
    },
    {
      worker: 'globex.own.m1',
      fromMinute: minute('2026-03-28T00:00Z'),
      toMinute: minute('2026-03-28T06:00Z'),
      accepted: 2,
    },
  ]);
  await insertWorkers(sample.store, [
    { worker: 'acme.north.r1.m1', firstSeenUs: us('2026-03-01T00:00:00Z'), userAgent: '=HYPERLINK("http://evil")' },
    { worker: 'acme.north.r1.m2', firstSeenUs: us('2026-03-01T00:00:00Z') },
    { worker: 'globex.own.m1', firstSeenUs: us('2026-03-28T00:00:00Z'), expectedHs: 1e11 },
  ]);
  const { coinbase1, coinbase2 } = coinbaseHalves({
    height: 942_000,
    jobNonce: new Uint8Array(8),
    extranonceSize: 8,
    tag: 'assay',
    outputs: [{ value: 314_000_000n, script: new Uint8Array(22) }],
  });
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
  await sample.store.command(`
    INSERT INTO assay.jobs (hash, algorithm, network_difficulty, coinbase1, coinbase2, first_seen)
    SELECT leftPad(toString(number), 64, '0'), 'sha256d', if(number < 24 * 29, 1.3e14, 1.4e14), '${hex(coinbase1)}', '${hex(coinbase2)}',
           toDateTime64('2026-03-01 00:30:00', 6, 'UTC') + number * 3600 FROM numbers(24 * 31)`);
  await sample.store.command(`
    INSERT INTO assay.events (tenant, worker, at, type, id, gateway, remote_address, user_agent, difficulty, reason)
    SELECT 'acme', 'acme.north.r1.m1', toDateTime64('2026-03-28 00:00:00', 6, 'UTC') + number, if(number % 2 = 0, 'authorized', 'disconnected'), toString(number), 'gateway-1', '10.0.0.7', 'miner "x", 1', 1024, '' FROM numbers(2500)`);
  await sample.store.command(`
    INSERT INTO assay.events (tenant, worker, at, type, id) VALUES ('acme', 'acme.south.r9.secret', '2026-03-28 00:00:00', 'authorized', 'a'), ('acme', 'acme.north.r1.m1', '2026-03-01 00:00:00', 'authorized', 'b')`);
  await people.user('globex-customer', [{ role: 'customer', tenant: 'globex' }]);
  await people.user('globex-technician', [{ role: 'technician', tenant: 'globex' }]);
  await people.user('acme-manager', [{ role: 'operator_admin', tenant: 'acme' }]);
  for (const name of ['globex-customer', 'globex-technician', 'acme-manager'])
    cookies[name] = await people.cookieOf(name);
}, 120_000);
afterAll(async () => {
  await pool.stop();
  await sample.stop();
});

function get(path: string, as: string | undefined, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${pool.url}${path}`, { headers: { ...(as !== undefined && { cookie: cookies[as]! }), ...headers } });
}

function records(csv: string): Record<string, string>[] {
  expect(csv.endsWith('\r\n')).toBe(true);
  const [head = '', ...lines] = csv.slice(0, -2).split('\r\n');
  return lines.map((line) =>
    Object.fromEntries(
      head.split(',').map((name, i) => [name, (line.match(/("([^"]|"")*"|[^,]*)(,|$)/g) ?? [])[i]!.replace(/,$/, '')]),
    ),
  );
}

const MONTH = '/reports/account.csv?tenant=globex&month=2026-03';

describe('the report as CSV', () => {
  it('is as it was', async () => {
    const response = await get(MONTH, 'globex-customer');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="assay-globex-2026-03.csv"');
    expect(response.headers.get('cache-control')).toBe('no-store');
    // The price of work is a double, whose sum depends in its last digit on the order in which the store happens to add.
    const text = (await response.text()).replaceAll(/\d\.\d+e-\d+/g, (coins) => Number(coins).toPrecision(12));
    await expect(text).toMatchFileSnapshot('../downloads/testdata/report.csv');
  });

  it('adds up to the raw shares of what is held, exactly', async () => {
    const rows = records(await (await get(MONTH, 'globex-customer')).text()).filter(
      ({ holding }) => holding === 'lease-1',
    );
    const [row] = await sample.store.query<{ work: string; accepted: string }>(`
      SELECT toString(sum(work)) AS work, toString(sum(accepted)) AS accepted FROM assay.rollup_1m
      WHERE startsWith(toString(worker), 'acme.north.r1.') AND at >= '2026-03-03 10:00:00' AND at < '2026-03-30 22:30:00'`);
    expect(rows.reduce((sum, { accepted_shares }) => sum + Number(accepted_shares), 0)).toBe(Number(row!.accepted));
    const hashes = rows.reduce((sum, one) => sum + Number(one['hashes']), 0);
    expect(hashes / (0.5 * Number(row!.work) * (2 ** 48 / 65_535))).toBeCloseTo(1, 14);
    // Berlin's 29 March has 23 hours, and the lease ends half an hour into its last day.
    const of = (date: string) => rows.find((one) => one['date'] === date)!;
    expect(Number(of('2026-03-29')['promised_hashes'])).toBe(23 * 3600e12);
    expect(of('2026-03-31')).toMatchObject({ from: '2026-03-30T22:00:00.000Z', until: '2026-03-30T22:30:00.000Z' });
    expect(rows[0]).toMatchObject({ date: '2026-03-03', whole_day: 'false', from: '2026-03-03T10:00:00.000Z' });
  });

  it('prices work by hand', async () => {
    const row = records(await (await get(MONTH, 'globex-customer')).text()).find(
      ({ holding, date }) => holding === 'lease-1' && date === '2026-03-28',
    )!;
    // 28 March in Berlin is 23:00 UTC to 23:00: m1 all 1440 minutes with 6 shares, m2 from midnight UTC 1380 minutes with 4; half of it, of
    // difficulty 1024, at 1.3e14 a block of 3.14 coins.
    const work = 0.5 * (1440 * 6 + 1380 * 4) * 1024;
    expect(Number(row['fpps_coins_estimate'])).toBeCloseTo((work / 1.3e14) * 3.14, 12);
    expect(Number(row['uptime'])).toBe(1);
  });

  it('shows no money to who may not see it, and nobody else anything', async () => {
    const rows = records(await (await get(MONTH, 'globex-technician')).text());
    expect(rows.every((one) => one['fpps_coins_estimate'] === '' && one['block_reward'] === '')).toBe(true);
    expect(rows.some((one) => Number(one['hashes']) > 0)).toBe(true);
    const refused = await get(MONTH, 'acme-manager');
    const unknown = await get(MONTH.replace('globex', 'nobody'), 'acme-manager');
    expect([refused.status, unknown.status]).toEqual([404, 404]);
    expect(await refused.text()).toBe(await unknown.text());
    const text = await (await get(MONTH, 'globex-customer')).text();
    expect(text).not.toContain('secret');
  });
});

describe('the report as PDF', () => {
  it('says what it said', async () => {
    const response = await get('/reports/account.pdf?tenant=globex&month=2026-03', 'globex-customer');
    expect(response.headers.get('content-type')).toBe('application/pdf');
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="assay-globex-2026-03.pdf"');
    const pages = await pdfPages(new Uint8Array(await response.arrayBuffer()));
    const text = pages.map((lines) => lines.join('\n')).join('\n--- page ---\n');
    await expect(`${text}\n`).toMatchFileSnapshot('../downloads/testdata/report.txt');
    expect(text).toContain('Globex Überländ');
    expect(text).not.toContain('secret');
  });

  it('has no coins for who may not see money', async () => {
    const response = await get('/reports/account.pdf?tenant=globex&month=2026-03', 'globex-technician');
    const text = (await pdfPages(new Uint8Array(await response.arrayBuffer()))).flat().join('\n');
    expect(text).not.toMatch(/FPPS|oins/);
  });

  it('is made of a month that is not over, and of one without a share', async () => {
    for (const month of ['2026-04', '2026-05', '2025-01']) {
      const response = await get(`/reports/account.pdf?tenant=globex&month=${month}`, 'globex-customer');
      expect(response.status).toBe(200);
      const text = (await pdfPages(new Uint8Array(await response.arrayBuffer()))).flat().join('\n');
      expect(text).toContain('What is missing');
    }
  });
});

describe('tables', () => {
  it('have the workers that the filter of the address lets through, in its order', async () => {
    const response = await get('/exports/workers.csv?q=r1&sort=NAME&dir=DESC', 'acme-manager');
    const text = await response.text();
    expect(records(text).map(({ worker }) => worker)).toEqual(['acme.north.r1.m2', 'acme.north.r1.m1']);
    // What a machine calls itself is no formula.
    expect(text).toContain(`"'=HYPERLINK(""http://evil"")"`);
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="assay-workers-2026-04-02.csv"');
  });

  it('have power and what the work takes of it where that is on record, for who sees the whole machine', async () => {
    const body = { standing: 'active', tags: [], ratedPowerWatts: 3250 };
    await people.change({ op: 'put', kind: 'worker', id: 'acme.north.r1.m1', body });
    const powers = async (name: string): Promise<unknown> =>
      records(await (await get('/exports/workers.csv?q=r1', name)).text()).map((row) => [
        row['worker'],
        row['rated_power_watts'],
        row['joules_per_hash_1h'],
      ]);
    // Neither is connected now.
    expect(await powers('acme-manager')).toEqual([
      ['acme.north.r1.m1', '3250', ''],
      ['acme.north.r1.m2', '', ''],
    ]);
    expect(JSON.stringify(await powers('globex-customer'))).not.toContain('3250');
  });

  it('have events past the pages of the list, each once', async () => {
    const rows = records(await (await get('/exports/events.csv?tenant=acme', 'acme-manager')).text());
    expect(new Set(rows.map(({ id }) => id)).size).toBe(2502);
    expect(rows).toHaveLength(2502);
    expect(rows[0]).toMatchObject({ id: '2499', user_agent: '"miner ""x"", 1"' });
    const some = records(await (await get('/exports/events.csv?type=CONNECTED&limit=1200', 'acme-manager')).text());
    expect(some).toHaveLength(1200);
    expect(new Set(some.map(({ type }) => type))).toEqual(new Set(['authorized']));
    // Who holds a machine sees what happens to it; not what happens to others, nor before.
    const held = records(await (await get('/exports/events.csv', 'globex-customer')).text());
    expect(new Set(held.map(({ worker }) => worker))).toEqual(new Set(['acme.north.r1.m1']));
  });

  it('have the history of a worker', async () => {
    const rows = records(
      await (await get('/exports/history.csv?worker=acme.north.r1.m1&days=10', 'acme-manager')).text(),
    );
    expect(rows.reduce((sum, one) => sum + Number(one['accepted_shares']), 0)).toBe(6 * 59.5 * 60);
    expect((await get('/exports/history.csv?worker=acme.north.r1.m1', 'globex-technician')).status).toBe(404);
  });
});

describe('docs/customers.md', () => {
  it('has examples that answer', async () => {
    const text = await readFile(new URL('../../../../docs/customers.md', import.meta.url), 'utf8');
    const ofAcme = { cookie: cookies['acme-manager']! };
    const bodies = [...text.matchAll(/-d '(\{[^']*\})'/g)].map(([, body]) => body!);
    expect(bodies).toHaveLength(1);
    const { data, errors } = await pool.post(bodies[0]!, ofAcme);
    expect(errors).toBeUndefined();
    expect(data.account.timeZone).toBe('America/New_York');
    const paths = [...text.matchAll(/127\.0\.0\.1:8080(\/(?:reports|exports)[^']*)'/g)].map(([, path]) => path!);
    expect(paths).toHaveLength(3);
    for (const path of paths) expect((await get(path, 'acme-manager')).status, path).toBe(200);
  });
});

describe('the door', () => {
  it('lets nobody in without a login, no page of another site, and no bad parameter', async () => {
    expect((await get(MONTH, undefined)).status).toBe(401);
    expect((await get(MONTH, 'globex-customer', { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    for (const bad of [
      '?tenant=globex',
      '?tenant=globex&month=2026-13',
      '?tenant=globex&month=2026-03&from=2026-03-01',
      '?month=2026-03',
      '?tenant=globex&tenant=acme&month=2026-03',
      '?tenant=globex&from=2026-03-01&days=1000',
      '?tenant=globex&month=2026-03&algorithm=x11',
      `?tenant=${'x'.repeat(300)}&month=2026-03`,
    ]) {
      const response = await get(`/reports/account.csv${bad}`, 'globex-customer');
      expect(response.status, bad).toBe(400);
      expect(
        ((await response.json()) as { errors: [{ extensions: { code: string } }] }).errors[0].extensions.code,
      ).toBe('BAD_USER_INPUT');
    }
    expect((await get('/exports/events.csv?limit=100001', 'globex-customer')).status).toBe(400);
  });

  it('takes what a file costs from what may be asked for within a minute', async () => {
    await people.user('eager', [{ role: 'customer', tenant: 'globex' }]);
    cookies['eager'] = await people.cookieOf('eager');
    const statuses: number[] = [];
    for (let i = 0; i < 6; i++) {
      const response = await get('/exports/events.csv?limit=100000', 'eager');
      await response.arrayBuffer();
      statuses.push(response.status);
    }
    // 1,200,000 values each, of 5,000,000 a minute.
    expect(statuses).toEqual([200, 200, 200, 200, 429, 429]);
  });

  it('counts what became of files', async () => {
    const text = await pool.registry.metrics();
    expect(text).toMatch(/assay_downloads_total\{path="\/reports\/account\.pdf",code="ok"\} [1-9]/);
    expect(text).toMatch(/assay_downloads_total\{path="\/reports\/account\.csv",code="NOT_FOUND"\} 2/);
  });
});
