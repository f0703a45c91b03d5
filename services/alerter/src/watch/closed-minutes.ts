// What every worker did in minutes that are over, from the rollups by the minute, as detection wants it.
import type { AnalyticsStore } from '@assay/analytics';
import type { LateShares, RejectedCounts } from '@assay/detection';
import { ALGORITHMS, REJECT_REASONS, type Algorithm, type RejectReason } from '@assay/mining';

/** Shares of one worker and algorithm in one minute. */
export interface MinuteShares extends LateShares {
  readonly worker: string;
  readonly algorithm: Algorithm;
}

export interface ClosedMinute {
  /** By `worker algorithm`. */
  readonly shares: ReadonlyMap<string, MinuteShares>;
  /** Shares of any verdict, those that nobody's algorithm is known of included: what sharesPerMinute says of the same rows. */
  readonly total: number;
}

export const NOTHING: ClosedMinute = { shares: new Map(), total: 0 };

type Reason = Exclude<RejectReason, ''>;
const REASONS = REJECT_REASONS.filter((reason): reason is Reason => reason !== '');
const TIMEOUT_SECONDS = 30;

// Rejected shares of no job we know have no algorithm: they count for the one the worker mines.
const SQL = `
SELECT toString(worker) AS worker, toString(algorithm) AS algorithm, toUInt32(toUnixTimestamp(at) / 60) AS minute,
       toFloat64(sum(accepted)) AS shares, toFloat64(sum(r.work)) AS work,
       ${REASONS.map((reason) => `toFloat64(sum(rejected_${reason})) AS ${reason}`).join(', ')}
FROM assay.rollup_1m AS r
WHERE at >= toDateTime({from:UInt32} * 60) AND at < toDateTime({to:UInt32} * 60) AND tenant IN {tenants:Array(String)}
GROUP BY worker, algorithm, minute`;

const TOTALS_SQL = `
SELECT toUInt32(toUnixTimestamp(at) / 60) AS minute, toFloat64(sum(accepted) + sum(rejected)) AS shares
FROM assay.rollup_1m
WHERE at >= toDateTime({from:UInt32} * 60) AND at < toDateTime({to:UInt32} * 60) AND tenant IN {tenants:Array(String)}
GROUP BY minute`;

/** Minutes since 1970 from `from` on and before `to`. */
export interface MinuteRange {
  readonly from: number;
  readonly to: number;
  readonly tenants: readonly string[];
}

type Row = {
  readonly worker: string;
  readonly algorithm: string;
  readonly minute: number;
  readonly shares: number;
  readonly work: number;
} & Readonly<Record<Reason, number>>;

export function minuteKey(worker: string, algorithm: Algorithm): string {
  return `${worker} ${algorithm}`;
}

/** The minutes from `from` on and before `to`. @param algorithmOf what a worker mines. Throws AnalyticsError. */
export async function closedMinutes(
  store: AnalyticsStore,
  { from, to, tenants }: MinuteRange,
  algorithmOf: (worker: string) => Algorithm | undefined,
  signal: AbortSignal,
): Promise<ReadonlyMap<number, ClosedMinute>> {
  const rows = await store.query<Row>(SQL, { from, to, tenants }, { signal, maxExecutionSeconds: TIMEOUT_SECONDS });
  const minutes = new Map<number, { readonly shares: Map<string, MinuteShares>; total: number }>();
  for (const row of rows) {
    let closed = minutes.get(row.minute);
    if (closed === undefined) minutes.set(row.minute, (closed = { shares: new Map(), total: 0 }));
    closed.total += row.shares + REASONS.reduce((rejected, reason) => rejected + row[reason], 0);
    const algorithm = row.algorithm in ALGORITHMS ? (row.algorithm as Algorithm) : algorithmOf(row.worker);
    if (algorithm === undefined) continue;
    const key = minuteKey(row.worker, algorithm);
    const own: MinuteShares = {
      worker: row.worker,
      algorithm,
      minute: row.minute,
      shares: row.shares,
      work: row.work,
      rejected: rejectedOf(row),
    };
    const before = closed.shares.get(key);
    closed.shares.set(key, before === undefined ? own : { ...own, ...sum(before, own) });
  }
  return minutes;
}

