// What orchestrators and Prometheus ask a service: does it live, is it ready, what does it count. Plain node:http on a port of its
// own, so that it answers from the first moment on, also while the service still waits for the servers it needs.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readyReport, type ReadyReport } from './running-service.ts';

export interface OpsPorts {
  readonly readiness: () => Promise<ReadyReport>;
  /** In Prometheus' text format. */
  readonly metricsText: () => Promise<string>;
}

export interface OpsServer {
  readonly port: number;
  close(): Promise<void>;
}

/** A kubelet and a Prometheus or two hold a connection each; beyond this many, new ones are dropped. */
const MAX_CONNECTIONS = 64;
const REQUEST_TIMEOUT_MS = 5_000;

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** Resolves once it listens. Rejects when the port is taken. */
export async function startOpsServer(host: string, port: number, ports: OpsPorts): Promise<OpsServer> {
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS });
  server.maxConnections = MAX_CONNECTIONS;
  server.on('request', (request, response) => void respond(request, response, ports));
  server.listen(port, host);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function respond(request: IncomingMessage, response: ServerResponse, ports: OpsPorts): Promise<void> {
  const { status, type, body } = await answerTo(request, ports);
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
  response.end(request.method === 'HEAD' ? undefined : body);
}

async function answerTo({ method, url }: IncomingMessage, ports: OpsPorts): Promise<Answer> {
  if (method !== 'GET' && method !== 'HEAD') return plain(405, 'Only GET is answered.');
  switch (url?.split('?')[0]) {
    case '/healthz':
      return json(200, { alive: true });
    case '/readyz': {
      const report = await settledReadiness(ports.readiness);
      return json(report.ready ? 200 : 503, report);
    }
    case '/metrics':
      try {
        return { status: 200, type: 'text/plain; version=0.0.4; charset=utf-8', body: await ports.metricsText() };
      } catch (error) {
        return plain(500, `The metrics could not be collected: ${messageOf(error)}`);
      }
    default:
      return plain(404, 'There are /healthz, /readyz and /metrics.');
  }
}

/** The report, or one that says why there is none. */
export async function settledReadiness(readiness: () => Promise<ReadyReport>): Promise<ReadyReport> {
  try {
    return await readiness();
  } catch (error) {
    return readyReport({ readiness: `the checks could not be made: ${messageOf(error)}` });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function json(status: number, body: object): Answer {
  return { status, type: 'application/json', body: JSON.stringify(body) };
}

function plain(status: number, body: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', body: `${body}\n` };
}
