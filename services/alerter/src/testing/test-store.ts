// A migrated ClickHouse of a test's own: the embedded one, in a directory that goes with it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClickHouseStore } from '@assay/adapter-clickhouse';
import { loadMigrations, migrate, type AnalyticsStore } from '@assay/analytics';
import { startEmbeddedClickHouse } from '@assay/embedded-clickhouse';

export interface TestStore {
  readonly store: AnalyticsStore;
  stop(): Promise<void>;
}

export async function startTestStore(): Promise<TestStore> {
  const dataDir = await mkdtemp(join(tmpdir(), 'assay-alerter-'));
  const server = await startEmbeddedClickHouse({ dataDir, port: 0, fsync: false });
  const store = createClickHouseStore({ url: server.url, username: server.username, password: server.password });
  await migrate(store, await loadMigrations(), {
    shares_ttl_days: 10_000,
    rollup_1m_ttl_days: 10_000,
    rollup_1h_ttl_days: 10_000,
    rollup_1d_ttl_days: 10_000,
    events_ttl_days: 10_000,
  });
  return {
    store,
    stop: async () => {
      await store.close();
      await server.close();
      await rm(dataDir, { recursive: true });
    },
  };
}
