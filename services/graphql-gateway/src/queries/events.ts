// What happened to workers besides shares, newest first.
import type { WorkerNames } from '../history/worker-names.ts';
import type { RowReader } from './store-reader.ts';

export type EventType = 'authorized' | 'disconnected' | 'reject_burst' | 'gateway_started' | 'integrity';

export interface PoolEvent {
  readonly id: string;
  /** Microseconds since 1970. */
  readonly atUs: number;
  readonly type: EventType;
  /** Empty for events of a whole gateway, as is `worker`. */
  readonly tenant: string;
  readonly worker: string;
  readonly gateway: string;
  readonly remoteAddress: string;
  readonly userAgent: string;
  readonly difficulty: number;
  readonly reason: string;
  readonly accepted: number;
  readonly rejected: number;
}

const COLUMNS = `e.id AS id, toFloat64(toUnixTimestamp64Micro(e.at)) AS at_us, e.type AS event_type, e.tenant AS tenant_name, e.worker AS worker_name,
       e.gateway AS gateway, e.remote_address AS remote_address, e.user_agent AS user_agent, e.difficulty AS difficulty, e.reason AS reason,
       toFloat64(e.accepted) AS accepted, toFloat64(e.rejected) AS rejected`;

const PAGE = {
  name: 'events',
  sql: `
SELECT ${COLUMNS}
FROM assay.events AS e
WHERE ({everyTenant:UInt8} = 1 OR e.tenant = {tenant:String})
  AND ({everyWorker:UInt8} = 1 OR e.worker = {worker:String})
  AND e.type IN {types:Array(String)}
  AND ({fromStart:UInt8} = 1 OR (e.at, e.id) < (fromUnixTimestamp64Micro({atUs:Int64}, 'UTC'), {id:String}))
ORDER BY e.at DESC, e.id DESC
LIMIT {limit:UInt32}`,
};

const PER_WORKER = {
  name: 'worker_events',
  sql: `
SELECT ${COLUMNS}
FROM assay.events AS e
WHERE e.tenant IN {tenants:Array(String)} AND e.worker IN {workers:Array(String)}
ORDER BY e.at DESC, e.id DESC
LIMIT {perWorker:UInt32} BY e.worker
LIMIT {limit:UInt32}`,
};

interface Row {
  readonly id: string;
  readonly at_us: number;
  readonly event_type: EventType;
  readonly tenant_name: string;
  readonly worker_name: string;
  readonly gateway: string;
  readonly remote_address: string;
  readonly user_agent: string;
  readonly difficulty: number;
  readonly reason: string;
  readonly accepted: number;
  readonly rejected: number;
}

export interface EventsQuery {
  readonly tenant: string | undefined;
  readonly worker: string | undefined;
  readonly types: readonly EventType[];
  /** The event the page comes after; undefined for the newest. */
  readonly after: { readonly atUs: number; readonly id: string } | undefined;
  readonly limit: number;
}

export async function eventsPage(store: RowReader, query: EventsQuery, signal?: AbortSignal): Promise<PoolEvent[]> {
  const { tenant, worker, types, after, limit } = query;
  const params = {
    everyTenant: tenant === undefined ? 1 : 0,
    tenant: tenant ?? '',
    everyWorker: worker === undefined ? 1 : 0,
    worker: worker ?? '',
    types,
    fromStart: after ? 0 : 1,
    atUs: after?.atUs ?? 0,
    id: after?.id ?? '',
    limit,
  };
  return (await store.rows<Row>(PAGE, params, signal)).map(event);
}

/** The newest events of each worker, at most `first` each, by worker. */
export async function eventsOfWorkers(
  store: RowReader,
  names: WorkerNames,
  first: number,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, PoolEvent[]>> {
  const rows = await store.rows<Row>(
    PER_WORKER,
    { ...names, perWorker: first, limit: first * names.workers.length },
    signal,
  );
  const byWorker = new Map<string, PoolEvent[]>(names.workers.map((name) => [name, []]));
  for (const row of rows) byWorker.get(row.worker_name)?.push(event(row));
  return byWorker;
}

function event(row: Row): PoolEvent {
  return {
    id: row.id,
    atUs: row.at_us,
    type: row.event_type,
    tenant: row.tenant_name,
    worker: row.worker_name,
    gateway: row.gateway,
    remoteAddress: row.remote_address,
    userAgent: row.user_agent,
    difficulty: row.difficulty,
    reason: row.reason,
    accepted: row.accepted,
    rejected: row.rejected,
  };
}
