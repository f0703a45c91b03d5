// The history side of the gateway, on a real ClickHouse with generated rollups whose numbers are known.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClickHouseStore } from '@assay/adapter-clickhouse';
import { loadMigrations, migrate, type AnalyticsStore } from '@assay/analytics';

import { startEmbeddedClickHouse, type EmbeddedClickHouse } from '@assay/embedded-clickhouse';
import { ALGORITHMS } from '@assay/mining';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  getNamedType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  buildSchema,
  parse,
  validate,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
} from './graphql-js.ts';
import { ERROR_CODES } from './errors.ts';
import { FLEET_SDL } from './schema.ts';
import {
  applyLive,
  DIFFICULTY,
  EXPECTED_HS,
  insertMining,
  insertWorkers,
  NOW_MINUTE,
  NOW_US,
} from './sample/sample-farm.ts';
import { SampleGateway } from './sample/sample-gateway.ts';

const MINUTE_US = 60e6;
const HOUR_US = 3600e6;
const DAY_US = 24 * HOUR_US;
const iso = (us: number): string => new Date(us / 1000).toISOString();
const RATE_OF_SIX_A_MINUTE = (6 * DIFFICULTY * ALGORITHMS.sha256d.hashesPerDifficulty) / 60;

let dataDir: string;
let server: EmbeddedClickHouse;
let store: AnalyticsStore;
let pool: SampleGateway;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'assay-graphql-'));
  server = await startEmbeddedClickHouse({ dataDir, port: 0, fsync: false });
  store = createClickHouseStore({ url: server.url, username: server.username, password: server.password });
  await migrate(store, await loadMigrations(), {
    shares_ttl_days: 90,
    rollup_1m_ttl_days: 90,
    rollup_1h_ttl_days: 1100,
    rollup_1d_ttl_days: 3650,
    events_ttl_days: 365,
  });
  const until = NOW_MINUTE;
  await insertMining(store, [
    { worker: 'acme.oslo.steady', fromMinute: until - 26 * 60, toMinute: until, accepted: 6 },
    { worker: 'acme.oslo.stale', fromMinute: until - 26 * 60, toMinute: until, accepted: 6, stale: 2 },
    { worker: 'acme.rome.died', fromMinute: until - 26 * 60, toMinute: until - 12 * 60, accepted: 6 },
    { worker: 'zeta.kyiv.gone', fromMinute: until - 4 * 1440, toMinute: until - 3 * 1440, accepted: 2 },
    { worker: 'acme.oslo.stale', fromMinute: until - 60, toMinute: until, accepted: 0, stale: 1, algorithm: '' },
    { worker: 'acme.rome.lite', fromMinute: until - 120, toMinute: until, accepted: 4, algorithm: 'scrypt' },
  ]);
  const firstSeenUs = NOW_US - 5 * DAY_US;
  await insertWorkers(store, [
    ...['acme.oslo.steady', 'acme.oslo.stale', 'acme.rome.died'].map((worker) => ({
      worker,
      firstSeenUs: NOW_US - 26 * HOUR_US,
    })),
    { worker: 'zeta.kyiv.gone', firstSeenUs, expectedHs: 0 },
    { worker: 'acme.rome.lite', firstSeenUs: NOW_US - 120 * MINUTE_US, algorithm: 'scrypt' },
  ]);
  await store.command(`
    INSERT INTO assay.events (tenant, worker, at, type, id, gateway, remote_address, user_agent, difficulty, reason, accepted, rejected)
    SELECT 'acme', 'acme.oslo.steady', fromUnixTimestamp64Micro(toInt64(${NOW_US} - 1000000 * intDiv(number, 3)), 'UTC'),
           ['authorized', 'disconnected', 'reject_burst'][number % 3 + 1], concat('worker.events:0:', toString(number)), 'gateway-1', '10.0.0.7', 'sample-miner/1.0', 1024, 'stale', 5, 20
    FROM numbers(90)`);
  await store.command(`
    INSERT INTO assay.events (tenant, worker, at, type, id, gateway) VALUES ('', '', fromUnixTimestamp64Micro(${NOW_US - 7 * HOUR_US}, 'UTC'), 'gateway_started', 'worker.events:0:999', 'gateway-1')`);
  await store.command(`
    INSERT INTO assay.jobs (hash, algorithm, nbits, network_difficulty, first_seen)
    SELECT toString(number), 'sha256d', ['17021a91', '17021a91', '17030000'][intDiv(number, 10) + 1], if(number < 20, 125e12, 95e12), fromUnixTimestamp64Micro(toInt64(${NOW_US} - 1000000 * (100 - number)), 'UTC')
    FROM numbers(30)`);
  await store.command(`
    INSERT INTO assay.shares (tenant, worker, submitted_at, verdict, difficulty) VALUES ('acme', 'acme.oslo.steady', fromUnixTimestamp64Micro(${NOW_US - 30e6}, 'UTC'), 'accepted', 1024)`);

  // 100 shares passed on within the last 1000 s, one in ten refused, one unanswered and one twice in the table, as before a merge.
  await store.command(`
    INSERT INTO assay.upstream_shares (tenant, source, endpoint, gateway, worker, account, hash, job_hash, upstream_difficulty, submitted_at, sent_at, answered_at, attempts, verdict, reason)
    SELECT 'acme', 'main', 'pool.example:3333', 'gateway-1', 'acme.oslo.steady', 'farm', toString(number), '0', 4096, at AS submitted, submitted, if(number = 5, toDateTime64(0, 6, 'UTC'), submitted + toIntervalMillisecond(20)), 1,
           multiIf(number % 10 = 0, 'rejected', number = 5, 'unanswered', 'accepted'), if(number % 10 = 0, '21 Job not found', '')
    FROM (SELECT least(number, 99) AS number, fromUnixTimestamp64Micro(toInt64(${NOW_US} - 10000000 * (100 - number)), 'UTC') AS at FROM numbers(101))`);

  // 400 verified shares of its jobs, one in four of which reaches its difficulty; and 40 for an upstream that was passed on none of them.
  await store.command(`
    INSERT INTO assay.upstream_jobs (source, endpoint, gateway, at, job_hash, upstream_difficulty)
    SELECT 'main', ['pool.example:3333', 'idle.example:3333'][number + 1], 'gateway-1', fromUnixTimestamp64Micro(${NOW_US - 4 * HOUR_US}, 'UTC'), ['cc', 'dd'][number + 1], 4096 FROM numbers(2)`);
  await store.command(`
    INSERT INTO assay.shares (tenant, worker, algorithm, submitted_at, verdict, difficulty, share_difficulty, gateway, job_hash)
    SELECT if(number < 400, 'acme', 'zeta') AS tenant, if(number < 400, 'acme.oslo.steady', 'zeta.kyiv.gone'), 'sha256d',
           fromUnixTimestamp64Micro(toInt64(${NOW_US}) - if(number < 400, 1000000 * (number + 60), ${3 * HOUR_US}), 'UTC'), 'accepted', 1024, if(number % 4 = 0, 5000, 1100), 'gateway-1', if(number < 400, 'cc', 'dd')
    FROM numbers(440)`);

  // Every field of the schema at once is more than one operation may ask for by default.
  pool = await SampleGateway.start({ maxComplexity: 1_000_000 }, { store });
  await applyLive(pool.live, [
    {
      worker: 'acme.oslo.steady',
      connectedSinceUs: NOW_US - 26 * HOUR_US,
      lastShareAtUs: NOW_US - 5e6,
      expectedHs: EXPECTED_HS,
    },
    {
      worker: 'acme.oslo.stale',
      connectedSinceUs: NOW_US - 26 * HOUR_US,
      lastShareAtUs: NOW_US - 5e6,
      expectedHs: EXPECTED_HS,
    },
    {
      worker: 'acme.rome.died',
      connectedSinceUs: NOW_US - 26 * HOUR_US,
      lastShareAtUs: NOW_US - 12 * HOUR_US,
      expectedHs: EXPECTED_HS,
    },
  ]);
}, 120_000);

