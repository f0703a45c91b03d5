// Tenants, sites, groups, workers' entries and ownership over GraphQL, on the real control log: who sees and changes what, and what is refused.
import { matchesFast, matchesSlow, parsePasswordOptions, parseSecretHash } from '@assay/tenancy';
import { scrypt } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Asker } from '../../sample/asker.ts';
import { ADMIN, People } from '../../sample/people.ts';
import { applyLive } from '../../sample/sample-farm.ts';
import { SampleGateway, type Answer } from '../../sample/sample-gateway.ts';

let pool: SampleGateway;
let people: People;

beforeEach(async () => {
  pool = await SampleGateway.start();
  people = new People(pool);
});
afterEach(() => pool.stop());

const as = async (name: string): Promise<Asker> => new Asker(pool, { cookie: await people.cookieOf(name) });

/** Two tenants; of acme an administrator, a manager of one site, a customer and an auditor. */
async function farm(): Promise<void> {
  await people.tenant('acme');
  await people.tenant('globex');
  await people.user('root', [ADMIN]);
  await people.user('boss', [{ role: 'operator_admin', tenant: 'acme' }]);
  await people.user('north', [{ role: 'site_manager', tenant: 'acme', site: 'acme.north' }]);
  await people.user('ann', [{ role: 'customer', tenant: 'acme' }]);
  await people.user('eve', [{ role: 'operator_admin', tenant: 'globex' }]);
  for (const name of ['acme.north.r1.m1', 'acme.north.r1.m2', 'acme.south.r1.m3', 'globex.pit.m4'])
    await people.change({ op: 'put', kind: 'worker', id: name, body: { standing: 'quarantined', tags: [] } });
}

const ENTRIES = 'query ($filter: WorkerEntryFilter) { workerEntries(filter: $filter) { totalCount nodes { name } } }';
const CHANGE_WORKER =
  'mutation ($name: String!, $version: Int!, $worker: WorkerInput!) { changeWorker(name: $name, version: $version, worker: $worker) { version standing expectedHashRate ratedPowerWatts model owner tags note } }';
const CHANGE_WORKERS =
  'mutation ($workers: [WorkerVersionInput!]!, $change: WorkersInput!) { changeWorkers(workers: $workers, change: $change) { name version standing tags } }';
const SECRET =
  'mutation ($name: String!, $version: Int!, $secret: String) { setWorkerSecret(name: $name, version: $version, secret: $secret) { version hasSecret } }';
const GIVE =
  'mutation ($of: String!, $holder: String!, $ownership: OwnershipInput!) { createOwnership(of: $of, holder: $holder, ownership: $ownership) { id version of holder fraction from until } }';

const names = (answer: { workerEntries: { nodes: { name: string }[] } }): string[] =>
  answer.workerEntries.nodes.map(({ name }) => name);

