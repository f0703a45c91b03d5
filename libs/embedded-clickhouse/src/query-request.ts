// Reads one HTTP request as ClickHouse does: the query from the URL, the body, or both; data of an INSERT from the rest of the body.
import { join } from 'node:path';
import type { IncomingMessage } from 'node:http';
import { randomUUID } from 'node:crypto';
import { failure } from './clickhouse-error.ts';
import { insertFromFile, splitInsert, type InsertWithData } from './insert-statement.ts';
import type { Limits } from './limits.ts';
import { BodyReader, formFields } from './request-body.ts';
import { baseSettings, readRequestSettings, type Pairs } from './request-settings.ts';
import { SEEN_DATABASE } from './seen-names.ts';
import type { StatementSpec } from './statement-protocol.ts';

export interface QueryRequest {
  readonly spec: Omit<StatementSpec, 'tag'>;
  readonly compressResponse: boolean;
  /** The spooled body; to be removed when the statement is over. */
  readonly file: string | undefined;
}

export interface QueryRequestOptions {
  readonly outside: boolean;
  /** What of the rows is seen; undefined for all. */
  readonly seen: string | undefined;
  readonly limits: Limits;
  readonly spoolDir: string;
  readonly outsideDatabase: string | undefined;
}

/** An INSERT is one file, read as few blocks as its size allows: with a deduplication token, the same body makes the same blocks. */
const INSERT_SETTINGS: Pairs = [
  ['max_block_size', '1048449'],
  ['max_insert_threads', '1'],
];

export async function readQueryRequest(
  request: IncomingMessage,
  parameters: URLSearchParams,
  options: QueryRequestOptions,
): Promise<QueryRequest> {
  const { outside, limits } = options;
  const urlQuery = parameters.get('query') ?? '';
  if (Buffer.byteLength(urlQuery) > limits.queryBytes) throw tooLong(limits);
  const type = request.headers['content-type'] ?? '';
  if (/^multipart\/form-data/i.test(type)) return formRequest(request, type, urlQuery, parameters, options);
  const body = new BodyReader(request, outside ? limits.queryBytes : limits.insertBytes, limits.stallMs);
  const inUrl = outside ? undefined : splitInsert(urlQuery);
  if (inUrl) return insertRequest(inUrl, Buffer.from(urlQuery.slice(inUrl.dataStart)), body, parameters, options);
  const { bytes, ended } = await body.upTo(limits.queryBytes + 1);
  const text = [urlQuery, bytes.toString('utf8')].filter(Boolean).join('\n');
  const inBody = outside ? undefined : splitInsert(text);
  if (inBody) {
    // Data may be binary: it is cut from the bytes, not from the text.
    const before =
      Buffer.byteLength(text.slice(0, inBody.dataStart)) - (urlQuery ? Buffer.byteLength(urlQuery) + 1 : 0);
    return insertRequest(inBody, bytes.subarray(Math.max(0, before)), body, parameters, options);
  }
  if (!ended) throw tooLong(limits);
  return { ...buildRequest(text, parameters, options), file: undefined };
}

/** Parameters too many for a URL come as the fields of a form, with the query or without it. */
async function formRequest(
  request: IncomingMessage,
  type: string,
  urlQuery: string,
  parameters: URLSearchParams,
  options: QueryRequestOptions,
): Promise<QueryRequest> {
  const { parameterBytes, queryBytes, stallMs } = options.limits;
  const { bytes } = await new BodyReader(request, parameterBytes, stallMs).upTo(Infinity);
  const fields = formFields(type, bytes);
  const text = [urlQuery, fields.get('query') ?? ''].filter(Boolean).join('\n');
  if (Buffer.byteLength(text) > queryBytes) throw tooLong(options.limits);
  return { ...buildRequest(text, new URLSearchParams([...parameters, ...fields]), options), file: undefined };
}

async function insertRequest(
  insert: InsertWithData,
  head: Buffer,
  body: BodyReader,
  parameters: URLSearchParams,
  options: QueryRequestOptions,
): Promise<QueryRequest> {
  const file = join(options.spoolDir, `${randomUUID()}.body`);
  const built = buildRequest(insertFromFile(insert, file), parameters, options);
  const written = await body.spool(file, head);
  const spec = { ...built.spec, insertFromFile: true, settings: [...INSERT_SETTINGS, ...built.spec.settings] };
  // No bytes, no rows: ClickHouse takes an empty body in every format, its Arrow reader does not.
  if (written === 0)
    return { ...built, spec: { ...built.spec, sql: `INSERT INTO FUNCTION null('x UInt8') SELECT 1 WHERE 0` }, file };
  return { ...built, spec, file };
}

function buildRequest(
  sql: string,
  parameters: URLSearchParams,
  options: QueryRequestOptions,
): Omit<QueryRequest, 'file'> {
  const { outside, seen, limits } = options;
  // Text behind a NUL could be seen by one parser and not by another.
  if (sql.includes('\0')) throw failure('SYNTAX_ERROR', 'Syntax error: the query holds a NUL character.');
  const own = readRequestSettings(parameters, outside, limits, seen !== undefined);
  const named = parameters.get('database') ?? undefined;
  // Clients are set to `assay` whoever they belong to.
  const database = seen !== undefined && named === 'assay' ? SEEN_DATABASE : named;
  // Tables of `system` are told apart by their full names: see outside-policy.ts.
  if (outside && database?.toLowerCase() === 'system')
    throw failure('ACCESS_DENIED', 'Not enough privileges: name tables of system in full, and another database.');
  return {
    spec: {
      sql,
      insertFromFile: false,
      outside,
      seen,
      settings: [...baseSettings(outside, limits), ...own.settings],
      params: own.params,
      database: database === '' ? undefined : database,
      fallbackDatabase: outside ? options.outsideDatabase : undefined,
      defaultFormat: formatName(parameters.get('default_format') ?? 'TabSeparated'),
      bufferedResultBytes: limits.bufferedResultBytes,
    },
    compressResponse: own.compressResponse,
  };
}

function formatName(name: string): string {
  if (!/^\w{1,64}$/.test(name))
    throw failure('BAD_ARGUMENTS', `default_format: ${JSON.stringify(name)} is not the name of a format.`);
  return name;
}

function tooLong(limits: Limits): Error {
  return failure('QUERY_IS_TOO_LARGE', `The query text has more than ${limits.queryBytes} bytes.`);
}
