// The embedded setting, wired: what the pool in one process is made of, in the order in which it starts; it stops in reverse.
// Which adapters these are is known here, and to the gateway's own thread (gateway-thread.ts), which opens the same log.
import { mkdirSync } from 'node:fs';
import { setPriority } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClickHouseStore } from '@assay/adapter-clickhouse';
import { openLmdbEventLog } from '@assay/adapter-lmdb';
import { MemoryLiveState } from '@assay/adapter-memory';
import { aggregatorSettings, startAggregator } from '@assay/aggregator';
import { alerterSettings, startAlerter } from '@assay/alerter';
import { ControlLog, FED_CHANGES } from '@assay/control-log';
import { startEmbeddedClickHouse, type ReaderByPassword } from '@assay/embedded-clickhouse';
import { topicSpecs } from '@assay/event-log';
import { AlertLog, graphqlGatewaySettings, sqlReaders, startGraphqlGateway } from '@assay/graphql-gateway';
import { systemClock } from '@assay/kernel';
import { prepareStore, RetentionSweep, retentionSettings } from '@assay/migrator';
import {
  createLogger,
  joinMetrics,
  Lifecycle,
  mergeReadyReports,
  observabilitySettings,
  parseSettings,
  refuseUnknownSettings,
  registerProcessMetrics,
  registerReadyMetrics,
  Registry,
  Sealer,
  secretsKeyFile,
  secretsSettings,
  startTracer,
  watchLiveState,
  type ReadyReport,
  type RunningService,
} from '@assay/platform';
import { gatewaySettings } from '@assay/stratum-gateway';
import { startValidator, validatorSettings } from '@assay/validator';
import { standaloneSettings } from './config.ts';
import { startDemo } from './demo.ts';
import { startGatewayInThread } from './gateway-in-thread.ts';
import { lastDifficulties } from './last-difficulties.ts';
import { registerLogMetrics } from './log-metrics.ts';
import { parseOptions } from './options.ts';

export interface StandalonePool {
  readonly host: string;
  readonly stratumPort: number;
  readonly httpPort: number;
  readonly clickHousePort: number;
  readonly dataDir: string;
  readonly demo: boolean;
  readonly minimumDifficulty: number;
  /** Where the first user is made, as long as there is none. */
  readonly setupUrl: string | undefined;
  stop(): Promise<void>;
}

/** Every settings table of the standalone: together they are all the ASSAY_ variables there are. */
export const ALL_SETTINGS = [
  standaloneSettings,
  retentionSettings,
  gatewaySettings,
  validatorSettings,
  aggregatorSettings,
  graphqlGatewaySettings,
  alerterSettings,
  secretsSettings,
  observabilitySettings,
];

const PARTITIONS = 1;
/** Between the gateway's thread, which has 0, and the ClickHouse engine, which has 10. */
const MAIN_THREAD_NICENESS = 5;
const DASHBOARD_DIR = fileURLToPath(new URL('../../dashboard/dist/', import.meta.url));

/**
 * What the main thread does can wait, answers to miners cannot. On Linux a priority is the calling thread's own and of threads it begins, so
 * the gateway's thread, which runs already, keeps its; elsewhere it would be the whole process's.
 */
function yieldToGateway(): void {
  if (process.platform === 'linux') setPriority(MAIN_THREAD_NICENESS);
}

