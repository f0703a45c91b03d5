// As one tenant, asks the whole schema for what is another's.
import { Access, FULL_ACCESS } from '@assay/tenancy';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { extendSchema, parse, type GraphQLObjectType } from '../graphql-js.ts';
import { Moment } from '../operation/moment.ts';
import { OPEN_VIEWER, type Viewer } from '../operation/viewer.ts';
import { fleetTotals } from '../resolvers/query.ts';
import type { ResolverPorts } from '../resolvers/ports.ts';
import { NOW_US } from '../sample/sample-farm.ts';
import { EVERY_TENANT, TenantPool, viewer } from '../sample/tenant-pool.ts';
import { ACME, applyTenants } from '../sample/tenants-farm.ts';
import { createSchema } from '../schema.ts';
import {
  answerOf,
  follow,
  questions,
  reachableFields,
  valuesIn,
  type Probes,
  type Question,
  type World,
} from './leak-search.ts';

const AS_ACME = viewer({ role: 'customer', tenant: 'acme' });
const AS_BRAVO = viewer({ role: 'customer', tenant: 'bravo' });

/** Who may edit the tenant's users. */
function adminOf(tenant: string): Viewer {
  const access = new Access([{ role: 'operator_admin', tenant }]);
  return { actor: { kind: 'user', id: `${tenant}-admin-user` }, access };
}

/** Everybody mines in the first, acme alone in the second. */
let shared: TenantPool;
let alone: TenantPool;
let probes: Probes;
/** What bravo and acme2 are told of themselves, and acme is never told. */
let secrets: ReadonlySet<string>;

beforeAll(async () => {
  [shared, alone] = await Promise.all([TenantPool.start(EVERY_TENANT), TenantPool.start([ACME])]);
  const times = [NOW_US - 86_400e6, NOW_US - 7200e6, NOW_US + 3600e6].map((us) => new Date(us / 1000).toISOString());
  const schema = createSchema(shared.ports, shared.identity);
  const start: Probes = { texts: ['bravo'], times };
  const everything = questions(schema.getQueryType()!, 'query', start).filter(isWhole);
  const told = async (as: Viewer): Promise<Set<string>> => {
    const answers = await Promise.all(everything.map(({ document }) => answerOf(shared.world(as, schema), document)));
    return new Set(answers.flatMap((answer) => [...valuesIn(answer)]));
  };
  const ofOthers = await told(viewer({ role: 'customer', tenant: 'bravo' }, { role: 'customer', tenant: 'acme2' }));
  const ofAcme = await told(AS_ACME);
  secrets = new Set([...ofOthers].filter((value) => !ofAcme.has(value)));
  const names = [...secrets].filter((value) => /^[^\s]*[a-z][^\s]*$/i.test(value) && !/^\d{4}-/.test(value));
  const cursors = names.filter((name) => /^[\w-]{30,}$/.test(name));
  const others = names.filter((name) => !cursors.includes(name));
  probes = { texts: ['', '%', '*', 'a', ...others, ...cursors.slice(0, 10)], times };
}, 120_000);
afterAll(async () => {
  await shared.stop();
  await alone.stop();
});

interface Leak {
  readonly about: string;
  readonly document: string;
  readonly told: readonly string[];
}

async function search(asked: readonly Question[], inShared: World, inAlone: World): Promise<Leak[]> {
  const leaks: Leak[] = [];
  for (const { about, document } of asked) {
    const [answer, other] = await Promise.all([answerOf(inShared, document), answerOf(inAlone, document)]);
    const leak = leakIn(about, document, answer, other);
    if (leak) leaks.push(leak);
  }
  return leaks;
}

function leakIn(about: string, document: string, answer: string, other: string): Leak | undefined {
  // What was in the question is no news.
  const told = [...valuesIn(answer)].filter((value) => secrets.has(value) && !document.includes(JSON.stringify(value)));
  return told.length > 0 || answer !== other ? { about, document, told } : undefined;
}

/** How something was refused. What would have been made had a new id in each pool. */
function errorsOf(answer: string): string {
  const { errors = null } = JSON.parse(answer) as { errors?: unknown };
  return JSON.stringify(errors).replaceAll(/\b[a-z2-7]{10}\b|\busr_[\w-]{12}|\b[0-9a-f]{8}-[0-9a-f-]{27}\b/g, 'new-id');
}

/** The question that asks for all there is below a root field. */
const isWhole = ({ about }: Question): boolean => about.split('.').length === 2;

function summary(
  root: GraphQLObjectType,
  asked: readonly Question[],
): { readonly fields: number; readonly tried: number; readonly text: string } {
  const tried = new Set(asked.filter((question) => !isWhole(question)).map(({ about }) => about)).size;
  const fields = reachableFields(root);
  return {
    fields,
    tried,
    text: `${root.name}: ${fields} fields and ${tried} arguments, asked with ${asked.length} questions as acme`,
  };
}

