// The gateway as a service: its parts, what each is made of, and the order in which they start and stop. Nest hosts them by
// explicit tokens; nothing of Nest runs per share.
import 'reflect-metadata';
import { randomInt } from 'node:crypto';
import { Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ControlLog, type AppliedChange } from '@assay/control-log';
import type { Clock } from '@assay/kernel';
import type { EventLog, Spool } from '@assay/event-log';
import { Extranonce1Space, VARDIFF_DEFAULTS, type Algorithm } from '@assay/mining';
import {
  Lifecycle,
  readyReport,
  SettingsError,
  type Logger,
  type ReadyReport,
  type Registry,
  type RunningService,
  type Tracer,
} from '@assay/platform';
import { createProver } from '@assay/pow';
import { ControlState } from '@assay/tenancy';
import { DifficultyTiers, JobSequence, MAX_FIRST_SEQUENCE, type SessionListener } from '@assay/stratum';
import { gatewayProcessSettings, type GatewayConfig } from './config.ts';
import { ControlListener } from './control/control-listener.ts';
import { Feed } from './jobs/feed.ts';
import { registerFeedMetrics } from './jobs/feed-metrics.ts';
import { Feeds, type RouteChange } from './jobs/feeds.ts';
import { registerGatewayMetrics, registerSpoolMetrics } from './gateway-metrics.ts';
import { GatewayTallies } from './gateway-tallies.ts';
import type { JobSource } from './jobs/job-source.ts';
import { jobsPlan, makeLocalSource, makeSources } from './jobs/job-sources.ts';
import { algorithmOf, lossOf, type JobsPlan } from './jobs/jobs-file.ts';
import type { ListeningPort, PortSettings } from './miners/listening-port.ts';
import { registerNodeMetrics } from './node/node-metrics.ts';
import type { ShareLog } from './log/share-log.ts';
import { SharePipeline } from './shares/share-pipeline.ts';
import { SpooledLog } from './log/spooled-log.ts';
import { StratumServer } from './miners/stratum-server.ts';
import { LatencyLog } from './log/latency-log.ts';
import { LatencyProbe } from './latency/latency-probe.ts';
import { UpstreamRecordLog } from './log/upstream-record-log.ts';
import { speaksTls } from './tls/certificate-files.ts';
import { registerTlsMetrics } from './tls/tls-metrics.ts';
import { registerUpstreamMetrics } from './upstream/upstream-metrics.ts';
import { WorkerEventLog } from './log/worker-event-log.ts';
import { KnownWorkers } from './miners/known-workers.ts';
import { readWorkerFile } from './miners/worker-file.ts';
import { WorkerRegistry, type LastDifficulty, type WorkerRecord } from './miners/worker-registry.ts';

export interface GatewayPorts {
  readonly log: EventLog;
  /** Where records go while the log is away; without one they wait in memory. */
  readonly spool?: Spool;
  /** None when left out. */
  readonly tracer?: Tracer;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly registry: Registry;
  /** Sources that stand in for those of the same name in the jobs file. */
  readonly jobSources?: ReadonlyMap<string, JobSource>;
  /** The difficulty a worker last had, where that is known. */
  readonly lastDifficulty?: LastDifficulty;
}

export interface StratumGateway extends RunningService {
  /** The TCP port it listens on for stratum. */
  readonly port: number;
  /** That one and all others, by name. */
  readonly ports: Readonly<Record<string, number>>;
  readonly tallies: GatewayTallies;
}

/** Shares remembered per connection and job, against duplicates: twice what the default submit rate allows in 30 s. */
const DUPLICATE_CAPACITY = 65_536;

const SPOOL_AFTER_MS = Number(gatewayProcessSettings.spoolAfterMs.default);

/** Name of the port every gateway has. */
const MAIN_PORT = 'stratum';
/** Name of the one beside it that speaks TLS. */
const TLS_PORT = 'stratum-tls';

/** A gateway serves miners also when the log is away; so long it waits for what the log knows of them. */
const CONTROL_WAIT_MS = 3_000;

const CONFIG = Symbol('GatewayConfig');
const PORTS = Symbol('GatewayPorts');
const TALLIES = Symbol('GatewayTallies');
const FEEDS = Symbol('Feeds');
const LISTENING = Symbol('ListeningPorts');
const CONTROL_STATE = Symbol('ControlState');
const REGISTRY = Symbol('WorkerRegistry');
const SHARE_LOG = Symbol('ShareLog');
const EVENTS = Symbol('WorkerEventLog');
const UPSTREAM_RECORDS = Symbol('UpstreamRecordLog');
const LATENCIES = Symbol('LatencyLog');
const LATENCY_PROBE = Symbol('LatencyProbe');
const SERVER = Symbol('StratumServer');

