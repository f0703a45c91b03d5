// Brings ClickHouse to this build's schema and gives every table its retention. Safe to run twice, and by several at once.
import { applyRetention, loadMigrations, migrate, type AnalyticsStore, type RetentionDays } from '@assay/analytics';
import type { SettingsOf } from '@assay/platform';
import type { retentionSettings } from './config.ts';

/** Resolves with the names of the migrations it applied. Throws AnalyticsError, or an Error that names the migration that is not ours. */
export async function prepareStore(
  store: AnalyticsStore,
  settings: SettingsOf<typeof retentionSettings>,
): Promise<string[]> {
  const days: RetentionDays = {
    shares_ttl_days: settings.sharesTtlDays,
    rollup_1m_ttl_days: settings.rollup1mTtlDays,
    rollup_1h_ttl_days: settings.rollup1hTtlDays,
    rollup_1d_ttl_days: settings.rollup1dTtlDays,
    events_ttl_days: settings.eventsTtlDays,
  };
  const applied = await migrate(store, await loadMigrations(), { ...days });
  await applyRetention(store, days);
  return applied;
}