describe('a tenant', () => {
  it('is told something by the probes of another when it asks for its own', async () => {
    const own = await answerOf(
      shared.world(AS_BRAVO),
      '{ workers { totalCount nodes { name userAgent } } events { nodes { id } } upstreams { source } }',
    );
    expect(own).toContain('bravo.deep.r7.unit-77');
    expect(own).toContain('bravo-firmware/9.9');
    expect(own).toContain('bravo-pool');
    expect(secrets.size).toBeGreaterThan(200);
    expect(probes.texts).toEqual(expect.arrayContaining(['bravo.deep.r7.unit-77', 'bravo-pool.example:3333']));
  });

  it('is told of itself by every field', async () => {
    const schema = createSchema(shared.ports, shared.identity);
    const start: Probes = { ...probes, texts: ['acme', 'acme.north.r1.m1'] };
    for (const { document } of questions(schema.getQueryType()!, 'query', start).filter(isWhole)) {
      const answer = await answerOf(shared.world(AS_ACME, schema), document);
      expect(answer, document).not.toContain('"errors"');
    }
    const everything = await answerOf(
      shared.world(AS_ACME, schema),
      '{ fleet { workers } workers { nodes { name } } events { nodes { worker } } upstreams { source verified } tenants { name } }',
    );
    expect(JSON.parse(everything)).toMatchObject({
      data: {
        fleet: { workers: 3 },
        workers: { nodes: ACME.workers.map((name) => ({ name })) },
        upstreams: [{ source: 'acme-pool', verified: 3 * (10 + ACME.sharesPerMinute) }],
        tenants: [{ name: 'acme' }],
      },
    });
  });

  it('learns nothing of others by any field or argument of Query', async () => {
    const schema = createSchema(shared.ports, shared.identity);
    const asked = questions(schema.getQueryType()!, 'query', probes);
    const leaks = await search(asked, shared.world(AS_ACME, schema), alone.world(AS_ACME));
    const { fields, tried, text } = summary(schema.getQueryType()!, asked);
    process.stdout.write(`${text}: ${leaks.length} leaks\n`);
    expect(leaks).toEqual([]);
    expect(fields).toBeGreaterThan(100);
    expect(tried).toBeGreaterThan(30);
  }, 300_000);

  it('learns nothing of others’ users, sessions and keys, though it may edit its own', async () => {
    const schema = createSchema(shared.ports, shared.identity);
    const people =
      '{ users { totalCount nodes { id email sessions { id remoteAddress } apiKeys { id } } } serviceKeys { nodes { id } } changes(first: 1000) { nodes { id fields { after } } } }';
    const own = await answerOf(shared.world(adminOf('bravo'), schema), people);
    for (const told of ['bravo-person@example.org', 'bravo-session', 'bravo-address', 'bravo-key', 'bravo-service'])
      expect(own).toContain(told);
    expect(own).not.toContain('acme');
    const texts = [
      'bravo',
      'bravo-admin-user',
      'bravo-session',
      'bravo-key',
      'bravo-service',
      'bravo-person@example.org',
    ];
    const asked = questions(schema.getQueryType()!, 'query', { ...probes, texts }).filter(({ about }) =>
      /^(Query\.(viewer|users?|serviceKeys|changes|\w+Entry|ownership)|Viewer|User|Session|ApiKey|Change)\b/.test(
        about,
      ),
    );
    expect(asked.length).toBeGreaterThan(20);
    const leaks = await search(asked, shared.world(adminOf('acme'), schema), alone.world(adminOf('acme')));
    expect(leaks).toEqual([]);
  });

  it.each([
    ['a customer', AS_ACME],
    ['who may edit its users', adminOf('acme')],
  ])(
    'neither changes nor learns anything of others by a mutation: %s',
    async (_who, as) => {
      const schema = createSchema(shared.ports, shared.identity);
      const texts = [
        'bravo',
        'bravo-admin-user',
        'bravo-session',
        'bravo-key',
        'bravo-service',
        'bravo-person@example.org',
        'bravo.hall',
        'bravo.hall.waiting',
        'bravo-group',
        'bravo-lease',
      ];
      const asked = questions(schema.getMutationType()!, 'mutation', { ...probes, texts }).filter(({ about }) =>
        about.startsWith('Mutation.'),
      );
      const people =
        '{ users { nodes { id version email name disabled grants { role tenant } sessions { id } apiKeys { id } } } serviceKeys { nodes { id } } tenantEntries { nodes { id version name } } siteEntries { nodes { id version name } } workerGroups { nodes { id version name } } workerEntries { nodes { name version standing hasSecret } } ownerships { nodes { id version fraction note } } }';
      const before = await answerOf(shared.world(adminOf('bravo'), schema), people);
      const inAlone = alone.world(as);
      const leaks: Leak[] = [];
      for (const { about, document } of asked) {
        const [answer, other] = await Promise.all([
          answerOf(shared.world(as, schema), document),
          answerOf(inAlone, document),
        ]);
        const told = [...valuesIn(answer)].filter(
          (value) => secrets.has(value) && !document.includes(JSON.stringify(value)),
        );
        // What is made has ids and tokens of its own; how something is refused must not tell whether it is there.
        const refusedOtherwise = errorsOf(answer) !== errorsOf(other);
        if (told.length > 0 || refusedOtherwise)
          leaks.push({ about, document: `${document} ${errorsOf(answer)} ${errorsOf(other)}`, told });
      }
      const { text } = summary(schema.getMutationType()!, asked);
      process.stdout.write(`${text}: ${leaks.length} leaks\n`);
      expect(leaks).toEqual([]);
      expect(await answerOf(shared.world(adminOf('bravo'), schema), people)).toBe(before);
    },
    120_000,
  );

  it('learns nothing of others by a subscription', async () => {
    const schema = createSchema(shared.ports, shared.identity);
    const asked = questions(schema.getSubscriptionType()!, 'subscription', probes);
    const inShared = await Promise.all(asked.map(({ document }) => follow(shared.world(AS_ACME, schema), document)));
    const inAlone = await Promise.all(asked.map(({ document }) => follow(alone.world(AS_ACME), document)));
    for (const pool of [shared, alone]) {
      pool.clock.advance(1);
      await applyTenants(pool.live, pool.tenants, pool.clock.nowUs());
    }
    const everyWorker = asked.findIndex(({ about }) => about === 'Subscription.workersChanged');
    await vi.waitFor(
      () => {
        for (const pool of [shared, alone]) pool.clock.advance(1);
        expect(inShared[everyWorker]!.messages.length).toBeGreaterThan(0);
        expect(inAlone[everyWorker]!.messages.length).toBeGreaterThan(0);
      },
      { timeout: 20_000, interval: 500 },
    );
    for (const { end } of [...inShared, ...inAlone]) end();
    const leaks = asked.flatMap(({ about, document }, i) => {
      const told = inShared[i]!.messages.flatMap((message) => [...valuesIn(message)]).filter(
        (value) => secrets.has(value) && !document.includes(JSON.stringify(value)),
      );
      return told.length > 0 ? [{ about, document, told }] : [];
    });
    const { text } = summary(schema.getSubscriptionType()!, asked);
    const messages = inShared.reduce((sum, one) => sum + one.messages.length, 0);
    process.stdout.write(`${text}: ${messages} messages, ${leaks.length} leaks\n`);
    expect(leaks).toEqual([]);
    expect(inShared[everyWorker]!.messages.join()).toContain('acme.north.r1.m1');
    expect(messages).toBeGreaterThan(10);
  }, 180_000);
});

