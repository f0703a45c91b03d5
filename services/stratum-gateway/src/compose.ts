// A stratum gateway of the cluster setting, wired: Kafka for shares, a spool on its own disk for when Kafka is away, and the live state in
// Redis for the difficulties workers had. It waits for neither server: miners are served from the first moment on.
import { hostname } from 'node:os';
import { openKafkaEventLog } from '@assay/adapter-kafka';
import { openLmdbSpool } from '@assay/adapter-lmdb';
import { openRedisLiveState } from '@assay/adapter-redis';
import {
  kafkaConnection,
  kafkaSettings,
  parseSettings,
  redisSettings,
  registerKafkaMetrics,
  watchLiveState,
  type RunningService,
  type ServiceProcess,
} from '@assay/platform';
import { gatewayProcessSettings, gatewaySettings } from './config.ts';
import { startKnownDifficulties } from './miners/known-difficulties.ts';
import { startStratumGateway } from './stratum-gateway.ts';

export async function composeStratumGateway(process: ServiceProcess): Promise<RunningService> {
  const { env, clock, logger, registry, tracer, lifecycle } = process;
  const config = { ...parseSettings(gatewaySettings, env), ...parseSettings(gatewayProcessSettings, env) };
  const kafka = kafkaConnection(parseSettings(kafkaSettings, env));
  const redis = parseSettings(redisSettings, env);
  const onWarning = (message: string): void => logger.warn(message);

  const spool = await lifecycle.start(
    'spool',
    () => openLmdbSpool({ dir: config.spoolDir, maxBytes: config.spoolMaxBytes, clock, onWarning }),
    (part) => part.close(),
  );
  const log = await lifecycle.start(
    'event log',
    () => openKafkaEventLog({ ...kafka, clientId: `assay-${config.gatewayName}-${hostname()}`, clock, onWarning }),
    (part) => part.close(),
  );
  registerKafkaMetrics(registry, () => log.stats());
  const redisState = await lifecycle.start(
    'live state',
    () => openRedisLiveState({ ...redis, clock, onWarning }),
    (part) => part.close(),
  );
  const live = watchLiveState(redisState, registry, clock);
  const difficulties = await lifecycle.start(
    'known difficulties',
    () => startKnownDifficulties(live, clock, logger),
    async (part) => part.stop(),
  );
  return lifecycle.start(
    'stratum gateway',
    () =>
      startStratumGateway(config, {
        log,
        spool,
        clock,
        logger,
        registry,
        tracer,
        lastDifficulty: (worker) => difficulties.of(worker),
      }),
    (part) => part.stop(),
  );
}
