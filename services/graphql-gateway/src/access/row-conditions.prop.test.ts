// On the real engine: what conditions let through is what `Visibility` says, for any names, scopes and dates; and nothing gets round them.
import fc from 'fast-check';
import { ROW_RULES, rowConditionOver, visibilityValues, type VisibilityExpressions } from '@assay/analytics';
import { Registry } from '@assay/platform';
import { EVERYTHING, Visibility, type HeldPart } from '@assay/tenancy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GatewayMetrics } from '../metrics.ts';
import { StoreReader, type NamedQuery } from '../queries/store-reader.ts';
import { startSampleStore, type SampleStore } from '../sample/sample-store.ts';

const DAY_S = 86_400;
/** Whole days of 2026, and moments off any bucket's edge. */
const BASE_S = 1_767_225_600;
const TIMES_S = [0, 59, 60, 3600, 5400, DAY_S, DAY_S + 3600, 3 * DAY_S].map((offset) => BASE_S + offset);
const BUCKET_SECONDS: Readonly<Record<string, number>> = { rollup_1m: 60, rollup_1h: 3600, rollup_1d: DAY_S };
const TABLES = ['shares', 'rollup_1m', 'rollup_1h', 'rollup_1d', 'events', 'workers', 'upstream_shares'];

/** Names that are prefixes of each other, and hold whatever a username may. */
const SEGMENTS = ['a', 'ab', 'b', 'A', 'a-1', '_', '+@:/=-', ''];
const NAMES = [
  ...SEGMENTS.filter((tenant) => tenant !== '').flatMap((tenant) => [
    tenant,
    ...['a', 'ab', ''].flatMap((site) => [`${tenant}.${site}`, `${tenant}.${site}.b`, `${tenant}.${site}.b.a`]),
  ]),
];

let sample: SampleStore;
let reader: StoreReader;

beforeAll(async () => {
  sample = await startSampleStore();
  reader = new StoreReader(
    sample.store,
    { maxConcurrent: 4, maxExecutionSeconds: 30 },
    new GatewayMetrics(new Registry()),
  );
  const names = `['${NAMES.join("', '")}']`;
  const every = `
    (SELECT arrayJoin(arrayPushBack(${names}, '')) AS worker, splitByChar('.', worker)[1] AS tenant, arrayJoin([${TIMES_S.join(', ')}]) AS second)`;
  const micro = "fromUnixTimestamp64Micro(toInt64(second) * 1000000 + 1, 'UTC')";
  for (const [table, at] of [
    ['shares', 'submitted_at'],
    ['events', 'at'],
    // Merges keep one row a share.
    ['upstream_shares', 'submitted_at, hash'],
  ])
    await sample.store.command(
      `INSERT INTO assay.${table} (tenant, worker, ${at}) SELECT tenant, worker, ${micro}${table === 'upstream_shares' ? ', worker' : ''} FROM ${every}`,
    );
  for (const [table, seconds] of Object.entries(BUCKET_SECONDS))
    await sample.store.command(
      `INSERT INTO assay.${table} (tenant, worker, at, accepted) SELECT DISTINCT tenant, worker, fromUnixTimestamp(toUInt32(intDiv(second, ${seconds}) * ${seconds})), 1 FROM ${every}`,
    );
  await sample.store.command(`INSERT INTO assay.workers (tenant, worker) SELECT DISTINCT tenant, worker FROM ${every}`);
}, 60_000);
afterAll(() => sample.stop());

const name = fc.constantFrom(...NAMES);
/** Also what no worker can be called: grants and ownerships are entered by people. */
const anyName = fc.oneof(
  { weight: 4, arbitrary: name },
  { weight: 1, arbitrary: fc.string({ maxLength: 12 }) },
  { weight: 1, arbitrary: fc.constantFrom("a'", 'a\\', "a' OR 1 --", "a'] OR 1 OR ['", '%', 'a_') },
);
const momentUs = fc.constantFrom(...TIMES_S).map((second) => second * 1e6);
const lengthUs = fc.constantFrom(1, 60e6, 3600e6, DAY_S * 1e6, 2 * DAY_S * 1e6);
const held: fc.Arbitrary<HeldPart> = fc
  .record({ of: anyName, fromUs: fc.oneof(momentUs, fc.constant(0)), lengthUs, open: fc.boolean() })
  .map(({ of, fromUs, lengthUs: length, open }) => ({ of, fromUs, untilUs: open ? undefined : fromUs + length }));
