// A GraphQL server over the sample fleet, for developing the dashboard and for its browser tests. It speaks the gateway's own schema file,
// serves the built dashboard under the strict Content-Security-Policy it must run under, and can be told to be empty, stale, failing or away.
import { Random } from '@assay/kernel';
// By file name: the package holds itself twice, and the test runner would give us the copy that graphql-ws does not use.
import { buildSchema, graphql, type GraphQLSchema } from 'graphql/index.js';
import { useServer } from 'graphql-ws/use/ws';
import { readdir, readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { WebSocketServer } from 'ws';
import type { SampleWorker } from './sample-fleet.ts';
import { queryRoot, subscriptionRoot } from './sample-roots.ts';
import { type SampleMode, SampleState } from './sample-state.ts';

export interface SampleServer {
  readonly url: string;
  readonly workers: readonly SampleWorker[];
  mode: SampleMode;
  /** Changes a worker and sends it to the subscribers. */
  change(name: string, change: Partial<Pick<SampleWorker, 'status' | 'hashRate' | 'lastShareAtMs'>>): void;
  /** Drops every WebSocket, as a restart of the gateway would. */
  dropSockets(): void;
  stop(): Promise<void>;
}

export interface SampleOptions {
  readonly workers: number;
  /** The built dashboard; without it only the API is served. */
  readonly dashboard?: string;
  readonly port?: number;
  /** How often some workers change by themselves; 0 (the default) for never. */
  readonly churnMs?: number;
}

const SCHEMA = new URL('../../../services/graphql-gateway/schema/', import.meta.url);
const CONTENT_TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};
/** The gateway's own policy, without its leave for `data:` images. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/** What a pool without users answers at /auth/state: nobody has to log in. */
const OPEN_POOL = JSON.stringify({ known: true, open: true, setup: false, oidc: null, owed: null, user: null });
const MAX_BODY_BYTES = 100_000;
async function readBody(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) {
    body += String(chunk);
    if (body.length > MAX_BODY_BYTES) throw new Error('body too large');
  }
  return body;
}

async function answerQuery(
  schema: GraphQLSchema,
  state: SampleState,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (state.mode === 'away') {
    response.writeHead(503).end();
    return;
  }
  const { query, variables } = JSON.parse(await readBody(request)) as {
    query: string;
    variables?: Record<string, unknown>;
  };
  const result = await graphql({
    schema,
    source: query,
    rootValue: queryRoot(state),
    ...(variables ? { variableValues: variables } : {}),
  });
  response
    .writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' })
    .end(JSON.stringify(result));
}

async function answerFile(dashboard: string, path: string, response: ServerResponse): Promise<void> {
  // Every address of the dashboard is the one page. Worker names hold dots, so the ending says nothing about a path below /workers.
  const file = normalize(path === '/' || path.startsWith('/workers/') || extname(path) === '' ? '/index.html' : path);
  try {
    const body = await readFile(join(dashboard, file));
    response
      .writeHead(200, {
        'content-type': CONTENT_TYPES[extname(file)] ?? 'application/octet-stream',
        'content-security-policy': POLICY,
      })
      .end(body);
  } catch {
    response.writeHead(404).end();
  }
}

function churn(state: SampleState, random: Random): void {
  const batch = Array.from({ length: Math.min(60, state.fleet.length) }, () => random.pick(state.fleet)).filter(
    (worker) => worker.status === 'ONLINE',
  );
  for (const worker of batch) {
    worker.lastShareAtMs = Date.now();
    worker.hashRate *= 0.99 + 0.02 * random.float();
  }
  state.announce(batch);
}

export async function startSampleServer(options: SampleOptions): Promise<SampleServer> {
  const state = new SampleState(options.workers);
  const files = (await readdir(SCHEMA)).filter((name) => name.endsWith('.graphql'));
  const schema = buildSchema(
    (await Promise.all(files.map((name) => readFile(new URL(name, SCHEMA), 'utf8')))).join('\n'),
  );
  const server: Server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://sample').pathname;
    if (path === '/auth/state' && state.mode !== 'away') {
      response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(OPEN_POOL);
      return;
    }
    const answered =
      path === '/graphql'
        ? answerQuery(schema, state, request, response)
        : options.dashboard === undefined
          ? undefined
          : answerFile(options.dashboard, decodeURIComponent(path), response);
    if (answered === undefined) response.writeHead(404).end();
    else answered.catch((error: unknown) => response.writeHead(400).end(String(error)));
  });
  const sockets = new WebSocketServer({ server, path: '/graphql', verifyClient: () => state.mode !== 'away' });
  const subscriptions = useServer(
    { schema, roots: { query: queryRoot(state), subscription: subscriptionRoot(state) } },
    sockets,
  );
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  const random = new Random(3);
  const timer = options.churnMs ? setInterval(() => churn(state, random), options.churnMs) : undefined;
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    workers: state.fleet,
    get mode() {
      return state.mode;
    },
    set mode(mode: SampleMode) {
      state.mode = mode;
    },
    change(name, change) {
      const worker = state.fleet.find((each) => each.name === name);
      if (!worker) throw new Error(`no sample worker is called ${name}`);
      Object.assign(worker, change);
      state.announce([worker]);
    },
    dropSockets() {
      for (const socket of sockets.clients) socket.terminate();
    },
    async stop() {
      clearInterval(timer);
      for (const socket of sockets.clients) socket.terminate();
      await subscriptions.dispose();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
