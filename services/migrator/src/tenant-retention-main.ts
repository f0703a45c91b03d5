// npm run tenant-retention: deletes from a ClickHouse server what tenants no longer want kept; see --help.
import { createClickHouseStore } from '@assay/adapter-clickhouse';
import { countExpired, deleteExpired } from '@assay/analytics';
import { systemClock } from '@assay/kernel';
import { clickHouseSettings, parseSettings } from '@assay/platform';
import { runTool } from './cluster-tool.ts';
import { tenantDays } from './tenant-retention/tenant-days.ts';

const HELP = `npm run tenant-retention             prints how many rows of each table are older than their tenant's retentionDays
npm run tenant-retention -- --apply  deletes them

To be run once a day, as the CronJob in k8s/migrator does; a pool started by npm start does it by itself. Kafka and ClickHouse are found by the
settings of the services; ClickHouse's user must have ALTER DELETE. See docs/control.md.
`;

runTool('tenant-retention', HELP, async ({ control, env, apply }) => {
  const store = createClickHouseStore(parseSettings(clickHouseSettings, env));
  try {
    const tenants = tenantDays(control.state);
    const rows = await (apply ? deleteExpired : countExpired)(store, tenants, systemClock.nowUs());
    const total = Object.values(rows).reduce((sum, count) => sum + count, 0);
    for (const [table, count] of Object.entries(rows)) process.stdout.write(`${table}: ${count}\n`);
    process.stdout.write(`${total} rows of ${tenants.length} tenants ${apply ? 'were deleted' : 'are too old'}\n`);
  } finally {
    await store.close();
  }
});
