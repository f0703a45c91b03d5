// The process that owns the data directory. It is a process and not a thread because the engine works on libuv's pool, and a pool
// of four threads full of queries holds up the log's flush, which miners wait for: measured, a put of 0.5 ms took 2,003 ms beside four
// sleeping queries. It also keeps a crash of the engine, or the system's memory killer, away from the gateway. It dies with its parent.
import './yield-to-miners.ts';
import type { Reader } from './access.ts';
import { ClickHouseHttpServer, type HttpServerOptions } from './http-server.ts';
import type { EngineConfig } from './engine-config.ts';
import { Engine } from './engine.ts';

export interface ProcessOptions extends HttpServerOptions {
  readonly dataDir: string;
  readonly engine: EngineConfig;
  /** Whether the parent knows readers by their passwords. */
  readonly asksReaders: boolean;
}

export type ToEngineProcess =
  | { readonly type: 'start'; readonly options: ProcessOptions }
  | { readonly type: 'reader'; readonly id: number; readonly reader: Reader }
  | { readonly type: 'close' };

export type FromEngineProcess =
  | { readonly type: 'loaded' }
  | { readonly type: 'listening'; readonly port: number; readonly version: string }
  /** `code` is `data_in_use` when another process holds the directory, or what the system says, such as EADDRINUSE. */
  | { readonly type: 'failed'; readonly message: string; readonly code: string | undefined }
  /** Asks who comes with the password; a `reader` of that id answers. */
  | { readonly type: 'who'; readonly id: number; readonly password: string }
  | { readonly type: 'closed' };

let engine: Engine | undefined;
let server: ClickHouseHttpServer | undefined;

/** Nobody waits longer for the parent to say who they are; nobody then reads. */
const ANSWER_MS = 5_000;
const MAX_ASKED = 1_000;
const asked = new Map<number, (reader: Reader) => void>();
let lastId = 0;

function readerOf(password: string): Promise<Reader> {
  if (asked.size >= MAX_ASKED) return Promise.resolve({ reads: false });
  const id = ++lastId;
  return new Promise((resolve) => {
    const timer = setTimeout(() => asked.get(id)?.({ reads: false }), ANSWER_MS);
    asked.set(id, (reader) => {
      clearTimeout(timer);
      asked.delete(id);
      resolve(reader);
    });
    void tell({ type: 'who', id, password });
  });
}

function tell(message: FromEngineProcess): Promise<void> {
  return new Promise((resolve) => {
    if (!process.connected) return resolve();
    process.send!(message, () => resolve());
  });
}

async function start(options: ProcessOptions): Promise<void> {
  try {
    engine = new Engine(options.dataDir, options.engine);
    server = new ClickHouseHttpServer(engine, options, options.asksReaders ? readerOf : undefined);
    await tell({ type: 'listening', port: await server.listen(), version: engine.version });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const { code } = error as { code?: unknown };
    await tell({ type: 'failed', message, code: typeof code === 'string' ? code : undefined });
    process.kill(process.pid, 'SIGKILL');
  }
}

async function close(): Promise<void> {
  await server?.close();
  await engine?.close();
  await tell({ type: 'closed' });
  process.exit(0);
}

process.on('message', (message: ToEngineProcess) => {
  if (message.type === 'start') void start(message.options);
  else if (message.type === 'reader') asked.get(message.id)?.(message.reader);
  else void close();
});
// A parent that was killed can ask for nothing: the process ends as abruptly, which the data survives as it survives kill -9.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
// A terminal sends its interrupt to the whole group: the parent decides when the engine closes, after its services have drained.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
void tell({ type: 'loaded' });
