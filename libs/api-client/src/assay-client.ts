// Questions to a pool's GraphQL API: one at a time over HTTP, and what changes over one WebSocket that comes back by itself.
// An answer may be partial: while the history store is away, its fields are null and an error says so, and the live fields are there.
import { createClient, type Client, type ClientOptions } from 'graphql-ws';
import { ApiError, errorFromGraphql } from './api-error.ts';
import { textOf, type GraphqlDocument } from './graphql.ts';

export interface AssayClientOptions {
  /** Of the pool, such as `https://pool.example`; '' in a page that the pool serves itself. */
  readonly url: string;
  /** Of an API key. A page has none: its session's cookie goes with what it asks. */
  readonly token?: string;
  /**
   * Names a document by its hash, and sends its text only when the pool does not know it: for programs that ask the same again and again. Needs
   * WebCrypto, which a page has over HTTPS or on localhost only.
   */
  readonly persisted?: boolean;
  /** Longer than the API lets any of its own queries run: 20 s unless given. */
  readonly timeoutMs?: number;
  /** How subscriptions are connected; Node before 22 needs `webSocketImpl`, from the package `ws`. */
  readonly socket?: Omit<ClientOptions, 'url' | 'connectionParams'> & { readonly url?: string };
}

export interface Answered<Data> {
  readonly data: Data;
  /** Why some fields are null; undefined when the answer is whole. */
  readonly partial: ApiError | undefined;
}

export interface RequestOptions {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
}

/** Told of a subscription's messages. */
export interface SubscriptionListener<Data> {
  readonly onData: (data: Data) => void;
  /** Of what connecting again cannot mend; the subscription is over. */
  readonly onError: (error: ApiError) => void;
  /** The pool has ended it. */
  readonly onEnd?: () => void;
}

interface Answer<Data> {
  readonly data?: Data | null;
  readonly errors?: readonly unknown[];
}

const TIMEOUT_MS = 20_000;

export class AssayClient {
  readonly #options: AssayClientOptions;
  /** By text: as many as the program declares documents. */
  readonly #hashes = new Map<string, string>();
  #socket: Client | undefined;

  constructor(options: AssayClientOptions) {
    this.#options = options;
  }

  /** Asks once; nothing is tried again here. Throws ApiError, and the signal's reason when it aborts. */
  async request<Data, Variables>(
    document: GraphqlDocument<Data, Variables>,
    variables: Variables,
    { signal, timeoutMs = this.#options.timeoutMs ?? TIMEOUT_MS }: RequestOptions = {},
  ): Promise<Answered<Data>> {
    const timeout = AbortSignal.timeout(timeoutMs);
    const ask = async (question: object): Promise<Answered<Data>> =>
      read(
        await this.#post(
          JSON.stringify({ ...question, variables }),
          signal ? AbortSignal.any([signal, timeout]) : timeout,
          signal,
        ),
      );
    const query = textOf(document);
    if (this.#options.persisted !== true) return ask({ query });
    const extensions = { persistedQuery: { version: 1, sha256Hash: await this.#hashOf(query) } };
    try {
      return await ask({ extensions });
    } catch (error) {
      if (error instanceof ApiError && error.code === 'PERSISTED_QUERY_NOT_FOUND') return ask({ query, extensions });
      throw error;
    }
  }

  /** Subscribes until the returned function is called; through lost connections, after which the next message is the newest. */
  subscribe<Data, Variables>(
    document: GraphqlDocument<Data, Variables>,
    variables: Variables,
    { onData, onError, onEnd }: SubscriptionListener<Data>,
  ): () => void {
    this.#socket ??= this.#openSocket();
    return this.#socket.subscribe<Data>(
      { query: textOf(document), variables: variables as Record<string, unknown> },
      {
        next: ({ data, errors }) => {
          if (data) onData(data);
          else if (errors) onError(errorFromGraphql(errors));
        },
        error: (error) => onError(socketError(error)),
        complete: () => onEnd?.(),
      },
    );
  }

  /** Drops the WebSocket, which then connects anew for the subscriptions there are. */
  reconnect(): void {
    this.#socket?.terminate();
  }

  /** Ends all subscriptions. */
  async close(): Promise<void> {
    await this.#socket?.dispose();
  }

  async #hashOf(query: string): Promise<string> {
    let hash = this.#hashes.get(query);
    if (hash === undefined) {
      hash = hex(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(query)));
      this.#hashes.set(query, hash);
    }
    return hash;
  }

  #openSocket(): Client {
    const { url, token, socket } = this.#options;
    return createClient({
      url: `${url.replace(/^http/, 'ws')}/graphql`,
      ...(token !== undefined && { connectionParams: { token } }),
      ...socket,
    });
  }

  async #post(body: string, signal: AbortSignal, callers: AbortSignal | undefined): Promise<Response> {
    const { url, token } = this.#options;
    try {
      return await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/graphql-response+json, application/json',
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
        },
        body,
        signal,
      });
    } catch (cause) {
      if (callers?.aborted) throw cause;
      throw new ApiError('UNREACHABLE', 'The pool does not answer.', true, { cause });
    }
  }
}

/** Throws ApiError when there is no data in it. */
async function read<Data>(response: Response): Promise<Answered<Data>> {
  const answer = await readAnswer<Data>(response);
  const failure =
    answer?.errors !== undefined && answer.errors.length > 0 ? errorFromGraphql(answer.errors) : undefined;
  if (answer?.data !== undefined && answer.data !== null) return { data: answer.data, partial: failure };
  if (failure) throw failure;
  if (!response.ok)
    throw new ApiError(
      `HTTP_${response.status}`,
      `The API answered with status ${response.status}.`,
      response.status >= 500 || response.status === 429,
    );
  throw new ApiError('BAD_ANSWER', 'The API answered with something that is not GraphQL.', true);
}

async function readAnswer<Data>(response: Response): Promise<Answer<Data> | undefined> {
  try {
    return (await response.json()) as Answer<Data>;
  } catch {
    return undefined;
  }
}

/** A list of GraphQL errors, or the event that closed the connection. */
function socketError(error: unknown): ApiError {
  if (Array.isArray(error)) return errorFromGraphql(error);
  return new ApiError('UNREACHABLE', 'The connection for live changes is gone.', true, { cause: error });
}

function hex(bytes: ArrayBuffer): string {
  return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
