// SQL with a key of a tenant: it reads the tenant's rows and nothing else, whatever it tries.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { existsSync } from 'node:fs';
import { loadMigrations, migrate, type AnalyticsStore } from '@assay/analytics';
import { EVERYTHING, Visibility } from '@assay/tenancy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestServer } from './test-server.ts';

const NOW_S = Math.floor(Date.now() / 1000);
const DAY_S = 86_400;
/** What the pool says of each password. */
const READERS = new Map<string, Visibility>([
  ['key-of-acme', new Visibility({ tenants: ['acme'] })],
  ['key-of-north', new Visibility({ sites: ['bravo.north'] })],
  [
    'key-of-holder',
    new Visibility({ held: [{ of: 'bravo.pit', fromUs: (NOW_S - DAY_S) * 1e6, untilUs: (NOW_S - 3600) * 1e6 }] }),
  ],
  ['key-of-technician', new Visibility({ everyWorker: true })],
  ['key-of-nobody', new Visibility({})],
  ['key-of-operator', EVERYTHING],
]);
let open = false;
let server: TestServer;

beforeAll(async () => {
  server = await TestServer.start({
    readers: (password) => (open && password === '' ? EVERYTHING : READERS.get(password)),
    limits: { outsideSeconds: 5 },
  });
  await migrate(storeOf(server), await loadMigrations(), {
    shares_ttl_days: 3650,
    rollup_1m_ttl_days: 3650,
    rollup_1h_ttl_days: 3650,
    rollup_1d_ttl_days: 3650,
    events_ttl_days: 3650,
  });
  const workers =
    "arrayJoin(['acme.north.m1', 'acme.south.m2', 'bravo.north.m3', 'bravo.pit.secret-unit', 'acme2.north.m5', ''])";
  const rows = `SELECT splitByChar('.', worker)[1] AS tenant, ${workers} AS worker, number AS n FROM numbers(50)`;
  const at = `fromUnixTimestamp64Micro(toInt64(${NOW_S} - n * 3600) * 1000000, 'UTC')`;
  await server.inside(
    `INSERT INTO assay.shares (tenant, worker, submitted_at, verdict, difficulty, job_hash, hash, gateway) SELECT tenant, worker, ${at}, 'accepted', 1024, 'job', concat(worker, toString(n)), 'g' FROM (${rows})`,
  );
  await server.inside(
    `INSERT INTO assay.events (tenant, worker, at, type, id, remote_address) SELECT tenant, worker, ${at}, 'authorized', concat(worker, toString(n)), concat('address of ', worker) FROM (${rows})`,
  );
  for (const table of ['rollup_1m', 'rollup_1h', 'rollup_1d'])
    await server.inside(
      `INSERT INTO assay.${table} (tenant, worker, at, accepted) SELECT tenant, worker, toDateTime(${at}), n FROM (${rows})`,
    );
  for (const i of [1, 2])
    await server.inside(
      `INSERT INTO assay.workers (tenant, worker, first_seen, latest) SELECT DISTINCT tenant, worker, now64(6), tuple(now64(6), 'sha256d', concat('agent ', toString(${i}), ' of ', worker), '', '', 0, 0, 0) FROM (${rows})`,
    );
  await server.inside(
    `INSERT INTO assay.upstream_shares (tenant, worker, source, gateway, submitted_at, hash, job_hash) SELECT tenant, worker, concat('pool of ', tenant), 'g', ${at}, concat(worker, toString(n)), 'job' FROM (${rows})`,
  );
  await server.inside(
    `INSERT INTO assay.upstream_jobs (source, gateway, at, job_hash, upstream_difficulty) VALUES ('pool of everybody', 'g', fromUnixTimestamp(${NOW_S - 10 * DAY_S}), 'job', 1)`,
  );
  await server.inside("INSERT INTO assay.jobs (hash, coinbase1, first_seen) VALUES ('job', 'secret', now())");
}, 60_000);
afterAll(() => server.stop());

/** As much of the port as migrating takes. */
function storeOf(of: TestServer): AnalyticsStore {
  const run = of.inside.bind(of);
  return {
    command: async (sql: string) => void (await run(sql)),
    query: async (sql: string) =>
      (await run(sql, { default_format: 'JSONEachRow' }))
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as unknown),
  } as unknown as AnalyticsStore;
}

const ask = (sql: string, password: string, parameters: Record<string, string> = {}) =>
  server.request(sql, { headers: { 'X-ClickHouse-User': 'anybody', 'X-ClickHouse-Key': password }, parameters });
/** As acme. */
const asAcme = (sql: string, parameters: Record<string, string> = {}) => ask(sql, 'key-of-acme', parameters);
const FOREIGN = /bravo|acme2|secret|pool of everybody/;

