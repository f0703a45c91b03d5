// ClickHouse's HTTP interface over the engine: routes, who is asking, a turn in the queue, and one statement per request.
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { authenticate, checkHost, isLoopback, type Reader, type Users } from './access.ts';
import { Answer } from './answer.ts';
import { ClickHouseFailure, failure, failureFrom } from './clickhouse-error.ts';
import type { Engine } from './engine.ts';
import type { Limits } from './limits.ts';
import { readQueryRequest } from './query-request.ts';
import { SEEN_DATABASE } from './seen-names.ts';
import { StatementSlots } from './slots.ts';
import type { StatementSpec } from './statement-protocol.ts';

/** A statement that is past its own time limit gets this long to notice, then it is killed. */
const GRACE_MS = 5_000;

export interface HttpServerOptions {
  readonly host: string;
  readonly port: number;
  readonly users: Users;
  readonly limits: Limits;
  readonly outsideDatabase: string | undefined;
}

export type ReaderOf = (password: string) => Promise<Reader>;

export class ClickHouseHttpServer {
  readonly #engine: Engine;
  readonly #options: HttpServerOptions;
  readonly #server: Server;
  readonly #slots: Readonly<Record<'inside' | 'outside', StatementSlots>>;
  readonly #underWay = new Set<Promise<void>>();
  readonly #readerOf: ReaderOf | undefined;
  #closing = false;