afterAll(async () => {
  await pool?.stop();
  await store?.close();
  await server?.close();
  await rm(dataDir, { recursive: true, force: true });
});

describe('workers with history', () => {
  it('lists those only the store remembers, as offline', async () => {
    const { worker, workers } = await pool.data(
      '{ workers { nodes { name status } } worker(name: "zeta.kyiv.gone") { status userAgent firstSeen lastShareAt bestShare expectedHashRate hashRate { hashRate low high } } }',
    );
    expect(workers.nodes.map(({ name, status }: { name: string; status: string }) => `${name} ${status}`)).toEqual([
      'acme.oslo.stale ONLINE',
      'acme.oslo.steady ONLINE',
      'acme.rome.died SILENT',
      'acme.rome.lite OFFLINE',
      'zeta.kyiv.gone OFFLINE',
    ]);
    expect(worker).toMatchObject({
      status: 'OFFLINE',
      userAgent: 'sample-miner/1.0',
      firstSeen: iso(NOW_US - 5 * DAY_US),
      bestShare: 99999,
      expectedHashRate: null,
    });
    expect(worker.lastShareAt).toBe(iso((NOW_MINUTE - 3 * 1440 - 1) * MINUTE_US + 50e6));
    expect(worker.hashRate).toEqual({ hashRate: 0, low: 0, high: 0 });
  });

  it('counts shares by verdict and reason over any window', async () => {
    const { worker } = await pool.data(
      '{ worker(name: "acme.oslo.stale") { day: shares { accepted rejected invalidFraction byReason { reason count } } hour: shares(hours: 1) { accepted rejected } } }',
    );
    const dayRejected = 24 * 60 * 2 + 60;
    expect(worker.day).toEqual({
      accepted: 24 * 60 * 6,
      rejected: dayRejected,
      invalidFraction: dayRejected / (24 * 60 * 6 + dayRejected),
      byReason: [{ reason: 'stale', count: dayRejected }],
    });
    expect(worker.hour).toEqual({ accepted: 360, rejected: 180 });
    const { worker: gone } = await pool.data(
      '{ worker(name: "zeta.kyiv.gone") { shares { accepted invalidFraction byReason { reason } } month: shares(hours: 720) { accepted } } }',
    );
    expect(gone).toEqual({ shares: { accepted: 0, invalidFraction: null, byReason: [] }, month: { accepted: 2880 } });
  });

  it('gives uptime over any window', async () => {
    const { workers } = await pool.data(
      '{ workers { nodes { name day: uptime hour: uptime(hours: 1) month: uptime(hours: 720) } } }',
    );
    const uptime = Object.fromEntries(workers.nodes.map(({ name, ...rest }: { name: string }) => [name, rest]));
    expect(uptime['acme.oslo.steady']).toEqual({ day: 1, hour: 1, month: 1 });
    expect(uptime['acme.rome.died'].hour).toBe(0);
    expect(uptime['acme.rome.died'].day).toBeCloseTo(0.5, 2);
    expect(uptime['zeta.kyiv.gone'].day).toBe(0);
    expect(uptime['zeta.kyiv.gone'].month).toBeCloseTo(1 / 5, 3);
    expect(uptime['acme.rome.lite'].day).toBeGreaterThan(0.98);
  });

  it('sorts by history, both ways, the unknown last', async () => {
    const names = async (field: string, direction: string): Promise<string[]> =>
      (
        await pool.data(`{ workers(sort: { field: ${field}, direction: ${direction} }) { nodes { name } } }`)
      ).workers.nodes.map(({ name }: { name: string }) => name);
    expect((await names('INVALID', 'DESC'))[0]).toBe('acme.oslo.stale');
    expect((await names('INVALID', 'DESC')).at(-1)).toBe('zeta.kyiv.gone');
    expect((await names('INVALID', 'ASC')).at(-1)).toBe('zeta.kyiv.gone');
    expect((await names('UPTIME', 'ASC')).slice(0, 2)).toEqual(['zeta.kyiv.gone', 'acme.rome.died']);
    expect((await names('LAST_SHARE', 'ASC'))[0]).toBe('zeta.kyiv.gone');
    expect(await names('NAME', 'DESC')).toEqual((await names('NAME', 'ASC')).reverse());
    for (const field of ['HASH_RATE', 'CONTRIBUTION', 'DIFFICULTY']) expect(await names(field, 'DESC')).toHaveLength(5);
  });

  it('asks the store once per question, however many workers are on the page', async () => {
    const before = await queryCounts();
    await pool.data(
      `{ workers { nodes { uptime(hours: 6) shares(hours: 6) { accepted } events(first: 2) { id } ${SERIES_DAY} } } }`,
    );
    const after = await queryCounts();
    for (const query of ['active_minutes', 'share_counts_workers', 'worker_events', 'worker_series']) {
      expect(after.get(query)! - (before.get(query) ?? 0), query).toBe(1);
    }
  });
});