describe('while the pool is open', () => {
  it('anybody enters tenants, sites, groups, workers and ownership', async () => {
    const anybody = new Asker(pool);
    const made = await anybody.data(
      `mutation {
        acme: createTenant(id: "acme", tenant: { name: "Acme Mining", kind: HOSTING, autoRegister: true, timeZone: "Europe/Oslo" }) { version name kind autoRegister timeZone requireSecondFactor changedBy { kind id } }
        createTenant(id: "globex", tenant: { name: "Globex", kind: CLOUD, autoRegister: false }) { id }
        createSite(id: "acme.north", site: { name: "North hall", powerWatts: 3e6 }) { id tenant name powerWatts }
        createWorkerGroup(tenant: "acme", group: { name: "Row A", under: ["acme.north.r1"], tags: ["row-a"] }) { tenant name under tags }
        createWorker(name: "acme.north.r1.m1", worker: { expectedHashRate: 1.1e14, ratedPowerWatts: 3250, model: "S19j Pro", tags: ["row-a"] }) { name version tenant site standing expectedHashRate hasSecret status }
        createOwnership(of: "acme.north.r1", holder: "globex", ownership: { fraction: 0.5, from: "2026-01-01T00:00:00Z" }) { of holder fraction from until }
      }`,
    );
    expect(made).toMatchObject({
      acme: {
        version: 1,
        name: 'Acme Mining',
        kind: 'HOSTING',
        timeZone: 'Europe/Oslo',
        requireSecondFactor: false,
        changedBy: { kind: 'SYSTEM', id: 'open' },
      },
      createSite: { id: 'acme.north', tenant: 'acme', powerWatts: 3e6 },
      createWorkerGroup: { tenant: 'acme', under: ['acme.north.r1'], tags: ['row-a'] },
      createWorker: { version: 1, tenant: 'acme', site: 'north', standing: 'ACTIVE', hasSecret: false, status: null },
      createOwnership: { of: 'acme.north.r1', holder: 'globex', from: '2026-01-01T00:00:00.000Z', until: null },
    });
    expect((await anybody.data('{ tenantEntry(id: "acme") { enteredWorkers } }')).tenantEntry.enteredWorkers).toBe(1);
    expect(pool.control.state.get('worker', 'acme.north.r1.m1')?.body).toMatchObject({ expectedHashRateHs: 1.1e14 });
  });

  it('what is not as it must be is refused with a sentence', async () => {
    const anybody = new Asker(pool);
    await people.tenant('acme');
    const refused: [string, string, RegExp][] = [
      [
        'createTenant(id: "acme", tenant: { name: "x", kind: CLOUD, autoRegister: true }) { id }',
        'CONFLICT',
        /already/,
      ],
      [
        'createTenant(id: "a b", tenant: { name: "x", kind: CLOUD, autoRegister: true }) { id }',
        'BAD_USER_INPUT',
        /name/,
      ],
      ['createTenant(id: "b", tenant: { name: "x" }) { id }', 'BAD_USER_INPUT', /kind/],
      ['changeTenant(id: "acme", version: 1, tenant: { timeZone: "Mars/Base" }) { id }', 'BAD_USER_INPUT', /time zone/],
      ['changeTenant(id: "acme", version: 0, tenant: { name: "x" }) { id }', 'BAD_USER_INPUT', /version/],
      ['changeTenant(id: "acme", version: 1, tenant: { name: null }) { id }', 'BAD_USER_INPUT', /name/],
      ['createSite(id: "acme", site: { name: "x" }) { id }', 'BAD_USER_INPUT', /tenant\.site/],
      ['createSite(id: "initech.x", site: { name: "x" }) { id }', 'BAD_USER_INPUT', /initech/],
      ['createWorker(name: "acme.m 1", worker: {}) { name }', 'BAD_USER_INPUT', /name/],
      [
        'createWorkerGroup(tenant: "acme", group: { name: "x", under: ["globex.y"] }) { id }',
        'BAD_USER_INPUT',
        /globex/,
      ],
    ];
    for (const [mutation, code, message] of refused) {
      const { errors } = await anybody.ask(`mutation { ${mutation} }`);
      expect([errors?.[0]?.extensions.code, errors?.[0]?.message], mutation).toEqual([
        code,
        expect.stringMatching(message) as unknown,
      ]);
    }
  });
});