  /** @param readerOf asks the pool who comes with a password; without it, the users of the options are all there are */
  constructor(engine: Engine, options: HttpServerOptions, readerOf?: ReaderOf) {
    this.#readerOf = readerOf;
    const { limits } = options;
    this.#engine = engine;
    this.#options = options;
    this.#slots = {
      inside: new StatementSlots(limits.insideRunning, limits.insideWaiting, limits.waitMs),
      outside: new StatementSlots(limits.outsideRunning, limits.outsideWaiting, limits.waitMs),
    };
    // A request line holds a whole query at times, URL-encoded. Clients keep idle sockets about 10 s by default; the server keeps them longer.
    this.#server = createServer({
      maxHeaderSize: limits.parameterBytes,
      keepAliveTimeout: 30_000,
      headersTimeout: limits.stallMs,
      requestTimeout: 0,
    });
    this.#server.maxConnections = limits.connections;
    this.#server.setTimeout(0);
    this.#server.on('request', (request, response) => this.#onRequest(request, response));
    this.#server.on('clientError', (_error, socket) => socket.destroy());
  }

  /** Resolves with the port. */
  listen(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#options.port, this.#options.host, () => {
        this.#server.off('error', reject);
        resolve((this.#server.address() as AddressInfo).port);
      });
    });
  }

  /** Takes no new request, finishes what is under way, then closes the connections. */
  async close(): Promise<void> {
    this.#closing = true;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeIdleConnections();
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
    this.#server.closeAllConnections();
    await closed;
  }

  #onRequest(request: IncomingMessage, response: ServerResponse): void {
    // A client that resets its connection is not our fault; the statement hears of it by 'close'.
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    const done = this.#route(request, response).catch(() => void response.destroy());
    this.#underWay.add(done);
    void done.finally(() => this.#underWay.delete(done));
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = URL.canParse(request.url ?? '/', 'http://localhost')
      ? new URL(request.url ?? '/', 'http://localhost')
      : undefined;
    if (!url) return plain(response, 400, 'The request has no valid URL.\n');
    switch (url.pathname) {
      case '/ping':
      case '/replicas_status':
        return plain(response, 200, 'Ok.\n');
      case '/':
        break;
      default:
        return plain(
          response,
          404,
          `There is no handle ${url.pathname}. Send queries to /, and health checks to /ping.\n`,
        );
    }
    if (request.method === 'GET' && !url.searchParams.has('query')) return plain(response, 200, 'Ok.\n');
    if (request.method !== 'GET' && request.method !== 'POST')
      return plain(response, 405, 'Send queries with GET or POST.\n');
    const answer = new Answer(
      request,
      response,
      url.searchParams.get('query_id') || randomUUID(),
      this.#engine.version,
      this.#options.limits.stallMs,
    );
    try {
      await this.#query(request, response, url.searchParams, answer);
    } catch (error) {
      await answer.fail(failureFrom(error));
    }
  }

  async #query(
    request: IncomingMessage,
    response: ServerResponse,
    parameters: URLSearchParams,
    answer: Answer,
  ): Promise<void> {
    const { users, limits, outsideDatabase } = this.#options;
    const asker = await authenticate(users, request, parameters, this.#readerOf);
    const { who } = asker;
    const outside = who === 'outside';
    const seen = asker.who === 'outside' ? asker.seen : undefined;
    if (seen !== undefined) this.#engine.keepSeenViews();
    if (outside && users.outside?.password === '' && isLoopback(this.#options.host)) checkHost(request);
    if (this.#closing) throw failure('TOO_MANY_SIMULTANEOUS_QUERIES', 'The server is stopping.');
    const left = new AbortController();
    response.once('close', () => left.abort());
    const query = await readQueryRequest(request, parameters, {
      outside,
      seen,
      limits,
      spoolDir: this.#engine.spoolDir,
      outsideDatabase: seen === undefined ? outsideDatabase : SEEN_DATABASE,
    });
    try {
      // GET may be sent by a link or an image on any page: it reads, as with ClickHouse.
      const settings =
        request.method === 'GET' && !outside
          ? [...query.spec.settings, ['readonly', '2'] as const]
          : query.spec.settings;
      answer.compress = query.compressResponse;
      const giveBack = await this.#slots[who].acquire(left.signal);
      try {
        await this.#run({ ...query.spec, settings, tag: randomUUID() }, query.file, answer, left.signal);
      } finally {
        giveBack();
      }
    } finally {
      if (query.file !== undefined) await rm(query.file, { force: true });
    }
  }

  async #run(spec: StatementSpec, file: string | undefined, answer: Answer, left: AbortSignal): Promise<void> {
    const statement = await this.#engine.run(spec);
    const stop = (): void => statement.stop(failure('QUERY_WAS_CANCELLED', 'Query was cancelled.'));
    if (left.aborted) stop();
    left.addEventListener('abort', stop, { once: true });
    // The engine checks its clock between blocks; what never comes to a block is stopped here.
    const seconds = Number(spec.settings.findLast(([name]) => name === 'max_execution_time')?.[1] ?? 0);
    let watchdog: NodeJS.Timeout | undefined;
    if (seconds > 0) {
      watchdog = setTimeout(
        () => statement.stop(failure('TIMEOUT_EXCEEDED', `Timeout exceeded: maximum: ${seconds} seconds.`)),
        Math.min(seconds * 1000 + GRACE_MS, 2 ** 31 - 1),
      );
    }
    try {
      const { head, chunk } = await statement.first();
      clearTimeout(watchdog);
      answer.begin(head.format, spec.seen === undefined ? statement.summary : undefined);
      for (let bytes = chunk; bytes; bytes = await statement.next()) await answer.write(bytes);
      await answer.end();
    } catch (error) {
      const reason = withoutFile(failureFrom(error), file);
      statement.stop(reason);
      await answer.fail(reason);
    } finally {
      clearTimeout(watchdog);
      left.removeEventListener('abort', stop);
      // The slot is given back only when nothing of the statement runs any more.
      await statement.settled;
    }
  }
}

/** The sender knows its data as the body of its request, not as a file of ours. */
function withoutFile(error: ClickHouseFailure, file: string | undefined): ClickHouseFailure {
  if (file === undefined || !error.message.includes(file)) return error;
  return new ClickHouseFailure(
    error.code,
    error.message.replaceAll(`(in file/uri ${file})`, '(in the body)').replaceAll(file, 'the body'),
    error,
  );
}

function plain(response: ServerResponse, status: number, text: string): Promise<void> {
  return new Promise((resolve) => {
    response.once('close', resolve);
    response.writeHead(status, {
      'Content-Type': 'text/plain; charset=UTF-8',
      'X-ClickHouse-Server-Display-Name': 'assay',
      ...(status === 200 ? {} : { Connection: 'close' }),
    });
    response.end(text, () => resolve());
  });
}
