// JSON-RPC to one node over HTTP, as Bitcoin Core and its relatives speak it: basic authentication by the URL or by the cookie file that
// the node writes at each start, a time limit per call, and a bound on what an answer may hold.
import { readFile } from 'node:fs/promises';
import { Agent as HttpAgent, request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

export type NodeErrorCode =
  /** No connection was made: nothing can have been taken. */
  | 'unreachable'
  /** The connection was lost, or no answer came in time: the node may have done it. */
  | 'unanswered'
  /** It does not know us. */
  | 'unauthorized'
  /** It is busy or still starting. */
  | 'not_ready'
  /** It answered with an error of its own; `rpcCode` is the node's. */
  | 'refused'
  /** What it sent is no answer, or is larger than any answer may be. */
  | 'bad_answer';

export class NodeError extends Error {
  override readonly name = 'NodeError';
  readonly code: NodeErrorCode;
  /** Whether asking again can help without anybody doing something about the node. */
  readonly retriable: boolean;
  readonly rpcCode: number | undefined;
  constructor(code: NodeErrorCode, message: string, options: { cause?: unknown; rpcCode?: number } = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.rpcCode = options.rpcCode;
    this.retriable = code === 'unreachable' || code === 'unanswered' || code === 'not_ready';
  }
}

export interface NodeAddress {
  readonly url: string;
  readonly cookieFile: string | undefined;
}

export interface CallOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** A template of a full block is some 10 MB: 4 MB of transactions in hex, and what is said of each. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
/** Enough for a long poll, questions and blocks at once; a node has four threads for all of its clients by default. */
const MAX_SOCKETS = 8;
/** RPC_IN_WARMUP of Bitcoin Core's protocol.h. */
const IN_WARMUP = -28;

export class NodeClient {
  /** `host:port`, for people: no password is in it. */
  readonly endpoint: string;
  readonly #url: URL;
  readonly #cookieFile: string | undefined;
  readonly #agent: HttpAgent;
  #authorization: string | undefined;
  #calls = 0;

  constructor({ url, cookieFile }: NodeAddress) {
    this.#url = new URL(url);
    this.#cookieFile = cookieFile;
    const { hostname, port, protocol, username, password } = this.#url;
    this.endpoint = `${hostname}:${port === '' ? (protocol === 'https:' ? 443 : 80) : port}`;
    if (cookieFile === undefined && username !== '')
      this.#authorization = basic(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`);
    const options = { keepAlive: true, maxSockets: MAX_SOCKETS };
    this.#agent = protocol === 'https:' ? new HttpsAgent(options) : new HttpAgent(options);
  }

  /** The result of a call. Throws NodeError and nothing else. */
  async call(method: string, params: readonly unknown[], options: CallOptions): Promise<unknown> {
    const body = Buffer.from(JSON.stringify({ jsonrpc: '1.0', id: ++this.#calls, method, params }));
    if (this.#cookieFile !== undefined && this.#authorization === undefined) await this.#readCookie(this.#cookieFile);
    try {
      return await this.#once(method, body, options);
    } catch (error) {
      if (!(error instanceof NodeError) || error.code !== 'unauthorized' || this.#cookieFile === undefined) throw error;
      // The node has been started again and wrote a new cookie.
      await this.#readCookie(this.#cookieFile);
      return this.#once(method, body, options);
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  async #readCookie(path: string): Promise<void> {
    try {
      this.#authorization = basic((await readFile(path, 'utf8')).trim());
    } catch (cause) {
      throw new NodeError('unauthorized', `${this.endpoint}: its cookie file cannot be read: ${messageOf(cause)}`, {
        cause,
      });
    }
  }

  async #once(method: string, body: Buffer, options: CallOptions): Promise<unknown> {
    const { status, text } = await this.#post(body, options).catch(async (failure: Failure) => {
      // A node closes a connection that was idle, and it may do so just when it is used again: that says nothing of the node.
      if (!failure.reused) throw this.#lost(failure, options);
      return this.#post(body, options).catch((second: Failure) => {
        throw this.#lost(second, options);
      });
    });
    if (status === 401) throw new NodeError('unauthorized', `${this.endpoint} refuses user and password`);
    if (status === 403) throw new NodeError('unauthorized', `${this.endpoint} lets nobody in from this address`);
    if (status === 503) throw new NodeError('not_ready', `${this.endpoint} has too much to do: ${text.slice(0, 100)}`);
    return this.#result(method, status, text);
  }

  #result(method: string, status: number, text: string): unknown {
    let answer: unknown;
    try {
      answer = JSON.parse(text);
    } catch (cause) {
      throw new NodeError('bad_answer', `${this.endpoint} answered ${method} with no JSON, status ${status}`, {
        cause,
      });
    }
    if (typeof answer !== 'object' || answer === null)
      throw new NodeError('bad_answer', `${this.endpoint} answered ${method} with no object`);
    const { result, error } = answer as { result?: unknown; error?: unknown };
    if (error === null || error === undefined) return result;
    const { code, message } = error as { code?: unknown; message?: unknown };
    const rpcCode = typeof code === 'number' ? code : undefined;
    // One line of bounded length: it is shown and logged.
    const reason = String(message).replace(/\s+/g, ' ').slice(0, 200);
    throw new NodeError(rpcCode === IN_WARMUP ? 'not_ready' : 'refused', `${this.endpoint}: ${reason}`, {
      ...(rpcCode === undefined ? {} : { rpcCode }),
    });
  }

  #lost({ connected, error }: Failure, { timeoutMs, signal }: CallOptions): NodeError {
    if (error instanceof NodeError) return error;
    const code = connected ? 'unanswered' : 'unreachable';
    if (signal?.aborted) return new NodeError(code, `${this.endpoint}: not waited for any longer`, { cause: error });
    const why = error instanceof TimedOut ? `no answer within ${timeoutMs / 1000} s` : messageOf(error);
    return new NodeError(code, `${this.endpoint}: ${why}`, { cause: error });
  }

  /** Rejects with a Failure. */
  #post(body: Buffer, { timeoutMs, signal }: CallOptions): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      const headers: Record<string, string | number> = {
        'content-type': 'application/json',
        'content-length': body.length,
      };
      if (this.#authorization !== undefined) headers['authorization'] = this.#authorization;
      const { protocol, hostname, port, pathname } = this.#url;
      const make = protocol === 'https:' ? httpsRequest : httpRequest;
      let connected = false;
      const request: ClientRequest = make({
        agent: this.#agent,
        method: 'POST',
        // A URL writes an IPv6 address in brackets, a socket does not.
        hostname: hostname.replace(/^\[|\]$/g, ''),
        port,
        path: pathname,
        headers,
        ...(signal === undefined ? {} : { signal }),
      });
      const timer = setTimeout(() => request.destroy(new TimedOut()), timeoutMs);
      const fail = (error: unknown): void => {
        clearTimeout(timer);
        const lost = (error as NodeJS.ErrnoException | undefined)?.code;
        const reused = request.reusedSocket && (lost === 'ECONNRESET' || lost === 'EPIPE');
        reject({ connected, reused, error } satisfies Failure as unknown as Error);
      };
      request.on('socket', (socket) => {
        connected = !socket.connecting;
        if (socket.connecting) socket.once('connect', () => (connected = true));
      });
      request.on('error', fail);
      request.on('response', (response) => {
        readBounded(response).then(
          (text) => {
            clearTimeout(timer);
            resolve({ status: response.statusCode ?? 0, text });
          },
          (error: unknown) => {
            request.destroy();
            const large = error instanceof RangeError;
            fail(large ? new NodeError('bad_answer', `${this.endpoint}: ${error.message}`) : error);
          },
        );
      });
      request.end(body);
    });
  }
}

interface Failure {
  readonly connected: boolean;
  /** It was lost at once on a connection that had been used before. */
  readonly reused: boolean;
  readonly error: unknown;
}

class TimedOut extends Error {}

/** Throws RangeError beyond the bound. */
async function readBounded(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) throw new RangeError(`an answer of more than ${MAX_ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function basic(userAndPassword: string): string {
  return `Basic ${Buffer.from(userAndPassword).toString('base64')}`;
}

function messageOf(error: unknown): string {
  const { message, code } = error as { message?: string; code?: string };
  // A failure to connect to a name with several addresses has no message of its own.
  return message !== undefined && message !== '' ? message : (code ?? String(error));
}