/** How often each named query was asked of the store so far. */
async function queryCounts(): Promise<Map<string, number>> {
  const text = await pool.registry.metrics();
  return new Map(
    [...text.matchAll(/assay_graphql_store_query_seconds_count\{query="(\w+)",outcome="ok"\} (\d+)/g)].map(
      ([, name, count]) => [name!, Number(count)],
    ),
  );
}

const DAY = `range: { from: "${iso(NOW_US - DAY_US)}", to: "${iso(NOW_US)}", maxPoints: 100 }`;
const SERIES_DAY = `series(${DAY}) { stepSeconds points { at hashRate } }`;

describe('series', () => {
  it('shows every step with its rate, interval, counts and uptime', async () => {
    const { worker } = await pool.data(
      `{ worker(name: "acme.oslo.stale") { series(${DAY}) { stepSeconds points { at hashRate low high accepted rejected byReason { reason count } uptime } } } }`,
    );
    const { stepSeconds, points } = worker.series;
    expect(stepSeconds).toBe(900);
    expect(points).toHaveLength(97);
    expect(points[0].at).toBe(iso(NOW_US - DAY_US - 30e6));
    expect(points[1].at).toBe(iso(NOW_US - DAY_US - 30e6 + 900e6));
    for (const point of points.slice(0, 90)) {
      expect(point).toMatchObject({
        accepted: 90,
        rejected: 30,
        byReason: [{ reason: 'stale', count: 30 }],
        uptime: 1,
      });
      expect(point.hashRate).toBeCloseTo(RATE_OF_SIX_A_MINUTE, -3);
      expect(point.low).toBeLessThan(point.hashRate);
      expect(point.high).toBeGreaterThan(point.hashRate);
    }
    expect(points[94]).toMatchObject({ accepted: 90, rejected: 45 });
  });

  it('keeps gaps, and says nothing of the future', async () => {
    const range = `range: { from: "${iso(NOW_US - 13 * HOUR_US)}", to: "${iso(NOW_US + 2 * HOUR_US)}", maxPoints: 20 }`;
    const { worker } = await pool.data(
      `{ worker(name: "acme.rome.died") { series(${range}) { stepSeconds points { hashRate high accepted uptime } } } }`,
    );
    const { stepSeconds, points } = worker.series;
    expect(stepSeconds).toBe(3600);
    expect(points).toHaveLength(16);
    expect(points[0]).toMatchObject({ accepted: 360, uptime: 1 });
    expect(points[2]).toMatchObject({ hashRate: 0, accepted: 0, uptime: 0 });
    expect(points[2].high).toBeGreaterThan(0);
    expect(points[15]).toEqual({ hashRate: 0, high: 0, accepted: 0, uptime: null });
  });

  it('divides a step under way by what has passed of it', async () => {
    const range = `range: { from: "${iso(NOW_US - 2 * HOUR_US)}", to: "${iso(NOW_US + 60e6)}", maxPoints: 1 }`;
    const { worker } = await pool.data(
      `{ worker(name: "acme.oslo.steady") { series(${range}) { stepSeconds points { hashRate accepted } } } }`,
    );
    expect(worker.series.stepSeconds).toBe(12 * 3600 * 2);
    const [point] = worker.series.points;
    expect(point.hashRate).toBeCloseTo(
      (point.accepted * DIFFICULTY * ALGORITHMS.sha256d.hashesPerDifficulty) / (12 * 3600 + 30),
      -3,
    );
  });

  it('agrees between resolutions', async () => {
    const total = async (hours: number, maxPoints: number): Promise<{ step: number; accepted: number }> => {
      const range = `range: { from: "${iso(NOW_US - 30e6 - hours * HOUR_US)}", to: "${iso(NOW_US - 30e6)}", maxPoints: ${maxPoints} }`;
      const { series } = (
        await pool.data(`{ worker(name: "acme.oslo.steady") { series(${range}) { stepSeconds points { accepted } } } }`)
      ).worker;
      return {
        step: series.stepSeconds,
        accepted: series.points.reduce((sum: number, point: { accepted: number }) => sum + point.accepted, 0),
      };
    };
    expect(await total(24, 1440)).toEqual({ step: 60, accepted: 8640 });
    expect(await total(24, 24)).toEqual({ step: 3600, accepted: 8640 });
    expect(await total(12, 1)).toEqual({ step: 43200, accepted: 4320 });
  });

  it('is of the worker’s own algorithm', async () => {
    const range = `range: { from: "${iso(NOW_US - HOUR_US - 30e6)}", to: "${iso(NOW_US - 30e6)}", maxPoints: 1 }`;
    const { worker, fleet } = await pool.data(
      `{ worker(name: "acme.rome.lite") { algorithm series(${range}) { points { hashRate accepted } } } fleet { series(${range}, algorithm: SCRYPT) { points { hashRate } } } }`,
    );
    expect(worker.algorithm).toBe('SCRYPT');
    expect(worker.series.points[0].hashRate).toBeCloseTo(
      (240 * DIFFICULTY * ALGORITHMS.scrypt.hashesPerDifficulty) / 3600,
      -1,
    );
    expect(fleet.series.points[0].hashRate).toBe(worker.series.points[0].hashRate);
  });

  it('sums a fleet, a tenant, a site, a search and a status', async () => {
    const range = `range: { from: "${iso(NOW_US - 30e6 - 24 * HOUR_US)}", to: "${iso(NOW_US - 30e6)}", maxPoints: 24 }`;
    const accepted = async (filter: string): Promise<number> => {
      const { fleet } = await pool.data(
        `{ fleet(filter: ${filter}) { series(${range}) { points { accepted uptime } } } }`,
      );
      return fleet.series.points.reduce((sum: number, point: { accepted: number }) => sum + point.accepted, 0);
    };
    const worker = 24 * 360;
    expect(await accepted('{}')).toBe(2.5 * worker);
    expect(await accepted('{ tenant: "acme", site: "oslo" }')).toBe(2 * worker);
    expect(await accepted('{ tenant: "zeta" }')).toBe(0);
    expect(await accepted('{ search: "STEADY" }')).toBe(worker);
    expect(await accepted('{ status: [ONLINE] }')).toBe(2 * worker);
    expect(await accepted('{ algorithm: SCRYPT }')).toBe(0);
    const { tenant } = await pool.data(
      `{ tenant(name: "acme") { sites { name totals { shares { accepted } series(${range}) { points { uptime } } } } } }`,
    );
    const rome = tenant.sites.find(({ name }: { name: string }) => name === 'rome').totals;
    expect(rome.shares.accepted).toBe(worker / 2 + 480);
    expect(rome.series.points[0].uptime).toBe(1);
    expect(rome.series.points[20].uptime).toBe(0);
  });
});