class GatewayModule {}
Module({})(GatewayModule);

function gatewayModule(config: GatewayConfig, plan: JobsPlan, ports: GatewayPorts): DynamicModule {
  const { clock, log, logger } = ports;
  return {
    module: GatewayModule,
    providers: [
      { provide: CONFIG, useValue: config },
      { provide: PORTS, useValue: ports },
      { provide: TALLIES, useFactory: () => new GatewayTallies() },
      { provide: CONTROL_STATE, useFactory: () => new ControlState() },
      { provide: FEEDS, useFactory: () => makeFeeds(config, plan, ports) },
      {
        provide: REGISTRY,
        useFactory: (state: ControlState) =>
          new WorkerRegistry(
            new KnownWorkers(readWorkerFile(config.workersFile), state),
            ports.lastDifficulty ?? (() => undefined),
            config,
          ),
        inject: [CONTROL_STATE],
      },
      {
        provide: SHARE_LOG,
        useFactory: (tallies: GatewayTallies): ShareLog =>
          ports.spool === undefined
            ? log
            : new SpooledLog(log, ports.spool, config.spoolAfterMs ?? SPOOL_AFTER_MS, logger, tallies),
        inject: [TALLIES],
      },
      {
        provide: EVENTS,
        useFactory: (shareLog: ShareLog, tallies: GatewayTallies) =>
          new WorkerEventLog(shareLog, config.gatewayName, config.maxPendingEvents, logger, tallies),
        inject: [SHARE_LOG, TALLIES],
      },
      {
        provide: UPSTREAM_RECORDS,
        useFactory: (shareLog: ShareLog, tallies: GatewayTallies) =>
          new UpstreamRecordLog(shareLog, config.gatewayName, config.maxPendingEvents, logger, tallies),
        inject: [SHARE_LOG, TALLIES],
      },
      {
        provide: LATENCIES,
        useFactory: (shareLog: ShareLog, tallies: GatewayTallies) =>
          new LatencyLog(shareLog, config.gatewayName, logger, tallies),
        inject: [SHARE_LOG, TALLIES],
      },
      {
        provide: LATENCY_PROBE,
        useFactory: (latencies: LatencyLog, tallies: GatewayTallies) =>
          config.latencyProbeSeconds === 0
            ? null
            : new LatencyProbe(
                { gatewayName: config.gatewayName, seconds: config.latencyProbeSeconds },
                clock,
                tallies,
                (record) => latencies.add(record),
              ),
        inject: [LATENCIES, TALLIES],
      },
      {
        provide: LISTENING,
        useFactory: (shareLog: ShareLog, registry: WorkerRegistry, feeds: Feeds, tallies: GatewayTallies) => {
          const pipelines = new Map<Algorithm, SharePipeline>();
          return portSettings(config, plan).map((settings): ListeningPort => {
            const { algorithm } = settings;
            const pipeline =
              pipelines.get(algorithm) ??
              new SharePipeline(config, shareLog, createProver(algorithm), clock, logger, tallies, ports.tracer);
            pipelines.set(algorithm, pipeline);
            return { settings, pipeline, listener: sessionListener(config, settings, registry, feeds) };
          });
        },
        inject: [SHARE_LOG, REGISTRY, FEEDS, TALLIES],
      },
      {
        provide: SERVER,
        useFactory: (
          listening: readonly ListeningPort[],
          registry: WorkerRegistry,
          events: WorkerEventLog,
          tallies: GatewayTallies,
          probe: LatencyProbe | null,
        ) => {
          const extranonces = new Extranonce1Space(new Uint8Array(0), config.extranonce1Bytes, randomInt(2 ** 32));
          const latency = probe ?? undefined;
          return new StratumServer(config, listening, extranonces, registry, events, clock, logger, tallies, latency);
        },
        inject: [LISTENING, REGISTRY, EVENTS, TALLIES, LATENCY_PROBE],
      },
    ],
  };
}

/**
 * Starts the gateway; resolves once it listens. Rejects, with everything stopped again, when a part cannot start.
 * `stop` takes no more miners, sends those it has elsewhere, answers every share taken, tells of the disconnects, and lets go.
 */