describe('a key', () => {
  it('is taken by every way of ClickHouse, and no other gets in', async () => {
    const basic = `Basic ${Buffer.from('grafana:key-of-acme').toString('base64')}`;
    for (const request of [
      { headers: { Authorization: basic } },
      { headers: { 'X-ClickHouse-User': 'x', 'X-ClickHouse-Key': 'key-of-acme' } },
      { headers: { 'X-ClickHouse-Key': 'key-of-acme' } },
      { parameters: { user: 'x', password: 'key-of-acme' } },
    ])
      expect((await server.request('SELECT DISTINCT tenant FROM shares', request)).text).toBe('acme\n');
    for (const password of ['', 'key-of-acm', 'KEY-OF-ACME', "' OR 1"]) {
      const { status, text } = await ask('SELECT 1', password);
      expect(text).toMatch(/^Code: 516\. /);
      expect(status).toBe(403);
    }
  });

  it('that is taken away lets nobody in any more', async () => {
    READERS.set('key-of-leaver', new Visibility({ tenants: ['acme'] }));
    expect((await ask('SELECT 1', 'key-of-leaver')).text).toBe('1\n');
    READERS.delete('key-of-leaver');
    expect((await ask('SELECT 1', 'key-of-leaver')).text).toMatch(/^Code: 516\. /);
  });

  it('is needed, except while the pool lets everybody in', async () => {
    expect((await server.request('SELECT count() FROM shares')).text).toMatch(/^Code: 516\. /);
    open = true;
    expect((await server.request('SELECT count() FROM shares')).text).toBe('300\n');
    open = false;
    expect((await server.request('SELECT count() FROM shares')).text).toMatch(/^Code: 516\. /);
  });

  it.each([
    ['key-of-acme', 'acme.north.m1,acme.south.m2'],
    ['key-of-north', 'bravo.north.m3'],
    ['key-of-holder', 'bravo.pit.secret-unit'],
    ['key-of-technician', 'acme.north.m1,acme.south.m2,acme2.north.m5,bravo.north.m3,bravo.pit.secret-unit'],
    ['key-of-nobody', ''],
    ['key-of-operator', ',acme.north.m1,acme.south.m2,acme2.north.m5,bravo.north.m3,bravo.pit.secret-unit'],
  ])('reads what it sees of every table: %s', async (key, workers) => {
    for (const table of ['shares', 'events', 'rollup_1m', 'rollup_1h', 'upstream_shares'])
      expect(
        (await ask(`SELECT arrayStringConcat(arraySort(groupUniqArray(toString(worker))), ',') FROM ${table}`, key))
          .text,
      ).toBe(`${workers}\n`);
  });

  it('reads what it holds within the dates alone, and of a worker for all time nothing', async () => {
    const { text } = await ask(
      'SELECT min(submitted_at) >= now() - 86500, max(submitted_at) < now() - 3500, count() FROM shares',
      'key-of-holder',
    );
    expect(text).toBe('1\t1\t23\n');
    expect((await ask('SELECT count() FROM workers', 'key-of-holder')).text).toBe('0\n');
    expect((await ask('SELECT count() FROM rollup_1d', 'key-of-holder')).text).toBe('0\n');
  });

  it("keeps the columns that are worked out, FINAL, and what is the pool's own from it", async () => {
    expect((await asAcme('SELECT worker, user_agent FROM workers FINAL ORDER BY worker')).text).toBe(
      'acme.north.m1\tagent 2 of acme.north.m1\nacme.south.m2\tagent 2 of acme.south.m2\n',
    );
    expect(
      (
        await asAcme(
          'SELECT count() FROM jobs UNION ALL SELECT count() FROM upstream_jobs UNION ALL SELECT count() FROM schema_migrations',
        )
      ).text,
    ).toBe('0\n0\n0\n');
    expect((await asAcme('SELECT uniqExact(tenant) FROM upstream_ledger')).text).toBe('1\n');
    expect((await ask('SELECT count() FROM jobs', 'key-of-operator')).text).toBe('1\n');
  });

  it('can be used with the database it would name without one', async () => {
    expect((await asAcme('SELECT uniqExact(worker) FROM shares', { database: 'assay' })).text).toBe('2\n');
    expect((await asAcme('SHOW TABLES')).text).toContain('shares\n');
    expect((await asAcme('SELECT worker FROM assay.shares')).text).toMatch(
      /^Code: 497.*reads shares without its database/,
    );
  });
});

