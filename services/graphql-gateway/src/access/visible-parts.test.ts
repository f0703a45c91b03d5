// What those are told who see neither everything nor all of a tenant: a site's manager, a technician, and a customer who holds a share of another
// tenant's machine for some time.
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parse, execute, type ExecutionResult } from '../graphql-js.ts';
import type { Viewer } from '../operation/viewer.ts';
import { NOW_US } from '../sample/sample-farm.ts';
import { EVERY_TENANT, TenantPool, viewer } from '../sample/tenant-pool.ts';
import { applyTenants, BRAVO } from '../sample/tenants-farm.ts';
import { follow } from './leak-search.ts';

const MINUTE_US = 60e6;
const UNIT = 'bravo.deep.r7.unit-77';
const iso = (us: number): string => new Date(us / 1000).toISOString();
const BY_SYSTEM = { kind: 'system', id: 'test' } as const;

let pool: TenantPool;
const CIRRUS = viewer({ role: 'customer', tenant: 'cirrus' });
/** From whole minute to whole minute: the rollups' rows are all in or all out. */
const FROM_US = NOW_US - 30_000_000 - 30 * MINUTE_US;
const UNTIL_US = NOW_US - 30_000_000 + 60 * MINUTE_US;

beforeAll(async () => {
  pool = await TenantPool.start(EVERY_TENANT);
  const tenant = { kind: 'cloud', autoRegister: false };
  await put('tenant', 'cirrus', { ...tenant, name: 'cirrus' });
  await hold();
}, 60_000);
afterAll(() => pool.stop());

async function put(kind: string, id: string, body: object): Promise<void> {
  expect(await pool.control.change(BY_SYSTEM, [{ op: 'put', kind, id, body }])).toMatchObject({ applied: true });
}

/** A quarter of one worker of bravo's becomes cirrus'. */
const hold = () =>
  put('ownership', 'o-1', { of: UNIT, holder: 'cirrus', fraction: 0.25, fromUs: FROM_US, untilUs: UNTIL_US });
const letGo = () => pool.control.change(BY_SYSTEM, [{ op: 'remove', kind: 'ownership', id: 'o-1' }]);

// Tests read answers of any shape; what they expect of them is written in the test.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
async function ask(as: Viewer, query: string): Promise<any> {
  const { schema, context } = pool.world(as);
  const result = (await execute({ schema, document: parse(query), contextValue: context() })) as ExecutionResult;
  expect(result.errors).toBeUndefined();
  return result.data;
}

describe('who holds a share of a worker', () => {
  it('sees that worker alone, and nothing of it from before', async () => {
    const data = await ask(
      CIRRUS,
      `{
        workers { totalCount nodes { name firstSeen connectedSince bestShare lastShareAt shares { accepted } m1: hashRate(window: M1) { hashRate } m15: hashRate { hashRate } d1: hashRate(window: D1) { hashRate } } }
        fleet { workers shares { accepted rejected } series(range: { from: "${iso(NOW_US - 90 * MINUTE_US)}", to: "${iso(NOW_US)}" }) { points { at accepted } } }
        tenants { name totals { workers } }
        events(first: 100) { nodes { worker type at } }
        upstreams { source passedOn }
      }`,
    );
    const [worker] = data.workers.nodes;
    expect(data.workers.totalCount).toBe(1);
    // Of each of the 30 minutes since.
    const accepted = 30 * (BRAVO.sharesPerMinute + 2);
    expect(worker).toMatchObject({ name: UNIT, bestShare: 0, shares: { accepted }, m15: null, d1: null });
    expect(worker.m1.hashRate).toBeGreaterThan(0);
    expect(Date.parse(worker.firstSeen) * 1000).toBeGreaterThanOrEqual(FROM_US);
    expect(Date.parse(worker.connectedSince) * 1000).toBeGreaterThanOrEqual(FROM_US);
    expect(data.fleet).toMatchObject({ workers: 1, shares: { accepted, rejected: 30 * (BRAVO.sharesPerMinute / 2) } });
    const counted = data.fleet.series.points.filter((point: { accepted: number }) => point.accepted > 0);
    expect(counted).toHaveLength(30);
    expect(Date.parse(counted[0].at) * 1000).toBe(FROM_US);
    expect(data.tenants).toEqual([{ name: 'bravo', totals: { workers: 1 } }]);
    // It connected an hour ago, which is not told; it hung up 31 minutes ago.
    expect(data.events.nodes).toEqual([{ worker: UNIT, type: 'REJECT_BURST', at: iso(NOW_US - 21 * MINUTE_US) }]);
    expect(data.upstreams).toEqual([]);
  });

  it('cannot order a list by what they do not see', async () => {
    for (const field of ['UPTIME', 'INVALID', 'HASH_RATE']) {
      const { workers } = await ask(
        CIRRUS,
        `{ workers(sort: { field: ${field}, direction: ASC }) { edges { cursor } } }`,
      );
      const [, value] = JSON.parse(Buffer.from(workers.edges[0].cursor, 'base64url').toString()) as [string, unknown];
      expect(value).toBeNull();
    }
  });

  it('is sent nothing more from the moment on when it is taken away, and again when it is given', async () => {
    const changes = await follow(pool.world(CIRRUS), 'subscription { fleetChanged(intervalMs: 1000) { workers } }');
    const last = (): unknown => JSON.parse(changes.messages.at(-1) ?? 'null');
    await vi.waitFor(() => expect(last()).toEqual({ data: { fleetChanged: { workers: 1 } } }), 5000);
    expect(await letGo()).toMatchObject({ applied: true });
    await vi.waitFor(() => expect(last()).toEqual({ data: { fleetChanged: { workers: 0 } } }), 5000);
    await hold();
    await vi.waitFor(() => expect(last()).toEqual({ data: { fleetChanged: { workers: 1 } } }), 5000);
    changes.end();
  });

  it("is sent the worker's changes while it is theirs, and none after its last day", async () => {
    const changes = await follow(pool.world(CIRRUS), 'subscription { workersChanged(intervalMs: 250) { name } }');
    const everything = await follow(
      pool.world(viewer({ role: 'customer', tenant: 'bravo' })),
      'subscription { workersChanged(intervalMs: 250) { name } }',
    );
    pool.clock.advance(1);
    await applyTenants(pool.live, EVERY_TENANT, pool.clock.nowUs());
    pool.clock.advance(1);
    await vi.waitFor(
      () => expect(changes.messages).toEqual([JSON.stringify({ data: { workersChanged: [{ name: UNIT }] } })]),
      5000,
    );
    pool.clock.advance((UNTIL_US - pool.clock.nowUs()) / 1e6);
    const before = everything.messages.length;
    await applyTenants(pool.live, EVERY_TENANT, pool.clock.nowUs());
    pool.clock.advance(1);
    await vi.waitFor(() => expect(everything.messages.length).toBeGreaterThan(before), 5000);
    expect(changes.messages).toHaveLength(1);
    changes.end();
    everything.end();
    expect(await ask(CIRRUS, '{ workers { totalCount } tenants { name } }')).toEqual({
      workers: { totalCount: 0 },
      tenants: [],
    });
    // What was theirs stays so.
    const { fleet } = await ask(
      CIRRUS,
      `{ fleet { series(range: { from: "${iso(NOW_US - 90 * MINUTE_US)}", to: "${iso(NOW_US)}" }) { points { accepted } } } }`,
    );
    expect(fleet.series.points.filter((point: { accepted: number }) => point.accepted > 0)).toHaveLength(30);
  });
});

