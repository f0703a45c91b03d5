// A GraphQL server over the sample fleet, for developing the dashboard and for its browser tests. It speaks the gateway's own schema file,
// serves the built dashboard under the strict Content-Security-Policy it must run under, and can be told to be empty, stale, failing or away.
import { Random } from '@assay/kernel';
// By file name: the package holds itself twice, and the test runner would give us the copy that graphql-ws does not use.
import { buildSchema, graphql, GraphQLError, type GraphQLSchema } from 'graphql/index.js';
import { useServer } from 'graphql-ws/use/ws';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WebSocketServer } from 'ws';
import { filtered, historyAway, type SampleEvent, type Sight, sorted, totalsAnswer, workerAnswer } from './sample-answers.ts';
import { sampleFleet, type SampleWorker } from './sample-fleet.ts';

/**
 * normal; empty: no worker ever connected; stale: the live state is being rebuilt; no-history: ClickHouse is away;
 * error: every question but the status fails with a code; away: 503 to everything of the API, WebSockets too. */
export type SampleMode = 'normal' | 'empty' | 'stale' | 'no-history' | 'error' | 'away';

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

const SDL = fileURLToPath(new URL('../../../services/graphql-gateway/schema/assay.graphql', import.meta.url));
const CONTENT_TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};
/** The gateway's own policy, without its leave for `data:` images. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const MAX_BODY_BYTES = 100_000;

/** Fields by name, each a function of its arguments. */
type Root = Record<string, (args: never) => unknown>;

class SampleState {
  mode: SampleMode = 'normal';
  readonly startedAtMs = Date.now() - 3 * 86_400_000;
  readonly fleet: SampleWorker[];
  readonly events: SampleEvent[];
  readonly pending = new Map<() => void, Set<SampleWorker>>();

  constructor(count: number) {
    this.fleet = sampleFleet(count, Date.now());
    this.events = sampleEvents(this.fleet);
  }

  get workers(): readonly SampleWorker[] {
    return this.mode === 'empty' ? [] : this.fleet;
  }

  /** What of the answers is there. */
  get sight(): Sight {
    return { live: this.mode !== 'stale', history: this.mode !== 'no-history' };
  }

  answer = (worker: SampleWorker): object =>
    workerAnswer(worker, this.sight, (name) => this.events.filter((event) => event.worker === name));

  /** Marks workers as changed for every subscriber, and wakes them. */
  announce(workers: readonly SampleWorker[]): void {
    for (const [wake, set] of this.pending) {
      for (const worker of workers) set.add(worker);
      wake();
    }
  }
}

function sampleEvents(fleet: readonly SampleWorker[]): SampleEvent[] {
  const random = new Random(11);
  const events: SampleEvent[] = [];
  let at = Date.now() - 40_000;
  const troubled = fleet.filter((worker) => worker.kind !== 'healthy');
  for (let i = 0; i < 400 && fleet.length > 0; i++) {
    const worker = random.pick(troubled.length > 0 && random.chance(0.7) ? troubled : fleet);
    const type = worker.kind === 'stale-prone' ? 'REJECT_BURST' : i % 97 === 96 ? 'GATEWAY_STARTED' : random.pick(['CONNECTED', 'DISCONNECTED']);
    const pool = type === 'GATEWAY_STARTED';
    events.push({
      id: `e${400 - i}`,
      at: new Date(at).toISOString(),
      type,
      tenant: pool ? null : worker.tenant,
      worker: pool ? null : worker.name,
      gateway: `gateway-${1 + random.below(3)}`,
      detail:
        type === 'REJECT_BURST'
          ? `${8 + random.below(20)} of ${30 + random.below(20)} shares rejected: ${worker.rejectReason}`
          : type === 'DISCONNECTED'
            ? random.pick(['closed by the miner', 'idle for 10 minutes', 'connection reset'])
            : type === 'CONNECTED'
              ? `from 10.${random.below(8)}.${random.below(255)}.${random.below(255)}, ${worker.userAgent}`
              : 'started; earlier connections are gone',
    });
    at -= random.exponential(240_000);
  }
  return events;
}

/** Cuts one page out of a list; the cursor is the position of its last entry. */
function page<T>(list: readonly T[], first: number, after: string | null | undefined): { start: number; nodes: T[]; pageInfo: object } {
  if (first < 1 || first > 1000) throw new GraphQLError('first must be between 1 and 1000', { extensions: { code: 'BAD_USER_INPUT' } });
  const start = after ? Number(after) + 1 : 0;
  const nodes = list.slice(start, start + first);
  const end = start + nodes.length - 1;
  return { start, nodes, pageInfo: { hasNextPage: end + 1 < list.length, endCursor: nodes.length > 0 ? String(end) : null } };
}