export async function startStratumGateway(config: GatewayConfig, ports: GatewayPorts): Promise<StratumGateway> {
  const { clock, log, logger } = ports;
  if (config.minDifficulty > config.maxDifficulty) {
    const [least, most] = [config.minDifficulty, config.maxDifficulty];
    throw new SettingsError(`ASSAY_MIN_DIFFICULTY=${least} is above ASSAY_MAX_DIFFICULTY=${most}.`);
  }
  const plan = jobsPlan(config);
  const startedAtUs = clock.nowUs();
  let stopping = false;
  const lifecycle = new Lifecycle(logger);
  const app = await lifecycle.start(
    'nest',
    () =>
      NestFactory.createApplicationContext(gatewayModule(config, plan, ports), { logger: false, abortOnError: false }),
    (context) => context.close(),
  );
  const tallies = app.get<GatewayTallies>(TALLIES);
  const server = app.get<StratumServer>(SERVER);
  const events = app.get<WorkerEventLog>(EVENTS);
  const upstreamRecords = app.get<UpstreamRecordLog>(UPSTREAM_RECORDS);
  const latencies = app.get<LatencyLog>(LATENCIES);
  const probe = app.get<LatencyProbe | null>(LATENCY_PROBE);
  const feeds = app.get<Feeds>(FEEDS);
  const workers = app.get<WorkerRegistry>(REGISTRY);
  const pipelines = [...new Set(app.get<readonly ListeningPort[]>(LISTENING).map(({ pipeline }) => pipeline))];
  registerGatewayMetrics(ports.registry, tallies, {
    connections: () => server.connections,
    workers: () => workers.size,
    pendingEvents: () => events.pending,
    pendingUpstreamRecords: () => upstreamRecords.pending,
    pendingLatencies: () => latencies.pending,
    bannedAddresses: () => server.bannedAddresses,
    ceilings: server.ceilings,
  });
  registerTlsMetrics(ports.registry, server.tls);
  registerFeedMetrics(ports.registry, feeds, (feed) => server.workingFor(feed.book));
  const sources = feeds.all.map(({ source }) => source);
  registerNodeMetrics(ports.registry, sources);
  registerUpstreamMetrics(ports.registry, sources);
  const shareLog = app.get<ShareLog>(SHARE_LOG);
  const spooled = shareLog instanceof SpooledLog ? shareLog : undefined;
  if (spooled !== undefined) {
    const gauges = { logAway: () => spooled.logAway !== undefined, stats: () => spooled.stats };
    registerSpoolMetrics(ports.registry, tallies, gauges, clock);
    await lifecycle.start(
      'spool',
      () => spooled.start(),
      () => spooled.stop(),
    );
  }

  await lifecycle.start(
    'worker events',
    async () => events.add({ type: 'gateway_started', atUs: startedAtUs, gateway: config.gatewayName }),
    () => events.stop(),
  );
  // Sources still put shares on record while they stop.
  await lifecycle.start(
    'upstream records',
    async () => undefined,
    () => upstreamRecords.stop(),
  );
  await lifecycle.start(
    'latencies',
    async () => undefined,
    () => {
      probe?.stop();
      return latencies.stop();
    },
  );
  await lifecycle.start(
    'connections',
    async () => undefined,
    () => server.closeAll(),
  );
  // Stopped after the pipelines, which still prove shares that a source wants.
  await lifecycle.start(
    'jobs',
    async () => {
      for (const feed of feeds.all)
        feed.start({
          announce: ({ book }, published) => server.announce(book, published),
          dismiss: ({ book }) => server.dismiss(book),
          record: (record) => upstreamRecords.add(record),
        });
    },
    async () => void (await Promise.all(feeds.all.map((feed) => feed.stop()))),
  );
  await lifecycle.start(
    'share pipelines',
    () => Promise.all(pipelines.map((pipeline) => pipeline.start())),
    async () => void (await Promise.all(pipelines.map((pipeline) => pipeline.stop()))),
  );
  // Before the first machine comes, so that its secret is known.
  await lifecycle.start(
    'control',
    async () => {
      const controlled = {
        refresh: (newBlock: boolean, source: string | undefined) =>
          feeds.named(source).forEach((feed) => feed.refresh(newBlock)),
        route: (change: RouteChange) => {
          const problem = feeds.route(change);
          if (problem === undefined) server.reroute((worker, port) => feeds.of(worker, port.settings).book);
          return problem;
        },
      };
      const listener = new ControlListener(server, controlled, logger, tallies, startedAtUs);
      const control = new ControlLog({
        log,
        state: app.get<ControlState>(CONTROL_STATE),
        onOther: (value, record) => listener.handle(value, record),
        onWarning: (message, error) => logger.warn({ err: error }, message),
      });
      control.onChange((change) => reconfigure(change, server, workers));
      if (!(await control.caughtUpWithin(CONTROL_WAIT_MS)))
        logger.warn('the control log is away: workers are let in without the secrets it has, until it is back');
      return control;
    },
    async (control) => control.close(),
  );
  const listening = await lifecycle.start(
    'stratum listener',
    () => server.start(),
    async () => {
      stopping = true;
      await server.drain();
      server.stopReading();
    },
  );
  logger.info({ host: config.host, ports: listening, sources: [...plan.sources.keys()] }, 'stratum gateway listens');
  return {
    port: listening[MAIN_PORT]!,
    ports: listening,
    tallies,
    ready: (): Promise<ReadyReport> => {
      if (stopping) return Promise.resolve(readyReport({ gateway: 'the gateway is stopping' }));
      const waits = pipelines[0]!.atBound ? 'too many shares wait for the log' : 'ok';
      const logAway = pipelines.find((pipeline) => pipeline.logAway !== undefined)?.logAway;
      const { ready, checks } = readyReport({
        ...(server.ceilings.refusal === undefined ? {} : { gateway: server.ceilings.state }),
        jobs: feeds.state,
        log: spooled === undefined ? (logAway ?? waits) : spooled.takesShares ? waits : spooled.state,
      });
      // Ready while it spools, which it says all the same.
      const log = spooled?.takesShares === true && waits === 'ok' ? spooled.state : checks['log']!;
      return Promise.resolve({ ready, checks: { ...checks, log, ...feeds.troubles, ...tlsTrouble(server) } });
    },
    stop: () => lifecycle.stop(),
  };
}