/** Each is refused, or answers with nothing of others. */
const ATTACKS = [
  // Undoing what keeps rows away.
  'SELECT worker FROM shares SETTINGS query_cache_tag = \'{"everyWorker":1}\'',
  'SELECT worker FROM (SELECT worker FROM shares SETTINGS query_cache_tag = \'{"everyWorker":1}\')',
  "SELECT * FROM view(SELECT worker FROM shares SETTINGS query_cache_tag = '')",
  'SELECT worker FROM shares SETTINGS additional_table_filters = {}',
  "SELECT worker FROM (SELECT worker FROM shares SETTINGS additional_table_filters = {'assay.shares': '1'})",
  'SET query_cache_tag = \'{"everyWorker":1}\'',
  'SELECT worker FROM shares SETTINGS readonly = 0',
  'SET ROLE ALL',
  'SET ROLE outside',
  'SET ROLE inside',
  'EXECUTE AS rows_seen SELECT * FROM assay.shares',
  'EXECUTE AS default SELECT * FROM assay.shares',
  // Going past the views.
  'SELECT worker FROM assay.shares',
  'SELECT worker FROM `assay`.`shares`',
  'SELECT 1 IN assay.shares',
  'SELECT worker FROM shares WHERE worker IN (SELECT worker FROM assay.workers)',
  "SELECT * FROM merge('assay', 'shares')",
  "SELECT * FROM merge('.*', 'shares')",
  'SELECT * FROM loop(assay.shares)',
  "SELECT * FROM remote('127.0.0.1', 'assay', 'shares')",
  "SELECT * FROM cluster('default', assay.shares)",
  "SELECT * FROM mergeTreeIndex('assay', 'shares')",
  "SELECT * FROM viewExplain('EXPLAIN', '', (SELECT * FROM assay.shares))",
  "SELECT * FROM file('/etc/passwd')",
  "SELECT * FROM executable('cat', 'CSV', 'a String')",
  'CREATE VIEW assay_seen.mine AS SELECT * FROM assay.shares',
  'CREATE TEMPORARY TABLE t AS SELECT * FROM assay.shares',
  'CREATE OR REPLACE VIEW assay_seen.shares AS SELECT * FROM assay.shares',
  'DROP VIEW assay_seen.shares',
  'SELECT 1; SELECT worker FROM assay.shares',
  "SELECT worker FROM shares INTO OUTFILE '/tmp/assay-seen-hostile'",
  'SELECT worker FROM shares UNION ALL SELECT worker FROM assay.shares',
  'WITH x AS (SELECT * FROM assay.shares) SELECT * FROM x',
  'DESCRIBE (SELECT * FROM assay.shares)',
  // Reading of others by errors, counts and plans.
  "SELECT count() FROM shares WHERE throwIf(worker = 'bravo.pit.secret-unit') = 0",
  "SELECT count() FROM shares PREWHERE throwIf(worker = 'bravo.pit.secret-unit') = 0",
  "SELECT toUInt64(if(startsWith(worker, 'acme.'), '1', worker)) FROM shares",
  "SELECT count() FROM shares WHERE toUInt64(if(startsWith(worker, 'acme.'), '1', worker)) > 0",
  "SELECT count() FROM shares WHERE toUInt64(if(startsWith(toString(worker), 'acme.'), '1', hash)) > 0",
  "SELECT count() FROM events WHERE toDate(if(startsWith(worker, 'acme.'), '2026-01-01', remote_address)) > '2020-01-01'",
  "SELECT count() FROM shares AS a JOIN events AS b ON toUInt64(if(startsWith(a.worker, 'acme.'), '1', a.worker)) = b.log_offset",
  "SELECT count() FROM upstream_ledger WHERE toUInt64(if(startsWith(worker, 'acme.'), '1', worker)) > 0",
  "SELECT count() FROM workers FINAL WHERE toUInt64(if(startsWith(worker, 'acme.'), '1', latest.user_agent)) > 0",
  "SELECT intDiv(1, startsWith(worker, 'acme.')) FROM shares WHERE intDiv(1, startsWith(worker, 'acme.')) = 1",
  'SELECT sum(toUInt64OrZero(hash)), max(worker), min(worker), any(worker), anyLast(worker), topK(100)(worker) FROM shares',
  'SELECT groupArray(worker) FROM shares ORDER BY 1 LIMIT 1 WITH TIES',
  'SELECT worker, count() FROM shares GROUP BY worker WITH TOTALS',
  'EXPLAIN SELECT worker FROM shares',
  'EXPLAIN ESTIMATE SELECT worker FROM shares',
  'EXPLAIN indexes = 1 SELECT worker FROM shares',
  'EXPLAIN AST SELECT worker FROM shares',
  'SELECT * FROM (EXPLAIN SELECT worker FROM shares)',
  // By site, and past the rules by the views that fill those tables.
  'SELECT * FROM site_1m',
  'SELECT * FROM site_1h',
  'SELECT * FROM assay_filling.site_1m',
  'SELECT * FROM assay_filling.site_1h',
  // What the server knows.
  'SELECT * FROM system.query_log',
  'SELECT * FROM system.processes',
  'SELECT * FROM system.parts',
  'SELECT * FROM system.row_policies',
  'SELECT * FROM system.users',
  'SELECT * FROM system.grants',
  "SELECT name, total_rows, total_bytes FROM system.tables WHERE database = 'assay'",
  "SELECT * FROM system.columns WHERE database = 'assay'",
  'SELECT name, create_table_query FROM system.tables',
  'SELECT as_select FROM system.tables',
  'SHOW CREATE TABLE shares',
  'SHOW CREATE VIEW assay_seen.shares',
  'SHOW ROW POLICIES',
  'SHOW GRANTS',
  'SHOW ACCESS',
  'SHOW PROCESSLIST',
  "SELECT getSetting('query_cache_tag')",
];

