// A month of a farm that leases racks to a customer, in a ClickHouse of its own: for tests of what both see of it.
import { createClickHouseStore } from '@assay/adapter-clickhouse';
import { loadMigrations, migrate, type AnalyticsStore } from '@assay/analytics';
import { startEmbeddedClickHouse } from '@assay/embedded-clickhouse';
import { coinbaseHalves } from '@assay/mining';
import type { ObjectChange } from '@assay/tenancy';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface LeasedFarm {
  readonly store: AnalyticsStore;
  readonly entries: readonly ObjectChange[];
  stop(): Promise<void>;
}

const DIFFICULTY = 65_536;
const DAYS = 35;
const HOUR_SECONDS = 3600;

export async function startLeasedFarm(nowMs: number): Promise<LeasedFarm> {
  const dataDir = await mkdtemp(join(tmpdir(), 'assay-leased-farm-'));
  const server = await startEmbeddedClickHouse({ dataDir, port: 0, fsync: false });
  const store = createClickHouseStore({ url: server.url, username: server.username, password: server.password });
  const keep = ['shares', 'rollup_1m', 'rollup_1h', 'rollup_1d', 'events'].map((name) => [`${name}_ttl_days`, 3650]);
  await migrate(store, await loadMigrations(), Object.fromEntries(keep) as Record<string, number>);
  const firstHour = Math.floor(nowMs / 1000 / HOUR_SECONDS) * HOUR_SECONDS - DAYS * 24 * HOUR_SECONDS;
  // Twelve machines in two racks, 20 shares a minute each and one in a hundred stale; r2 loses a third of them for a week, and m3 stands still for four days.
  await store.command(`
    INSERT INTO assay.rollup_1h (tenant, worker, algorithm, at, accepted, rejected, rejected_stale, work, work_squared, active_minutes)
    SELECT 'acme', concat('acme.north.r', toString(1 + machine % 2), '.m', toString(machine)), 'sha256d', fromUnixTimestamp(toUInt32(${firstHour} + hour * ${HOUR_SECONDS})) AS at,
           toUInt64((1200 + rand(hour * 100 + machine) % 71 - 35) * multiIf(machine = 3 AND hour BETWEEN 400 AND 496, 0, machine % 2 = 1 AND hour BETWEEN 500 AND 668, 0.67, 1)) AS accepted_shares,
           12, 12, accepted_shares * ${DIFFICULTY}, accepted_shares * ${DIFFICULTY * DIFFICULTY}, if(accepted_shares = 0, 0, bitShiftLeft(toUInt64(1), 60) - 1)
    FROM (SELECT intDiv(number, 12) AS hour, number % 12 AS machine FROM numbers(${DAYS * 24 * 12}))`);
  await store.command(`
    INSERT INTO assay.rollup_1d (tenant, worker, algorithm, at, accepted, rejected, rejected_stale, work, work_squared, active_hours)
    SELECT tenant, worker, algorithm, toStartOfDay(h.at) AS day, sum(h.accepted), sum(h.rejected), sum(h.rejected_stale), sum(h.work), sum(h.work_squared),
           groupBitOr(bitShiftLeft(toUInt32(h.accepted > 0), toHour(h.at)))
    FROM assay.rollup_1h AS h GROUP BY tenant, worker, algorithm, day`);
  await store.command(`
    INSERT INTO assay.workers (tenant, worker, site, first_seen, last_seen, latest)
    SELECT 'acme', concat('acme.north.r', toString(1 + number % 2), '.m', toString(number)), 'north', fromUnixTimestamp64Micro(toInt64(${firstHour}000000), 'UTC') AS seen, seen,
           (seen, 'sha256d', 'sample-miner', '10.0.0.7', 'gateway-1', ${DIFFICULTY}, 9.4e13, 0)
    FROM numbers(12)`);
  // Each machine connects anew every five days, and m5 each day, from an address of its own; a month ago their passwords asked for a tenth less.
  await store.command(`
    INSERT INTO assay.events (tenant, worker, at, type, id, gateway, connection, algorithm, remote_address, user_agent, difficulty, reason, expected_hash_rate)
    SELECT 'acme', concat('acme.north.r', toString(1 + machine % 2), '.m', toString(machine)),
           fromUnixTimestamp64Micro(toInt64(${firstHour} + day * 86400 + if(kind = 'authorized', 7200, 6900)) * 1000000, 'UTC'), kind,
           concat('worker.events:0:', toString(day * 100 + machine * 2 + (kind = 'authorized'))), 'gateway-1', toString(machine * 1000 + if(kind = 'authorized', day, day - if(machine = 5, 1, 5))), 'sha256d',
           if(kind = 'authorized', concat('10.0.0.', toString(10 + machine), ':40000'), ''), if(kind = 'authorized', 'sample-miner', ''), ${DIFFICULTY}, if(kind = 'authorized', '', 'closed'),
           if(kind = 'authorized', if(day < 8, 8.5e13, 9.4e13), 0)
    FROM (SELECT intDiv(number, 12) AS day, number % 12 AS machine FROM numbers(${DAYS * 12})) ARRAY JOIN ['disconnected', 'authorized'] AS kind
    WHERE (machine = 5 OR day % 5 = 0) AND NOT (day = 0 AND kind = 'disconnected')`);
  const { coinbase1, coinbase2 } = coinbaseHalves({
    height: 925_000,
    jobNonce: new Uint8Array(8),
    extranonceSize: 8,
    tag: 'assay',
    outputs: [{ value: 315_400_000n, script: new Uint8Array(22) }],
  });
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
  await store.command(`
    INSERT INTO assay.jobs (hash, algorithm, network_difficulty, coinbase1, coinbase2, first_seen)
    SELECT leftPad(toString(number), 64, '0'), 'sha256d', if(number < 400, 1.46e14, 1.52e14), '${hex(coinbase1)}', '${hex(coinbase2)}',
           fromUnixTimestamp64Micro(toInt64(${firstHour} + number * ${HOUR_SECONDS}) * 1000000, 'UTC')
    FROM numbers(${DAYS * 24})`);
  const day = (before: number): number => (firstHour + (DAYS - before) * 24 * HOUR_SECONDS) * 1e6;
  const put = (kind: ObjectChange['kind'], id: string, body: object): ObjectChange => ({ op: 'put', kind, id, body });
  return {
    store,
    entries: [
      put('tenant', 'acme', { name: 'Acme Mining', kind: 'hosting', autoRegister: true, timeZone: 'America/Denver' }),
      put('tenant', 'globex', { name: 'Globex', kind: 'cloud', autoRegister: false, timeZone: 'Europe/Berlin' }),
      put('ownership', 'lease-1', {
        of: 'acme.north.r2',
        holder: 'globex',
        fraction: 0.5,
        fromUs: day(25) + 5 * 3600e6,
        promisedHashRateHs: 2.81e14,
      }),
      put('ownership', 'lease-2', {
        of: 'acme.north.r1.m2',
        holder: 'globex',
        fraction: 1,
        fromUs: day(20),
        untilUs: day(6),
        promisedHashRateHs: 9.4e13,
      }),
    ],
    stop: async () => {
      await store.close();
      await server.close();
      await rm(dataDir, { recursive: true });
    },
  };
}
