// How workers came and went: beginnings and ends of their connections, how many a day, and what their passwords said to expect.
import { MICROS_PER_DAY } from '@assay/kernel';
import type { WorkerNames } from '../history/worker-names.ts';
import type { Announced } from '../machines/expectation.ts';
import type { Ending, GatewayStart, Opening } from '../machines/connections.ts';
import type { RowReader } from './store-reader.ts';

const AT_US = 'toFloat64(toUnixTimestamp64Micro(e.at)) AS at_us';
const OF_WORKERS = 'e.tenant IN {tenants:Array(String)} AND e.worker IN {workers:Array(String)}';
const SINCE = "e.at >= fromUnixTimestamp64Micro({sinceUs:Int64}, 'UTC')";

const OPENINGS = {
  name: 'connection_openings',
  sql: `
SELECT e.id AS id, toString(e.worker) AS worker_name, toString(e.gateway) AS gateway_name, e.connection AS connection_name, ${AT_US},
       e.remote_address AS remote_address, e.user_agent AS user_agent, e.difficulty AS difficulty
FROM assay.events AS e
WHERE ${OF_WORKERS} AND e.type = 'authorized' AND ${SINCE}
  AND ({fromStart:UInt8} = 1 OR (e.at, e.id) < (fromUnixTimestamp64Micro({atUs:Int64}, 'UTC'), {id:String}))
ORDER BY e.at DESC, e.id DESC
LIMIT {perWorker:UInt32} BY e.worker
LIMIT {limit:UInt32}`,
};

const ENDINGS = {
  name: 'connection_endings',
  sql: `
SELECT toString(e.worker) AS worker_name, toString(e.gateway) AS gateway_name, e.connection AS connection_name, ${AT_US}, toString(e.reason) AS end_reason
FROM assay.events AS e
WHERE ${OF_WORKERS} AND e.type = 'disconnected' AND e.connection IN {connections:Array(String)} AND ${SINCE}
ORDER BY e.at
LIMIT {perConnection:UInt32} BY e.worker, e.gateway, e.connection
LIMIT {limit:UInt32}`,
};

/** Starts belong to no tenant. They are looked up for gateways that the viewer's own rows name, and tell when connections of these ended. */
const STARTS = {
  name: 'gateway_starts',
  lookups: ['events'],
  sql: `
SELECT toString(e.gateway) AS gateway_name, ${AT_US}
FROM assay.events AS e
WHERE e.tenant = '' AND e.type = 'gateway_started' AND e.gateway IN {gateways:Array(String)} AND ${SINCE}
ORDER BY e.at
LIMIT {limit:UInt32}`,
};

const CONNECTS_BY_DAY = {
  name: 'connects_by_day',
  sql: `
SELECT toString(e.worker) AS worker_name, toString(toDate(e.at, 'UTC')) AS day, toUInt32(count()) AS connects
FROM assay.events AS e
WHERE ${OF_WORKERS} AND e.type = 'authorized' AND ${SINCE}
GROUP BY e.worker, day
ORDER BY day
LIMIT {limit:UInt32}`,
};

const ANNOUNCED = {
  name: 'announced_rates',
  sql: `
SELECT worker_name, at_us, rate
FROM
(
    SELECT toString(e.worker) AS worker_name, ${AT_US}, e.expected_hash_rate AS rate,
           lagInFrame(e.expected_hash_rate, 1, toFloat64(-1)) OVER (PARTITION BY e.worker ORDER BY e.at, e.id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS before
    FROM assay.events AS e
    WHERE ${OF_WORKERS} AND e.type = 'authorized' AND ${SINCE}
)
WHERE rate != before
ORDER BY at_us DESC
LIMIT {perWorker:UInt32} BY worker_name
LIMIT {limit:UInt32}`,
};

/**
 * The table is ordered by time within a tenant: of a machine that often connects the newest are found in the last days, of one that seldom does the
 * index by worker leaves little to read of all the time. Days before the page's end that are looked at, one after the other.
 */
const LOOKED_BACK_DAYS = [7, Infinity] as const;

/** One number may be of several connections, over the lifetimes of a gateway. */
const ENDS_PER_CONNECTION = 20;
const MAX_STARTS = 5000;
/** Rates a password said one after the other; of more the newest. */
const ANNOUNCED_PER_WORKER = 200;

