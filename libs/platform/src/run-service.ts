// A service as a process of the cluster setting: settings, signals, readiness, a bounded drain, and an end that says why. Each
// service's main.ts hands its compose function over and does nothing else.
//
// Invariants: a bad setting ends the process with one sentence before anything is opened; a server that is away never ends it;
// an error nobody caught always does, at once, since everything here survives kill -9 and nothing survives a broken invariant.
import { systemClock, type Clock } from '@assay/kernel';
import { Registry } from 'prom-client';
import { CLUSTER_SETTINGS, processSettings } from './cluster-settings.ts';
import { Lifecycle } from './lifecycle.ts';
import { createLogger, type Logger } from './logger.ts';
import { observabilitySettings } from './observability-settings.ts';
import { startOpsServer } from './ops-server.ts';
import { registerProcessMetrics } from './process-metrics.ts';
import { registerReadyMetrics } from './ready-metrics.ts';
import { readyReport, type ReadyReport, type RunningService } from './running-service.ts';
import { parseSettings, refuseUnknownSettings, type SettingsOf, type SettingsTable } from './settings.ts';
import { startTracer } from './start-tracer.ts';
import type { Tracer } from './trace.ts';
import { StoppedWaiting, Waits } from './until-there.ts';

/** What a compose function has to work with. */
export interface ServiceProcess {
  readonly env: NodeJS.ProcessEnv;
  readonly settings: SettingsOf<typeof processSettings>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly registry: Registry;
  /** What handlers may take to finish when the process is to end; the rest of the drain is for leaving groups and closing. */
  readonly drainMs: number;
  /** What is started here is stopped in reverse when the process ends. */
  readonly lifecycle: Lifecycle;
  /** Repeats `open` until it succeeds; until then /readyz names `what` and why it is not there. */
  readonly untilThere: <T>(what: string, open: () => Promise<T>) => Promise<T>;
  /** What /readyz answers, for a service that serves it on a port of its own. */
  readonly readiness: () => Promise<ReadyReport>;
  readonly metricsText: () => Promise<string>;
  readonly tracer: Tracer;
}

export interface ServiceDefinition {
  readonly name: string;
  /** The service's own tables; those of the cluster setting are known anyway. */
  readonly tables: readonly SettingsTable[];
  /** Whether readiness and metrics are served on the ops port; false for a service that has an HTTP port to serve them on. */
  readonly opsPort?: boolean;
  /** Parses settings first, then opens and starts. Resolves with the service, started on `lifecycle`. */
  readonly compose: (process: ServiceProcess) => Promise<Pick<RunningService, 'ready'>>;
}

/** The process around a service, so that a test can stand in for it. */
export interface Host {
  readonly env: NodeJS.ProcessEnv;
  readonly onSignal: (listener: () => void) => void;
  readonly onUncaught: (listener: (error: unknown) => void) => void;
  readonly say: (text: string) => void;
  readonly exit: (code: number) => void;
}

export const nodeHost: Host = {
  env: process.env,
  onSignal: (listener) => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, listener);
  },
  onUncaught: (listener) => {
    process.on('uncaughtException', listener);
    process.on('unhandledRejection', listener);
  },
  say: (text) => void process.stderr.write(text),
  exit: (code) => process.exit(code),
};

/** One Ctrl-C can arrive several times, from the terminal and from what started the process; one later than this is meant. */
const REPEATED_SIGNAL_MS = 1_500;
/** Of the drain time. */
const HANDLERS_SHARE = 0.8;
/** A check that takes longer says so instead of holding the probe up. */
const READY_TIMEOUT_MS = 3_000;

/** Runs the service until a signal; ends the process with 0 after a clean drain and 1 otherwise. */
export function runService(definition: ServiceDefinition, host: Host = nodeHost): void {
  try {
    refuseUnknownSettings(host.env, [...definition.tables, ...CLUSTER_SETTINGS]);
    new ServiceRun(definition, parseSettings(processSettings, host.env), host).start();
  } catch (error) {
    endFailed(definition.name, host, error);
  }
}

class ServiceRun {
  readonly #definition: ServiceDefinition;
  readonly #settings: SettingsOf<typeof processSettings>;
  readonly #host: Host;
  readonly #logger: Logger;
  readonly #lifecycle: Lifecycle;
  readonly #registry = new Registry();
  readonly #stopWaiting = new AbortController();
  readonly #waits: Waits;
  #service: Pick<RunningService, 'ready'> | undefined;
  #starting: Promise<void> | undefined;
  #stoppingSinceMs: number | undefined;

