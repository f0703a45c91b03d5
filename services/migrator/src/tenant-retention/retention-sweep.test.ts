// A tenant's own retention on a real ClickHouse: what it deletes, what of others and of itself it leaves.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createClickHouseStore } from '@assay/adapter-clickhouse';
import { openMemoryEventLog } from '@assay/adapter-memory';
import { countExpired, deleteExpired, ROW_RULES, VIEWS, type AnalyticsStore } from '@assay/analytics';
import { ControlLog } from '@assay/control-log';
import { startEmbeddedClickHouse, type EmbeddedClickHouse } from '@assay/embedded-clickhouse';
import { topicSpecs } from '@assay/event-log';
import { systemClock } from '@assay/kernel';
import { parseSettings, Registry, silentLogger } from '@assay/platform';
import { retentionSettings } from '../config.ts';
import { prepareStore } from '../prepare-store.ts';
import { RetentionSweep } from './retention-sweep.ts';
import { tenantDays } from './tenant-days.ts';

const BY = { kind: 'system', id: 'test' } as const;
const nowUs = Math.floor(systemClock.nowUs() / 1e6) * 1e6;
/** Of every table that says of a worker what was when. */
const TABLES = Object.entries(ROW_RULES).flatMap(([table, rule]) =>
  rule.kind === 'worker_time' && !(table in VIEWS) ? [[table, rule.at] as const] : [],
);

let dataDir: string;
let server: EmbeddedClickHouse;
let store: AnalyticsStore;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'assay-retention-'));
  server = await startEmbeddedClickHouse({ dataDir, port: 0, fsync: false });
  store = createClickHouseStore(server);
  await prepareStore(store, parseSettings(retentionSettings, {}));
});
afterAll(async () => {
  await store.close();
  await server.close();
  await rm(dataDir, { recursive: true, force: true });
});

/** A row of each tenant in each table, so many days and a second old. */
async function fill(tenants: readonly string[], days: number): Promise<void> {
  const seconds = Math.floor(nowUs / 1e6) - days * 86_400 - 1;
  for (const [table, at] of TABLES) {
    const rows = tenants.map((tenant) => `('${tenant}', '${tenant}.pit.m1', toDateTime(${seconds}, 'UTC'))`);
    await store.command(`INSERT INTO assay.${table} (tenant, worker, ${at}) VALUES ${rows.join(', ')}`);
  }
}

/** `tenant days`, of the rows there are. */
async function left(table: string, at: string): Promise<string[]> {
  const rows = await store.query<{ tenant: string; days: number }>(
    `SELECT DISTINCT toString(tenant) AS tenant, toInt32(intDiv(${Math.floor(nowUs / 1e6)} - toUnixTimestamp(${at}), 86400)) AS days
     FROM assay.${table} ORDER BY tenant, days`,
  );
  return rows.map(({ tenant, days }) => `${tenant} ${days}`);
}

it("deletes rows older than their tenant's retention, of that tenant alone, in every table", async () => {
  for (const days of [5, 20, 40]) await fill(['brief', 'longer', 'else'], days);
  const tenants = [
    { tenant: 'brief', days: 10 },
    { tenant: 'longer', days: 30 },
    // Longer ago than there were clocks.
    { tenant: 'else', days: 36_500 },
    // Nothing of a statement: it is a name, if a strange one.
    { tenant: "' OR 1 = 1 --", days: 1 },
  ];
  const expired = await countExpired(store, tenants, nowUs);
  // Sums of sites come with the rows they are made from, besides those put in here.
  expect(Object.keys(expired).sort()).toEqual(TABLES.map(([table]) => table).sort());
  expect(expired['shares']).toBe(3);
  expect(await deleteExpired(store, tenants, nowUs)).toEqual(expired);
  for (const [table, at] of TABLES)
    expect(await left(table, at), table).toEqual(['brief 5', 'else 20', 'else 40', 'else 5', 'longer 20', 'longer 5'].sort(byTenantAndDays)); // prettier-ignore
  expect(await countExpired(store, tenants, nowUs)).toEqual({});
});

const byTenantAndDays = (a: string, b: string): number => {
  const [tenantA = '', daysA] = a.split(' ');
  const [tenantB = '', daysB] = b.split(' ');
  return tenantA < tenantB ? -1 : tenantA > tenantB ? 1 : Number(daysA) - Number(daysB);
};

it('follows what is entered of tenants, and counts what it deletes', async () => {
  await fill(['entered', 'free'], 8);
  const log = openMemoryEventLog({ clock: systemClock });
  await log.ensureTopics(topicSpecs(1));
  const control = new ControlLog({ log, onWarning: (message) => expect.fail(message) });
  await control.caughtUp();
  const registry = new Registry();
  const sweep = new RetentionSweep({ store, control, clock: systemClock, logger: silentLogger, registry });
  await sweep.sweep();
  expect(await left('rollup_1h', 'at')).toContain('entered 8');

  const tenant = (id: string, more: object) =>
    ({ op: 'put', kind: 'tenant', id, body: { name: id, kind: 'hosting', autoRegister: true, ...more } }) as const;
  await control.change(BY, [tenant('entered', { retentionDays: 7 }), tenant('free', {})]);
  expect(tenantDays(control.state)).toEqual([{ tenant: 'entered', days: 7 }]);
  await sweep.sweep();
  expect(await left('rollup_1h', 'at')).not.toContain('entered 8');
  expect(await left('rollup_1h', 'at')).toContain('free 8');
  expect(await registry.getSingleMetricAsString('assay_retention_deleted_rows_total')).toContain('{table="shares"} 1');

  await sweep.stop();
  control.close();
  await log.close();
});

it('says so and goes on when the store will not', async () => {
  const log = openMemoryEventLog({ clock: systemClock });
  await log.ensureTopics(topicSpecs(1));
  const control = new ControlLog({ log, onWarning: (message) => expect.fail(message) });
  await control.caughtUp();
  await control.change(BY, [
    { op: 'put', kind: 'tenant', id: 'acme', body: { name: 'acme', kind: 'hosting', autoRegister: true, retentionDays: 1 } },
  ]); // prettier-ignore
  const away = createClickHouseStore({ url: 'http://127.0.0.1:9', username: 'x', password: 'x' });
  const errors: string[] = [];
  const logger = {
    ...silentLogger,
    error: (_: unknown, message: string) => errors.push(message),
  } as unknown as typeof silentLogger;
  const sweep = new RetentionSweep({ store: away, control, clock: systemClock, logger, registry: new Registry() });
  await sweep.sweep();
  expect(errors).toHaveLength(2);
  await sweep.stop();
  control.close();
  await away.close();
  await log.close();
});