describe('events, difficulty and status', () => {
  it('pages through events newest first, each once', async () => {
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const {
        events,
      }: { events: { nodes: { id: string; at: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string } } } =
        await pool.data(
          'query ($after: String) { events(first: 7, after: $after) { nodes { id at type tenant worker gateway detail } pageInfo { hasNextPage endCursor } } }',
          { after },
        );
      seen.push(...events.nodes.map(({ at, id }) => `${at} ${id}`));
      after = events.pageInfo.hasNextPage ? events.pageInfo.endCursor : null;
    } while (after !== null);
    expect(seen).toHaveLength(91);
    expect(new Set(seen).size).toBe(91);
    expect(seen).toEqual([...seen].sort().reverse());
  });

  it('filters events and says them in a sentence', async () => {
    const { events, worker } = await pool.data(
      '{ events(types: [GATEWAY_STARTED]) { nodes { type tenant worker gateway detail } pageInfo { hasNextPage } } worker(name: "acme.oslo.steady") { events(first: 3) { type detail } } }',
    );
    expect(events).toEqual({
      nodes: [
        {
          type: 'GATEWAY_STARTED',
          tenant: null,
          worker: null,
          gateway: 'gateway-1',
          detail: 'Gateway gateway-1 started; connections it had before are gone.',
        },
      ],
      pageInfo: { hasNextPage: false },
    });
    expect(worker.events).toEqual([
      { type: 'REJECT_BURST', detail: '20 of 25 shares within a minute were rejected, most as stale.' },
      { type: 'DISCONNECTED', detail: 'Disconnected: stale.' },
      { type: 'CONNECTED', detail: 'Connected from 10.0.0.7 with sample-miner/1.0 at difficulty 1024.' },
    ]);
    const { none, zeta } = await pool.data(
      '{ none: events(tenant: "nobody") { nodes { id } } zeta: events(tenant: "acme", worker: "acme.oslo.steady", first: 1000) { nodes { id } } }',
    );
    expect([none.nodes.length, zeta.nodes.length]).toEqual([0, 90]);
  });

  it('shows each change of the network difficulty once', async () => {
    const { networkDifficulty, other } = await pool.data(
      '{ networkDifficulty { at difficulty nbits } other: networkDifficulty(algorithm: SCRYPT) { nbits } }',
    );
    expect(networkDifficulty).toEqual([
      { at: iso(NOW_US - 80e6), difficulty: 95e12, nbits: '17030000' },
      { at: iso(NOW_US - 100e6), difficulty: 125e12, nbits: '17021a91' },
    ]);
    expect(other).toEqual([]);
  });

  it('shows what pools credited of what they were passed on, each share once, and by tenant', async () => {
    const fields =
      'source endpoint verified qualifying passedOn credited rejected unanswered unsent rejectedFraction byReason { reason count } verifiedHashRate { hashRate low high } passedOnHashRate { hashRate } creditedHashRate { hashRate low high } latencyP50Ms lastCreditedAt blockCandidates';
    const { upstreams, idle, everything } = await pool.data(
      `{ upstreams(hours: 1) { ${fields} } idle: upstreams(tenant: "zeta") { endpoint verified qualifying passedOn creditedHashRate { hashRate } } everything: upstreams { endpoint credited verified qualifying } }`,
    );
    const perShare = (4096 * ALGORITHMS.sha256d.hashesPerDifficulty) / 3600;
    expect(upstreams).toEqual([
      {
        source: 'main',
        endpoint: 'pool.example:3333',
        verified: 400,
        qualifying: 100,
        passedOn: 100,
        credited: 89,
        rejected: 10,
        unanswered: 1,
        unsent: 0,
        rejectedFraction: 10 / 99,
        byReason: [{ reason: '21 Job not found', count: 10 }],
        verifiedHashRate: {
          hashRate: expect.closeTo(100 * perShare, -3),
          low: expect.any(Number),
          high: expect.any(Number),
        },
        passedOnHashRate: { hashRate: expect.closeTo(100 * perShare, -3) },
        creditedHashRate: {
          hashRate: expect.closeTo(89 * perShare, -3),
          low: expect.any(Number),
          high: expect.any(Number),
        },
        latencyP50Ms: 20,
        lastCreditedAt: iso(NOW_US - 10e6 + 20e3),
        blockCandidates: 0,
      },
    ]);
    expect(upstreams[0].creditedHashRate.low).toBeLessThan(89 * perShare);
    expect(upstreams[0].creditedHashRate.high).toBeGreaterThan(89 * perShare);
    // Four times the shares: half as wide.
    const width = ({ low, high }: { low: number; high: number }): number => high - low;
    expect(width(upstreams[0].verifiedHashRate)).toBeLessThan(0.6 * width(upstreams[0].creditedHashRate));
    // A tenant sees upstreams that were passed on something of its own.
    expect(idle).toEqual([]);
    expect(everything).toEqual([
      { endpoint: 'idle.example:3333', credited: 0, verified: 40, qualifying: 10 },
      { endpoint: 'pool.example:3333', credited: 89, verified: 400, qualifying: 100 },
    ]);
    const { errors } = await pool.post('{"query":"{ upstreams(hours: 721) { source } }"}');
    expect(errors?.[0]?.extensions?.code).toBe('BAD_USER_INPUT');
  });

  it('knows the newest share', async () => {
    const { status } = await pool.data('{ status { version startedAt now live history newestShareAt } }');
    expect(status).toEqual({
      version: '0.1.0',
      startedAt: iso(NOW_US),
      now: iso(NOW_US),
      live: true,
      history: true,
      newestShareAt: iso(NOW_US - 30e6),
    });
  });
});

