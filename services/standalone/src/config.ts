// Settings of the standalone itself; those of the services inside it are parsed from their own tables.
import { defineSettings, logLevelSetting, setting, whole } from '@assay/platform';
import { z } from 'zod';

export const standaloneSettings = defineSettings({
  dataDir: setting('ASSAY_DATA_DIR', z.string().min(1), './data', 'Directory of the share log and of ClickHouse.'),
  host: setting(
    'ASSAY_HOST',
    z.string().min(1),
    '127.0.0.1',
    'Address every port listens on. `0.0.0.0` lets other machines in.',
  ),
  clickHousePort: setting(
    'ASSAY_CLICKHOUSE_PORT',
    whole(0, 65535),
    8123,
    'TCP port of the ClickHouse HTTP interface; 0 picks a free one.',
  ),
  clickHouseUser: setting(
    'ASSAY_CLICKHOUSE_USER',
    z
      .string()
      .min(1)
      .refine((name) => name !== 'assay', 'this is the name of the pool itself'),
    'default',
    'Read-only user for SQL from outside.',
  ),
  clickHousePassword: setting('ASSAY_CLICKHOUSE_PASSWORD', z.string(), '', 'Its password.'),
  logLevel: logLevelSetting,
});