describe('with the key of a tenant nobody reads of others', () => {
  it.each(ATTACKS)('%s', async (sql) => {
    for (const format of ['TabSeparated', 'JSON']) {
      const { text, status } = await asAcme(sql, { default_format: format });
      // Its own text comes back in messages of the parser.
      expect(text.replaceAll(sql, '').replaceAll(/bravo\.pit\.secret-unit'(?=\))/g, '')).not.toMatch(FOREIGN);
      if (status === 200 && /count\(\)|intDiv/.test(sql)) expect(text).not.toContain('300');
    }
    expect(existsSync('/tmp/assay-seen-hostile')).toBe(false);
  });

  it('by no setting of the request', async () => {
    for (const [name, value] of [
      ['query_cache_tag', '{"everyWorker":1}'],
      ['additional_table_filters', "{'assay.shares':'1'}"],
      ['readonly', '0'],
      ['role', 'inside'],
      ['max_rows_to_read', '1'],
      ['max_bytes_to_read', '1'],
      ['session_id', 'x'],
      ['profile', 'default'],
      ['user', 'rows_seen'],
    ])
      expect((await asAcme('SELECT groupUniqArray(worker) FROM shares', { [name!]: value! })).text, name).not.toMatch(
        FOREIGN,
      );
    const inBody = new FormData();
    inBody.set('query', 'SELECT groupUniqArray(worker) FROM shares');
    inBody.set('query_cache_tag', '{"everyWorker":1}');
    const answer = await fetch(server.clickhouse.url, {
      method: 'POST',
      headers: { 'X-ClickHouse-Key': 'key-of-acme' },
      body: inBody,
    });
    expect(await answer.text()).toMatch(/^Code: 164\. /);
  });

  it('by no count of what was read', async () => {
    const { text, headers } = await asAcme('SELECT worker FROM shares LIMIT 1', {
      default_format: 'JSON',
      output_format_write_statistics: '1',
    });
    expect(JSON.parse(text)).not.toHaveProperty('statistics');
    expect(JSON.parse(headers.get('X-ClickHouse-Summary')!)).toMatchObject({ read_rows: '0', read_bytes: '0' });
  });

  it('and nothing leaves the machine', async () => {
    let connections = 0;
    const listener = createServer((_, response) => response.end('1')).on('connection', () => connections++);
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    const { port } = listener.address() as AddressInfo;
    for (const call of [
      `url('http://127.0.0.1:${port}/', 'CSV', 'a String')`,
      `s3('http://127.0.0.1:${port}/b/x.csv')`,
      `remote('127.0.0.1:${port}', 'assay', 'shares')`,
    ])
      expect((await asAcme(`SELECT * FROM ${call}`)).status).toBeGreaterThanOrEqual(400);
    expect(connections).toBe(0);
    await new Promise((resolve) => listener.close(resolve));
  });

  it('and our services read every row as before, also where ClickHouse counts without reading', async () => {
    expect(await server.inside('SELECT count() FROM assay.shares SETTINGS max_rows_to_read = 1')).toBe('300\n');
    expect(await server.inside('SELECT uniqExact(worker) FROM assay.shares')).toBe('6\n');
  });

  it('also after a table has got a new column', async () => {
    await server.inside("ALTER TABLE assay.events ADD COLUMN note String DEFAULT concat('note of ', worker)");
    expect((await asAcme("SELECT groupUniqArray(note) FROM events WHERE worker = 'acme.north.m1'")).text).toBe(
      "['note of acme.north.m1']\n",
    );
    expect((await asAcme('SELECT DISTINCT note FROM events')).text).not.toMatch(FOREIGN);
  });
});
