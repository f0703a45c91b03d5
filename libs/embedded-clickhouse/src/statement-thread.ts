// A thread that runs statements, one at a time. Each has a session of its own, opened for it and closed after it: on a session used
// again, chdb gives the partial rows of a failed query to the next one, and settings stay on. So nothing ever crosses statements.
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { assert } from '@assay/kernel';
import { failure, failureFrom } from './clickhouse-error.ts';
import { isStreamed, repeatedHeaderBytes } from './formats.ts';
import { inspectStatement, type Inspection } from './inspect-statement.ts';
import { loadNative, type Native, type NativeConnection } from './native.ts';
import { checkOutside, type OutsidePolicy } from './outside-policy.ts';
import { quote, setStatement } from './request-settings.ts';
import { SEEN_ROLE, SEEN_SETTING } from './seen-names.ts';
import type {
  FromStatementThread,
  StatementHead,
  StatementSpec,
  StatementSummary,
  StatementThreadData,
  ToStatementThread,
} from './statement-protocol.ts';

/** Chunks sent ahead of the reader's word for more. */
const CREDIT = 2;

/** Not the statement's to choose where rows are kept from it: how many were read would tell how many there are. */
const SEEN_FIXED = [
  ['output_format_write_statistics', '0'],
  ['use_query_cache', '0'],
] as const;

class StatementThread {
  readonly #native: Native;
  readonly #data: StatementThreadData;
  readonly #policy: OutsidePolicy;
  readonly #send: (message: FromStatementThread, transfer?: ArrayBuffer[]) => void;
  #credit = 0;
  #stopped = false;
  #wake: (() => void) | undefined;

