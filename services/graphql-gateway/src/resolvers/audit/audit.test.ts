// Who changed what, over GraphQL, on the real control log: told in full to who may know, and to nobody else.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Asker } from '../../sample/asker.ts';
import { ADMIN, People } from '../../sample/people.ts';
import { SampleGateway } from '../../sample/sample-gateway.ts';

let pool: SampleGateway;
let people: People;

beforeEach(async () => {
  pool = await SampleGateway.start();
  people = new People(pool);
  await people.tenant('acme');
  await people.tenant('globex');
  await people.user('root', [ADMIN]);
  await people.user('boss', [{ role: 'operator_admin', tenant: 'acme' }]);
  await people.user('north', [{ role: 'site_manager', tenant: 'acme', site: 'acme.north' }]);
  await people.user('ann', [{ role: 'customer', tenant: 'acme' }]);
  await people.user('eve', [{ role: 'auditor', tenant: 'globex' }]);
  await people.user('both', [
    { role: 'customer', tenant: 'acme' },
    { role: 'customer', tenant: 'globex' },
  ]);
});
afterEach(() => pool.stop());

const as = async (name: string): Promise<Asker> => new Asker(pool, { cookie: await people.cookieOf(name) });

const CHANGES =
  'query ($filter: ChangeFilter, $first: Int, $after: String) { changes(filter: $filter, first: $first, after: $after) { nodes { id at by { kind id name } note operation kind objectId objectName version fields { field before after } } pageInfo { hasNextPage endCursor } } }';

interface Node {
  readonly id: string;
  readonly kind: string;
  readonly objectId: string;
  readonly operation: string;
}

async function changesFor(name: string, variables: object = {}): Promise<Node[]> {
  return (await (await as(name)).data(CHANGES, variables)).changes.nodes;
}

const WITHOUT_LOGINS = { kinds: ['TENANT', 'SITE', 'GROUP', 'WORKER', 'OWNERSHIP', 'USER', 'API_KEY'] };

describe('a change', () => {
  it('says who, when, and of each field what it was and is', async () => {
    const boss = await as('boss');
    await boss.data('mutation { createWorker(name: "acme.north.m1", worker: { model: "S19", tags: ["a"] }) { name } }');
    pool.clock.advance(60);
    await boss.data(
      'mutation { changeWorker(name: "acme.north.m1", version: 1, worker: { expectedHashRate: 1.1e14, model: "S21", tags: ["a", "b"] }) { name } }',
    );
    await boss.data('mutation { removeWorker(name: "acme.north.m1", version: 2) }');
    const [removed, changed, created] = await changesFor('boss', { filter: { objectId: 'acme.north.m1' } });
    expect(changed).toEqual({
      id: expect.any(String) as unknown,
      at: new Date(pool.clock.nowUs() / 1000).toISOString(),
      by: { kind: 'USER', id: 'boss', name: 'boss' },
      note: null,
      operation: 'CHANGED',
      kind: 'WORKER',
      objectId: 'acme.north.m1',
      objectName: null,
      version: 2,
      fields: [
        { field: 'expectedHashRateHs', before: null, after: '110000000000000' },
        { field: 'model', before: '"S19"', after: '"S21"' },
        { field: 'tags', before: '["a"]', after: '["a","b"]' },
      ],
    });
    expect(created).toMatchObject({ operation: 'CREATED', version: 1 });
    expect(removed).toMatchObject({
      operation: 'REMOVED',
      version: null,
      fields: expect.arrayContaining([{ field: 'model', before: '"S21"', after: null }]) as unknown,
    });
  });

  it('of a secret tells that it changed, and nothing of it', async () => {
    const boss = await as('boss');
    await boss.data('mutation { createWorker(name: "acme.north.m1", worker: {}) { name } }');
    for (const version of [1, 2])
      await boss.data(`mutation { drawWorkerSecret(name: "acme.north.m1", version: ${version}) { secret } }`);
    const [again] = await changesFor('boss', { filter: { objectId: 'acme.north.m1' } });
    expect(again).toMatchObject({ fields: [{ field: 'secretHash', before: '"(secret)"', after: '"(secret)"' }] });
    const everything = JSON.stringify(await changesFor('root', { first: 1000 }));
    expect(everything).not.toMatch(/\$argon2|sha256\$|scrypt\$/);
  });

  it('of long content tells the beginning', async () => {
    const under = Array.from({ length: 300 }, (_, i) => `acme.north.rack-${i}`);
    await (
      await as('boss')
    ).data('mutation ($group: WorkerGroupInput!) { createWorkerGroup(tenant: "acme", group: $group) { id } }', {
      group: { name: 'Hall', under },
    });
    const [made] = await changesFor('boss', { filter: { kinds: ['GROUP'] } });
    const { after } = (made as unknown as { fields: { field: string; after: string }[] }).fields.find(
      ({ field }) => field === 'under',
    )!;
    expect([after.length, after.endsWith('…')]).toEqual([2001, true]);
  });
});

