// Settings of what is prepared before services start: how long rows and records are kept, and how the log is laid out.
import { defineSettings, setting, whole } from '@assay/platform';

/** How long ClickHouse keeps rows; both settings have them. */
export const retentionSettings = defineSettings({
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
});

/** How the topics are laid out in Kafka, and how long the migrator tries. */
export const migratorSettings = defineSettings({
  partitions: setting(
    'ASSAY_PARTITIONS',
    whole(1, 10_000),
    12,
    'Partitions of the share topics, `worker.events`, `worker.latencies` and `upstream.shares`: how many validators, and how many aggregators, can share the work. It can be raised later, not lowered.',
  ),
  replication: setting(
    'ASSAY_KAFKA_REPLICATION',
    whole(1, 100),
    3,
    'Brokers that keep a copy of each record; no more than there are brokers.',
  ),
  retentionHours: setting(
    'ASSAY_KAFKA_RETENTION_HOURS',
    whole(1, 1_000_000),
    72,
    'Hours that Kafka keeps shares. It must be longer than any outage of validators, aggregators or ClickHouse: what is dropped unread is lost.',
  ),
  retentionGib: setting(
    'ASSAY_KAFKA_RETENTION_GIB',
    whole(1, 1_000_000),
    64,
    'GiB of shares that Kafka keeps per partition at most, each copy.',
  ),
  migrateSeconds: setting(
    'ASSAY_MIGRATE_SECONDS',
    whole(1, 86_400),
    300,
    'How long the migrator tries to reach Kafka and ClickHouse; then it ends with status 1.',
  ),
});
