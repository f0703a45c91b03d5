// A server that keeps what it was sent and answers as the test says: the other end of webhooks, Slack and Telegram.
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Answer {
  readonly status: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Undefined leaves the request without an answer. */
export type Respond = (received: Received) => Answer | undefined;

export class HttpReceiver {
  readonly received: Received[] = [];
  respond: Respond;
  readonly #server: Server;
  readonly #scheme: string;

  private constructor(server: Server, scheme: string, respond: Respond) {
    this.#server = server;
    this.#scheme = scheme;
    this.respond = respond;
  }

  static async start(respond: Respond, tls?: { readonly key: string; readonly cert: string }): Promise<HttpReceiver> {
    const server = tls === undefined ? createServer() : createTlsServer(tls);
    const receiver = new HttpReceiver(server, tls === undefined ? 'http' : 'https', respond);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const received = {
          path: request.url ?? '',
          headers: request.headers,
          body: Buffer.concat(chunks).toString('utf8'),
        };
        receiver.received.push(received);
        const answer = receiver.respond(received);
        if (answer === undefined) return;
        response.writeHead(answer.status, answer.headers);
        response.end(answer.body ?? '');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  url(path: string, host = '127.0.0.1'): string {
    return `${this.#scheme}://${host}:${this.port}${path}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
