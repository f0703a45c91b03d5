// What was passed on to upstream pools and nodes, and what they credited, by source and endpoint: from one row per share passed on, of which
// a pool wants some a minute of each connection.
import { windowHashRate, ZERO_HASH_RATE, type HashRate } from '@assay/rollup';
import { algorithmOf } from './rollup-sums.ts';
import type { NamedQuery, RowReader } from './store-reader.ts';

export interface UpstreamTotals {
  readonly source: string;
  readonly endpoint: string;
  readonly passedOn: number;
  readonly credited: number;
  readonly rejected: number;
  readonly unanswered: number;
  readonly unsent: number;
  readonly blockCandidates: number;
  /** Of the shares passed on, and of those credited. */
  readonly passedOnRate: HashRate;
  readonly creditedRate: HashRate;
  /** Milliseconds; undefined without an answer. */
  readonly latencyP50Ms: number | undefined;
  readonly latencyP99Ms: number | undefined;
  /** Microseconds since 1970; undefined when nothing was. */
  readonly lastCreditedUs: number | undefined;
  /** The upstream's reasons, the most frequent first. */
  readonly reasons: readonly { readonly reason: string; readonly count: number }[];
}

/** Endpoints listed at most: eight a source, and few sources a pool. */
const MAX_ROWS = 500;
const REASONS_SHOWN = 10;

const TOTALS: NamedQuery = {
  name: 'upstream_totals',
  lookups: ['jobs'],
  sql: `
SELECT u.source AS source, u.endpoint AS endpoint,
       toFloat64(count()) AS passed_on,
       toFloat64(countIf(u.verdict = 'accepted')) AS credited,
       toFloat64(countIf(u.verdict = 'rejected')) AS rejected,
       toFloat64(countIf(u.verdict = 'unanswered')) AS unanswered,
       toFloat64(countIf(u.verdict = 'unsent')) AS unsent,
       toFloat64(countIf(u.block_candidate = 1)) AS candidates,
       sum(u.upstream_difficulty) AS work,
       sum(u.upstream_difficulty * u.upstream_difficulty) AS work_squared,
       sumIf(u.upstream_difficulty, u.verdict = 'accepted') AS credited_work,
       sumIf(u.upstream_difficulty * u.upstream_difficulty, u.verdict = 'accepted') AS credited_work_squared,
       quantilesIf(0.5, 0.99)(toFloat64(dateDiff('microsecond', u.sent_at, u.answered_at)) / 1000, u.verdict IN ('accepted', 'rejected')) AS latencies,
       toFloat64(toUnixTimestamp64Micro(maxIf(u.answered_at, u.verdict = 'accepted'))) AS last_credited_us,
       topKIf(${REASONS_SHOWN}, 3, 'counts')(u.reason, u.verdict = 'rejected') AS reasons,
       any(j.algorithm) AS algorithm
FROM assay.upstream_shares AS u FINAL
LEFT ANY JOIN assay.jobs AS j ON j.hash = u.job_hash
WHERE u.submitted_at >= fromUnixTimestamp64Micro({fromUs:Int64}, 'UTC')
  AND ({everyTenant:UInt8} = 1 OR u.tenant = {tenant:String})
GROUP BY u.source, u.endpoint
ORDER BY u.source, u.endpoint
LIMIT {limit:UInt32}`,
};

const IN_USE = {
  name: 'upstreams_in_use',
  sql: `
SELECT DISTINCT toString(j.source) AS source, toString(j.endpoint) AS endpoint
FROM assay.upstream_jobs AS j
WHERE j.at >= fromUnixTimestamp64Micro({fromUs:Int64}, 'UTC')
ORDER BY source, endpoint
LIMIT {limit:UInt32}`,
};

interface Row {
  readonly source: string;
  readonly endpoint: string;
  readonly passed_on: number;
  readonly credited: number;
  readonly rejected: number;
  readonly unanswered: number;
  readonly unsent: number;
  readonly candidates: number;
  readonly work: number;
  readonly work_squared: number;
  readonly credited_work: number;
  readonly credited_work_squared: number;
  readonly latencies: readonly [number | null, number | null];
  readonly last_credited_us: number;
  readonly reasons: readonly { readonly item: string; readonly count: string }[];
  readonly algorithm: string;
}

/** By source and endpoint, for the shares submitted in the last `hours`; of one tenant's machines, or of all. */
export async function upstreamTotals(
  store: RowReader,
  tenant: string | undefined,
  nowUs: number,
  hours: number,
  signal?: AbortSignal,
): Promise<UpstreamTotals[]> {
  const seconds = hours * 3600;
  const params = {
    fromUs: nowUs - seconds * 1e6,
    everyTenant: tenant === undefined ? 1 : 0,
    tenant: tenant ?? '',
    limit: MAX_ROWS,
  };
  const rows = await store.rows<Row>(TOTALS, params, signal);
  return rows.map((row) => {
    const algorithm = algorithmOf(row.algorithm) ?? 'sha256d';
    const rate = (work: number, workSquared: number): HashRate =>
      windowHashRate({ algorithm, work, workSquared, seconds });
    const [p50, p99] = row.latencies;
    return {
      source: row.source,
      endpoint: row.endpoint,
      passedOn: row.passed_on,
      credited: row.credited,
      rejected: row.rejected,
      unanswered: row.unanswered,
      unsent: row.unsent,
      blockCandidates: row.candidates,
      passedOnRate: rate(row.work, row.work_squared),
      creditedRate: rate(row.credited_work, row.credited_work_squared),
      latencyP50Ms: p50 ?? undefined,
      latencyP99Ms: p99 ?? undefined,
      lastCreditedUs: row.credited > 0 ? row.last_credited_us : undefined,
      reasons: row.reasons.map(({ item, count }) => ({ reason: item, count: Number(count) })),
    };
  });
}

/** Those whose jobs were given out in the last `hours`, as if they had been passed on nothing. */
export async function upstreamsInUse(store: RowReader, nowUs: number, hours: number): Promise<UpstreamTotals[]> {
  const params = { fromUs: nowUs - hours * 3600e6, limit: MAX_ROWS };
  const rows = await store.rows<{ readonly source: string; readonly endpoint: string }>(IN_USE, params);
  return rows.map(({ source, endpoint }) => ({
    source,
    endpoint,
    passedOn: 0,
    credited: 0,
    rejected: 0,
    unanswered: 0,
    unsent: 0,
    blockCandidates: 0,
    passedOnRate: ZERO_HASH_RATE,
    creditedRate: ZERO_HASH_RATE,
    latencyP50Ms: undefined,
    latencyP99Ms: undefined,
    lastCreditedUs: undefined,
    reasons: [],
  }));
}
