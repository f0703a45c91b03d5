// Tenants whose history is kept for fewer days than everybody's: which rows are too old, in all tables that say of a worker's tenant what was when.
// The TTL of the tables (retention.ts) is for all tenants alike and goes on beside it. Rows are of the tenant that the worker's name begins with;
// whoever holds shares of the worker sees no more of it than is there.
import type { AnalyticsStore } from './analytics-store.ts';
import { quoted, ROW_RULES, VIEWS } from './row-conditions.ts';

/** Rows of the tenant go when what they tell of is so many days ago. */
export interface TenantDays {
  readonly tenant: string;
  readonly days: number;
}

/** Rows by table, without the tables that have none. */
export type RowCounts = Readonly<Record<string, number>>;

const DAY_SECONDS = 86_400;
/** A statement names no more, since ClickHouse parses at most 256 KiB. */
const TENANTS_PER_STATEMENT = 1000;

/** The column of each table that tells how old a row is. */
const AGED: readonly (readonly [table: string, at: string])[] = Object.entries(ROW_RULES).flatMap(([table, rule]) =>
  rule.kind === 'worker_time' && !(table in VIEWS) ? [[table, rule.at] as const] : [],
);

/** How many rows are too old. */
export async function countExpired(
  store: AnalyticsStore,
  tenants: readonly TenantDays[],
  nowUs: number,
): Promise<RowCounts> {
  return inEveryTable(tenants, nowUs, (table, expired) => count(store, table, expired));
}

/** Deletes what is too old, and says how many rows that were. What it cannot delete it throws; what was deleted before stays deleted. */
export async function deleteExpired(
  store: AnalyticsStore,
  tenants: readonly TenantDays[],
  nowUs: number,
): Promise<RowCounts> {
  return inEveryTable(tenants, nowUs, async (table, expired) => {
    const rows = await count(store, table, expired);
    // A deletion rewrites a column of every part it touches, so there is none where nothing is to go.
    if (rows > 0) await store.command(`DELETE FROM assay.${table} WHERE ${expired}`);
    return rows;
  });
}

async function count(store: AnalyticsStore, table: string, condition: string): Promise<number> {
  const [row] = await store.query<{ rows: number }>(
    `SELECT toFloat64(count()) AS rows FROM assay.${table} WHERE ${condition}`,
  );
  return row!.rows;
}

/** One table after the other, so that the store is never asked for more than one of these. */
async function inEveryTable(
  tenants: readonly TenantDays[],
  nowUs: number,
  rowsOf: (table: string, expired: string) => Promise<number>,
): Promise<RowCounts> {
  const counts: Record<string, number> = {};
  for (const [table, at] of AGED)
    for (let from = 0; from < tenants.length; from += TENANTS_PER_STATEMENT) {
      const expired = expiredCondition(tenants.slice(from, from + TENANTS_PER_STATEMENT), at, nowUs);
      const rows = expired === undefined ? 0 : await rowsOf(table, expired);
      if (rows > 0) counts[table] = (counts[table] ?? 0) + rows;
    }
  return counts;
}

/** By tenant first, since the tables are in that order. Undefined where nothing can be that old. */
function expiredCondition(tenants: readonly TenantDays[], at: string, nowUs: number): string | undefined {
  const byDays = new Map<number, string[]>();
  for (const { tenant, days } of tenants) byDays.set(days, [...(byDays.get(days) ?? []), quoted(tenant)]);
  const conditions = [...byDays].flatMap(([days, names]) => {
    const cutSeconds = Math.floor(nowUs / 1e6) - days * DAY_SECONDS;
    return cutSeconds <= 0 ? [] : [`(tenant IN (${names.join(', ')}) AND ${at} < toDateTime(${cutSeconds}, 'UTC'))`];
  });
  return conditions.length === 0 ? undefined : conditions.join(' OR ');
}
