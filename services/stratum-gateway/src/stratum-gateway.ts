// The gateway as a service: its parts, what each is made of, and the order in which they start and stop. Nest hosts them by
// explicit tokens; nothing of Nest runs per share.
import 'reflect-metadata';
import { randomInt } from 'node:crypto';
import { Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { Clock } from '@assay/kernel';
import type { EventLog, Spool } from '@assay/event-log';
import { EXTRANONCE1_BYTES, Extranonce1Space, VARDIFF_DEFAULTS } from '@assay/mining';
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
import { createProver, jobProblem } from '@assay/pow';
import { DifficultyTiers, JobBook, MAX_FIRST_SEQUENCE, type SessionListener } from '@assay/stratum';
import { gatewayProcessSettings, type GatewayConfig } from './config.ts';
import { ControlListener } from './control-listener.ts';
import { registerGatewayMetrics, registerSpoolMetrics } from './gateway-metrics.ts';
import { GatewayTallies } from './gateway-tallies.ts';
import type { JobSource } from './job-source.ts';
import { LocalJobSource } from './local-job-source.ts';
import type { ShareLog } from './share-log.ts';
import { SharePipeline } from './share-pipeline.ts';
import { SpooledLog } from './spooled-log.ts';
import { StratumServer } from './stratum-server.ts';
import { WorkerEventLog } from './worker-event-log.ts';
import { readWorkerFile } from './worker-file.ts';
import { WorkerRegistry, type LastDifficulty, type WorkerRecord } from './worker-registry.ts';

export interface GatewayPorts {
  readonly log: EventLog;
  /** Where records go while the log is away; without one they wait in memory. */
  readonly spool?: Spool;
  /** None when left out. */
  readonly tracer?: Tracer;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly registry: Registry;
  /** Where jobs come from; local ones when there is none. */
  readonly jobSource?: JobSource;
  /** The difficulty a worker last had, where that is known. */
  readonly lastDifficulty?: LastDifficulty;
}

export interface StratumGateway extends RunningService {
  /** The TCP port it listens on. */
  readonly port: number;
  readonly tallies: GatewayTallies;
}

/** Shares remembered per connection and job, against duplicates: twice what the default submit rate allows in 30 s. */
const DUPLICATE_CAPACITY = 65_536;

const SPOOL_AFTER_MS = Number(gatewayProcessSettings.spoolAfterMs.default);

const CONFIG = Symbol('GatewayConfig');
const PORTS = Symbol('GatewayPorts');
const TALLIES = Symbol('GatewayTallies');
const JOB_SOURCE = Symbol('JobSource');
const LISTENER = Symbol('SessionListener');
const REGISTRY = Symbol('WorkerRegistry');
const SHARE_LOG = Symbol('ShareLog');
const EVENTS = Symbol('WorkerEventLog');
const PIPELINE = Symbol('SharePipeline');
const SERVER = Symbol('StratumServer');

class GatewayModule {}
Module({})(GatewayModule);

function gatewayModule(config: GatewayConfig, ports: GatewayPorts): DynamicModule {
  const { clock, log, logger } = ports;
  return {
    module: GatewayModule,
    providers: [
      { provide: CONFIG, useValue: config },
      { provide: PORTS, useValue: ports },
      { provide: TALLIES, useFactory: () => new GatewayTallies() },
      { provide: JOB_SOURCE, useFactory: () => ports.jobSource ?? localJobSource(config, clock) },
      {
        provide: REGISTRY,
        useFactory: () =>
          new WorkerRegistry(readWorkerFile(config.workersFile), ports.lastDifficulty ?? (() => undefined)),
      },
      {
        provide: LISTENER,
        useFactory: (registry: WorkerRegistry) => sessionListener(config, registry),
        inject: [REGISTRY],
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
        provide: PIPELINE,
        useFactory: (shareLog: ShareLog, tallies: GatewayTallies) =>
          new SharePipeline(config, shareLog, createProver(config.algorithm), clock, logger, tallies, ports.tracer),
        inject: [SHARE_LOG, TALLIES],
      },
      {
        provide: SERVER,
        useFactory: (
          listener: SessionListener<WorkerRecord>,
          registry: WorkerRegistry,
          pipeline: SharePipeline,
          events: WorkerEventLog,
          tallies: GatewayTallies,
        ) => {
          const extranonces = new Extranonce1Space(new Uint8Array(0), EXTRANONCE1_BYTES, randomInt(2 ** 32));
          return new StratumServer(config, listener, extranonces, registry, pipeline, events, clock, logger, tallies);
        },
        inject: [LISTENER, REGISTRY, PIPELINE, EVENTS, TALLIES],
      },
    ],
  };
}

/**
 * Starts the gateway; resolves once it listens and has a job. Rejects, with everything stopped again, when a part cannot start.
 * `stop` takes no more miners, sends those it has elsewhere, answers every share taken, tells of the disconnects, and lets go.
 */
export async function startStratumGateway(config: GatewayConfig, ports: GatewayPorts): Promise<StratumGateway> {
  const { clock, log, logger } = ports;
  if (config.minDifficulty > config.maxDifficulty) {
    const [least, most] = [config.minDifficulty, config.maxDifficulty];
    throw new SettingsError(`ASSAY_MIN_DIFFICULTY=${least} is above ASSAY_MAX_DIFFICULTY=${most}.`);
  }
  const startedAtUs = clock.nowUs();
  let stopping = false;
  const lifecycle = new Lifecycle(logger);
  const app = await lifecycle.start(
    'nest',
    () => NestFactory.createApplicationContext(gatewayModule(config, ports), { logger: false, abortOnError: false }),
    (context) => context.close(),
  );
  const tallies = app.get<GatewayTallies>(TALLIES);
  const server = app.get<StratumServer>(SERVER);
  const pipeline = app.get<SharePipeline>(PIPELINE);
  const events = app.get<WorkerEventLog>(EVENTS);
  const jobs = app.get<JobSource>(JOB_SOURCE);
  const workers = app.get<WorkerRegistry>(REGISTRY);
  const { jobs: book } = app.get<SessionListener<WorkerRecord>>(LISTENER);
  registerGatewayMetrics(ports.registry, tallies, {
    connections: () => server.connections,
    workers: () => workers.size,
    pendingEvents: () => events.pending,
  });
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
  await lifecycle.start(
    'connections',
    async () => undefined,
    () => server.closeAll(),
  );
  await lifecycle.start(
    'share pipeline',
    () => pipeline.start(),
    () => pipeline.stop(),
  );
  await lifecycle.start(
    'jobs',
    async () =>
      jobs.start({
        job: ({ job, cleanJobs }) => {
          const problem = jobProblem(config.algorithm, job);
          if (problem !== undefined) return logger.error({ err: problem }, 'a job of the source was left out');
          server.announce(book.add(job, cleanJobs));
        },
        away: () => undefined,
        record: () => undefined,
      }),
    () => jobs.stop(),
  );
  const port = await lifecycle.start(
    'stratum listener',
    () => server.start(),
    async () => {
      stopping = true;
      await server.drain();
      server.stopReading();
    },
  );
  await lifecycle.start(
    'control',
    async () => {
      const control = new ControlListener(log, server, jobs, logger, tallies, startedAtUs);
      control.start();
      return control;
    },
    async (control) => control.stop(),
  );
  logger.info({ host: config.host, port, algorithm: config.algorithm }, 'stratum gateway listens');
  return {
    port,
    tallies,
    ready: (): Promise<ReadyReport> => {
      if (stopping) return Promise.resolve(readyReport({ gateway: 'the gateway is stopping' }));
      const waits = pipeline.atBound ? 'too many shares wait for the log' : 'ok';
      const { ready, checks } = readyReport({
        jobs: book.current === undefined ? 'no job yet' : 'ok',
        log: spooled === undefined ? (pipeline.logAway ?? waits) : spooled.takesShares ? waits : spooled.state,
      });
      // Ready while it spools, which it says all the same.
      const log = spooled?.takesShares === true && waits === 'ok' ? spooled.state : checks['log']!;
      return Promise.resolve({ ready, checks: { ...checks, log } });
    },
    stop: () => lifecycle.stop(),
  };
}

function localJobSource(config: GatewayConfig, clock: Clock): JobSource {
  const settings = {
    algorithm: config.algorithm,
    seed: randomInt(2 ** 32),
    branches: config.jobBranches,
    nbits: config.jobNbits,
    extranonceSize: EXTRANONCE1_BYTES + config.extranonce2Bytes,
    versionMask: config.versionMask,
    tag: '/assay/',
    jobSeconds: config.jobSeconds,
    blockSeconds: config.blockSeconds,
  };
  return new LocalJobSource(settings, clock);
}

function sessionListener(config: GatewayConfig, registry: WorkerRegistry): SessionListener<WorkerRecord> {
  return {
    algorithm: config.algorithm,
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
    jobs: new JobBook(randomInt(MAX_FIRST_SEQUENCE)),
    tiers: new DifficultyTiers(config.algorithm),
    authorize: (name, options) => registry.authorize(name, options),
  };
}