describe('an entry', () => {
  it('is seen where its fleet is, and changed where that is granted', async () => {
    await farm();
    const seen = async (name: string): Promise<string[]> => names(await (await as(name)).data(ENTRIES));
    expect(await seen('root')).toHaveLength(4);
    expect(await seen('boss')).toEqual(['acme.north.r1.m1', 'acme.north.r1.m2', 'acme.south.r1.m3']);
    expect(await seen('ann')).toEqual(['acme.north.r1.m1', 'acme.north.r1.m2', 'acme.south.r1.m3']);
    expect(await seen('north')).toEqual(['acme.north.r1.m1', 'acme.north.r1.m2']);
    expect(await seen('eve')).toEqual(['globex.pit.m4']);
    const change = async (who: string, name: string) =>
      (await as(who)).code(CHANGE_WORKER, { name, version: 1, worker: { standing: 'ACTIVE' } });
    expect(await change('ann', 'acme.north.r1.m1')).toBe('FORBIDDEN');
    expect(await change('north', 'acme.south.r1.m3')).toBe('NOT_FOUND');
    expect(await change('eve', 'acme.north.r1.m1')).toBe('NOT_FOUND');
    expect(await change('eve', 'acme.north.r1.none')).toBe('NOT_FOUND');
    expect(await change('north', 'acme.north.r1.m1')).toBeUndefined();
    const north = await as('north');
    expect((await north.data('{ tenantEntries { nodes { id } } }')).tenantEntries.nodes).toEqual([{ id: 'acme' }]);
    expect(await north.code('mutation { changeTenant(id: "acme", version: 1, tenant: { name: "x" }) { id } }')).toBe(
      'FORBIDDEN',
    );
    expect(await north.code('mutation { createSite(id: "acme.south", site: { name: "x" }) { id } }')).toBe('FORBIDDEN');
    expect(await north.code('mutation { createSite(id: "acme.north", site: { name: "x" }) { id } }')).toBeUndefined();
  });

  it('keeps what is left out and loses what is null; of two changes of one version the second is refused', async () => {
    await farm();
    const boss = await as('boss');
    const change = (version: number, worker: object) =>
      boss.ask(CHANGE_WORKER, { name: 'acme.north.r1.m1', version, worker });
    expect((await change(1, { model: 'S21', owner: 'Kim', tags: ['a'], expectedHashRate: 2e14 })).data).toEqual({
      changeWorker: {
        version: 2,
        standing: 'QUARANTINED',
        expectedHashRate: 2e14,
        ratedPowerWatts: null,
        model: 'S21',
        owner: 'Kim',
        tags: ['a'],
        note: null,
      },
    });
    expect((await change(1, { model: 'S19' })).errors?.[0]?.extensions.code).toBe('CONFLICT');
    expect((await change(2, { owner: null, standing: 'ACTIVE' })).data.changeWorker).toMatchObject({
      version: 3,
      model: 'S21',
      owner: null,
      standing: 'ACTIVE',
      tags: ['a'],
    });
  });

  it('says who changed it to who may know them, and hides them from others', async () => {
    await farm();
    const change = { name: 'acme.north.r1.m1', version: 1, worker: { note: 'moved' } };
    await (await as('root')).data(CHANGE_WORKER, change);
    const changedBy = '{ workerEntry(name: "acme.north.r1.m1") { changedBy { kind id name } } }';
    const told = async (name: string) => (await (await as(name)).data(changedBy)).workerEntry.changedBy;
    expect(await told('root')).toEqual({ kind: 'USER', id: 'root', name: 'root' });
    expect(await told('boss')).toEqual({ kind: 'USER', id: null, name: null });
    await (await as('boss')).data(CHANGE_WORKER, { ...change, version: 2 });
    expect(await told('boss')).toEqual({ kind: 'USER', id: 'boss', name: 'boss' });
    expect(await told('ann')).toEqual({ kind: 'USER', id: null, name: null });
    // Of a tool the operator is told who ran it.
    const { body } = pool.control.state.get('worker', 'acme.north.r1.m1')!;
    const put = { op: 'put', kind: 'worker', id: 'acme.north.r1.m1', body } as const;
    await pool.control.change({ kind: 'system', id: 'configure by kim' }, [put]);
    expect(await told('root')).toEqual({ kind: 'SYSTEM', id: 'configure by kim', name: null });
    expect(await told('boss')).toEqual({ kind: 'SYSTEM', id: 'configure', name: null });
  });

  it('comes with its worker, tenant and site, and by filter and page', async () => {
    await farm();
    const boss = await as('boss');
    await boss.data(CHANGE_WORKER, { name: 'acme.south.r1.m3', version: 1, worker: { model: 'M50', tags: ['hot'] } });
    for (const [filter, found] of [
      [{ site: 'north' }, 2],
      [{ standing: ['ACTIVE'] }, 0],
      [{ search: 'm50' }, 1],
      [{ tag: 'hot' }, 1],
      [{ tenant: 'globex' }, 0],
      [{}, 3],
    ] as const)
      expect((await boss.data(ENTRIES, { filter })).workerEntries.totalCount, JSON.stringify(filter)).toBe(found);
    const page =
      'query ($after: String) { workerEntries(first: 2, after: $after) { nodes { name } pageInfo { hasNextPage endCursor } } }';
    const first = (await boss.data(page)).workerEntries;
    const second = (await boss.data(page, { after: first.pageInfo.endCursor })).workerEntries;
    expect([first.pageInfo.hasNextPage, second.pageInfo.hasNextPage]).toEqual([true, false]);
    expect(second.nodes).toEqual([{ name: 'acme.south.r1.m3' }]);
  });
});

