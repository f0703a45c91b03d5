// The HTTP side of the gateway, on the live state alone: the store is away throughout.
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LiveStateError } from '@assay/live-state';
import { readyReport } from '@assay/platform';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyLive, EXPECTED_HS, NOW_US } from './sample/sample-farm.ts';
import { SampleGateway } from './sample/sample-gateway.ts';

const MINUTE_US = 60e6;
const HOUR_US = 3600e6;

let pool: SampleGateway;
let dashboardDir: string;

beforeAll(async () => {
  dashboardDir = await mkdtemp(join(tmpdir(), 'assay-dashboard-'));
  await mkdir(join(dashboardDir, 'assets'));
  await writeFile(join(dashboardDir, 'index.html'), '<!doctype html><title>the dashboard</title>');
  await writeFile(join(dashboardDir, 'assets', 'index-C0ffeeAB.js'), 'export {};');
  await writeFile(join(dashboardDir, 'favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  pool = await SampleGateway.start({ dashboardDir, stratumPort: 3333 });
  await applyLive(pool.live, [
    {
      worker: 'acme.oslo.r1.busy',
      connectedSinceUs: NOW_US - 2 * HOUR_US,
      lastShareAtUs: NOW_US - 5e6,
      work: 400 * 1024,
      expectedHs: EXPECTED_HS,
    },
    {
      worker: 'acme.oslo.r1.quiet',
      connectedSinceUs: NOW_US - 2 * HOUR_US,
      lastShareAtUs: NOW_US - HOUR_US,
      expectedHs: EXPECTED_HS,
    },
    { worker: 'acme.rome.r1.new', connectedSinceUs: NOW_US - MINUTE_US },
    {
      worker: 'zeta',
      connectedSinceUs: NOW_US - 2 * HOUR_US,
      disconnectedAtUs: NOW_US - HOUR_US,
      lastShareAtUs: NOW_US - 1.5 * HOUR_US,
    },
  ]);
});

afterAll(async () => {
  await pool.stop();
  await rm(dashboardDir, { recursive: true });
});

describe('routes', () => {
  it('does not answer a page that comes under a name of its own', async () => {
    const status = await new Promise((resolve, reject) =>
      get(`${pool.url}/graphql?query={__typename}`, { headers: { host: 'rebound.example' } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).on('error', reject),
    );
    expect(status).toBe(421);
  });

  it('tells that the process lives', async () => {
    const response = await fetch(`${pool.url}/healthz`);
    expect([response.status, await response.json()]).toEqual([200, { alive: true }]);
  });

  it('tells readiness, with 503 and the reasons when something is not ready', async () => {
    const ready = await fetch(`${pool.url}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([200, { ready: true, checks: { sample: 'ok' } }]);
    expect(ready.headers.get('cache-control')).toBe('no-store');
    expect(await pool.gateway.ready()).toEqual({ ready: true, checks: { http: 'ok' } });

    const down = await SampleGateway.start({}, { readiness: async () => readyReport({ log: 'The log is away.' }) });
    const unready = await fetch(`${down.url}/readyz`);
    expect([unready.status, await unready.json()]).toEqual([
      503,
      { ready: false, checks: { log: 'The log is away.' } },
    ]);
    await down.stop();

    const broken = await SampleGateway.start({}, { readiness: () => Promise.reject(new Error('no checks today')) });
    const unknown = await fetch(`${broken.url}/readyz`);
    expect(unknown.status).toBe(503);
    expect(await unknown.text()).toContain('no checks today');
    await broken.stop();
  });

  it('gives the metrics, among them its own', async () => {
    await pool.ask('{ status { version } }');
    await pool.ask('{ workers(first: 0) { totalCount } }');
    const response = await fetch(`${pool.url}/metrics`);
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const text = await response.text();
    expect(text).toMatch(/assay_graphql_operations_total\{kind="query",transport="http",code="ok"\} [1-9]/);
    expect(text).toMatch(/assay_graphql_operations_total\{kind="query",transport="http",code="BAD_USER_INPUT"\} [1-9]/);
    expect(text).toMatch(/assay_graphql_operation_seconds_count\{kind="query",transport="http"\} [1-9]/);
  });

  it('puts security headers on every answer', async () => {
    for (const path of ['/', '/healthz', '/graphql?query={__typename}', '/assets/missing.js']) {
      const { headers } = await fetch(pool.url + path);
      expect(headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self'");
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('x-powered-by')).toBeNull();
    }
  });
});

describe('dashboard', () => {
  it('serves hashed assets for ever and other files revalidated', async () => {
    const asset = await fetch(`${pool.url}/assets/index-C0ffeeAB.js`);
    expect(asset.status).toBe(200);
    expect(asset.headers.get('content-type')).toContain('javascript');
    expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    const icon = await fetch(`${pool.url}/favicon.svg`);
    expect([icon.status, icon.headers.get('cache-control')]).toEqual([200, 'no-cache']);
  });

  it.each(['/', '/workers', '/workers/acme.oslo.r1.busy', '/workers/acme.oslo.m.js'])(
    'serves the page for %s',
    async (path) => {
      const response = await fetch(pool.url + path, { headers: { accept: 'text/html,*/*;q=0.8' } });
      expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-cache']);
      expect(await response.text()).toContain('the dashboard');
    },
  );

  it.each(['/assets/gone-12345678.js', '/robots.txt', '/assets/../../package.json', '/..%2f..%2fpackage.json.map'])(
    'does not pretend that %s is there',
    async (path) => {
      const response = await rawGet(pool.gateway.port, path);
      expect(response).toMatch(/^HTTP\/1.1 (404|403)/);
      expect(response).not.toContain('dependencies');
    },
  );

  it('says how to build when there is no build', async () => {
    const empty = await mkdtemp(join(tmpdir(), 'assay-no-dashboard-'));
    const unbuilt = await SampleGateway.start({ dashboardDir: empty });
    const response = await fetch(unbuilt.url);
    expect(response.status).toBe(503);
    expect(await response.text()).toContain('npm run build');
    await writeFile(join(empty, 'index.html'), 'built meanwhile');
    expect(await (await fetch(unbuilt.url)).text()).toBe('built meanwhile');
    await unbuilt.stop();
    await rm(empty, { recursive: true });
  });
});

/** One GET as written: fetch would tidy the path. */
function rawGet(port: number, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () =>
      socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`),
    );
    socket.on('data', (data) => (text += data.toString()));
    socket.on('end', () => resolve(text));
    socket.on('error', reject);
  });
}

describe('live answers while the store is away', () => {
  it('knows the status of every worker', async () => {
    const { workers, fleet } = await pool.data(
      '{ workers { totalCount nodes { name status } } fleet { workers online silent offline } }',
    );
    expect(workers).toEqual({
      totalCount: 4,
      nodes: [
        { name: 'acme.oslo.r1.busy', status: 'ONLINE' },
        { name: 'acme.oslo.r1.quiet', status: 'SILENT' },
        { name: 'acme.rome.r1.new', status: 'ONLINE' },
        { name: 'zeta', status: 'OFFLINE' },
      ],
    });
    expect(fleet).toEqual({ workers: 4, online: 2, silent: 1, offline: 1 });
  });

  it('gives a worker with its rate, interval and contribution', async () => {
    const { worker } = await pool.data(
      `{ worker(name: "acme.oslo.r1.busy") { tenant site path algorithm userAgent difficulty connectedSince firstSeen lastShareAt bestShare
         hashRate { hashRate low high } m1: hashRate(window: M1) { hashRate } nulled: hashRate(window: null) { hashRate } expectedHashRate contribution { fraction low high } } }`,
    );
    expect(worker).toMatchObject({
      tenant: 'acme',
      site: 'oslo',
      path: 'oslo.r1.busy',
      algorithm: 'SHA256D',
      userAgent: 'sample-miner/1.0',
      difficulty: 1024,
      connectedSince: new Date((NOW_US - 2 * HOUR_US) / 1000).toISOString(),
      firstSeen: new Date((NOW_US - 2 * HOUR_US) / 1000).toISOString(),
      lastShareAt: new Date((NOW_US - 5e6) / 1000).toISOString(),
      bestShare: 5120,
      expectedHashRate: EXPECTED_HS,
    });
    expect(worker.hashRate.low).toBeGreaterThan(0);
    expect(worker.hashRate.hashRate).toBeGreaterThan(worker.hashRate.low);
    expect(worker.hashRate.high).toBeGreaterThan(worker.hashRate.hashRate);
    expect(worker.m1.hashRate).toBeGreaterThan(worker.hashRate.hashRate);
    expect(worker.nulled.hashRate).toBe(worker.hashRate.hashRate);
    expect(worker.contribution.low).toBeLessThan(worker.contribution.fraction);
  });

  it('answers null for a worker, a tenant or an expectation that nobody knows', async () => {
    const data = await pool.data(
      '{ worker(name: "acme.oslo.nobody") { name } tenant(name: "nobody") { name } new: worker(name: "acme.rome.r1.new") { expectedHashRate contribution { fraction } lastShareAt } }',
    );
    expect(data).toEqual({
      worker: null,
      tenant: null,
      new: { expectedHashRate: null, contribution: null, lastShareAt: null },
    });
  });

  it('sums tenants and sites', async () => {
    const { tenants } = await pool.data(
      '{ tenants { name totals { workers hashRate { hashRate low high } expectedHashRate } sites { tenant name totals { workers online } } } }',
    );
    expect(tenants.map((tenant: { name: string; sites: unknown }) => [tenant.name, tenant.sites])).toEqual([
      [
        'acme',
        [
          { tenant: 'acme', name: 'oslo', totals: { workers: 2, online: 1 } },
          { tenant: 'acme', name: 'rome', totals: { workers: 1, online: 1 } },
        ],
      ],
      ['zeta', []],
    ]);
    expect(tenants[0].totals.expectedHashRate).toBe(2 * EXPECTED_HS);
    const { fleet } = await pool.data('{ fleet { hashRate { hashRate } } }');
    expect(tenants[0].totals.hashRate.hashRate + tenants[1].totals.hashRate.hashRate).toBeCloseTo(
      fleet.hashRate.hashRate,
      -3,
    );
  });

  it.each([
    ['{ tenant: "acme" }', 3],
    ['{ site: "rome" }', 1],
    ['{ search: "R1.QUI" }', 1],
    ['{ status: [SILENT, OFFLINE] }', 2],
    ['{ status: [] }', 0],
    ['{ algorithm: SCRYPT }', 0],
    ['{ tenant: "acme", status: [ONLINE], search: "busy" }', 1],
    ['{ tenant: null, site: null, search: null, status: null, algorithm: null }', 4],
  ])('filters by %s', async (filter, count) => {
    const { workers, fleet } = await pool.data(
      `{ workers(filter: ${filter}) { totalCount nodes { name } } fleet(filter: ${filter}) { workers } }`,
    );
    expect([workers.totalCount, workers.nodes.length, fleet.workers]).toEqual([count, count, count]);
  });

  it('answers what it can and gives history fields a typed error each', async () => {
    const { status, data, errors } = await pool.ask(
      `{ status { live history newestShareAt }
         worker(name: "acme.oslo.r1.busy") { name uptime shares { accepted } events { id } series(range: { from: "2026-01-01T00:00:00Z", to: "2026-01-02T00:00:00Z" }) { stepSeconds } }
         fleet { workers shares { accepted } } events { nodes { id } } networkDifficulty { nbits } }`,
    );
    expect(status).toBe(200);
    expect(data).toEqual({
      status: { live: true, history: false, newestShareAt: null },
      worker: { name: 'acme.oslo.r1.busy', uptime: null, shares: null, events: null, series: null },
      fleet: { workers: 4, shares: null },
      events: null,
      networkDifficulty: null,
    });
    expect(errors).toHaveLength(8);
    for (const error of errors!) expect(error.extensions).toEqual({ code: 'STORE_UNAVAILABLE', retriable: true });
  });

  it('does not show rates as live while the live state is rebuilt', async () => {
    const rebuilding = await SampleGateway.start({}, {}, NOW_US - 60e6);
    await applyLive(rebuilding.live, [
      { worker: 'a.b.c', connectedSinceUs: NOW_US - HOUR_US, lastShareAtUs: NOW_US - 5e6, expectedHs: 1e12 },
    ]);
    const { status, workers } = await rebuilding.data(
      '{ status { live } workers { nodes { hashRate { hashRate } contribution { fraction } } } }',
    );
    expect(status.live).toBe(false);
    expect(workers.nodes).toEqual([{ hashRate: null, contribution: null }]);
    await rebuilding.stop();
  });

  it('shows nothing as live, and no error, while the live state does not answer', async () => {
    const away = await SampleGateway.start();
    await applyLive(away.live, [{ worker: 'a.b.c', connectedSinceUs: NOW_US - HOUR_US, lastShareAtUs: NOW_US - 5e6 }]);
    const { standing } = away.live;
    away.live.standing = () => Promise.reject(new LiveStateError('away'));
    const query = '{ status { live } workers { nodes { name } } fleet { workers } }';
    expect(await away.data(query)).toEqual({ status: { live: false }, workers: { nodes: [] }, fleet: { workers: 0 } });
    away.live.standing = standing;
    away.clock.advance(1);
    const again = { status: { live: true }, workers: { nodes: [{ name: 'a.b.c' }] }, fleet: { workers: 1 } };
    expect(await away.data(query)).toEqual(again);
    await away.stop();
  });

  it('shows a miner as it was when its shares were last in, not slower and not silent, while ClickHouse keeps them waiting', async () => {
    const asOfUs = NOW_US - 20e6;
    const behind = await SampleGateway.start({}, {}, asOfUs);
    await applyLive(behind.live, [
      { worker: 'a.b.c', connectedSinceUs: NOW_US - HOUR_US, lastShareAtUs: NOW_US - 25e6, expectedHs: 1e12 },
    ]);
    const then = await behind.live.worker(asOfUs, 'a.b.c');
    const { workers } = await behind.data('{ workers { nodes { status hashRate(window: M1) { hashRate } } } }');
    expect(workers.nodes).toEqual([{ status: 'ONLINE', hashRate: { hashRate: then!.rates['1m'].hashRateHs } }]);
    const now = await behind.live.worker(NOW_US, 'a.b.c');
    expect(now!.rates['1m'].hashRateHs).not.toBe(then!.rates['1m'].hashRateHs);
    await behind.stop();
  });

  it('cuts off who asks on and on without reading, and answers who asks one thing after the other', async () => {
    const closed = (requests: number, last: string): Promise<number> =>
      new Promise((resolve) => {
        const socket = connect(pool.gateway.port, '127.0.0.1');
        let answers = 0;
        socket.on('data', (chunk) => (answers += chunk.toString().split('HTTP/1.1 200').length - 1));
        socket.on('error', () => undefined);
        socket.on('close', () => resolve(answers));
        const request = (connection: string): string =>
          `GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: ${connection}\r\n\r\n`;
        socket.write(request('keep-alive').repeat(requests - 1) + request(last));
      });
    expect(await closed(5, 'close')).toBe(5);
    // Nothing here would ever close it: the connection is left open.
    expect(await closed(1000, 'keep-alive')).toBeLessThan(1000);
    const many = await Promise.all(Array.from({ length: 100 }, () => fetch(`${pool.gateway.url}/healthz`)));
    expect(many.every(({ ok }) => ok)).toBe(true);
  });

  it('tells how to connect a miner', async () => {
    const { connection } = await pool.data('{ connection { urls stratumPort minimumDifficulty demo } }');
    expect(connection).toEqual({
      urls: ['stratum+tcp://127.0.0.1:3333'],
      stratumPort: 3333,
      minimumDifficulty: 0.00001,
      demo: false,
    });
    const configured = await SampleGateway.start({
      stratumUrls: 'stratum+tcp://pool.example:3333, stratum+tls://pool.example:3334',
      demo: true,
    });
    const guide = (await configured.data('{ connection { urls demo } }')).connection;
    expect(guide).toEqual({ urls: ['stratum+tcp://pool.example:3333', 'stratum+tls://pool.example:3334'], demo: true });
    await configured.stop();
  });
});

describe('what is refused, and how', () => {
  const cursor = async () =>
    (await pool.data('{ workers(first: 1) { pageInfo { endCursor } } }')).workers.pageInfo.endCursor as string;
  const codeOf = async (query: string, variables = {}) =>
    (await pool.ask(query, variables)).errors?.[0]?.extensions.code;

  it.each([
    ['{ workers(first: 0) { totalCount } }', 'BAD_USER_INPUT'],
    ['{ workers(first: 1001) { totalCount } }', 'BAD_USER_INPUT'],
    ['{ workers(after: "nonsense") { totalCount } }', 'INVALID_CURSOR'],
    [`{ workers(after: "${'A'.repeat(2000)}") { totalCount } }`, 'INVALID_CURSOR'],
    ['{ worker(name: "zeta") { uptime(hours: 0) } }', 'BAD_USER_INPUT'],
    ['{ worker(name: "zeta") { shares(hours: 721) { accepted } } }', 'BAD_USER_INPUT'],
    [
      '{ fleet { series(range: { from: "2026-01-02T00:00:00Z", to: "2026-01-01T00:00:00Z" }) { stepSeconds } } }',
      'BAD_USER_INPUT',
    ],
    [
      '{ fleet { series(range: { from: "1990-01-01T00:00:00Z", to: "2026-01-01T00:00:00Z" }) { stepSeconds } } }',
      'RANGE_TOO_LARGE',
    ],
    [
      '{ fleet { series(range: { from: "2026-01-01T00:00:00Z", to: "2026-01-02T00:00:00Z", maxPoints: 2001 }) { stepSeconds } } }',
      'BAD_USER_INPUT',
    ],
    [
      '{ fleet { series(range: { from: "yesterday", to: "2026-01-02T00:00:00Z" }) { stepSeconds } } }',
      'GRAPHQL_VALIDATION_FAILED',
    ],
    ['{ events(after: "e30") { nodes { id } } }', 'INVALID_CURSOR'],
    ['{ workers { nodes { nonsense } } }', 'GRAPHQL_VALIDATION_FAILED'],
    ['{ workers {', 'GRAPHQL_PARSE_FAILED'],
    ['query a { status { version } } query b { status { version } }', 'OPERATION_RESOLUTION_FAILURE'],
    ['{ workers(sort: { field: UPTIME, direction: ASC }) { totalCount } }', 'STORE_UNAVAILABLE'],
    ['{ workers(sort: { field: INVALID, direction: ASC }) { totalCount } }', 'STORE_UNAVAILABLE'],
  ])('%s is answered %s', async (query, code) => {
    const { errors } = await pool.ask(query);
    expect(errors?.[0]?.extensions.code).toBe(code);
    expect(errors![0]!.message.length).toBeGreaterThan(10);
  });

  it('variables of the wrong type', async () => {
    expect(await codeOf('query ($first: Int) { workers(first: $first) { totalCount } }', { first: 'many' })).toBe(
      'BAD_USER_INPUT',
    );
    expect(
      await codeOf('query ($range: RangeInput!) { fleet { series(range: $range) { stepSeconds } } }', {
        range: { from: 1, to: 2 },
      }),
    ).toBe('BAD_USER_INPUT');
  });

  it('a cursor of another order', async () => {
    const query =
      'query ($after: String) { workers(after: $after, sort: { field: HASH_RATE, direction: DESC }) { totalCount } }';
    const { errors } = await pool.ask(query, { after: await cursor() });
    expect(errors![0]!.extensions.code).toBe('INVALID_CURSOR');
    expect(errors![0]!.message).toContain('NAME:ASC');
  });

  it('an answer that could be too large, before anything is asked of the store', async () => {
    const large =
      '{ workers(first: 1000) { nodes { name series(range: { from: "2026-01-01T00:00:00Z", to: "2026-01-02T00:00:00Z" }) { points { at hashRate } } } } }';
    const { status, errors } = await pool.ask(large);
    expect([status, errors?.[0]?.extensions.code]).toEqual([400, 'QUERY_TOO_COMPLEX']);
    expect(errors![0]!.message).toMatch(/about 601\d\d\d values/);
  });

  it('too many aliases, nesting, tokens and fields', async () => {
    const aliases = Array.from({ length: 51 }, (_, i) => `a${i}: status { version }`).join(' ');
    expect(await codeOf(`{ ${aliases} }`)).toBe('TOO_MANY_ALIASES');
    const tokens = Array.from({ length: 4001 }, () => '__typename').join(' ');
    expect(await codeOf(`{ ${tokens} }`)).toBe('GRAPHQL_PARSE_FAILED');
    // Eleven fragments that each spread the next one three times: 3^10 selections from a short document.
    const bomb = Array.from(
      { length: 11 },
      (_, i) => `fragment f${i} on Worker { ${i === 10 ? 'name' : `...f${i + 1} ...f${i + 1} ...f${i + 1}`} }`,
    ).join(' ');
    expect(await codeOf(`{ workers { nodes { ...f0 } } } ${bomb}`)).toBe('QUERY_TOO_COMPLEX');
    const shallow = await SampleGateway.start({ maxDepth: 3 });
    const { errors } = await shallow.ask('{ workers { edges { node { hashRate { low } } } } }');
    expect(errors?.[0]?.extensions.code).toBe('QUERY_TOO_DEEP');
    await shallow.stop();
  });

  it('a body that is too large or no JSON, in the shape of GraphQL errors', async () => {
    const large = await pool.post(JSON.stringify({ query: `{ status { version } } # ${'x'.repeat(140_000)}` }));
    expect([large.status, large.errors?.[0]?.extensions.code]).toEqual([413, 'BODY_TOO_LARGE']);
    const broken = await pool.post('{"query": ');
    expect([broken.status, broken.errors?.[0]?.extensions.code]).toEqual([400, 'BAD_REQUEST']);
  });

  it('batches and requests a foreign page could send', async () => {
    const batch = await pool.post(
      JSON.stringify([{ query: '{ status { version } }' }, { query: '{ status { version } }' }]),
    );
    expect([batch.status, batch.errors?.[0]?.extensions.code]).toEqual([400, 'BAD_REQUEST']);
    const simple = await pool.post(JSON.stringify({ query: '{ status { version } }' }), {
      'content-type': 'text/plain',
    });
    expect([simple.status, simple.errors?.[0]?.extensions.code]).toEqual([400, 'BAD_REQUEST']);
    const bareGet = await fetch(`${pool.url}/graphql?query=${encodeURIComponent('{ status { version } }')}`);
    expect(bareGet.status).toBe(400);
    const get = await fetch(`${pool.url}/graphql?query=${encodeURIComponent('{ status { version } }')}`, {
      headers: { 'apollo-require-preflight': '1' },
    });
    expect([get.status, ((await get.json()) as { data: object }).data]).toEqual([
      200,
      { status: { version: '0.1.0' } },
    ]);
  });

  it('introspection, only when it is switched off', async () => {
    expect((await pool.data('{ __schema { queryType { name } } }')).__schema.queryType.name).toBe('Query');
    const closed = await SampleGateway.start({ introspection: false });
    const { errors } = await closed.ask('{ __schema { queryType { name } } }');
    expect(errors?.[0]?.extensions.code).toMatch(/INTROSPECTION_DISABLED|GRAPHQL_VALIDATION_FAILED/);
    await closed.stop();
  });
});

describe('faults of our own', () => {
  it('are masked and given an id', async () => {
    const logged: Record<string, unknown>[] = [];
    const logger = pino(
      { level: 'error' },
      { write: (line: string) => void logged.push(JSON.parse(line) as Record<string, unknown>) },
    );
    const broken = await SampleGateway.start({}, { logger });
    broken.live.standing = () => Promise.reject(new TypeError('secret detail'));
    const { errors } = await broken.ask('{ status { live } }');
    expect(errors![0]!.extensions.code).toBe('INTERNAL_SERVER_ERROR');
    expect(JSON.stringify(errors)).not.toContain('secret detail');
    expect(logged).toMatchObject([{ errorId: errors![0]!.extensions.errorId, err: { message: 'secret detail' } }]);
    await broken.stop();
  });

  it('a port that is taken makes the start fail and leaves nothing behind', async () => {
    await expect(SampleGateway.start({ httpPort: pool.gateway.port })).rejects.toThrow(/EADDRINUSE/);
  });
});
