// Starts the engine's process, keeps it running, and closes it. The address and the credentials stay the same for as long as the
// handle lives, also across a restart after a crash.
import { fork, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { resolve as resolvePath } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isLoopback, type Credentials, type Reader } from './access.ts';
import type { FromEngineProcess, ProcessOptions, ToEngineProcess } from './engine-process.ts';
import type { Visibility } from '@assay/tenancy';
import { DEFAULT_LIMITS, type Limits } from './limits.ts';
import { seenText } from './seen-rows.ts';

/** What is logged; pino's Logger fits. */
export interface EmbeddedClickHouseLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface OutsideUser extends Credentials {
  /** Databases the outside may read; the first is where tables without a database are looked for. */
  readonly databases: readonly string[];
}

/** What the pool says of somebody who shows a password: which rows they may read, or undefined for nobody it knows. */
export type ReaderByPassword = (password: string) => Visibility | undefined;

export interface EmbeddedClickHouseOptions {
  /** Created when missing. One process at a time. */
  readonly dataDir: string;
  /** Address to listen on; 127.0.0.1 by default. */
  readonly host?: string;
  /** 0 picks a free port. */
  readonly port: number;
  /**
   * `inside`: our services, who may do everything. Made anew at every start by default, so that nobody can have kept it; services in other
   * processes, which outlive a restart, are given one that stays.
   * `outside`: who may read; user `default` without a password, reading `assay`, by default; false keeps everyone out.
   */
  readonly users?: { readonly inside?: Credentials; readonly outside?: OutsideUser | false };
  /**
   * Asked about every password from outside but the outside user's own, and about that user's when it is empty: without a password they come in
   * only where the pool lets everybody in.
   */
  readonly readers?: ReaderByPassword;
  readonly limits?: Partial<Limits>;
  /** Flush every insert to disk, so that it survives a loss of power and not only of the process. Default true. */
  readonly fsync?: boolean;
  readonly logger?: EmbeddedClickHouseLogger;
}

export interface EmbeddedClickHouse {
  readonly port: number;
  /** `http://host:port`, for createClient({ url, username, password }). */
  readonly url: string;
  /** The user of our services: may read and write everything. */
  readonly username: string;
  readonly password: string;
  /** The engine's version, e.g. `26.7.2.1`. */
  readonly version: string;
  /** Process id of the engine's process, which changes with a restart. */
  readonly pid: number;
  /** How often the engine's process had to be started again. */
  readonly restarts: number;
  /** Finishes what is under way, flushes, and ends the process. */
  close(): Promise<void>;
}

const OUTSIDE: OutsideUser = { username: 'default', password: '', databases: ['assay'] };

/** libuv's pool in the engine's process: one thread for each statement that can run, and some for files and compression. */
const POOL_SPARE_THREADS = 8;

/** A killed predecessor lets go of the directory within milliseconds; another live pool never does. */
const IN_USE_RETRY_MS = 100;
const IN_USE_CODES = new Set(['data_in_use', 'EADDRINUSE']);
const FIRST_RESTART_MS = 200;
const LAST_RESTART_MS = 10_000;
/** The end of what the process wrote to stderr, for the log when it dies. */
const STDERR_KEPT = 4096;

/** Fails with a sentence when the directory is held by another process (code `data_in_use`), the port is taken (EADDRINUSE), or the platform has no engine. */
export async function startEmbeddedClickHouse(options: EmbeddedClickHouseOptions): Promise<EmbeddedClickHouse> {
  const supervisor = new EngineSupervisor(options);
  await supervisor.start();
  return supervisor;
}

interface FailedStart {
  readonly message: string;
  readonly code: string | undefined;
}

/** A process that has just died takes no message; its end is seen by its own event. */
function send(child: ChildProcess, message: ToEngineProcess): void {
  child.send(message, () => undefined);
}

class EngineSupervisor implements EmbeddedClickHouse {
  readonly username: string;
  readonly password: string;
  readonly #logger: EmbeddedClickHouseLogger | undefined;
  readonly #options: ProcessOptions;
  readonly #readers: ReaderByPassword | undefined;
  readonly #threads: number;
  #child: ChildProcess | undefined;
  #port: number;
  #version = '';
  #restarts = 0;
  #closing = false;
  #restartTimer: NodeJS.Timeout | undefined;
  #starting: Promise<void> | undefined;