describe('the schema', () => {
  it('resolves every field of every type on sample data', async () => {
    const schema = buildSchema(FLEET_SDL);
    const reached = new Set<string>();
    const answer = await pool.data(`{ ${selectAll(schema.getQueryType()!, reached)} }`);
    expect(missingFields(answer, schema.getQueryType()!)).toEqual([]);
    const objects = Object.values(schema.getTypeMap()).filter(
      (type): type is GraphQLObjectType =>
        isObjectType(type) && !type.name.startsWith('__') && type.name !== 'Subscription',
    );
    const unreached = objects
      .flatMap((type) => Object.keys(type.getFields()).map((field) => `${type.name}.${field}`))
      .filter((field) => !reached.has(field));
    expect(unreached).toEqual([]);
  });

  it('describes every field whose name does not say it all, and every argument bound', () => {
    const schema = buildSchema(FLEET_SDL);
    for (const name of [
      'status',
      'tenants',
      'fleet',
      'workers',
      'worker',
      'events',
      'networkDifficulty',
      'upstreams',
      'connection',
    ]) {
      expect(schema.getQueryType()!.getFields()[name]!.description, name).toBeTruthy();
    }
  });
});

describe('docs/api.md', () => {
  it('has examples that run and answer', async () => {
    const text = await readFile(new URL('../../../docs/api.md', import.meta.url), 'utf8');
    const bodies = [...text.matchAll(/-d '(\{[^']*\})'/g)].map(([, body]) =>
      body!
        .replaceAll('acme.oslo.rack1.m1', 'acme.oslo.stale')
        .replaceAll('2026-05-01', iso(NOW_US - DAY_US).slice(0, 10))
        .replaceAll('2026-05-02', iso(NOW_US).slice(0, 10))
        .replaceAll('2026-02-01', iso(NOW_US - 90 * DAY_US).slice(0, 10)),
    );
    expect(bodies).toHaveLength(10);
    const answers = await Promise.all(bodies.map((body) => pool.post(body)));
    for (const { status, errors } of answers) expect([status, errors]).toEqual([200, undefined]);
    const [table, csv, entered, machine, record, trouble, sites, happened, paid, named] = answers.map(
      ({ data }) => data,
    );
    expect(table.workers).toMatchObject({ totalCount: 5, pageInfo: { hasNextPage: false } });
    expect(csv.workers.nodes).toHaveLength(5);
    // Nobody has entered any.
    expect(entered.workerEntries).toMatchObject({ totalCount: 0, pageInfo: { endCursor: null } });
    expect(machine.worker).toMatchObject({
      status: 'ONLINE',
      shares: { byReason: [{ reason: 'stale' }] },
      series: { stepSeconds: 300 },
    });
    const recorded = record.worker.series.points as { contribution: { fraction: number } | null }[];
    expect(recorded.length).toBeLessThanOrEqual(92);
    expect(recorded.at(-1)!.contribution!.fraction).toBeGreaterThan(0);
    expect(trouble.workers.nodes.map(({ name }: { name: string }) => name)).toEqual([
      'acme.rome.lite',
      'acme.rome.died',
    ]);
    expect(sites.tenant.sites.map(({ name }: { name: string }) => name)).toEqual(['oslo', 'rome']);
    expect(happened).toMatchObject({
      status: { history: true },
      networkDifficulty: [{ nbits: '17030000' }, { nbits: '17021a91' }],
    });
    expect(paid.upstreams).toMatchObject([
      { qualifying: 10, credited: 0 },
      { qualifying: 100, credited: 89 },
    ]);
    // Named by its hash: a hash that is not the text's is refused.
    expect(named.status).toMatchObject({ live: true });
  });

  it('has a document for the typed client that the schema has the fields of', async () => {
    const text = await readFile(new URL('../../../docs/api.md', import.meta.url), 'utf8');
    const documents = [...text.matchAll(/graphql\(`([^`]*)`\)/g)].map(([, document]) => parse(document!));
    expect(documents).toHaveLength(1);
    expect(documents.flatMap((document) => validate(buildSchema(FLEET_SDL), document))).toEqual([]);
  });

  it('names every error code that clients may get of us', async () => {
    const text = await readFile(new URL('../../../docs/api.md', import.meta.url), 'utf8');
    const ofApollo = ['OPERATION_RESOLUTION_FAILURE', 'INTROSPECTION_DISABLED', 'MAX_RECURSIVE_SELECTIONS_EXCEEDED'];
    expect(ERROR_CODES.filter((code) => !ofApollo.includes(code) && !text.includes(`\`${code}\``))).toEqual([]);
  });
});

