// The migrator, wired: what a cluster runs before its services, and again with every new version.
import { createClickHouseStore } from '@assay/adapter-clickhouse';
import { openKafkaEventLog } from '@assay/adapter-kafka';
import { topicSpecs } from '@assay/event-log';
import { clickHouseSettings, kafkaConnection, kafkaSettings, parseSettings, type TaskProcess } from '@assay/platform';
import { migratorSettings, retentionSettings } from './config.ts';
import { prepareStore } from './prepare-store.ts';

const HOUR_US = 3_600_000_000;
const GIB = 2 ** 30;

/** Creates the topics and the tables. Rejects when Kafka or ClickHouse is not there within the time set, or refuses. */
export async function runMigrator({ env, clock, logger, waits }: TaskProcess): Promise<void> {
  const settings = parseSettings(migratorSettings, env);
  const retention = parseSettings(retentionSettings, env);
  const kafka = kafkaConnection(parseSettings(kafkaSettings, env));
  const clickHouse = parseSettings(clickHouseSettings, env);
  const { migrateSeconds, partitions, replication } = settings;
  const waiting = waits(AbortSignal.timeout(migrateSeconds * 1000));

  const log = await openKafkaEventLog({
    ...kafka,
    clientId: 'assay-migrator',
    clock,
    replicationFactor: replication,
    onWarning: (message) => logger.warn(message),
  });
  const store = createClickHouseStore(clickHouse);
  try {
    const specs = topicSpecs(partitions, {
      bytes: settings.retentionGib * GIB,
      us: settings.retentionHours * HOUR_US,
    });
    await waiting.untilThere('Kafka', () => log.ensureTopics(specs));
    logger.info({ topics: specs.map(({ name }) => name), partitions }, 'the topics are there');
    const applied = await waiting.untilThere('ClickHouse', () => prepareStore(store, retention));
    logger.info({ applied }, 'the tables are there');
  } finally {
    await Promise.all([log.close(), store.close()]);
  }
}