describe('the list', () => {
  it('holds what lies wholly where one has audit.view, and nothing without it', async () => {
    await (await as('boss')).data('mutation { createSite(id: "acme.north", site: { name: "North" }) { id } }');
    const seen = async (name: string) =>
      (await changesFor(name, { filter: WITHOUT_LOGINS, first: 100 })).map(
        ({ kind, objectId }) => `${kind} ${objectId}`,
      );
    expect(await seen('ann')).toEqual([]);
    expect(await seen('north')).toEqual(['SITE acme.north', 'USER north']);
    // A user of two tenants is for who may know of both.
    expect(await seen('boss')).toEqual(['SITE acme.north', 'USER ann', 'USER north', 'USER boss', 'TENANT acme']);
    expect(await seen('eve')).toEqual(['USER eve', 'TENANT globex']);
    expect(await seen('root')).toContain('USER both');
    expect(await seen('root')).toHaveLength(9);
    const logins = await changesFor('eve', { filter: { kinds: ['SESSION'] } });
    expect(logins.map(({ operation }) => operation)).toEqual(['CREATED', 'CREATED']);
  });

  it('is narrowed by kind, object, tenant, person and time', async () => {
    const began = new Date(pool.clock.nowUs() / 1000).toISOString();
    pool.clock.advance(3600);
    await (await as('boss')).data('mutation { createSite(id: "acme.north", site: { name: "North" }) { id } }');
    const count = async (filter: object, who = 'root') =>
      (await changesFor(who, { filter: { ...WITHOUT_LOGINS, ...filter }, first: 100 })).length;
    const later = new Date(pool.clock.nowUs() / 1000).toISOString();
    expect(await count({ kinds: ['SITE'] })).toBe(1);
    expect(await count({ tenant: 'globex' })).toBe(3);
    expect(await count({ by: 'boss' })).toBe(1);
    // By whom a change was is not to be found out by asking for it.
    expect(await count({ by: 'boss' }, 'north')).toBe(0);
    expect(await count({ from: later })).toBe(1);
    expect(await count({ from: began, to: later })).toBe(8);
    expect(await count({ objectId: 'ann' })).toBe(1);
  });

  it('comes in pages that neither repeat nor skip, also while changes are made', async () => {
    const root = await as('root');
    const ids: string[] = [];
    let after: string | null = null;
    do {
      const { changes } = await root.data(CHANGES, { filter: WITHOUT_LOGINS, first: 2, after });
      ids.push(...changes.nodes.map(({ id }: Node) => id));
      after = changes.pageInfo.hasNextPage ? changes.pageInfo.endCursor : null;
      await people.tenant(`t${ids.length}`);
    } while (after !== null);
    expect(ids).toHaveLength(8);
    expect(new Set(ids).size).toBe(8);
    expect(await root.code(CHANGES, { after: 'nonsense' })).toBe('INVALID_CURSOR');
  });
});
