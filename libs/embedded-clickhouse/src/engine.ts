// The engine: chdb on its data directory, opened once for the process, with the threads that run statements on it.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serverConfigXml, usersConfigXml, type EngineConfig } from './engine-config.ts';
import { loadNative, type Native, type NativeConnection } from './native.ts';
import { outsidePolicy, type FunctionRow } from './outside-policy.ts';
import { StatementPool, type RunningStatement } from './statement-pool.ts';
import type { StatementSpec } from './statement-protocol.ts';
import { quote } from './request-settings.ts';
import { SeenViews } from './seen-rows.ts';

/** Another live process has the directory. The engine refuses it too, but only says so on standard error. */
export class DirectoryInUse extends Error {
  override readonly name = 'DirectoryInUse';
  readonly code = 'data_in_use';
}

export class Engine {
  /** Where request bodies wait for their insert. Emptied at every start: what a crash left is nobody's. */
  readonly spoolDir: string;
  readonly version: string;
  readonly #native: Native;
  readonly #root: NativeConnection;
  readonly #pool: StatementPool;
  readonly #seenViews: SeenViews;

  /** Opens the directory, creating it. Throws when another process holds it. */
  constructor(dataDir: string, config: EngineConfig) {
    const storeDir = join(dataDir, 'store');
    this.spoolDir = join(dataDir, 'spool');
    const configFile = join(dataDir, 'config.xml');
    const usersFile = join(dataDir, 'users.xml');
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    writeFileSync(configFile, serverConfigXml(config, usersFile));
    writeFileSync(usersFile, usersConfigXml(config));
    this.#native = loadNative();
    this.#root = openStore(this.#native, storeDir, configFile);
    rmSync(this.spoolDir, { recursive: true, force: true });
    mkdirSync(this.spoolDir, { mode: 0o700 });
    this.version = this.#text('SELECT version()');
    const policy = outsidePolicy(
      this.#rows<FunctionRow>('SELECT name, is_aggregate, alias_to, categories FROM system.functions'),
      this.#names('SELECT name FROM system.table_functions'),
      this.#names('SELECT name FROM system.aggregate_function_combinators'),
    );
    this.#seenViews = new SeenViews({ run: (sql) => this.#text(sql) });
    this.#pool = new StatementPool(
      {
        dataDir: storeDir,
        functions: [...policy.functions],
        aggregates: [...policy.aggregates],
        combinators: policy.combinators,
      },
      (tag) => this.#kill(tag),
    );
  }

  /** To be called before a statement that does not see every row. Some milliseconds; some more when tables have changed. */
  keepSeenViews(): void {
    this.#seenViews.keep();
  }

  run(spec: StatementSpec): Promise<RunningStatement> {
    return this.#pool.run(spec);
  }

  /** To be called when no statement runs: parts are flushed as the engine lets go of the directory. */
  async close(): Promise<void> {
    await this.#pool.close();
    this.#native.CloseConnection(this.#root);
  }

  #kill(tag: string): void {
    // ASYNC returns at once: only the asking runs on this thread.
    this.#native.QueryWithConnection(
      this.#root,
      `KILL QUERY WHERE Settings['log_comment'] = ${quote(tag)} ASYNC`,
      'TabSeparated',
    );
  }

  #text(sql: string): string {
    return this.#native.QueryWithConnection(this.#root, sql, 'TabSeparatedRaw').trim();
  }

  #names(sql: string): string[] {
    return this.#text(sql).split('\n');
  }

  #rows<Row>(sql: string): Row[] {
    return this.#native
      .QueryWithConnection(this.#root, sql, 'JSONEachRow')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Row);
  }
}

function openStore(native: Native, storeDir: string, configFile: string): NativeConnection {
  try {
    return native.CreateConnection(storeDir, [`--config-file=${configFile}`]);
  } catch (error) {
    const holder = livingHolder(join(storeDir, 'status'));
    if (holder === undefined) throw error;
    throw new DirectoryInUse(`process ${holder} has ${storeDir} open`, { cause: error });
  }
}

/** The engine locks `status` and notes its process there; after a crash the note stays, but the lock is gone. */
function livingHolder(statusFile: string): number | undefined {
  try {
    const pid = Number(/^PID: (\d+)/m.exec(readFileSync(statusFile, 'utf8'))?.[1] ?? 0);
    // Signal 0 only asks whether the process is there.
    return pid !== 0 && pid !== process.pid && process.kill(pid, 0) ? pid : undefined;
  } catch {
    return undefined;
  }
}
