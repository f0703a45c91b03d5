// A GraphQL gateway of the cluster setting, wired: it reads ClickHouse, the live state in Redis, and from Kafka who may ask. Any number of them,
// behind one address.
import { hostname } from 'node:os';
import { createClickHouseStore } from '@assay/adapter-clickhouse';
import { openKafkaEventLog } from '@assay/adapter-kafka';
import { openRedisLiveState } from '@assay/adapter-redis';
import { ControlLog, FED_CHANGES } from '@assay/control-log';
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
import { AlertLog } from './alerts/alert-log.ts';
import { graphqlGatewaySettings } from './config.ts';
import { startGraphqlGateway } from './gateway.ts';
import { sourcesReadiness } from './sources-readiness.ts';

export async function composeGraphqlGateway(process: ServiceProcess): Promise<Pick<RunningService, 'ready'>> {
  const { env, clock, logger, registry, lifecycle, readiness, metricsText } = process;
  const config = parseSettings(graphqlGatewaySettings, env);
  const clickHouse = parseSettings(clickHouseSettings, env);
  const redis = parseSettings(redisSettings, env);
  const kafka = kafkaConnection(parseSettings(kafkaSettings, env));
  const sealer = new Sealer(parseSettings(secretsSettings, env).keys);
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
  const live = watchLiveState(redisState, registry, clock);
  const log = await lifecycle.start(
    'event log',
    () => openKafkaEventLog({ ...kafka, clientId: `assay-graphql-gateway-${hostname()}`, clock, onWarning }),
    (part) => part.close(),
  );
  registerKafkaMetrics(registry, () => log.stats());
  // Not waited for: it is read as soon as Kafka is there, and until then nobody is let in.
  const control = await lifecycle.start(
    'control log',
    async () =>
      new ControlLog({
        log,
        snapshots: {},
        fedChanges: FED_CHANGES,
        onWarning: (message, error) => logger.warn({ err: error }, message),
      }),
    async (part) => part.close(),
  );
  const alerts = await lifecycle.start(
    'alerts',
    async () => new AlertLog({ log, onWarning: (message, error) => logger.warn({ err: error }, message) }),
    async (part) => part.close(),
  );
  const gateway = await lifecycle.start(
    'graphql gateway',
    () =>
      startGraphqlGateway(config, {
        store,
        live,
        control,
        alerts,
        sealer,
        clock,
        logger,
        registry,
        readiness,
        metricsText,
      }),
    (part) => part.stop(),
  );
  void control.caughtUp().then(() => {
    if (gateway.setupUrl() === undefined) return;
    logger.warn(
      'The pool has no users: whoever reaches it may do everything. Make the first one: npm run user -- create',
    );
  });
  return { ready: sourcesReadiness({ gateway, store, live, control, clock }) };
}