interface Row {
  readonly worker_name: string;
  readonly at_us: number;
}
interface ConnectionRow extends Row {
  readonly gateway_name: string;
  readonly connection_name: string;
}
interface OpeningRow extends ConnectionRow {
  readonly id: string;
  readonly remote_address: string;
  readonly user_agent: string;
  readonly difficulty: number;
}

/** Of each worker the newest `perWorker` that began before `after`. */
export async function openingsOf(
  store: RowReader,
  names: WorkerNames,
  after: { readonly atUs: number; readonly id: string } | undefined,
  perWorker: number,
  nowUs: number,
  signal?: AbortSignal,
): Promise<Opening[]> {
  const limit = perWorker * names.workers.length;
  const page = { ...names, fromStart: after ? 0 : 1, atUs: after?.atUs ?? 0, id: after?.id ?? '', perWorker, limit };
  let rows: OpeningRow[] = [];
  for (const days of LOOKED_BACK_DAYS) {
    const sinceUs = Math.max(0, (after?.atUs ?? nowUs) - days * MICROS_PER_DAY);
    rows = await store.rows<OpeningRow>(OPENINGS, { ...page, sinceUs }, signal);
    if (rows.length === limit) break;
  }
  return rows.map((row) => ({
    id: row.id,
    worker: row.worker_name,
    gateway: row.gateway_name,
    connection: row.connection_name,
    atUs: row.at_us,
    remoteAddress: row.remote_address,
    userAgent: row.user_agent,
    difficulty: row.difficulty,
  }));
}

/** Ends that any of these may have had. */
export async function endingsOf(
  store: RowReader,
  names: WorkerNames,
  openings: readonly Opening[],
  signal?: AbortSignal,
): Promise<{ readonly endings: readonly Ending[]; readonly starts: readonly GatewayStart[] }> {
  if (openings.length === 0) return { endings: [], starts: [] };
  const sinceUs = openings.reduce((first, { atUs }) => Math.min(first, atUs), Infinity);
  const distinct = (field: 'connection' | 'gateway'): string[] => [...new Set(openings.map((one) => one[field]))];
  const ends = {
    ...names,
    sinceUs,
    connections: distinct('connection'),
    perConnection: ENDS_PER_CONNECTION,
    limit: ENDS_PER_CONNECTION * openings.length,
  };
  const [endings, starts] = await Promise.all([
    store.rows<ConnectionRow & { readonly end_reason: string }>(ENDINGS, ends, signal),
    store.rows<Omit<ConnectionRow, 'worker_name'>>(
      STARTS,
      { sinceUs, gateways: distinct('gateway'), limit: MAX_STARTS },
      signal,
    ),
  ]);
  return {
    endings: endings.map((row) => ({
      worker: row.worker_name,
      gateway: row.gateway_name,
      connection: row.connection_name,
      atUs: row.at_us,
      reason: row.end_reason,
    })),
    starts: starts.map((row) => ({ gateway: row.gateway_name, atUs: row.at_us })),
  };
}

export interface ConnectsOfDay {
  /** `2026-11-25`, UTC. */
  readonly date: string;
  readonly count: number;
}

/** By worker, ascending; days without are left out. @param sinceUs the start of a day */
export async function connectsByDay(
  store: RowReader,
  names: WorkerNames,
  sinceUs: number,
  days: number,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, ConnectsOfDay[]>> {
  const rows = await store.rows<Row & { readonly day: string; readonly connects: number }>(
    CONNECTS_BY_DAY,
    { ...names, sinceUs, limit: days * names.workers.length },
    signal,
  );
  return byWorker(rows, ({ day, connects }) => ({ date: day, count: connects }));
}

/** What each worker's password or the worker file said to expect, whenever it was something else than before: by worker, ascending. */
export async function announcedRates(
  store: RowReader,
  names: WorkerNames,
  sinceUs: number,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, Announced[]>> {
  const limit = ANNOUNCED_PER_WORKER * names.workers.length;
  const rows = await store.rows<Row & { readonly rate: number }>(
    ANNOUNCED,
    { ...names, sinceUs, perWorker: ANNOUNCED_PER_WORKER, limit },
    signal,
  );
  return byWorker(rows.reverse(), ({ at_us, rate }) => ({ fromUs: at_us, hashRateHs: rate }));
}

function byWorker<R extends { readonly worker_name: string }, T>(rows: readonly R[], valueOf: (row: R) => T) {
  const found = new Map<string, T[]>();
  for (const row of rows) {
    const values = found.get(row.worker_name);
    if (values) values.push(valueOf(row));
    else found.set(row.worker_name, [valueOf(row)]);
  }
  return found;
}