  constructor(
    native: Native,
    data: StatementThreadData,
    send: (message: FromStatementThread, transfer?: ArrayBuffer[]) => void,
  ) {
    this.#native = native;
    this.#data = data;
    this.#send = send;
    this.#policy = {
      functions: new Set(data.functions),
      aggregates: new Set(data.aggregates),
      combinators: data.combinators,
    };
  }

  receive(message: ToStatementThread): void {
    if (message.type === 'run') {
      void this.#run(message.spec);
      return;
    }
    if (message.type === 'more') this.#credit++;
    else this.#stopped = true;
    this.#wake?.();
  }

  async #run(spec: StatementSpec): Promise<void> {
    this.#credit = CREDIT;
    this.#stopped = false;
    let outcome: FromStatementThread;
    try {
      const connection = this.#native.CreateConnection(this.#data.dataDir);
      try {
        outcome = await this.#execute(connection, spec);
      } finally {
        this.#native.CloseConnection(connection);
      }
    } catch (error) {
      const { code, message } = failureFrom(error);
      outcome = { type: 'failed', code, message };
    }
    this.#send(outcome);
  }

  async #execute(connection: NativeConnection, spec: StatementSpec): Promise<FromStatementThread> {
    this.#prepare(connection, spec);
    if (spec.insertFromFile) return this.#buffered(connection, spec, spec.defaultFormat, true);
    const statement = await this.#inspect(connection, spec.sql);
    if (spec.outside) checkOutside(this.#policy, spec.sql, statement, spec.seen !== undefined);
    if (statement.root === 'SYSTEM' && /\b(SHUTDOWN|KILL)\b/i.test(spec.sql))
      throw failure('NOT_IMPLEMENTED', 'The embedded server is stopped by stopping Assay.');
    const format = statement.format ?? spec.defaultFormat;
    const streamed = statement.select && isStreamed(format);
    if (!streamed) this.#native.QueryWithConnection(connection, boundedResult(spec), 'TabSeparated');
    if (spec.outside) this.#native.QueryWithConnection(connection, 'SET readonly = 1', 'TabSeparated');
    if (streamed) return this.#streamed(connection, spec.sql, format);
    return this.#buffered(connection, spec, statement.reading ? format : undefined, false);
  }

  /** From here on the outside has only its role; it becomes readonly once our own last setting is made, before its statement runs. */
  #prepare(connection: NativeConnection, spec: StatementSpec): void {
    const run = (sql: string): string => this.#native.QueryWithConnection(connection, sql, 'TabSeparated');
    const seen = spec.seen === undefined ? [] : ([[SEEN_SETTING, spec.seen], ...SEEN_FIXED] as const);
    run(setStatement([...spec.settings, ['log_comment', spec.tag], ...seen], spec.params));
    if (spec.database !== undefined) run(`USE ${quoteIdentifier(spec.database)}`);
    else if (spec.fallbackDatabase !== undefined) {
      const known = run(`SELECT count() FROM system.databases WHERE name = ${quote(spec.fallbackDatabase)}`).trim();
      if (known === '1') run(`USE ${quoteIdentifier(spec.fallbackDatabase)}`);
    }
    if (spec.outside) run(`SET ROLE ${spec.seen === undefined ? 'outside' : SEEN_ROLE}`);
  }

  #inspect(connection: NativeConnection, sql: string): Promise<Inspection> {
    return inspectStatement(
      {
        classify: (text) => this.#native.DurableClassifyAsync(connection, text, null),
        run: async (text) =>
          Buffer.from((await this.#native.QueryAsyncConnection(connection, text, 'TSVRaw')).bytes).toString('utf8'),
      },
      sql,
    );
  }

  /** Formats that are one document, and statements that answer with little or nothing. */
  async #buffered(
    connection: NativeConnection,
    spec: StatementSpec,
    format: string | undefined,
    insert: boolean,
  ): Promise<FromStatementThread> {
    const result = await this.#native.QueryAsyncConnection(connection, spec.sql, format ?? spec.defaultFormat);
    if (result.bytes.byteLength > spec.bufferedResultBytes) {
      throw failure(
        'TOO_MANY_ROWS_OR_BYTES',
        `The answer has ${result.bytes.byteLength} bytes; in this format it may have ${spec.bufferedResultBytes}. Choose a format that streams, such as JSONEachRow or CSV.`,
      );
    }
    const head: StatementHead = { format };
    if (result.bytes.byteLength > 0 && !(await this.#sendChunk(result.bytes, head))) throw cancelled();
    const rows = result.rowsRead;
    return {
      type: 'done',
      head,
      summary: {
        readRows: rows,
        readBytes: result.bytesRead,
        writtenRows: insert ? rows : 0,
        resultRows: insert ? rows : 0,
        resultBytes: result.bytes.byteLength,
        elapsedNs: Math.round(result.elapsed * 1e9),
      },
    };
  }

  async #streamed(connection: NativeConnection, sql: string, format: string): Promise<FromStatementThread> {
    const startedAt = process.hrtime.bigint();
    const head: StatementHead = { format };
    const stream = this.#native.StreamQuery(connection, sql, format);
    let ended = false;
    let resultRows = 0;
    let resultBytes = 0;
    try {
      for (let first = true; ; first = false) {
        if (this.#stopped) throw cancelled();
        const chunk = await this.#native.StreamFetch(stream);
        if (chunk.done) {
          ended = true;
          break;
        }
        const bytes = first ? chunk.bytes : chunk.bytes.subarray(repeatedHeaderBytes(format, chunk.bytes));
        resultRows += chunk.numRows;
        resultBytes += bytes.byteLength;
        if (bytes.byteLength > 0 && !(await this.#sendChunk(bytes, head))) throw cancelled();
      }
    } catch (error) {
      // A fetch that failed has ended its stream; one of ours (stopped) has not.
      ended = failureFrom(error) !== error;
      throw error;
    } finally {
      if (!ended) this.#native.StreamCancel(stream);
    }
    const summary: StatementSummary = {
      readRows: 0,
      readBytes: 0,
      writtenRows: 0,
      resultRows,
      resultBytes,
      elapsedNs: Number(process.hrtime.bigint() - startedAt),
    };
    return { type: 'done', head, summary };
  }

  /** Waits for the reader; false when the statement was stopped meanwhile. */
  async #sendChunk(bytes: Uint8Array, head: StatementHead): Promise<boolean> {
    while (this.#credit === 0 && !this.#stopped) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
    if (this.#stopped) return false;
    this.#credit--;
    // The engine owns its buffer: the copy is what crosses threads.
    const copy = new Uint8Array(bytes);
    this.#send({ type: 'chunk', bytes: copy, head }, [copy.buffer]);
    return true;
  }
}

function boundedResult(spec: StatementSpec): string {
  return `SET max_result_bytes = ${spec.bufferedResultBytes}, result_overflow_mode = 'throw'`;
}

function quoteIdentifier(name: string): string {
  return `\`${name.replace(/[\\`]/g, '\\$&')}\``;
}

function cancelled(): Error {
  return failure('QUERY_WAS_CANCELLED', 'Query was cancelled.');
}

assert(!isMainThread && parentPort !== null, 'statement-thread.ts runs as a worker thread');
const port = parentPort;
const thread = new StatementThread(loadNative(), workerData as StatementThreadData, (message, transfer) =>
  port.postMessage(message, transfer),
);
port.on('message', (message: ToStatementThread) => thread.receive(message));
port.postMessage({ type: 'ready' } satisfies FromStatementThread);
