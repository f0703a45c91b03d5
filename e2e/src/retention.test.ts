// A retention that was changed in the settings reaches the tables that already exist.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClickHouseStore } from '@assay/adapter-clickhouse';
import { applyRetention, loadMigrations, migrate, type RetentionDays } from '@assay/analytics';
import { startEmbeddedClickHouse } from '@assay/embedded-clickhouse';
import { expect, it } from 'vitest';

const DAYS: RetentionDays = {
  shares_ttl_days: 90,
  rollup_1m_ttl_days: 90,
  rollup_1h_ttl_days: 1100,
  rollup_1d_ttl_days: 3650,
  events_ttl_days: 365,
};

it('changes the tables whose retention differs, and no others', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'assay-retention-'));
  const clickHouse = await startEmbeddedClickHouse({ dataDir, port: 0 });
  const store = createClickHouseStore(clickHouse);
  try {
    await migrate(store, await loadMigrations(), { ...DAYS });
    expect(await applyRetention(store, DAYS)).toEqual([]);
    const longer = { ...DAYS, shares_ttl_days: 30, events_ttl_days: 700 };
    expect(await applyRetention(store, longer)).toEqual([
      'events',
      'jobs',
      'shares',
      'upstream_jobs',
      'upstream_shares',
    ]);
    expect(await applyRetention(store, longer)).toEqual([]);
    await store.command(
      "INSERT INTO assay.shares (worker, submitted_at) VALUES ('old', now() - INTERVAL 31 DAY), ('new', now())",
    );
    await store.command('OPTIMIZE TABLE assay.shares FINAL');
    expect(await store.query('SELECT worker FROM assay.shares')).toEqual([{ worker: 'new' }]);
  } finally {
    await store.close();
    await clickHouse.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
});