const visibility = fc
  .record({
    everyWorker: fc.nat(9).map((n) => n === 0),
    pool: fc.boolean(),
    tenants: fc.array(anyName, { maxLength: 2 }),
    sites: fc.array(anyName, { maxLength: 3 }),
    held: fc.array(held, { maxLength: 4 }),
  })
  .map((parts) => new Visibility(parts));

interface Row {
  readonly worker: string;
  readonly us: number;
}

function queryOf(table: string): NamedQuery {
  const us =
    table === 'workers'
      ? '0'
      : table in BUCKET_SECONDS
        ? 'toUnixTimestamp(t.at) * 1000000'
        : `toUnixTimestamp64Micro(t.${table === 'events' ? 'at' : 'submitted_at'})`;
  return {
    name: table,
    sql: `SELECT toString(t.worker) AS worker, toFloat64(${us}) AS us FROM assay.${table} AS t GROUP BY worker, us`,
  };
}
const QUERIES = new Map(TABLES.map((table) => [table, queryOf(table)]));

const text = (rows: readonly Row[]): string[] => rows.map(({ worker, us }) => `${worker} ${us}`).sort();

function expected(table: string, all: readonly Row[], seen: Visibility): readonly Row[] {
  const rowLengthUs = (BUCKET_SECONDS[table] ?? 0) * 1e6;
  return all.filter(({ worker, us }) =>
    table === 'workers' ? seen.seesWhole(worker) : seen.seesRow(worker, us, rowLengthUs),
  );
}

/** Everything from one text, as the statement finds it when it runs. */
function expressionsFrom(values: object): VisibilityExpressions {
  const json = `'${JSON.stringify(values).replace(/[\\']/g, '\\$&')}'`;
  const read = (field: keyof VisibilityExpressions, type: string): string =>
    `JSONExtract(${json}, '${field}', '${type}')`;
  return {
    everyWorker: read('everyWorker', 'UInt8'),
    pool: read('pool', 'UInt8'),
    tenants: read('tenants', 'Array(String)'),
    sites: read('sites', 'Array(String)'),
    siteTenants: read('siteTenants', 'Array(String)'),
    heldTenants: read('heldTenants', 'Array(String)'),
    heldKeys: read('heldKeys', 'Array(String)'),
    heldTimes: read('heldTimes', 'UInt32'),
    heldFrom: read('heldFrom', 'Array(Int64)'),
    heldUntil: read('heldUntil', 'Array(Int64)'),
  };
}

describe('conditions on rows', () => {
  it.each(TABLES)('let through of %s just what is seen', async (table) => {
    const query = QUERIES.get(table)!;
    const all = await reader.for(EVERYTHING).rows<Row>(query, {});
    expect(all.length).toBeGreaterThan(NAMES.length);
    await fc.assert(
      fc.asyncProperty(visibility, async (seen) => {
        const wanted = text(expected(table, all, seen));
        expect(text(await reader.for(seen).rows<Row>(query, {}))).toEqual(wanted);
        const rowFilters = { [table]: rowConditionOver(table, expressionsFrom(visibilityValues(seen))) };
        expect(text(await sample.store.query<Row>(query.sql, {}, { rowFilters }))).toEqual(wanted);
      }),
      { numRuns: 40 },
    );
  });

  it('are there for every table of the database', async () => {
    const tables = await sample.store.query<{ name: string }>(
      "SELECT name FROM system.tables WHERE database = 'assay'",
    );
    expect(Object.keys(ROW_RULES).sort()).toEqual(tables.map(({ name: table }) => table).sort());
  });
});

