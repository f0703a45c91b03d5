// The analytics store port: ClickHouse, over HTTP, a server's or the embedded one's. SQL is the interface; this port only
// makes inserts repeatable and failures typed.

export type QueryParams = Readonly<Record<string, string | number | boolean | readonly (string | number)[]>>;

export interface QueryOptions {
  readonly signal?: AbortSignal;
  readonly maxExecutionSeconds?: number;
  /**
   * By table of the database `assay`: the rows the query gets to see of it, wherever it reads the table, also in subqueries and behind views.
   * For statements of our own: the text of somebody else's could undo it, or read by its errors what it does not get to see.
   */
  readonly rowFilters?: Readonly<Record<string, string>>;
}

export interface InsertOptions {
  /** The same token never inserts twice within the table's deduplication window: a batch may be sent again after any failure. */
  readonly deduplicationToken: string;
  /** The stream's columns: a table that lacks one of them refuses the insert. Without it, ClickHouse drops such a column without a word. */
  readonly columns?: readonly string[];
}

export interface AnalyticsStore {
  /** Rows as objects. UInt64 and wider arrive as strings unless cast in the query. Parameters are ClickHouse's `{name:Type}`. */
  query<Row>(sql: string, params?: QueryParams, options?: QueryOptions): Promise<Row[]>;
  /** Inserts one Arrow IPC stream into `table` (database `assay`). */
  insertArrow(table: string, stream: Uint8Array, options: InsertOptions): Promise<void>;
  /** A statement without result (migrations). */
  command(sql: string): Promise<void>;
  ping(): Promise<boolean>;
  close(): Promise<void>;
}

export type AnalyticsErrorCode = 'unavailable' | 'timeout' | 'memory' | 'bad_query' | 'bad_data' | 'aborted' | 'server';

export class AnalyticsError extends Error {
  override readonly name = 'AnalyticsError';
  readonly code: AnalyticsErrorCode;
  readonly retriable: boolean;
  constructor(code: AnalyticsErrorCode, message: string, options: { retriable: boolean; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.code = code;
    this.retriable = options.retriable;
  }
}
