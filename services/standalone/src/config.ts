// Settings of the standalone itself; those of the services inside it are parsed from their own tables.
import { defineSettings, setting, whole, type LogLevel } from '@assay/platform';
import { z } from 'zod';

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const satisfies readonly LogLevel[];

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
  sharesTtlDays: setting(
    'ASSAY_SHARES_TTL_DAYS',
    whole(1, 20_000),
    90,
    'Days that single shares and their jobs are kept.',
  ),
  rollup1mTtlDays: setting(
    'ASSAY_ROLLUP_1M_TTL_DAYS',
    whole(1, 20_000),
    90,
    'Days that rollups by the minute are kept.',
  ),
  rollup1hTtlDays: setting(
    'ASSAY_ROLLUP_1H_TTL_DAYS',
    whole(1, 20_000),
    1100,
    'Days that rollups by the hour are kept.',
  ),
  rollup1dTtlDays: setting(
    'ASSAY_ROLLUP_1D_TTL_DAYS',
    whole(1, 20_000),
    3650,
    'Days that rollups by the day are kept.',
  ),
  eventsTtlDays: setting('ASSAY_EVENTS_TTL_DAYS', whole(1, 20_000), 365, 'Days that worker events are kept.'),
  logLevel: setting('ASSAY_LOG_LEVEL', z.enum(LEVELS), 'warn', `Least severe log lines written: ${LEVELS.join(', ')}.`),
});
