// The analytics store through the official client over HTTP: a ClickHouse server's, or the embedded one's, which speaks the same.
import { Readable } from 'node:stream';
import {
  AnalyticsError,
  quoted,
  type AnalyticsStore,
  type InsertOptions,
  type QueryOptions,
  type QueryParams,
} from '@assay/analytics';
import {
  ClickHouseLogLevel,
  createClient,
  SettingsMap,
  type ClickHouseClient,
  type ClickHouseSettings,
} from '@clickhouse/client';
import { analyticsError, type StoppedBy } from './clickhouse-errors.ts';

export interface ClickHouseStoreOptions {
  /** `http://host:8123`. */
  readonly url: string;
  readonly username: string;
  readonly password: string;
  /** Where tables without a database are looked for; `default` by default, which always exists. */
  readonly database?: string;
  /** Requests at once; more wait in the client. */
  readonly maxConnections?: number;
  /** Longest a query may take that names no time of its own. */
  readonly querySeconds?: number;
  /** Longest an insert or a statement may take. */
  readonly writeSeconds?: number;
  /** Told of failures that are tried again by nobody here; pino's Logger fits. */
  readonly logger?: { debug(fields: object, message: string): void };
}

const TABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;

/** The server stops a query itself; the request waits this much longer, so that it is the server's word that ends it. */
const ANSWER_GRACE_MS = 5_000;

/** Shorter than the 10 s after which servers close idle connections by default: the client never writes into a closed one. */
const IDLE_SOCKET_MS = 2_500;

export function createClickHouseStore(options: ClickHouseStoreOptions): AnalyticsStore {
  return new ClickHouseStore(options);
}

function quotedName(name: string): string {
  if (!TABLE_NAME.test(name))
    throw new AnalyticsError('bad_query', `${JSON.stringify(name)} is not the name of a column.`, { retriable: false });
  return `\`${name}\``;
}

/** Conditions by tables' full names, each applied right where the table is read. The client's own map puts quotes around and escapes nothing. */
function tableFilters(filters: Readonly<Record<string, string>>): SettingsMap {
  const escaped = Object.entries(filters).map(([table, condition]) => [
    `assay.${table}`,
    quoted(condition).slice(1, -1),
  ]);
  return SettingsMap.from(Object.fromEntries(escaped) as Record<string, string>);
}

class ClickHouseStore implements AnalyticsStore {
  readonly #client: ClickHouseClient;
  readonly #logger: ClickHouseStoreOptions['logger'];
  readonly #querySeconds: number;
  readonly #writeSeconds: number;

  constructor(options: ClickHouseStoreOptions) {
    this.#querySeconds = options.querySeconds ?? 30;
    this.#writeSeconds = options.writeSeconds ?? 120;
    this.#logger = options.logger;
    this.#client = createClient({
      url: options.url,
      username: options.username,
      password: options.password,
      ...(options.database === undefined ? {} : { database: options.database }),
      application: 'assay',
      // Lists of names outgrow a URL; beyond 4 KB the client sends parameters in the body.
      use_multipart_params_auto: true,
      max_open_connections: options.maxConnections ?? 16,
      // Every request carries its own deadline; this one only has to be later than all of them.
      request_timeout: 2 ** 31 - 1,
      keep_alive: { enabled: true, idle_socket_ttl: IDLE_SOCKET_MS },
      // Failures are thrown, typed: the client's own log would say them twice.
      log: { level: ClickHouseLogLevel.OFF },
    });
  }

  async query<Row>(sql: string, params: QueryParams = {}, options: QueryOptions = {}): Promise<Row[]> {
    const seconds = options.maxExecutionSeconds ?? this.#querySeconds;
    return this.#request('A query', seconds, options.signal, async (signal) => {
      const result = await this.#client.query({
        query: sql,
        format: 'JSONEachRow',
        query_params: params,
        abort_signal: signal,
        clickhouse_settings: {
          max_execution_time: seconds,
          timeout_overflow_mode: 'throw',
          output_format_json_quote_64bit_integers: 1,
          cancel_http_readonly_queries_on_client_close: 1,
          ...(options.rowFilters && { additional_table_filters: tableFilters(options.rowFilters) }),
        } as ClickHouseSettings,
      });
      // The client lets go of the signal once headers are there; the rows may still take long.
      const close = (): void => result.close();
      signal.addEventListener('abort', close, { once: true });
      try {
        return await result.json<Row>();
      } finally {
        signal.removeEventListener('abort', close);
      }
    });
  }

  async insertArrow(table: string, stream: Uint8Array, options: InsertOptions): Promise<void> {
    if (!TABLE_NAME.test(table))
      throw new AnalyticsError('bad_query', `${JSON.stringify(table)} is not the name of a table.`, {
        retriable: false,
      });
    const columns = options.columns === undefined ? '' : ` (${options.columns.map(quotedName).join(', ')})`;
    await this.#request(`An insert into ${table}`, this.#writeSeconds, undefined, async (signal) => {
      const { stream: answer } = await this.#client.exec({
        query: `INSERT INTO assay.${table}${columns} FORMAT ArrowStream`,
        values: Readable.from([Buffer.from(stream.buffer, stream.byteOffset, stream.byteLength)], {
          objectMode: false,
        }),
        abort_signal: signal,
        clickhouse_settings: {
          insert_deduplication_token: options.deduplicationToken,
          insert_deduplicate: 1,
          deduplicate_blocks_in_dependent_materialized_views: 1,
          async_insert: 0,
          wait_end_of_query: 1,
        },
      });
      // The insert is over when its answer has ended; leaving it unread would hold the connection.
      for await (const chunk of answer) void chunk;
    });
  }

  async command(sql: string): Promise<void> {
    await this.#request('A statement', this.#writeSeconds, undefined, (signal) =>
      this.#client.command({ query: sql, abort_signal: signal, clickhouse_settings: { wait_end_of_query: 1 } }),
    );
  }

  async ping(): Promise<boolean> {
    const { success } = await this.#client.ping({ select: true, abort_signal: AbortSignal.timeout(ANSWER_GRACE_MS) });
    return success;
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  async #request<T>(
    what: string,
    seconds: number,
    signal: AbortSignal | undefined,
    run: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const deadline = AbortSignal.timeout(Math.ceil(seconds * 1000) + ANSWER_GRACE_MS);
    const stoppedBy = (): StoppedBy => (signal?.aborted ? 'caller' : deadline.aborted ? 'timeout' : undefined);
    try {
      if (signal?.aborted) throw signal.reason;
      return await run(signal ? AbortSignal.any([signal, deadline]) : deadline);
    } catch (error) {
      const failed = analyticsError(error, what, stoppedBy());
      this.#logger?.debug({ code: failed.code, retriable: failed.retriable }, failed.message);
      throw failed;
    }
  }
}
