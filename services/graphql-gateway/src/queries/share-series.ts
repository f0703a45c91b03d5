// Shares and work per step of a range, of named workers or of a part of the fleet.
import type { Algorithm } from '@assay/mining';
import { ALGORITHMS } from '@assay/mining';
import type { WorkerNames } from '../history/worker-names.ts';
import type { RangePlan, RollupTable } from '../series/range-plan.ts';
import { SHARE_SUMS, WORK_SUMS, type ShareSumsRow, type WorkSumsRow } from './rollup-sums.ts';
import type { NamedQuery, RowReader } from './store-reader.ts';

const TABLES: readonly RollupTable[] = ['rollup_1m', 'rollup_1h', 'rollup_1d'];
/** With a row for each site in place of one for each worker: `worker` is the site. */
const SITE_TABLES = ['site_1m', 'site_1h'] as const;

const STEP = 'toUInt32(intDiv(toUnixTimestamp(r.at) - {start:Int64}, {step:Int64}))';
const IN_RANGE = 'r.at >= fromUnixTimestamp({start:Int64}) AND r.at < fromUnixTimestamp({end:Int64})';

function perTable<Table extends string>(
  name: string,
  tables: readonly Table[],
  sql: (table: Table) => string,
): Readonly<Record<Table, NamedQuery>> {
  return Object.fromEntries(tables.map((table) => [table, { name, sql: sql(table) }])) as Record<Table, NamedQuery>;
}

const WORKER_SERIES = perTable(
  'worker_series',
  TABLES,
  (table) => `
SELECT toString(r.worker) AS name, toString(r.algorithm) AS algorithm_name, ${STEP} AS step_index, ${SHARE_SUMS}, ${WORK_SUMS}
FROM assay.${table} AS r
WHERE r.tenant IN {tenants:Array(String)} AND r.worker IN {workers:Array(String)} AND ${IN_RANGE}
GROUP BY r.worker, r.algorithm, step_index
LIMIT {limit:UInt32}`,
);

const FLEET_SERIES = perTable(
  'fleet_series',
  [...TABLES, ...SITE_TABLES],
  (table) => `
SELECT ${STEP} AS step_index, ${SHARE_SUMS}, ${WORK_SUMS}
FROM assay.${table} AS r
WHERE r.algorithm IN {algorithms:Array(String)} AND ${IN_RANGE}
  AND ({everyTenant:UInt8} = 1 OR r.tenant = {tenant:String})
  AND ({everySite:UInt8} = 1 OR splitByChar('.', toString(r.worker))[2] = {site:String})
  AND ({search:String} = '' OR positionCaseInsensitive(toString(r.worker), {search:String}) > 0)
  AND ({everyWorker:UInt8} = 1 OR r.worker IN {workers:Array(String)})
GROUP BY step_index
LIMIT {limit:UInt32}`,
);

interface FleetRow extends ShareSumsRow, WorkSumsRow {
  readonly step_index: number;
}

interface WorkerRow extends FleetRow {
  readonly name: string;
  readonly algorithm_name: string;
}

/** Sums of one step. */
export interface StepSums {
  accepted: number;
  /** In the order of REASONS. */
  reasons: number[];
  /** Of the algorithm asked for. */
  work: number;
  workSquared: number;
}

/** Steps by index; those without shares are missing. */
export type SparseSeries = ReadonlyMap<number, StepSums>;

/** Rows of one worker and step: one per algorithm, and one for shares that name no known job. */
const KINDS = Object.keys(ALGORITHMS).length + 1;

/** Counts are of every algorithm, work of each worker's own. */
export async function workerSeries(
  store: RowReader,
  names: WorkerNames,
  algorithms: ReadonlyMap<string, Algorithm>,
  plan: RangePlan,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, SparseSeries>> {
  const limit = KINDS * plan.points * names.workers.length;
  const rows = await store.rows<WorkerRow>(WORKER_SERIES[plan.table], { ...names, ...bounds(plan), limit }, signal);
  const series = new Map<string, Map<number, StepSums>>();
  for (const row of rows) {
    const steps = series.get(row.name) ?? new Map<number, StepSums>();
    series.set(row.name, steps);
    addRow(steps, row, row.algorithm_name === algorithms.get(row.name));
  }
  return series;
}

export interface FleetPart {
  readonly tenant: string | undefined;
  readonly site: string | undefined;
  readonly search: string;
  /** Undefined for every worker of the above. */
  readonly workers: readonly string[] | undefined;
  /** Whether it is whole sites, so that their sums say the same as those of their workers. */
  readonly wholeSites: boolean;
}

/** Sums over the part of the fleet: shares of the algorithm, and rejected ones that name no known job. */
export async function fleetSeries(
  store: RowReader,
  part: FleetPart,
  algorithm: Algorithm,
  plan: RangePlan,
  signal?: AbortSignal,
): Promise<SparseSeries> {
  const params = {
    algorithms: [algorithm, ''],
    everyTenant: part.tenant === undefined ? 1 : 0,
    tenant: part.tenant ?? '',
    everySite: part.site === undefined ? 1 : 0,
    site: part.site ?? '',
    search: part.search,
    everyWorker: part.workers === undefined ? 1 : 0,
    workers: part.workers ?? [],
    limit: plan.points,
    ...bounds(plan),
  };
  const table = part.wholeSites ? siteTable(plan) : plan.table;
  const rows = await store.rows<FleetRow>(FLEET_SERIES[table], params, signal);
  const steps = new Map<number, StepSums>();
  for (const row of rows) addRow(steps, row, true);
  return steps;
}

/** Days are summed of hours where there are hours. */
function siteTable({ table, hoursKept }: RangePlan): RollupTable | (typeof SITE_TABLES)[number] {
  if (table === 'rollup_1m') return 'site_1m';
  return table === 'rollup_1h' || hoursKept ? 'site_1h' : table;
}

function bounds(plan: RangePlan): { readonly start: number; readonly end: number; readonly step: number } {
  return { start: plan.startSeconds, end: plan.endSeconds, step: plan.stepSeconds };
}

function addRow(steps: Map<number, StepSums>, row: FleetRow, withWork: boolean): void {
  const sums = steps.get(row.step_index);
  if (!sums) {
    const work = withWork ? { work: row.work_sum, workSquared: row.work_squared_sum } : { work: 0, workSquared: 0 };
    steps.set(row.step_index, { accepted: row.accepted_shares, reasons: [...row.reasons], ...work });
    return;
  }
  sums.accepted += row.accepted_shares;
  row.reasons.forEach((count, i) => (sums.reasons[i]! += count));
  if (!withWork) return;
  sums.work += row.work_sum;
  sums.workSquared += row.work_squared_sum;
}