describe('an expected rate that is entered', () => {
  it('counts at once, before what the password says, and the password again when it is taken away', async () => {
    await people.tenant('acme');
    const name = 'acme.north.m1';
    const nowUs = pool.clock.nowUs();
    await applyLive(pool.live, [
      { worker: name, connectedSinceUs: nowUs - 60e6, lastShareAtUs: nowUs, expectedHs: 1e14 },
    ]);
    const anybody = new Asker(pool);
    const expected = async () => {
      // The picture of the fleet is a second old at most.
      pool.clock.advance(1);
      const { worker, fleet } = await anybody.data(
        `{ worker(name: "${name}") { expectedHashRate entry { expectedHashRate status } } fleet { expectedHashRate } }`,
      );
      return [worker.expectedHashRate, fleet.expectedHashRate, worker.entry?.expectedHashRate];
    };
    expect(await expected()).toEqual([1e14, 1e14, undefined]);
    await anybody.data(`mutation { createWorker(name: "${name}", worker: { expectedHashRate: 2e14 }) { version } }`);
    expect(await expected()).toEqual([2e14, 2e14, 2e14]);
    await anybody.data(CHANGE_WORKER, { name, version: 1, worker: { expectedHashRate: null } });
    expect(await expected()).toEqual([1e14, 1e14, null]);
  });
});

describe('many workers', () => {
  it('are taken in at once, all of them or none', async () => {
    await farm();
    const boss = await as('boss');
    const workers = ['acme.north.r1.m1', 'acme.north.r1.m2'].map((name) => ({ name, version: 1 }));
    const change = { standing: 'ACTIVE', expectedHashRate: 1e14, addTags: ['new', 'row-a'] };
    const { changeWorkers } = await boss.data(CHANGE_WORKERS, { workers, change });
    expect(changeWorkers).toEqual(
      workers.map(({ name }) => ({ name, version: 2, standing: 'ACTIVE', tags: ['new', 'row-a'] })),
    );
    expect(
      await boss.code(CHANGE_WORKERS, {
        workers: [{ name: 'acme.south.r1.m3', version: 1 }, workers[0]],
        change: { standing: 'RETIRED' },
      }),
    ).toBe('CONFLICT');
    expect(pool.control.state.get('worker', 'acme.south.r1.m3')).toMatchObject({ version: 1 });
    const again = await boss.data(CHANGE_WORKERS, {
      workers: workers.map(({ name }) => ({ name, version: 2 })),
      change: { removeTags: ['new'] },
    });
    expect(again.changeWorkers[0]).toMatchObject({ standing: 'ACTIVE', tags: ['row-a'] });
  });

  it('are bounded, named once each, and all the viewer’s to change', async () => {
    await farm();
    const boss = await as('boss');
    const change = { standing: 'ACTIVE' };
    const one = { name: 'acme.north.r1.m1', version: 1 };
    expect(await boss.code(CHANGE_WORKERS, { workers: [], change })).toBe('BAD_USER_INPUT');
    expect(await boss.code(CHANGE_WORKERS, { workers: [one, one], change })).toBe('BAD_USER_INPUT');
    expect(
      await boss.code(CHANGE_WORKERS, {
        workers: Array.from({ length: 1001 }, (_, i) => ({ name: `acme.${i}`, version: 1 })),
        change,
      }),
    ).toBe('BAD_USER_INPUT');
    expect(await boss.code(CHANGE_WORKERS, { workers: [one, { name: 'globex.pit.m4', version: 1 }], change })).toBe(
      'NOT_FOUND',
    );
  });

  it('a thousand are changed in one record', async () => {
    await people.tenant('acme');
    const workers = Array.from({ length: 1000 }, (_, i) => ({
      name: `acme.north.rack-${i % 40}.machine-${i}`,
      version: 1,
    }));
    await people.change(
      ...workers.map(
        ({ name }) => ({ op: 'put', kind: 'worker', id: name, body: { standing: 'quarantined', tags: [] } }) as const,
      ),
    );
    const change = { standing: 'ACTIVE', model: 'S19j Pro', ratedPowerWatts: 3250 };
    const { changeWorkers } = await new Asker(pool).data(CHANGE_WORKERS, { workers, change });
    expect(changeWorkers).toHaveLength(1000);
    expect((await new Asker(pool).data(ENTRIES, { filter: { standing: ['ACTIVE'] } })).workerEntries.totalCount).toBe(
      1000,
    );
  });
});

