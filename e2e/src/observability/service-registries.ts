// The registry of every service as it is when the service runs, for holding the documentation, the alert rules and the dashboards to
// what there is. The services are started on the embedded log; no ClickHouse answers them, which changes nothing of what they register.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClickHouseStore } from '@assay/adapter-clickhouse';
import { openKafkaEventLog } from '@assay/adapter-kafka';
import { openLmdbEventLog, openLmdbSpool } from '@assay/adapter-lmdb';
import { MemoryLiveState } from '@assay/adapter-memory';
import { aggregatorSettings, startAggregator } from '@assay/aggregator';
import { alerterSettings, startAlerter } from '@assay/alerter';
import { ControlLog } from '@assay/control-log';
import { topicSpecs } from '@assay/event-log';
import { AlertLog, graphqlGatewaySettings, startGraphqlGateway } from '@assay/graphql-gateway';
import { systemClock } from '@assay/kernel';
import {
  Lifecycle,
  parseSettings,
  registerKafkaMetrics,
  readyReport,
  registerProcessMetrics,
  registerReadyMetrics,
  Registry,
  Sealer,
  silentLogger,
  startTracer,
  watchLiveState,
} from '@assay/platform';
import { registerLogMetrics } from '@assay/standalone';
import { gatewaySettings, startStratumGateway } from '@assay/stratum-gateway';
import { startValidator, validatorSettings } from '@assay/validator';

/** Something listens there on no machine. */
const NOBODY = 'http://127.0.0.1:9';

export interface MetricDoc {
  readonly name: string;
  readonly type: string;
  readonly labels: readonly string[];
  readonly help: string;
}

/** Every metric there is, by the part of the system that has it. */
export async function serviceMetrics(): Promise<ReadonlyMap<string, readonly MetricDoc[]>> {
  const dir = await mkdtemp(join(tmpdir(), 'assay-registries-'));
  const lifecycle = new Lifecycle(silentLogger);
  const registries = new Map<string, Registry>();
  const registryOf = (part: string): Registry => {
    const registry = new Registry();
    registries.set(part, registry);
    return registry;
  };
  const clock = systemClock;
  const logger = silentLogger;
  try {
    const log = await lifecycle.start(
      'log',
      () => openLmdbEventLog({ dir: join(dir, 'log'), clock }),
      (part) => part.close(),
    );
    await log.ensureTopics(topicSpecs(1));
    const spool = await lifecycle.start(
      'spool',
      () => openLmdbSpool({ dir: join(dir, 'spool'), clock, maxBytes: 2 ** 24 }),
      (part) => part.close(),
    );
    const store = await lifecycle.start(
      'store',
      async () => createClickHouseStore({ url: NOBODY, username: 'nobody', password: '' }),
      (part) => part.close(),
    );
    const live = new MemoryLiveState({ clock });
    const every = registryOf('Every process');
    registerProcessMetrics(every, 'any', '');
    const kafka = await lifecycle.start(
      'kafka',
      () => openKafkaEventLog({ brokers: ['127.0.0.1:9'], clientId: 'registries', clock }),
      (part) => part.close(),
    );
    registerKafkaMetrics(registryOf('Kafka, in services of the cluster setting'), () => kafka.stats());
    watchLiveState(live, registryOf('Live state'), clock);
    registerReadyMetrics(every, async () => readyReport({}));
    await lifecycle.start(
      'traces',
      () => startTracer({ otlpUrl: NOBODY, traceSample: 0 }, { service: 'any', logger, registry: every }),
      (part) => part.stop(),
    );
    const ports = (part: string) => ({ log, store, live, clock, logger, registry: registryOf(part) });
    await lifecycle.start(
      'gateway',
      () =>
        startStratumGateway(
          { ...parseSettings(gatewaySettings, {}), stratumPort: 0 },
          { ...ports('Stratum gateway'), spool },
        ),
      (part) => part.stop(),
    );
    await lifecycle.start(
      'validator',
      () => startValidator(parseSettings(validatorSettings, {}), ports('Validator')),
      (part) => part.stop(),
    );
    await lifecycle.start(
      'aggregator',
      () => startAggregator(parseSettings(aggregatorSettings, {}), ports('Aggregator')),
      (part) => part.stop(),
    );
    const control = await lifecycle.start(
      'control',
      async () => new ControlLog({ log, onWarning: () => undefined }),
      async (part) => part.close(),
    );
    const alerts = await lifecycle.start(
      'alerts',
      async () => new AlertLog({ log, onWarning: () => undefined }),
      async (part) => part.close(),
    );
    await lifecycle.start(
      'graphql',
      () =>
        startGraphqlGateway(
          { ...parseSettings(graphqlGatewaySettings, {}), httpPort: 0 },
          {
            ...ports('GraphQL gateway'),
            control,
            alerts,
            sealer: new Sealer([]),
            readiness: async () => readyReport({}),
            metricsText: async () => '',
          },
        ),
      (part) => part.stop(),
    );
    await lifecycle.start(
      'alerter',
      () =>
        startAlerter(parseSettings(alerterSettings, {}), {
          ...ports('Alerter'),
          control,
          sealer: new Sealer([]),
          random: Math.random,
        }),
      (part) => part.stop(),
    );
    const standalone = registryOf('Standalone');
    registerLogMetrics(standalone, 'assay_event_log', log);
    registerLogMetrics(standalone, 'assay_gateway_event_log', log);
    return new Map([...registries].map(([part, registry]) => [part, described(registry)]));
  } finally {
    await lifecycle.stop();
    await rm(dir, { recursive: true });
  }
}

function described(registry: Registry): MetricDoc[] {
  const metrics = registry.getMetricsAsArray() as unknown as readonly {
    readonly name: string;
    readonly help: string;
    readonly type?: string;
    readonly labelNames?: readonly string[];
  }[];
  return metrics.map((metric) => {
    const { name, help, labelNames = [] } = metric;
    return { name, help, labels: labelNames, type: metric.type ?? metric.constructor.name.toLowerCase() };
  });
}