/** Starts the whole pool. Rejects, with everything let go of, when a part cannot start. `onCrash` is told when a part dies later. */
export async function startStandalone(
  env: NodeJS.ProcessEnv,
  args: readonly string[],
  onCrash: (error: Error) => void,
): Promise<StandalonePool> {
  const { demo } = parseOptions(args);
  refuseUnknownSettings(env, ALL_SETTINGS);
  const settings = parseSettings(standaloneSettings, env);
  const graphqlConfig = parseSettings(graphqlGatewaySettings, env);
  const { host, logLevel } = settings;
  const dataDir = resolve(settings.dataDir);
  const logDir = join(dataDir, 'log');
  const givenToGateway = parseSettings(gatewaySettings, env);
  const gatewayConfig = { ...givenToGateway, stratumTlsDir: givenToGateway.stratumTlsDir || join(dataDir, 'tls') };
  mkdirSync(logDir, { recursive: true });

  const loggerOf = (service: string) => createLogger(service, logLevel);
  const lifecycle = new Lifecycle(loggerOf('standalone'));
  const registry = new Registry();
  const observability = parseSettings(observabilitySettings, env);
  registerProcessMetrics(registry, 'standalone', observability.buildCommit);
  const clock = systemClock;
  const services: Record<string, RunningService> = {};
  const serve = async <T extends RunningService>(name: string, start: () => Promise<T>): Promise<T> => {
    const service = await lifecycle.start(name, start, (part) => part.stop());
    services[name] = service;
    return service;
  };
  const ready = async (): Promise<ReadyReport> => {
    const reports = Object.entries(services).map(async ([name, service]) => [name, await service.ready()] as const);
    return mergeReadyReports(Object.fromEntries(await Promise.all(reports)));
  };
  registerReadyMetrics(registry, ready);

  const tracer = await lifecycle.start(
    'traces',
    () => startTracer(observability, { service: 'standalone', logger: loggerOf('traces'), registry }),
    (part) => part.stop(),
  );
  // Nobody reads with SQL before it is known who may.
  let sqlReader: ReaderByPassword = () => undefined;
  const clickHouse = await lifecycle.start(
    'embedded clickhouse',
    () =>
      startEmbeddedClickHouse({
        dataDir: join(dataDir, 'clickhouse'),
        host,
        port: settings.clickHousePort,
        users: {
          outside: { username: settings.clickHouseUser, password: settings.clickHousePassword, databases: ['assay'] },
        },
        readers: (password) => sqlReader(password),
        logger: loggerOf('embedded-clickhouse'),
      }),
    (part) => part.close(),
  );
  const store = await lifecycle.start(
    'analytics store',
    async () =>
      createClickHouseStore({ url: clickHouse.url, username: clickHouse.username, password: clickHouse.password }),
    (part) => part.close(),
  );
  await prepareStore(store, parseSettings(retentionSettings, env));
  const log = await lifecycle.start(
    'event log',
    () => openLmdbEventLog({ dir: logDir, clock, onWarning: (message) => loggerOf('event-log').warn(message) }),
    (part) => part.close(),
  );
  registerLogMetrics(registry, 'assay_event_log', log);
  await log.ensureTopics(topicSpecs(PARTITIONS));
  const control = await lifecycle.start(
    'control log',
    async () =>
      new ControlLog({
        log,
        snapshots: {},
        fedChanges: FED_CHANGES,
        onWarning: (message, error) => loggerOf('control-log').warn({ err: error }, message),
      }),
    async (part) => part.close(),
  );
  await control.caughtUp();
  await lifecycle.start(
    'retention of tenants',
    async () => new RetentionSweep({ store, control, clock, logger: loggerOf('retention'), registry }),
    (part) => part.stop(),
  );
  sqlReader = sqlReaders({ control, clock });
  const { keys } = parseSettings(secretsSettings, env);
  const sealer = new Sealer(keys.length > 0 ? keys : [secretsKeyFile(join(dataDir, 'secrets.key'))]);
  const liveState = await lifecycle.start(
    'live state',
    async () =>
      new MemoryLiveState({
        clock,
        onListenerError: (error) => loggerOf('live-state').error({ err: error }, 'a subscriber to live changes failed'),
      }),
    (part) => part.close(),
  );
  const live = watchLiveState(liveState, registry, clock);

  await serve('aggregator', () =>
    startAggregator(parseSettings(aggregatorSettings, env), {
      log,
      store,
      live,
      clock,
      logger: loggerOf('aggregator'),
      registry,
      tracer,
    }),
  );
  await serve('validator', () =>
    startValidator(parseSettings(validatorSettings, env), {
      log,
      clock,
      logger: loggerOf('validator'),
      registry,
      tracer,
    }),
  );
  const difficulties = await lastDifficulties(live, clock);
  const gateway = await serve('stratum-gateway', () =>
    startGatewayInThread(
      {
        config: gatewayConfig,
        logDir,
        logLevel,
        traces: observability,
        lastDifficulties: difficulties,
      },
      onCrash,
    ),
  );
  const alerts = await lifecycle.start(
    'alerts',
    async () =>
      new AlertLog({ log, onWarning: (message, error) => loggerOf('graphql-gateway').warn({ err: error }, message) }),
    async (part) => part.close(),
  );
  const graphql = await serve('graphql-gateway', () =>
    startGraphqlGateway(
      { ...graphqlConfig, dashboardDir: graphqlConfig.dashboardDir || DASHBOARD_DIR, stratumPort: gateway.port, demo },
      {
        store,
        live,
        control,
        alerts,
        sealer,
        clock,
        logger: loggerOf('graphql-gateway'),
        registry,
        readiness: ready,
        metricsText: async () => joinMetrics(await Promise.all([registry.metrics(), gateway.metrics()])),
      },
    ),
  );
  await serve('alerter', () =>
    startAlerter(parseSettings(alerterSettings, env), {
      log,
      store,
      live,
      control,
      sealer,
      clock,
      logger: loggerOf('alerter'),
      registry,
      random: Math.random,
    }),
  );
  if (demo)
    await lifecycle.start(
      'demo farm',
      () => startDemo({ host: '127.0.0.1', port: gateway.port }, onCrash),
      (part) => part.stop(),
    );

  yieldToGateway();
  return {
    host,
    stratumPort: gateway.port,
    httpPort: graphql.port,
    clickHousePort: clickHouse.port,
    dataDir,
    demo,
    minimumDifficulty: gatewayConfig.minDifficulty,
    setupUrl: graphql.setupUrl(),
    stop: () => lifecycle.stop(),
  };
}