  constructor(definition: ServiceDefinition, settings: SettingsOf<typeof processSettings>, host: Host) {
    this.#definition = definition;
    this.#settings = settings;
    this.#host = host;
    this.#logger = createLogger(definition.name, settings.logLevel);
    this.#lifecycle = new Lifecycle(this.#logger);
    this.#waits = new Waits(this.#stopWaiting.signal, this.#logger);
    registerProcessMetrics(this.#registry, definition.name, parseSettings(observabilitySettings, host.env).buildCommit);
  }

  start(): void {
    this.#host.onSignal(() => this.#signalled());
    this.#host.onUncaught((error) => {
      this.#logger.fatal({ err: error }, 'an error nobody caught: the process ends');
      this.#host.exit(1);
    });
    this.#starting = this.#start().catch(async (error: unknown) => {
      await this.#lifecycle.stop();
      // A start that was given up because of a signal is ended by that signal.
      if (!(error instanceof StoppedWaiting)) endFailed(this.#definition.name, this.#host, error);
    });
  }

  async #start(): Promise<void> {
    const { compose, opsPort = true } = this.#definition;
    const readiness = (): Promise<ReadyReport> => this.#readiness();
    const metricsText = (): Promise<string> => this.#registry.metrics();
    registerReadyMetrics(this.#registry, readiness);
    if (opsPort) {
      const { host, opsHost, opsPort: port } = this.#settings;
      const ops = await this.#lifecycle.start(
        'ops server',
        () => startOpsServer(opsHost || host, port, { readiness, metricsText }),
        (server) => server.close(),
      );
      this.#logger.info({ port: ops.port }, 'health, readiness and metrics are served');
    }
    // Stopped after the service, whose last spans it sends.
    const tracer = await this.#lifecycle.start(
      'traces',
      () =>
        startTracer(parseSettings(observabilitySettings, this.#host.env), {
          service: this.#definition.name,
          logger: this.#logger,
          registry: this.#registry,
        }),
      (part) => part.stop(),
    );
    this.#service = await compose({
      env: this.#host.env,
      settings: this.#settings,
      clock: systemClock,
      logger: this.#logger,
      registry: this.#registry,
      drainMs: this.#settings.drainSeconds * 1000 * HANDLERS_SHARE,
      lifecycle: this.#lifecycle,
      untilThere: (what, open) => this.#waits.untilThere(what, open),
      readiness,
      metricsText,
      tracer,
    });
    this.#logger.info('started');
  }

  async #readiness(): Promise<ReadyReport> {
    if (this.#stoppingSinceMs !== undefined) return readyReport({ process: 'the service is stopping' });
    const waiting = this.#waits.reasons;
    if (this.#service === undefined) return readyReport({ process: 'the service is starting', ...waiting });
    const report = await withinMs(READY_TIMEOUT_MS, this.#service.ready());
    return Object.keys(waiting).length === 0 ? report : readyReport({ ...report.checks, ...waiting });
  }

  #signalled(): void {
    const nowMs = performance.now();
    if (this.#stoppingSinceMs === undefined) {
      this.#stoppingSinceMs = nowMs;
      void this.#drain();
    } else if (nowMs - this.#stoppingSinceMs > REPEATED_SIGNAL_MS) this.#host.exit(130);
  }

  async #drain(): Promise<void> {
    const { drainSeconds } = this.#settings;
    this.#logger.info({ drainSeconds }, 'asked to stop: finishing what is under way');
    const deadline = setTimeout(() => {
      const notDone = this.#lifecycle.running.toReversed();
      this.#logger.error({ drainSeconds, notDone }, `not stopped in time: ${notDone.join(', ')}`);
      this.#host.exit(1);
    }, drainSeconds * 1000);
    this.#stopWaiting.abort();
    // A part that is being started is started to its end, so that it can be stopped.
    await this.#starting;
    await this.#lifecycle.stop();
    clearTimeout(deadline);
    this.#logger.info('stopped');
    this.#host.exit(0);
  }
}

/** Ends the process with 1: a sentence for what a person can put right, the stack for what is a bug. */
export function endFailed(name: string, host: Host, error: unknown): void {
  host.say(`assay ${name}: ${explained(error)}\n`);
  host.exit(1);
}

function explained(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // Errors of ours and of the system that are to be expected carry a code.
  const expected = typeof (error as { code?: unknown }).code === 'string';
  return expected ? error.message : (error.stack ?? error.message);
}

function withinMs<T>(ms: number, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