describe('a query for a viewer', () => {
  const acme = new Visibility({ tenants: ['ab'] });
  const ask = (sql: string, lookups: readonly string[] = []) =>
    reader.for(acme).rows<{ readonly w: readonly string[] }>({ name: 'sample', sql, lookups }, {});
  const tenantsIn = async (sql: string): Promise<string[]> => [
    ...new Set((await ask(sql)).flatMap(({ w }) => w).map((worker) => worker.split('.')[0]!)),
  ];

  it.each([
    'SELECT groupArray(worker) AS w FROM assay.shares',
    'SELECT groupArray(x.worker) AS w FROM assay.shares AS x',
    'SELECT groupArray(worker) AS w FROM assay.workers FINAL',
    'SELECT groupArray(worker) AS w FROM assay.upstream_shares AS u FINAL',
    'SELECT groupArray(worker) AS w FROM assay.rollup_1m PREWHERE accepted > 0',
    "SELECT groupArray(worker) AS w FROM assay.shares WHERE tenant = 'ab' OR 1",
    'SELECT groupArray(worker) AS w FROM (SELECT * FROM assay.shares)',
    'SELECT (SELECT groupArray(worker) FROM assay.shares) AS w',
    'SELECT groupArray(x.worker) AS w FROM assay.shares AS x LEFT JOIN assay.events AS y ON x.tenant = y.tenant',
    'SELECT groupArray(y.worker) AS w FROM (SELECT 1 AS one) AS x CROSS JOIN assay.events AS y',
    'SELECT groupArray(y.worker) AS w FROM assay.workers AS x RIGHT JOIN assay.shares AS y ON x.worker = y.worker',
    'SELECT groupArray(x.worker) AS w FROM assay.shares AS x ASOF JOIN assay.events AS y ON x.tenant = y.tenant AND x.submitted_at >= y.at',
    'SELECT groupArray(worker) AS w FROM (SELECT worker FROM assay.shares UNION ALL SELECT worker FROM assay.events UNION ALL SELECT worker FROM assay.workers)',
    'SELECT groupArray(worker) AS w FROM assay.shares WHERE worker IN (SELECT worker FROM assay.events) OR worker NOT IN (SELECT worker FROM assay.events)',
    'SELECT groupArray(worker) AS w FROM assay.upstream_ledger',
    'SELECT [max(worker), min(worker)] AS w FROM assay.shares',
  ])("sees the viewer's own alone: %s", async (sql) => {
    expect(await tenantsIn(sql)).toEqual(['ab']);
  });

  it("counts the viewer's own alone, also where ClickHouse need not read to count", async () => {
    const [own] = await ask('SELECT [toString(count())] AS w FROM assay.shares');
    const [rows] = await sample.store.query<{ n: string }>(
      "SELECT toString(count()) AS n FROM assay.shares WHERE tenant = 'ab'",
    );
    expect(own).toEqual({ w: [rows!.n] });
    const [newest] = await ask('SELECT [toString(count()), toString(max(first_seen))] AS w FROM assay.jobs');
    expect(newest).toEqual({ w: ['0', '1970-01-01 00:00:00.000000'] });
  });

  it.each([
    "SELECT worker AS w FROM merge('assay', 'shares')",
    "SELECT dictGet('workers_by_name', 'worker', 1) AS w",
    "SELECT joinGet('assay.j', 'worker', 1) AS w",
    'SELECT name AS w FROM system.tables',
    'SELECT worker AS w FROM shares',
    'SELECT worker AS w FROM `assay`.`shares`',
    'SELECT worker AS w FROM assay.not_there',
    "SELECT worker AS w FROM remote('127.0.0.1', 'assay', 'shares')",
    'SELECT worker AS w FROM assay.shares AS a JOIN default.workers AS b ON a.worker = b.worker',
  ])('is not run where no filter would reach: %s', async (sql) => {
    await expect(ask(sql)).rejects.toThrow(/no filter reaches|no rule is about/);
  });
});