describe('a worker’s secret', () => {
  const name = 'acme.north.r1.m1';
  const storedHash = () => parseSecretHash(pool.control.state.get('worker', name)!.body.secretHash!)!;

  it('is kept as a slow hash, shown to nobody, and taken away again', async () => {
    await farm();
    const boss = await as('boss');
    const secret = 'hall seven, row B';
    expect((await boss.data(SECRET, { name, version: 1, secret })).setWorkerSecret).toEqual({
      version: 2,
      hasSecret: true,
    });
    const hash = storedHash();
    if (hash.kind !== 'scrypt') throw new Error(`it is ${hash.kind}`);
    const derive = promisify<string, Uint8Array, number, object, Buffer>(scrypt);
    expect(await matchesSlow(hash, parsePasswordOptions(`d=1024,${secret}`).secret, derive)).toBe(true);
    expect(await matchesSlow(hash, 'another', derive)).toBe(false);
    expect(JSON.stringify(await pool.control.history('worker', name, 10))).not.toContain(secret);
    expect((await boss.data(SECRET, { name, version: 2, secret: null })).setWorkerSecret).toEqual({
      version: 3,
      hasSecret: false,
    });
  });

  it('is drawn, and shown once', async () => {
    await farm();
    const draw =
      'mutation ($name: String!) { drawWorkerSecret(name: $name, version: 1) { secret worker { hasSecret } } }';
    const { drawWorkerSecret: drawn } = await (await as('north')).data(draw, { name });
    const hash = storedHash();
    expect(hash.kind === 'sha256' && matchesFast(hash, drawn.secret)).toBe(true);
    expect(drawn.worker).toEqual({ hasSecret: true });
    expect(await (await as('ann')).code(draw, { name })).toBe('FORBIDDEN');
  });

  it('must be one that a password can carry', async () => {
    await farm();
    const boss = await as('boss');
    for (const secret of ['', 'x'.repeat(257), 'd=1024', 'one,rate=5T'])
      expect(await boss.code(SECRET, { name, version: 1, secret }), secret).toBe('BAD_USER_INPUT');
  });
});

