// An alerter of the cluster setting, wired: Kafka for alerts and the configuration, ClickHouse and the live state in Redis for what miners do.
// Any number of them; one keeps the alerts, the others stand by.
import { hostname } from 'node:os';
import { createClickHouseStore } from '@assay/adapter-clickhouse';
import { openKafkaEventLog } from '@assay/adapter-kafka';
import { openRedisLiveState } from '@assay/adapter-redis';
import { ControlLog } from '@assay/control-log';
import { TOPIC } from '@assay/event-log';
import {
  clickHouseSettings,
  kafkaConnection,
  kafkaSettings,
  parseSettings,
  redisSettings,
  registerKafkaMetrics,
  Sealer,
  secretsSettings,
  watchLiveState,
  type RunningService,
  type ServiceProcess,
} from '@assay/platform';
import { alerterSettings } from './config.ts';
import { startAlerter } from './start-alerter.ts';

const TOPICS = [TOPIC.alerts, TOPIC.control];

export async function composeAlerter(process: ServiceProcess): Promise<RunningService> {
  const { env, clock, logger, registry, drainMs, lifecycle, untilThere } = process;
  const config = parseSettings(alerterSettings, env);
  const kafka = kafkaConnection(parseSettings(kafkaSettings, env));
  const clickHouse = parseSettings(clickHouseSettings, env);
  const redis = parseSettings(redisSettings, env);
  const sealer = new Sealer(parseSettings(secretsSettings, env).keys);
  const onWarning = (message: string): void => logger.warn(message);

  // Neither is waited for: what is owed is told without them, and that they are away is itself told.
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
  const live = watchLiveState(redisState, registry, clock);
  const log = await lifecycle.start(
    'event log',
    () => openKafkaEventLog({ ...kafka, clientId: `assay-alerter-${hostname()}`, clock, onWarning }),
    (part) => part.close(),
  );
  registerKafkaMetrics(registry, () => log.stats());
  await untilThere('Kafka', () => Promise.all(TOPICS.map((topic) => log.partitions(topic))));
  const control = await lifecycle.start(
    'control log',
    async () => new ControlLog({ log, onWarning: (message, error) => logger.warn({ err: error }, message) }),
    async (part) => part.close(),
  );
  return lifecycle.start(
    'alerter',
    () =>
      startAlerter(config, {
        log,
        store,
        live,
        control,
        sealer,
        clock,
        logger,
        registry,
        random: Math.random,
        drainMs,
      }),
    (part) => part.stop(),
  );
}
