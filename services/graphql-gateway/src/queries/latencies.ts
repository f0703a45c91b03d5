// How long workers took to answer their gateways: lately, and per step of a range.
import type { WorkerNames } from '../history/worker-names.ts';
import type { RangePlan } from '../series/range-plan.ts';
import type { NamedQuery, RowReader } from './store-reader.ts';

/** Answers of a worker that were timed; at least one. */
export interface AnswerTimes {
  readonly answers: number;
  readonly meanMs: number;
  readonly slowestMs: number;
}

export interface RecentAnswerTimes extends AnswerTimes {
  /** Mean of the newest minute that has any, and its start. */
  readonly newestMs: number;
  readonly newestAtSeconds: number;
}

const SUMS = `toFloat64(sum(r.answers)) AS answers_sum, sum(r.total_ms) / sum(r.answers) AS mean_ms, max(r.slowest_ms) AS most_ms`;
const OF_WORKERS = 'r.tenant IN {tenants:Array(String)} AND r.worker IN {workers:Array(String)} AND r.answers > 0';

// A minute may be several rows, of several gateways for one: they are added up before the newest is taken.
const RECENT: NamedQuery = {
  name: 'worker_latency',
  sql: `
SELECT toString(r.worker) AS name, ${SUMS},
       toFloat64(toUnixTimestamp(max(r.at))) AS newest_seconds, argMax(r.total_ms / r.answers, r.at) AS newest_ms
FROM
(
    SELECT r.worker AS worker, r.at AS at, sum(r.answers) AS answers, sum(r.total_ms) AS total_ms, max(r.slowest_ms) AS slowest_ms
    FROM assay.latency_1m AS r
    WHERE ${OF_WORKERS} AND r.at >= fromUnixTimestamp({from:Int64})
    GROUP BY r.worker, r.at
) AS r
GROUP BY r.worker
LIMIT {limit:UInt32}`,
};

const SERIES = { rollup_1m: series('latency_1m'), rollup_1h: series('latency_1h'), rollup_1d: series('latency_1h') };

function series(table: 'latency_1m' | 'latency_1h'): NamedQuery {
  return {
    name: 'worker_latency_series',
    sql: `
SELECT toString(r.worker) AS name, toUInt32(intDiv(toUnixTimestamp(r.at) - {start:Int64}, {step:Int64})) AS step_index, ${SUMS}
FROM assay.${table} AS r
WHERE ${OF_WORKERS} AND r.at >= fromUnixTimestamp({start:Int64}) AND r.at < fromUnixTimestamp({end:Int64})
GROUP BY r.worker, step_index
LIMIT {limit:UInt32}`,
  };
}

interface SumsRow {
  readonly name: string;
  readonly answers_sum: number;
  readonly mean_ms: number;
  readonly most_ms: number;
}

/** By worker; one of which nothing was timed since has no entry. */
export async function recentAnswerTimes(
  store: RowReader,
  names: WorkerNames,
  sinceUs: number,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, RecentAnswerTimes>> {
  type Row = SumsRow & { readonly newest_seconds: number; readonly newest_ms: number };
  const from = Math.ceil(sinceUs / 60e6) * 60;
  const rows = await store.rows<Row>(RECENT, { ...names, from, limit: names.workers.length }, signal);
  return new Map(
    rows.map((row) => [row.name, { ...timesOf(row), newestMs: row.newest_ms, newestAtSeconds: row.newest_seconds }]),
  );
}

/** By worker and index of the step; steps without any are missing. */
export async function answerTimeSeries(
  store: RowReader,
  names: WorkerNames,
  plan: RangePlan,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, ReadonlyMap<number, AnswerTimes>>> {
  type Row = SumsRow & { readonly step_index: number };
  const { startSeconds: start, endSeconds: end, stepSeconds: step, points } = plan;
  const limit = points * names.workers.length;
  const rows = await store.rows<Row>(SERIES[plan.table], { ...names, start, end, step, limit }, signal);
  const byWorker = new Map<string, Map<number, AnswerTimes>>();
  for (const row of rows) {
    const steps = byWorker.get(row.name) ?? new Map<number, AnswerTimes>();
    byWorker.set(row.name, steps.set(row.step_index, timesOf(row)));
  }
  return byWorker;
}

function timesOf({ answers_sum, mean_ms, most_ms }: SumsRow): AnswerTimes {
  return { answers: answers_sum, meanMs: mean_ms, slowestMs: most_ms };
}
