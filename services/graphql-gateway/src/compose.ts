// A GraphQL gateway of the cluster setting, wired: it reads ClickHouse and the live state in Redis. Any number of them, behind one address.
import { createClickHouseStore } from '@assay/adapter-clickhouse';
import { openRedisLiveState } from '@assay/adapter-redis';
import {
  clickHouseSettings,
  parseSettings,
  redisSettings,
  watchLiveState,
  type RunningService,
  type ServiceProcess,
} from '@assay/platform';
import { graphqlGatewaySettings } from './config.ts';
import { startGraphqlGateway } from './gateway.ts';
import { sourcesReadiness } from './sources-readiness.ts';

export async function composeGraphqlGateway(process: ServiceProcess): Promise<Pick<RunningService, 'ready'>> {
  const { env, clock, logger, registry, lifecycle, readiness, metricsText } = process;
  const config = parseSettings(graphqlGatewaySettings, env);
  const clickHouse = parseSettings(clickHouseSettings, env);
  const redis = parseSettings(redisSettings, env);

  const store = await lifecycle.start(
    'analytics store',
    async () => createClickHouseStore(clickHouse),
    (part) => part.close(),
  );
  const redisState = await lifecycle.start(
    'live state',
    () => openRedisLiveState({ ...redis, clock, onWarning: (message) => logger.warn(message) }),
    (part) => part.close(),
  );
  const live = watchLiveState(redisState, registry, clock);
  const gateway = await lifecycle.start(
    'graphql gateway',
    () => startGraphqlGateway(config, { store, live, clock, logger, registry, readiness, metricsText }),
    (part) => part.stop(),
  );
  return { ready: sourcesReadiness({ gateway, store, live, clock }) };
}
