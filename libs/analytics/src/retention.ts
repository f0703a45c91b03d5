// How long rows are kept. The migrations give each table its TTL when it is made; a later setting is applied here, at every start.
import type { AnalyticsStore } from './analytics-store.ts';

/** Days that rows are kept; the names are those of the migrations' placeholders. */
export interface RetentionDays {
  readonly shares_ttl_days: number;
  readonly rollup_1m_ttl_days: number;
  readonly rollup_1h_ttl_days: number;
  readonly rollup_1d_ttl_days: number;
  readonly events_ttl_days: number;
}

/** Gives every table the TTL of these days where it has another. Old rows go with the next merges, not at once. Returns the tables changed. */
export async function applyRetention(store: AnalyticsStore, days: RetentionDays): Promise<string[]> {
  const wanted: Readonly<Record<string, string>> = {
    shares: `toDateTime(submitted_at) + toIntervalDay(${days.shares_ttl_days})`,
    // A job outlives the shares that refer to it.
    jobs: `toDateTime(first_seen) + toIntervalDay(${days.shares_ttl_days} + 7)`,
    rollup_1m: `at + toIntervalDay(${days.rollup_1m_ttl_days})`,
    rollup_1h: `at + toIntervalDay(${days.rollup_1h_ttl_days})`,
    site_1m: `at + toIntervalDay(${days.rollup_1m_ttl_days})`,
    site_1h: `at + toIntervalDay(${days.rollup_1h_ttl_days})`,
    latency_1m: `at + toIntervalDay(${days.rollup_1m_ttl_days})`,
    latency_1h: `at + toIntervalDay(${days.rollup_1h_ttl_days})`,
    rollup_1d: `at + toIntervalDay(${days.rollup_1d_ttl_days})`,
    upstream_shares: `toDateTime(submitted_at) + toIntervalDay(${days.shares_ttl_days})`,
    upstream_jobs: `toDateTime(at) + toIntervalDay(${days.shares_ttl_days} + 7)`,
    events: `toDateTime(at) + toIntervalDay(${days.events_ttl_days})`,
  };
  const tables = await store.query<{ name: string; engine_full: string }>(
    `SELECT name, engine_full FROM system.tables WHERE database = 'assay' AND name IN {names:Array(String)} ORDER BY name`,
    { names: Object.keys(wanted) },
  );
  const changed = tables.filter(({ name, engine_full }) => !engine_full.includes(`TTL ${wanted[name]} `));
  for (const { name } of changed) {
    await store.command(
      `ALTER TABLE assay.${name} MODIFY TTL ${wanted[name]} SETTINGS materialize_ttl_after_modify = 0`,
    );
  }
  return changed.map(({ name }) => name);
}