/** What a change of the configuration means to machines that are connected. */
function reconfigure({ changed }: AppliedChange, server: StratumServer, workers: WorkerRegistry): void {
  for (const { kind, id } of changed) {
    if (kind === 'tenant') workers.tenantChanged(id);
    else if (kind === 'worker' && workers.mustLogInAgain(id)) server.dismissWorker(id);
  }
}

/** What is wrong with the certificate; the gateway is ready all the same, with the one before. */
function tlsTrouble({ tls }: StratumServer): Record<string, string> {
  const trouble = tls?.certificates.trouble;
  return trouble === undefined ? {} : { tls: trouble };
}

function makeFeeds(config: GatewayConfig, plan: JobsPlan, { clock, logger, jobSources }: GatewayPorts): Feeds {
  const sequence = new JobSequence(randomInt(MAX_FIRST_SEQUENCE));
  const bySource = new Map<string, Feed[]>();
  for (const [name, source] of plan.sources) {
    const algorithm = algorithmOf(source);
    const fallback = () => makeLocalSource(algorithm, config, clock);
    const standIn = jobSources?.get(name);
    const sources = standIn === undefined ? makeSources(name, source, config, clock, logger) : [standIn];
    const feeds = sources.map((one, at, { length }) => {
      const settings = { name: length === 1 ? name : `${name}-${at + 1}`, algorithm, ...lossOf(source) };
      return new Feed(settings, one, sequence, fallback, clock, logger);
    });
    bySource.set(name, feeds);
  }
  return new Feeds(bySource, plan.routes);
}

function portSettings(config: GatewayConfig, plan: JobsPlan): PortSettings[] {
  const { host, stratumPort, stratumTlsPort, algorithm } = config;
  const main = { host, algorithm, source: plan.defaultSource };
  return [
    { ...main, name: MAIN_PORT, port: stratumPort, tls: false },
    ...(speaksTls(config) ? [{ ...main, name: TLS_PORT, port: stratumTlsPort, tls: true }] : []),
    ...plan.ports.map((extra) => ({ ...extra, host: extra.host ?? host })),
  ];
}

function sessionListener(
  config: GatewayConfig,
  port: PortSettings,
  registry: WorkerRegistry,
  feeds: Feeds,
): SessionListener<WorkerRecord> {
  const { algorithm } = port;
  return {
    algorithm,
    extranonce2Bytes: config.extranonce2Bytes,
    versionMask: config.versionMask,
    vardiff: {
      ...VARDIFF_DEFAULTS,
      sharesPerMinute: config.sharesPerMinute,
      minDifficulty: config.minDifficulty,
      maxDifficulty: config.maxDifficulty,
    },
    startDifficulty: config.startDifficulty,
    startDifficultyRolling: config.startDifficultyRolling,
    maxWorkersPerConnection: config.maxWorkersPerConnection,
    duplicateCapacity: DUPLICATE_CAPACITY,
    duplicateSeed: randomInt(2 ** 32),
    jobs: feeds.defaultOf(port).book,
    tiers: new DifficultyTiers(algorithm),
    authorize: (name, options) => {
      const feed = feeds.of(name, port);
      if (feed.closed) return { allowed: false, message: 'No work at present: the upstream is away' };
      const authorization = registry.authorize(name, options);
      return authorization.allowed ? { ...authorization, jobs: feed.book } : authorization;
    },
  };
}