describe('this test', () => {
  /** The schema with one more field, as somebody might add it, and the questions about that field. */
  async function leaksOf(
    field: string,
    resolve: (ports: ResolverPorts) => (root: unknown, args: never, context: never) => unknown,
  ): Promise<Leak[]> {
    const leaky = (pool: TenantPool): World => {
      const schema = extendSchema(createSchema(pool.ports, pool.identity), parse(`extend type Query { ${field} }`));
      const name = /^\w+/.exec(field)![0];
      (schema.getQueryType() as GraphQLObjectType).getFields()[name]!.resolve = resolve(pool.ports) as never;
      return pool.world(AS_ACME, schema);
    };
    const inShared = leaky(shared);
    const name = /^\w+/.exec(field)![0];
    const asked = questions(inShared.schema.getQueryType()!, 'query', probes).filter(({ about }) =>
      about.startsWith(`Query.${name}`),
    );
    return search(asked, inShared, leaky(alone));
  }
  const everybody = { ...OPEN_VIEWER, access: FULL_ACCESS };

  it('finds a field that tells a name of others', async () => {
    const leaks = await leaksOf(
      'busiest: String',
      (ports) => async () => (await new Moment(ports, everybody).snapshot()).workers.at(-1)?.worker,
    );
    expect(leaks.map(({ told }) => told)).toEqual([['bravo.pit.r2.m4']]);
  });

  it('finds a field that only counts them', async () => {
    expect(
      await leaksOf(
        'everybody: Int!',
        (ports) => async () => (await new Moment(ports, everybody).snapshot()).workers.length,
      ),
    ).toHaveLength(1);
  });

  it('finds a field that tells their totals', async () => {
    const leaks = await leaksOf(
      'poolTotals: FleetTotals!',
      (ports) => () => fleetTotals(new Moment(ports, everybody), {}),
    );
    expect(leaks[0]).toMatchObject({ about: 'Query.poolTotals' });
  });

  it('finds an argument by which it can be told whether something is there', async () => {
    const leaks = await leaksOf(
      'exists(worker: String!): Boolean!',
      (ports) =>
        async (_root, { worker }: { worker: string }) =>
          (await new Moment(ports, everybody).snapshot()).byName.has(worker),
    );
    expect(leaks.map(({ about }) => about)).toContain('Query.exists.worker');
  });

  it('finds an error that tells it', async () => {
    const leaks = await leaksOf('find(name: ID!): String', (ports) => async (_root, { name }: { name: string }) => {
      const { workers } = await new Moment(ports, everybody).snapshot();
      throw new Error(workers.some(({ site }) => site === name) ? 'it is not yours' : 'there is none');
    });
    expect(leaks).not.toEqual([]);
  });
});