const REQUIRED_ARGUMENTS: Readonly<Record<string, string>> = {
  'Query.tenant': '(name: "acme")',
  'Query.worker': '(name: "acme.oslo.steady")',
  'FleetTotals.series': `(${DAY})`,
  'Worker.series': `(${DAY})`,
};

/** A selection of every field of the type and of all below it. */
function selectAll(type: GraphQLObjectType, reached: Set<string>): string {
  return Object.values(type.getFields())
    .map((field: GraphQLField<unknown, unknown>) => {
      const name = `${type.name}.${field.name}`;
      reached.add(name);
      const args = REQUIRED_ARGUMENTS[name] ?? (name === 'Query.workers' ? '(first: 2)' : '');
      const below = getNamedType(field.type);
      return isObjectType(below) ? `${field.name}${args} { ${selectAll(below, reached)} }` : `${field.name}${args}`;
    })
    .join(' ');
}

/** Paths of fields that are null though not nullable, or of another shape than the schema says. */
function missingFields(value: unknown, type: GraphQLOutputType, path = ''): string[] {
  if (isNonNullType(type))
    return value === null || value === undefined
      ? [path]
      : missingFields(value, type.ofType as GraphQLOutputType, path);
  if (value === null) return [];
  if (isListType(type))
    return Array.isArray(value)
      ? value.flatMap((entry, i) => missingFields(entry, type.ofType as GraphQLOutputType, `${path}[${i}]`))
      : [path];
  if (isLeafType(type)) return ['string', 'number', 'boolean'].includes(typeof value) ? [] : [path];
  if (!isObjectType(type)) return [path];
  return Object.values(type.getFields()).flatMap((field) =>
    missingFields((value as Record<string, unknown>)[field.name], field.type, `${path}.${field.name}`),
  );
}
