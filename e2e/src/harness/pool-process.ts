// The built pool as its own process, on free ports and a data directory of its own, to be killed and started again at will.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { askGraphql, askSql, type SqlSource } from './ask.ts';
import { waitFor } from './wait-for.ts';

const STANDALONE = new URL('../../../services/standalone/', import.meta.url);
const MAIN = fileURLToPath(new URL('dist/main.js', STANDALONE));
/** As `npm start` has them. */
const NODE_OPTIONS = JSON.parse(readFileSync(new URL('node-options.json', STANDALONE), 'utf8')) as readonly string[];
const START_TIMEOUT_MS = 60_000;

export interface PoolPorts {
  readonly stratum: number;
  /** Nothing listens there unless the settings have a certificate. */
  readonly stratumTls: number;
  readonly http: number;
  readonly clickHouse: number;
}

export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  const ports = await Promise.all(
    servers.map(async (server) => {
      await once(server, 'listening');
      return (server.address() as AddressInfo).port;
    }),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** Settings for load: shares so easy that the load generator is not what is measured, and no room for vardiff to make them harder. */
export const LOAD_SETTINGS: Readonly<Record<string, string>> = {
  ASSAY_MIN_DIFFICULTY: '0.00000001',
  ASSAY_MAX_DIFFICULTY: '0.00000001',
};

export class PoolProcess implements SqlSource {
  readonly dataDir = mkdtempSync(join(tmpdir(), 'assay-pool-'));
  readonly ports: PoolPorts;
  readonly #settings: Readonly<Record<string, string>>;
  readonly #args: readonly string[];
  readonly #openFiles: number | undefined;
  #child: ChildProcess | undefined;
  #output = '';

  private constructor(
    ports: PoolPorts,
    settings: Readonly<Record<string, string>>,
    args: readonly string[],
    openFiles: number | undefined,
  ) {
    this.ports = ports;
    this.#settings = settings;
    this.#args = args;
    this.#openFiles = openFiles;
  }

  /** A pool that is ready. @param openFiles how many files the process may have open; as many as this one when left out */
  static async launch(
    settings: Readonly<Record<string, string>> = {},
    args: readonly string[] = [],
    openFiles?: number,
  ): Promise<PoolProcess> {
    const [stratum, stratumTls, http, clickHouse] = (await freePorts(4)) as [number, number, number, number];
    const pool = new PoolProcess({ stratum, stratumTls, http, clickHouse }, settings, args, openFiles);
    await pool.start();
    return pool;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Everything the process has printed, for when a test fails. */
  get output(): string {
    return this.#output;
  }

  get url(): string {
    return `http://127.0.0.1:${this.ports.http}`;
  }

  async start(): Promise<void> {
    const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('ASSAY_')));
    const command = [process.execPath, ...NODE_OPTIONS, MAIN, ...this.#args];
    const limited = ['/bin/sh', '-c', `ulimit -n ${this.#openFiles} && exec "$0" "$@"`, ...command];
    const [program, ...args] = this.#openFiles === undefined ? command : limited;
    const child = spawn(program!, args, {
      env: {
        ...inherited,
        ...this.#settings,
        ASSAY_DATA_DIR: this.dataDir,
        ASSAY_STRATUM_PORT: String(this.ports.stratum),
        ASSAY_STRATUM_TLS_PORT: String(this.ports.stratumTls),
        ASSAY_HTTP_PORT: String(this.ports.http),
        ASSAY_CLICKHOUSE_PORT: String(this.ports.clickHouse),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    const keep = (chunk: Buffer): void => {
      this.#output = (this.#output + chunk.toString()).slice(-200_000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    await waitFor('the pool to be ready', START_TIMEOUT_MS, async () => {
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`the pool ended with ${child.exitCode ?? child.signalCode}:\n${this.#output}`);
      const answer = await fetch(`${this.url}/readyz`).catch(() => undefined);
      return answer?.ok === true;
    });
  }

  /** Ends the process at once, as a power cut would, and waits until it is gone. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Asks the process to stop and waits until it has. Returns its exit code. */
  async stop(): Promise<number | null> {
    return this.#end('SIGTERM');
  }

  /** Stops the process and removes its data. */
  async dispose(): Promise<void> {
    await this.kill();
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  /** Rows of a query through the read-only SQL port. */
  sql<Row>(query: string, params: Record<string, unknown> = {}): Promise<Row[]> {
    return askSql(`http://127.0.0.1:${this.ports.clickHouse}`, query, params);
  }

  /** Data of a GraphQL query; throws with the errors when there are any. */
  graphql<Data>(query: string, variables: Record<string, unknown> = {}): Promise<Data> {
    return askGraphql(this.url, query, variables);
  }

  async #end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
    return child.exitCode;
  }
}