  constructor(options: EmbeddedClickHouseOptions) {
    const limits: Limits = { ...DEFAULT_LIMITS, ...options.limits };
    const inside = options.users?.inside ?? { username: 'assay', password: randomBytes(24).toString('base64url') };
    const outside = options.users?.outside ?? OUTSIDE;
    if (inside.password === '') throw new Error('users.inside.password: our services write, so they need a password');
    this.username = inside.username;
    this.password = inside.password;
    if (outside !== false && outside.username === this.username)
      throw new Error(`users.outside.username: ${this.username} is the name of Assay's own user`);
    this.#logger = options.logger;
    this.#readers = options.readers;
    this.#port = options.port;
    if (outside !== false && outside.password === '' && !isLoopback(options.host ?? '127.0.0.1')) {
      this.#logger?.warn(
        { host: options.host },
        'anyone who reaches this address can read all shares: set a password for SQL from outside',
      );
    }
    this.#threads = limits.insideRunning + limits.outsideRunning + POOL_SPARE_THREADS;
    this.#options = {
      dataDir: resolvePath(options.dataDir),
      host: options.host ?? '127.0.0.1',
      port: options.port,
      users: {
        inside,
        outside: outside === false ? undefined : { username: outside.username, password: outside.password },
      },
      limits,
      outsideDatabase: outside === false ? undefined : outside.databases[0],
      asksReaders: options.readers !== undefined,
      engine: {
        outsideDatabases: outside === false ? [] : outside.databases,
        engineMemoryBytes: limits.engineMemoryBytes,
        fsync: options.fsync ?? true,
      },
    };
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    const { host } = this.#options;
    const name = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host.includes(':') ? `[${host}]` : host;
    return `http://${name}:${this.#port}`;
  }

  get version(): string {
    return this.#version;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get restarts(): number {
    return this.#restarts;
  }

  async start(): Promise<void> {
    mkdirSync(this.#options.dataDir, { recursive: true, mode: 0o700 });
    for (const deadline = Date.now() + this.#options.limits.openWaitMs; ;) {
      const failed = await this.#spawn();
      if (failed === undefined) return;
      if (!IN_USE_CODES.has(failed.code ?? '') || Date.now() > deadline || this.#closing) {
        const { dataDir } = this.#options;
        const message = `The embedded ClickHouse could not start on ${dataDir}, port ${this.#port}: ${failed.message}`;
        throw Object.assign(new Error(message), { code: failed.code, port: this.#port });
      }
      await new Promise((resolve) => setTimeout(resolve, IN_USE_RETRY_MS));
    }
  }

  async close(): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#restartTimer);
    await this.#starting?.catch(() => undefined);
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise<[number | null, string | null]>((resolve) =>
      child.once('exit', (code, signal) => resolve([code, signal])),
    );
    send(child, { type: 'close' });
    const [code, signal] = await exited;
    if (code !== 0) this.#logger?.warn({ code, signal }, 'embedded ClickHouse did not close cleanly');
  }

  /** Undefined once it listens. */
  async #spawn(): Promise<FailedStart | undefined> {
    const fromSource = import.meta.url.endsWith('.ts');
    const entry = new URL(fromSource ? './engine-process.ts' : './engine-process.js', import.meta.url);
    const child = fork(fileURLToPath(entry), {
      execArgv: fromSource
        ? ['--conditions=@assay/source', '--import', new URL('./run-from-source.mjs', import.meta.url).href]
        : [],
      env: { ...process.env, NODE_OPTIONS: '', UV_THREADPOOL_SIZE: String(this.#threads) },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      serialization: 'advanced',
    });
    let stderr = '';
    let failed: Extract<FromEngineProcess, { type: 'failed' }> | undefined;
    child.stderr!.setEncoding('utf8').on('data', (text: string) => (stderr = (stderr + text).slice(-STDERR_KEPT)));
    const outcome = await new Promise<FailedStart | { readonly port: number; readonly version: string }>((resolve) => {
      child.on('message', (message: FromEngineProcess) => {
        if (message.type === 'loaded') send(child, { type: 'start', options: { ...this.#options, port: this.#port } });
        else if (message.type === 'listening') resolve(message);
        else if (message.type === 'who')
          send(child, { type: 'reader', id: message.id, reader: this.#readerOf(message.password) });
        else if (message.type === 'failed') failed = message;
      });
      child.on('error', (error) => resolve({ message: error.message, code: undefined }));
      // A process that failed ends itself; by 'close' everything it wrote about it is here.
      child.once('close', (code, signal) =>
        resolve({
          message: `${failed?.message ?? `its process ended (${signal ?? `code ${code}`})`}. ${stderr.trim()}`,
          code: failed?.code,
        }),
      );
    });
    if (!('port' in outcome)) return outcome;
    this.#child = child;
    this.#port = outcome.port;
    this.#version = outcome.version;
    child.once('exit', (code, signal) => this.#exited(code, signal, stderr));
    if (child.exitCode !== null || child.signalCode !== null) this.#exited(child.exitCode, child.signalCode, stderr);
    this.#logger?.info(
      { port: this.#port, pid: child.pid, version: this.#version, dataDir: this.#options.dataDir },
      'embedded ClickHouse listens',
    );
    return undefined;
  }

  #readerOf(password: string): Reader {
    try {
      const visibility = this.#readers?.(password);
      if (visibility === undefined) return { reads: false };
      return { reads: true, seen: visibility.everything ? undefined : seenText(visibility) };
    } catch (error) {
      this.#logger?.error({ error: String(error) }, 'it could not be told who may read; nobody does');
      return { reads: false };
    }
  }

  #exited(code: number | null, signal: string | null, stderr: string): void {
    // Only a process that listened comes here, also one that ended again before the start that made it was over.
    if (this.#closing || this.#restartTimer) return;
    this.#logger?.error({ code, signal, stderr }, 'embedded ClickHouse ended: starting it again');
    this.#restart(FIRST_RESTART_MS);
  }

  #restart(delayMs: number): void {
    this.#restartTimer = setTimeout(() => {
      this.#restartTimer = undefined;
      this.#restarts++;
      this.#starting = this.start();
      this.#starting
        .finally(() => (this.#starting = undefined))
        .catch((error: unknown) => {
          this.#logger?.error({ error: String(error) }, 'embedded ClickHouse did not start: trying again');
          if (!this.#closing) this.#restart(Math.min(2 * delayMs, LAST_RESTART_MS));
        });
    }, delayMs);
  }
}
