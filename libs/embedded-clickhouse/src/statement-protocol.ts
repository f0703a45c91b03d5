// The words between the server's thread and the threads that run statements. One statement per thread at a time: chdb blocks its
// caller while it plans a query (subqueries run then), and the thread that answers HTTP must never be blocked.
import type { Pairs } from './request-settings.ts';

export interface StatementSpec {
  readonly sql: string;
  /** An INSERT whose data stands in a file of ours: run as it is. */
  readonly insertFromFile: boolean;
  readonly outside: boolean;
  /** What of the rows is seen, as SEEN_SETTING has it; undefined for all. */
  readonly seen: string | undefined;
  /** Names the running query, so that it can be killed. */
  readonly tag: string;
  readonly settings: Pairs;
  readonly params: Pairs;
  readonly database: string | undefined;
  /** Where tables without a database are looked for when the request names none; need not exist. */
  readonly fallbackDatabase: string | undefined;
  readonly defaultFormat: string;
  readonly bufferedResultBytes: number;
}

export interface StatementHead {
  /** Undefined when the statement answers with nothing. */
  readonly format: string | undefined;
}

export interface StatementSummary {
  readonly readRows: number;
  readonly readBytes: number;
  readonly writtenRows: number;
  readonly resultRows: number;
  readonly resultBytes: number;
  readonly elapsedNs: number;
}

export type ToStatementThread =
  { readonly type: 'run'; readonly spec: StatementSpec } | { readonly type: 'more' } | { readonly type: 'stop' };

export type FromStatementThread =
  | { readonly type: 'ready' }
  | { readonly type: 'chunk'; readonly bytes: Uint8Array; readonly head: StatementHead }
  /** The session is closed; nothing of the statement is left. */
  | { readonly type: 'done'; readonly summary: StatementSummary; readonly head: StatementHead }
  | { readonly type: 'failed'; readonly code: number; readonly message: string };

export interface StatementThreadData {
  readonly dataDir: string;
  readonly functions: readonly string[];
  readonly aggregates: readonly string[];
  readonly combinators: readonly string[];
}
