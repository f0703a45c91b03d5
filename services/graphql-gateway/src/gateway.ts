// The GraphQL gateway: one HTTP server with /graphql (HTTP and WebSocket), /healthz, /readyz, /metrics and the dashboard.
import 'reflect-metadata';
import type { AnalyticsStore } from '@assay/analytics';
import type { ControlLog } from '@assay/control-log';
import type { Clock } from '@assay/kernel';
import type { LiveState } from '@assay/live-state';
import {
  Lifecycle,
  readyReport,
  type Logger,
  type ReadyReport,
  type Registry,
  type RunningService,
  type Sealer,
} from '@assay/platform';
import { EVERYTHING } from '@assay/tenancy';
import type { LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import type { AlertLog } from './alerts/alert-log.ts';
import type { GraphqlGatewayConfig } from './config.ts';
import { AccountReader } from './accounts/account-reader.ts';
import { NetworkPrices } from './accounts/network-prices.ts';
import { Visibilities } from './access/visibilities.ts';
import { FleetHistory } from './history/fleet-history.ts';
import { authErrors, authRoutes } from './http/auth-routes.ts';
import { boundConnections } from './http/connection-bounds.ts';
import { dashboardFiles } from './http/dashboard-files.ts';
import { startGraphqlHttp } from './http/graphql-http.ts';
import { startGraphqlWebSocket } from './http/graphql-websocket.ts';
import { downloadRoutes } from './http/download-routes.ts';
import { HttpModule } from './http/http.module.ts';
import { refuseUnknownHosts } from './http/known-host.ts';
import { oidcRoutes } from './http/oidc-routes.ts';
import { securityHeaders } from './http/security-headers.ts';
import { createWebSocketOperations } from './http/websocket-operations.ts';
import { Accounts } from './identity/accounts.ts';
import { ConnectionWatch } from './identity/connection-watch.ts';
import { Identity } from './identity/identity.ts';
import { LoginThrottle } from './identity/login-throttle.ts';
import { Login, type LoginPorts } from './identity/login.ts';
import { Oidc } from './identity/oidc.ts';
import { OwnAccount } from './identity/own-account.ts';
import { Passwords } from './identity/passwords.ts';
import { SessionSweep } from './identity/session-sweep.ts';
import { SetupLink } from './identity/setup-link.ts';
import { GatewayMetrics } from './metrics.ts';
import { Admission } from './operation/admission.ts';
import { CostBudget } from './operation/cost-budget.ts';
import { MachineRecord } from './machines/machine-record.ts';
import { Moment } from './operation/moment.ts';
import { knownWorkers } from './queries/known-workers.ts';
import { StoreReader } from './queries/store-reader.ts';
import type { ResolverPorts } from './resolvers/ports.ts';
import { createSchema } from './schema.ts';
import { LiveChanges } from './subscriptions/live-changes.ts';
import { FleetView } from './workers/fleet-view.ts';
import { RememberedOrders } from './workers/remembered-orders.ts';
import { WorkerRegistrar } from './workers/worker-registrar.ts';

export interface GraphqlGatewayPorts {
  readonly store: AnalyticsStore;
  readonly live: LiveState;
  /** What is configured, and who may ask. */
  readonly control: ControlLog;
  /** What alerters found, and what became of it. */
  readonly alerts: AlertLog;
  /** Seals the secrets that stand in the control log; one without keys where nobody has made any. */
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly registry: Registry;
  /** What /readyz answers: of this service alone or of every service in the process. */
  readonly readiness: () => Promise<ReadyReport>;
  /** What /metrics answers, in Prometheus' text format. */
  readonly metricsText: () => Promise<string>;
}

export interface RunningGraphqlGateway extends RunningService {
  /** The port listened on. */
  readonly port: number;
  /** Where a browser on this machine finds the dashboard, e.g. `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Where the first user is made, as long as there is none. */
  readonly setupUrl: () => string | undefined;
}

/** Answers under way get this long to finish when the service stops. */
const DRAIN_MS = 5000;

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** Resolves once it listens. Rejects, with everything let go of, when it cannot (the port is taken, say). */
export async function startGraphqlGateway(
  config: GraphqlGatewayConfig,
  ports: GraphqlGatewayPorts,
): Promise<RunningGraphqlGateway> {
  const { logger } = ports;
  const metrics = new GatewayMetrics(ports.registry);
  const resolverPorts = createResolverPorts(config, ports, metrics);
  const identity = new Identity(ports);
  const loginPorts = createLoginPorts(config, ports);
  const setup = new SetupLink(ports);
  const login = new Login(loginPorts);
  const oidc = Oidc.from(config);
  const schema = createSchema(resolverPorts, {
    control: ports.control,
    clock: ports.clock,
    own: new OwnAccount(loginPorts),
    sealer: ports.sealer,
    publicUrl: config.publicUrl,
  });
  const admission = new Admission(schema, config, new CostBudget(config.costPerMinute), ports.clock);
  const lifecycle = new Lifecycle(logger);

  await lifecycle.start(
    'fleet view',
    async () => resolverPorts.fleet,
    async (part) => part.stop(),
  );
  // Stopped in reverse: sockets first, then the server with the answers under way, then Apollo.
  const graphql = await lifecycle.start(
    'graphql',
    () =>
      startGraphqlHttp({
        schema,
        admission,
        config,
        metrics,
        logger,
        identity,
        context: (viewer, signal) => ({ viewer, moment: new Moment(resolverPorts, viewer, { signal }) }),
      }),
    (part) => part.stop(),
  );
  const app = await lifecycle.start('http', () => createApp(config, ports), stopApp);
  app.use('/graphql', graphql.router);
  app.use(
    '/auth',
    authRoutes({
      identity,
      login,
      accounts: new Accounts(loginPorts),
      setup,
      metrics,
      logger,
      oidc: oidc && { name: config.oidcName },
    }),
    ...(oidc ? [oidcRoutes({ oidc, login, identity, metrics, logger })] : []),
    authErrors(logger),
  );
  app.use(downloadRoutes({ resolvers: resolverPorts, control: ports.control, admission, identity, metrics, logger }));
  const httpServer = app.getHttpServer();
  const watch = await lifecycle.start(
    'connection watch',
    async () => new ConnectionWatch(identity),
    async (part) => part.stop(),
  );
  await lifecycle.start(
    'worker registrar',
    async () => new WorkerRegistrar(ports),
    (part) => part.stop(),
  );
  await lifecycle.start(
    'session sweep',
    async () => new SessionSweep(ports),
    async (part) => part.stop(),
  );
  const operations = createWebSocketOperations({
    schema,
    admission,
    config,
    metrics,
    logger,
    identity,
    watch,
    context: (viewer) => ({ viewer, moment: new Moment(resolverPorts, viewer) }),
  });
  httpServer.maxConnections = config.maxHttpConnections;
  await lifecycle.start(
    'websocket',
    async () => startGraphqlWebSocket(httpServer, { operations, config, metrics, logger }),
    (part) => part.stop(),
  );
  await lifecycle.start(
    'listen',
    () => app.listen(config.httpPort, config.host),
    async () => undefined,
  );

  const { port } = httpServer.address() as AddressInfo;
  const url = `http://${urlHost(config.host)}:${port}`;
  logger.info({ url }, 'the GraphQL gateway listens');
  return {
    port,
    url,
    setupUrl: () => setup.path && `${config.publicUrl || url}${setup.path}`,
    ready: async () => readyReport({ http: httpServer.listening ? 'ok' : 'The HTTP server does not listen.' }),
    stop: () => lifecycle.stop(),
  };
}

function createLoginPorts(config: GraphqlGatewayConfig, { control, clock, sealer }: GraphqlGatewayPorts): LoginPorts {
  return {
    control,
    clock,
    sealer,
    passwords: new Passwords({ memoryKib: config.passwordMemoryKib, passes: config.passwordPasses }),
    throttle: new LoginThrottle(),
    sessionLifetimeUs: config.sessionHours * 3600e6,
  };
}

export function createResolverPorts(
  config: GraphqlGatewayConfig,
  ports: Pick<GraphqlGatewayPorts, 'store' | 'live' | 'control' | 'alerts' | 'clock' | 'logger'>,
  metrics: GatewayMetrics,
): ResolverPorts {
  const { clock, control, live, logger } = ports;
  const limits = { maxConcurrent: config.maxStoreQueries, maxExecutionSeconds: config.queryTimeoutSeconds };
  const store = new StoreReader(ports.store, limits, metrics);
  const pool = store.for(EVERYTHING);
  const retention = { rollup_1m: config.rollup1mTtlDays, rollup_1h: config.rollup1hTtlDays };
  const fleet = new FleetView({
    live,
    loadKnown: () => knownWorkers(pool),
    enteredHashRateHs: (worker) => control.state.get('worker', worker)?.body.expectedHashRateHs,
    clock,
    logger,
  });
  return {
    config,
    clock,
    logger,
    store,
    fleet,
    visibilities: new Visibilities(control),
    history: new FleetHistory(pool, fleet, clock),
    alerts: ports.alerts,
    accounts: new AccountReader({ control, clock, prices: new NetworkPrices(pool, clock), retention }),
    orders: new RememberedOrders(randomUUID().slice(0, 8)),
    record: new MachineRecord(control),
    changes: new LiveChanges(live, fleet, clock, logger),
    metrics,
    retention,
    startedAtUs: clock.nowUs(),
    version,
  };
}

async function createApp(config: GraphqlGatewayConfig, ports: GraphqlGatewayPorts): Promise<NestExpressApplication> {
  const { readiness, metricsText } = ports;
  const module = HttpModule.withPorts({ readiness, metricsText, dashboard: dashboardFiles(config.dashboardDir) });
  const app = await NestFactory.create<NestExpressApplication>(module, {
    bodyParser: false,
    logger: nestLogger(ports.logger),
    abortOnError: false,
  });
  app.disable('x-powered-by');
  app.set('trust proxy', config.trustedProxies);
  app.use(boundConnections(app.getHttpServer()));
  app.use(securityHeaders);
  app.use(refuseUnknownHosts(config.host, config.publicUrl));
  return app;
}

/** Nest's notices are ours at a lower level; its errors are failed requests. */
function nestLogger(logger: Logger): LoggerService {
  return {
    log: (message: unknown) => logger.debug(String(message)),
    warn: (message: unknown) => logger.warn(String(message)),
    error: (message: unknown, stack?: unknown) => logger.error({ stack }, String(message)),
  };
}

/** Takes no more requests, lets those under way finish, then cuts off what is left. */
async function stopApp(app: NestExpressApplication): Promise<void> {
  const server = app.getHttpServer();
  const cutOff = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
  server.closeIdleConnections();
  await app.close();
  clearTimeout(cutOff);
}

function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
