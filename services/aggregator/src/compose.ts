// An aggregator of the cluster setting, wired: Kafka, ClickHouse and the live state in Redis. Any number of them share the partitions.
import { hostname } from 'node:os';
import { createClickHouseStore } from '@assay/adapter-clickhouse';
import { openKafkaEventLog } from '@assay/adapter-kafka';
import { openRedisLiveState } from '@assay/adapter-redis';
import { loadMigrations, requireMigrated } from '@assay/analytics';
import { TOPIC } from '@assay/event-log';
import {
  clickHouseSettings,
  kafkaConnection,
  kafkaSettings,
  parseSettings,
  redisSettings,
  registerKafkaMetrics,
  watchLiveState,
  type RunningService,
  type ServiceProcess,
} from '@assay/platform';
import { aggregatorSettings } from './config.ts';
import { startAggregator } from './start-aggregator.ts';

const TOPICS = [
  TOPIC.sharesVerified,
  TOPIC.workerEvents,
  TOPIC.upstreamShares,
  TOPIC.workerLatencies,
  TOPIC.sharesDead,
];

export async function composeAggregator(process: ServiceProcess): Promise<RunningService> {
  const { env, clock, logger, registry, tracer, drainMs, lifecycle, untilThere } = process;
  const config = parseSettings(aggregatorSettings, env);
  const kafka = kafkaConnection(parseSettings(kafkaSettings, env));
  const clickHouse = parseSettings(clickHouseSettings, env);
  const redis = parseSettings(redisSettings, env);
  const onWarning = (message: string): void => logger.warn(message);

  const store = await lifecycle.start(
    'analytics store',
    async () => createClickHouseStore(clickHouse),
    (part) => part.close(),
  );
  const redisState = await lifecycle.start(
    'live state',
    () => openRedisLiveState({ ...redis, clock, onWarning }),
    (part) => part.close(),
  );
  const log = await lifecycle.start(
    'event log',
    () => openKafkaEventLog({ ...kafka, clientId: `assay-aggregator-${hostname()}`, clock, onWarning }),
    (part) => part.close(),
  );
  registerKafkaMetrics(registry, () => log.stats());
  const live = watchLiveState(redisState, registry, clock);
  const migrations = await loadMigrations();
  await untilThere('ClickHouse', () => requireMigrated(store, migrations));
  await untilThere('Kafka', () => Promise.all(TOPICS.map((topic) => log.partitions(topic))));
  return lifecycle.start(
    'aggregator',
    () => startAggregator(config, { log, store, live, clock, logger, registry, tracer, drainMs }),
    (part) => part.stop(),
  );
}
