// chdb's native addon, typed: only the calls this server uses. They are called directly and not through chdb's Session, because
// Session.close() waits for the native calls of every other session before it lets go of its own connection.
import { createRequire } from 'node:module';

export interface NativeConnection {
  readonly __connection: never;
}

interface NativeStream {
  readonly __stream: never;
}

interface NativeResult {
  readonly bytes: Uint8Array;
  readonly elapsed: number;
  readonly rowsRead: number;
  readonly bytesRead: number;
}

interface NativeChunk {
  readonly done: boolean;
  readonly bytes: Uint8Array;
  readonly numRows: number;
}

/** How ClickHouse's own parser classes a statement; see chdb/dist/durable/engine-adapter.d.ts. */
export const QUERY_CLASS = { readOnly: 0, mutating: 1, mutatingGlobal: 2, control: 3, unknown: 4 } as const;

interface NativeAnalysis {
  readonly statementCount: number;
  readonly queryClass: number;
}

export interface Native {
  CreateConnection(dataDir: string, args?: readonly string[]): NativeConnection;
  CloseConnection(connection: NativeConnection): void;
  /** Blocks the calling thread: for statements known to take microseconds only. */
  QueryWithConnection(connection: NativeConnection, sql: string, format: string): string;
  /** Runs on libuv's pool. */
  QueryAsyncConnection(connection: NativeConnection, sql: string, format: string): Promise<NativeResult>;
  StreamQuery(connection: NativeConnection, sql: string, format: string): NativeStream;
  /** Runs on libuv's pool; one fetch at a time, and never a cancel while one is under way. */
  StreamFetch(stream: NativeStream): Promise<NativeChunk>;
  StreamCancel(stream: NativeStream): void;
  DurableClassifyAsync(connection: NativeConnection, sql: string, database: string | null): Promise<NativeAnalysis>;
  EngineVersion(): string;
}

const PACKAGES: Readonly<Record<string, string>> = {
  'darwin-arm64': '@chdb/lib-darwin-arm64',
  'darwin-x64': '@chdb/lib-darwin-x64',
  'linux-x64': '@chdb/lib-linux-x64-gnu',
  'linux-arm64': '@chdb/lib-linux-arm64-gnu',
};

/** Loads the addon of this platform. Throws with a sentence where there is none (musl, Windows). */
export function loadNative(): Native {
  const platform = `${process.platform}-${process.arch}`;
  const name = PACKAGES[platform];
  if (name === undefined) {
    throw new Error(
      `The embedded ClickHouse runs on glibc Linux and macOS, not on ${platform}: point Assay at a ClickHouse server instead.`,
    );
  }
  // The platform package is chdb's dependency, so it is resolved from there.
  const require = createRequire(createRequire(import.meta.url).resolve('chdb/package.json'));
  try {
    return require(name) as Native;
  } catch (error) {
    throw new Error(
      `The package ${name} could not be loaded: run npm install on a glibc system, or point Assay at a ClickHouse server.`,
      { cause: error },
    );
  }
}