const CONNECTS_SQL = `
SELECT toString(worker) AS worker, toUInt32(toUnixTimestamp(at) / 60) AS minute, toFloat64(count()) AS connects
FROM assay.events
WHERE type = 'authorized' AND at >= toDateTime({from:UInt32} * 60) AND at < toDateTime({to:UInt32} * 60) AND tenant IN {tenants:Array(String)}
GROUP BY worker, minute`;

/** A number of each worker, by minute and worker. */
export type NumbersPerMinute = ReadonlyMap<number, ReadonlyMap<string, number>>;

/** Connections that workers opened. Throws AnalyticsError. */
export async function connectsPerMinute(
  store: AnalyticsStore,
  range: MinuteRange,
  signal: AbortSignal,
): Promise<NumbersPerMinute> {
  type Connects = { readonly worker: string; readonly minute: number; readonly connects: number };
  const options = { signal, maxExecutionSeconds: TIMEOUT_SECONDS };
  const rows = await store.query<Connects>(CONNECTS_SQL, { ...range }, options);
  return perMinute(rows.map(({ worker, minute, connects }) => [minute, worker, connects]));
}

const LATENCIES_SQL = `
SELECT toString(worker) AS worker, toUInt32(toUnixTimestamp(at) / 60) AS minute, toFloat64(sum(total_ms) / sum(answers)) AS mean_ms
FROM assay.latency_1m
WHERE at >= toDateTime({from:UInt32} * 60) AND at < toDateTime({to:UInt32} * 60) AND tenant IN {tenants:Array(String)}
GROUP BY worker, minute
HAVING sum(answers) > 0`;

/** Milliseconds that workers took to answer their gateways, the mean of each minute, by minute and worker. Throws AnalyticsError. */
export async function latencyPerMinute(
  store: AnalyticsStore,
  range: MinuteRange,
  signal: AbortSignal,
): Promise<NumbersPerMinute> {
  type Latency = { readonly worker: string; readonly minute: number; readonly mean_ms: number };
  const rows = await store.query<Latency>(
    LATENCIES_SQL,
    { ...range },
    { signal, maxExecutionSeconds: TIMEOUT_SECONDS },
  );
  return perMinute(rows.map(({ worker, minute, mean_ms }) => [minute, worker, mean_ms]));
}

function perMinute(rows: readonly (readonly [minute: number, worker: string, value: number])[]): NumbersPerMinute {
  const minutes = new Map<number, Map<string, number>>();
  for (const [minute, worker, value] of rows) {
    let workers = minutes.get(minute);
    if (workers === undefined) minutes.set(minute, (workers = new Map()));
    workers.set(worker, value);
  }
  return minutes;
}

/** Accepted and rejected shares of all workers, by minute: a cheap way to see whether something has come. Throws AnalyticsError. */
export async function sharesPerMinute(
  store: AnalyticsStore,
  { from, to, tenants }: MinuteRange,
  signal: AbortSignal,
): Promise<ReadonlyMap<number, number>> {
  const options = { signal, maxExecutionSeconds: TIMEOUT_SECONDS };
  type Total = { readonly minute: number; readonly shares: number };
  const rows = await store.query<Total>(TOTALS_SQL, { from, to, tenants }, options);
  return new Map(rows.map(({ minute, shares }) => [minute, shares]));
}

/** Both together. */
export function sum(a: LateShares, b: LateShares): Pick<LateShares, 'shares' | 'work' | 'rejected'> {
  return { shares: a.shares + b.shares, work: a.work + b.work, rejected: combined(a.rejected, b.rejected, 1) };
}

/** What `now` has more than `before`; undefined when that is nothing. */
export function more(now: MinuteShares, before: MinuteShares | undefined): LateShares | undefined {
  if (before === undefined) return now;
  const shares = now.shares - before.shares;
  const rejected = combined(now.rejected, before.rejected, -1);
  if (shares === 0 && Object.values(rejected).every((count) => count === 0)) return undefined;
  return { minute: now.minute, shares, work: now.work - before.work, rejected };
}

function combined(a: RejectedCounts, b: RejectedCounts, sign: 1 | -1): RejectedCounts {
  const all: Partial<Record<RejectReason, number>> = { ...a };
  for (const reason of REASONS) {
    const count = b[reason];
    if (count !== undefined) all[reason] = (all[reason] ?? 0) + sign * count;
  }
  return all;
}

function rejectedOf(row: Row): RejectedCounts {
  const rejected: Partial<Record<RejectReason, number>> = {};
  for (const reason of REASONS) if (row[reason] > 0) rejected[reason] = row[reason];
  return rejected;
}
