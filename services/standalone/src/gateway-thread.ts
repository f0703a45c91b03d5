// The stratum gateway in a thread of its own, so that nothing else shares its event loop (docs/adr/0002).
// It shares only the log on disk with the rest of the pool.
import 'reflect-metadata';
import { parentPort, workerData } from 'node:worker_threads';
import { openLmdbEventLog } from '@assay/adapter-lmdb';
import { assert, systemClock } from '@assay/kernel';
import {
  createLogger,
  Lifecycle,
  registerThreadMetrics,
  Registry,
  serveCalls,
  startTracer,
  type LogLevel,
  type observabilitySettings,
  type SettingsOf,
} from '@assay/platform';
import { startStratumGateway, type GatewayConfig } from '@assay/stratum-gateway';
import { registerLogMetrics } from './log-metrics.ts';

export interface GatewayThreadInput {
  readonly config: GatewayConfig;
  readonly logDir: string;
  readonly logLevel: LogLevel;
  /** Where each worker's difficulty stood when the pool last ran. */
  readonly lastDifficulties: ReadonlyMap<string, number>;
  readonly traces: Pick<SettingsOf<typeof observabilitySettings>, 'otlpUrl' | 'traceSample'>;
}

assert(parentPort, 'the gateway thread needs a parent');
const { config, logDir, logLevel, lastDifficulties, traces } = workerData as GatewayThreadInput;
const logger = createLogger('stratum-gateway', logLevel);
const registry = new Registry();
const lifecycle = new Lifecycle(logger);

const log = await lifecycle.start(
  'event log',
  () => openLmdbEventLog({ dir: logDir, clock: systemClock, onWarning: (message) => logger.warn(message) }),
  (part) => part.close(),
);
registerThreadMetrics(registry, 'stratum-gateway');
registerLogMetrics(registry, 'assay_gateway_event_log', log);
// Only a call starts the gateway, so that a failure to start reaches the caller as the answer to that call.
let gateway: Awaited<ReturnType<typeof startStratumGateway>> | undefined;

serveCalls(parentPort, {
  start: async () => {
    const tracer = await lifecycle.start(
      'traces',
      () => startTracer(traces, { service: 'stratum-gateway', logger, registry }),
      (part) => part.stop(),
    );
    gateway = await lifecycle.start(
      'stratum gateway',
      () =>
        startStratumGateway(config, {
          log,
          clock: systemClock,
          logger,
          registry,
          tracer,
          lastDifficulty: (worker) => lastDifficulties.get(worker),
        }),
      (part) => part.stop(),
    );
    return { port: gateway.port };
  },
  ready: async () => gateway?.ready(),
  metrics: () => registry.metrics(),
  stop: async () => {
    await lifecycle.stop();
    // After the answer to this call has gone out.
    setImmediate(() => parentPort?.close());
  },
});