describe('ownership', () => {
  const ownership = { fraction: 0.6, from: '2026-01-01T00:00:00Z' };

  it('is given by who may, to a tenant they see, and never more than all of it', async () => {
    await farm();
    const root = await as('root');
    const given = (await root.data(GIVE, { of: 'acme.north.r1', holder: 'globex', ownership })).createOwnership;
    expect(given).toMatchObject({ version: 1, of: 'acme.north.r1', holder: 'globex', fraction: 0.6 });
    expect(await root.code(GIVE, { of: 'acme.north.r1.m1', holder: 'globex', ownership })).toBe('BAD_USER_INPUT');
    const boss = await as('boss');
    // Whether there is a globex is not for acme to find out.
    for (const holder of ['globex', 'initech'])
      expect(await boss.code(GIVE, { of: 'acme.south', holder, ownership })).toBe('FORBIDDEN');
    expect(await (await as('eve')).code(GIVE, { of: 'acme.south', holder: 'globex', ownership })).toBe('FORBIDDEN');
    const end =
      'mutation ($id: ID!, $until: DateTime) { changeOwnership(id: $id, version: 1, ownership: { until: $until }) { fraction until } }';
    expect(await (await as('eve')).code(end, { id: given.id, until: '2026-02-01T00:00:00Z' })).toBe('FORBIDDEN');
    expect((await boss.data(end, { id: given.id, until: '2026-02-01T00:00:00Z' })).changeOwnership).toEqual({
      fraction: 0.6,
      until: '2026-02-01T00:00:00.000Z',
    });
    await boss.data('mutation ($id: ID!) { removeOwnership(id: $id, version: 2) }', { id: given.id });
    expect(pool.control.state.count('ownership')).toBe(0);
  });

  it('is seen on either side; the note is the giver’s', async () => {
    await farm();
    await (
      await as('root')
    ).data(GIVE, {
      of: 'acme.north.r1',
      holder: 'globex',
      ownership: { ...ownership, note: 'contract 17' },
    });
    const list =
      'query ($filter: OwnershipFilter) { ownerships(filter: $filter) { totalCount nodes { of holder note } } }';
    const seen = async (name: string, filter: object = {}) =>
      (await (await as(name)).data(list, { filter })).ownerships;
    expect((await seen('ann')).nodes).toEqual([{ of: 'acme.north.r1', holder: 'globex', note: 'contract 17' }]);
    expect((await seen('north')).nodes).toHaveLength(1);
    expect((await seen('eve')).nodes).toEqual([{ of: 'acme.north.r1', holder: 'globex', note: null }]);
    for (const [filter, found] of [
      [{ tenant: 'globex', side: 'HELD' }, 1],
      [{ tenant: 'globex', side: 'GIVEN' }, 0],
      [{ of: 'acme.north.r1.m1' }, 1],
      [{ of: 'acme.north' }, 1],
      [{ of: 'acme.south' }, 0],
      [{ at: '2025-12-31T23:59:59Z' }, 0],
    ] as const)
      expect((await seen('root', filter)).totalCount, JSON.stringify(filter)).toBe(found);
  });
});

describe('docs/control.md', () => {
  it('has examples that run one after the other', async () => {
    const text = await readFile(new URL('../../../../../docs/control.md', import.meta.url), 'utf8');
    const bodies = [...text.matchAll(/-d '(\{[^']*\})'/g)].map(([, body]) => body!);
    expect(bodies).toHaveLength(6);
    const answers: Answer['data'][] = [];
    for (const body of bodies) {
      const { status, data, errors } = await pool.post(body);
      expect([status, errors], body).toEqual([200, undefined]);
      answers.push(data);
    }
    const [made, waiting, taken, drawn, given, told] = answers;
    expect(made.createWorker).toEqual({ version: 1 });
    expect(waiting.workerEntries).toMatchObject({ totalCount: 1, nodes: [{ name: 'acme.north.r1.m07', version: 1 }] });
    expect(taken.changeWorkers).toEqual([{ name: 'acme.north.r1.m07', version: 2 }]);
    expect(drawn.drawWorkerSecret.worker).toEqual({ version: 3, hasSecret: true });
    expect(given.createOwnership).toMatchObject({ version: 1 });
    expect(told.changes.nodes.map(({ operation }: { operation: string }) => operation)).toEqual([
      'CHANGED',
      'CHANGED',
      'CREATED',
    ]);
    expect(told.changes.nodes[1].fields).toContainEqual({
      field: 'expectedHashRateHs',
      before: null,
      after: '110000000000000',
    });
  });
});