function queryRoot(state: SampleState): Root {
  const guarded = <A, R>(answer: (args: A) => R) => (args: A): R => {
    if (state.mode === 'error') throw new GraphQLError('ClickHouse did not answer within 10 s', { extensions: { code: 'TIMEOUT', retriable: true } });
    return answer(args);
  };
  const tenants = (): object[] => {
    const names = [...new Set(state.workers.map((worker) => worker.tenant))].sort();
    return names.map((name) => {
      const of = state.workers.filter((worker) => worker.tenant === name);
      const sites = [...new Set(of.map((worker) => worker.site))].sort();
      return {
        name,
        totals: () => totalsAnswer(of, state.sight),
        sites: sites.map((site) => ({ tenant: name, name: site, totals: () => totalsAnswer(of.filter((worker) => worker.site === site), state.sight) })),
      };
    });
  };
  return {
    status: () => ({
      version: '0.1.0-sample',
      startedAt: new Date(state.startedAtMs).toISOString(),
      now: new Date().toISOString(),
      ...state.sight,
      newestShareAt: state.workers.length === 0 ? null : new Date(Date.now() - 2_000).toISOString(),
    }),
    tenants: guarded(tenants),
    fleet: guarded(({ filter }: { filter?: object }) => totalsAnswer(filtered(state.workers, filter), state.sight)),
    workers: guarded(({ filter, sort, first, after }: { filter?: object; sort: Parameters<typeof sorted>[1]; first: number; after?: string }) => {
      const all = sorted(filtered(state.workers, filter), sort);
      const { start, nodes, pageInfo } = page(all, first, after);
      const answers = nodes.map(state.answer);
      return { totalCount: all.length, nodes: answers, edges: answers.map((node, i) => ({ cursor: String(start + i), node })), pageInfo };
    }),
    worker: guarded(({ name }: { name: string }) => {
      const found = state.workers.find((worker) => worker.name === name);
      return found ? state.answer(found) : null;
    }),
    events: guarded(({ tenant, worker, types, first, after }: { tenant?: string; worker?: string; types?: string[]; first: number; after?: string }) => {
      if (!state.sight.history) throw historyAway();
      const all = (state.mode === 'empty' ? [] : state.events).filter(
        (event) => (!tenant || event.tenant === tenant) && (!worker || event.worker === worker) && (!types || types.includes(event.type)),
      );
      const { nodes, pageInfo } = page(all, first, after);
      return { nodes, pageInfo };
    }),
    networkDifficulty: () => [],
    connection: () => ({ urls: ['stratum+tcp://127.0.0.1:3333'], stratumPort: 3333, minimumDifficulty: 0.00001, demo: state.mode !== 'empty' }),
  };
}

function subscriptionRoot(state: SampleState): Root {
  return {
    async *workersChanged({ filter }: { filter?: object }) {
      let wake = (): void => undefined;
      const notify = (): void => wake();
      const changed = new Set<SampleWorker>();
      state.pending.set(notify, changed);
      try {
        for (;;) {
          if (changed.size === 0) await new Promise<void>((resolve) => (wake = resolve));
          const batch = filtered([...changed], filter).slice(0, 500);
          changed.clear();
          if (batch.length > 0) yield { workersChanged: batch.map(state.answer) };
        }
      } finally {
        state.pending.delete(notify);
      }
    },
    async *fleetChanged({ filter, intervalMs }: { filter?: object; intervalMs: number }) {
      for (;;) {
        yield { fleetChanged: totalsAnswer(filtered(state.workers, filter), state.sight) };
        await new Promise((resolve) => setTimeout(resolve, intervalMs).unref());
      }
    },
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) {
    body += String(chunk);
    if (body.length > MAX_BODY_BYTES) throw new Error('body too large');
  }
  return body;
}

async function answerQuery(schema: GraphQLSchema, state: SampleState, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (state.mode === 'away') {
    response.writeHead(503).end();
    return;
  }
  const { query, variables } = JSON.parse(await readBody(request)) as { query: string; variables?: Record<string, unknown> };
  const result = await graphql({ schema, source: query, rootValue: queryRoot(state), ...(variables ? { variableValues: variables } : {}) });
  response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(JSON.stringify(result));
}

async function answerFile(dashboard: string, path: string, response: ServerResponse): Promise<void> {
  // Every address of the dashboard is the one page. Worker names hold dots, so the ending says nothing about a path below /workers.
  const file = normalize(path === '/' || path.startsWith('/workers/') || extname(path) === '' ? '/index.html' : path);
  try {
    const body = await readFile(join(dashboard, file));
    response.writeHead(200, { 'content-type': CONTENT_TYPES[extname(file)] ?? 'application/octet-stream', 'content-security-policy': POLICY }).end(body);
  } catch {
    response.writeHead(404).end();
  }
}

function churn(state: SampleState, random: Random): void {
  const batch = Array.from({ length: Math.min(60, state.fleet.length) }, () => random.pick(state.fleet)).filter((worker) => worker.status === 'ONLINE');
  for (const worker of batch) {
    worker.lastShareAtMs = Date.now();
    worker.hashRate *= 0.99 + 0.02 * random.float();
  }
  state.announce(batch);
}

export async function startSampleServer(options: SampleOptions): Promise<SampleServer> {
  const state = new SampleState(options.workers);
  const schema = buildSchema(await readFile(SDL, 'utf8'));
  const server: Server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://sample').pathname;
    const answered = path === '/graphql' ? answerQuery(schema, state, request, response) : options.dashboard === undefined ? undefined : answerFile(options.dashboard, decodeURIComponent(path), response);
    if (answered === undefined) response.writeHead(404).end();
    else answered.catch((error: unknown) => response.writeHead(400).end(String(error)));
  });
  const sockets = new WebSocketServer({ server, path: '/graphql', verifyClient: () => state.mode !== 'away' });
  const subscriptions = useServer({ schema, roots: { query: queryRoot(state), subscription: subscriptionRoot(state) } }, sockets);
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