describe('who sees a part of a tenant, or every worker and not the pool', () => {
  it('is told of the site alone', async () => {
    const manager = viewer({ role: 'site_manager', tenant: 'bravo', site: 'bravo.deep' });
    const data = await ask(
      manager,
      '{ workers { nodes { name } } tenants { name sites { name } } events(first: 100) { nodes { worker } } fleet { shares { accepted } expectedHashRate } }',
    );
    expect(data.workers.nodes.map(({ name }: { name: string }) => name)).toEqual([
      'bravo.deep.r7.unit-77',
      'bravo.deep.r7.unit-78',
    ]);
    expect(data.tenants).toEqual([{ name: 'bravo', sites: [{ name: 'deep' }] }]);
    expect(new Set(data.events.nodes.map(({ worker }: { worker: string }) => worker.split('.')[1]))).toEqual(
      new Set(['deep']),
    );
    expect(data.fleet.shares.accepted).toBe(90 * (2 * BRAVO.sharesPerMinute + 6));
    expect(data.fleet.expectedHashRate).toBe(2 * BRAVO.difficulty * 1e8 + 3);
  });

  it("is not told what is the pool's own", async () => {
    await pool.store.command(
      "INSERT INTO assay.events (tenant, worker, at, type, id, gateway) VALUES ('', '', now64(6), 'gateway_started', 'g-1', 'gateway-1')",
    );
    await pool.store.command(
      "INSERT INTO assay.upstream_jobs (source, endpoint, gateway, at, job_hash, upstream_difficulty) VALUES ('idle-pool', 'idle.example:1', 'gateway-1', now64(6), 'none', 1)",
    );
    const question =
      '{ workers { totalCount } events(types: [GATEWAY_STARTED]) { nodes { id } } upstreams { source } }';
    const sources = ['acme-pool', 'acme2-pool', 'bravo-pool'].map((source) => ({ source }));
    const technician = await ask(viewer({ role: 'technician', tenant: '*' }), question);
    expect(technician).toMatchObject({ workers: { totalCount: 9 }, events: { nodes: [] } });
    expect(technician.upstreams).toEqual(sources);
    const operator = await ask(viewer({ role: 'operator_admin', tenant: '*' }), question);
    expect(operator).toMatchObject({ workers: { totalCount: 9 }, events: { nodes: [{ id: 'g-1' }] } });
    expect(operator.upstreams).toEqual([...sources, { source: 'idle-pool' }]);
    const nobody = await ask(viewer(), question);
    expect(nobody).toEqual({ workers: { totalCount: 0 }, events: { nodes: [] }, upstreams: [] });
  });
});
