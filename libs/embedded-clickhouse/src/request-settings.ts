// Settings sent with a request: they apply to that statement alone, because every statement has a session of its own. Those that
// exist only in ClickHouse's HTTP layer are read here; the outside may choose how its answer looks, and nothing else.
import { failure } from './clickhouse-error.ts';
import type { Limits } from './limits.ts';

export type Pairs = readonly (readonly [name: string, value: string])[];

export interface RequestSettings {
  readonly settings: Pairs;
  /** Query parameters, without their `param_`, as ClickHouse's escaped text. */
  readonly params: Pairs;
  readonly compressResponse: boolean;
}

/** URL parameters that are not settings. */
const NOT_SETTINGS = new Set([
  'query',
  'database',
  'default_format',
  'query_id',
  'user',
  'password',
  'quota_key',
  'stacktrace',
]);

/** Settings of the HTTP layer that need nothing here: answers wait for their first block, inserts for their end. */
const HTTP_LAYER = new Set([
  'wait_end_of_query', 'buffer_size', 'send_progress_in_http_headers', 'http_headers_progress_interval_ms', 'http_response_buffer_size',
  'http_zlib_compression_level', 'cancel_http_readonly_queries_on_client_close', 'add_http_cors_header', 'client_protocol_version',
  'http_write_exception_in_output_format', 'send_logs_level', 'log_comment', 'log_queries', 'close_session',
]); // prettier-ignore

const UNSUPPORTED = new Set(['session_id', 'session_timeout', 'session_check', 'compress', 'decompress', 'role']);

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;

/** What the outside may set: the look of the answer, and limits below its own. No setting that names a file or a schema. */
const OUTSIDE =
  /^(output_format_(?!schema)\w+|format_(csv|tsv|custom)_\w+|date_time_output_format|session_timezone|join_use_nulls|group_by_use_nulls|extremes|result_overflow_mode|max_result_rows|max_result_bytes|max_rows_to_read|max_bytes_to_read|limit|offset|final)$/;

/** These would tell by their errors how many rows are read, also of those that are not seen. */
const TELLING = new Set(['max_rows_to_read', 'max_bytes_to_read']);

/** @param limited whether rows are kept from the statement */
export function readRequestSettings(
  parameters: Iterable<readonly [string, string]>,
  outside: boolean,
  limits: Limits,
  limited = false,
): RequestSettings {
  const settings: [string, string][] = [];
  const params: [string, string][] = [];
  let compressResponse = false;
  for (const [name, value] of parameters) {
    if (NOT_SETTINGS.has(name) || HTTP_LAYER.has(name)) continue;
    if (!NAME.test(name)) throw failure('UNKNOWN_SETTING', `${JSON.stringify(name)} is not the name of a setting.`);
    if (UNSUPPORTED.has(name) || name.endsWith('_structure')) {
      throw failure('NOT_IMPLEMENTED', `The embedded server does not support ${name}: each statement stands alone.`);
    }
    if (name.startsWith('param_')) params.push([name.slice(6), value]);
    else if (name === 'enable_http_compression') compressResponse = value === '1' || value === 'true';
    else if (limited && TELLING.has(name))
      throw failure('READONLY', `Cannot modify '${name}' setting with a key of a tenant.`);
    else if (!outside) settings.push([name, value]);
    else pushOutsideSetting(settings, name, value, limits);
  }
  return { settings, params, compressResponse };
}

function pushOutsideSetting(settings: [string, string][], name: string, value: string, limits: Limits): void {
  switch (name) {
    case 'max_execution_time':
      settings.push([name, atMost(name, value, limits.outsideSeconds)]);
      return;
    case 'max_memory_usage':
      settings.push([name, atMost(name, value, limits.outsideMemoryBytes)]);
      return;
    case 'max_threads':
      settings.push([name, atMost(name, value, 2)]);
      return;
    case 'readonly':
      if (Number(value) >= 1) return;
      break;
  }
  if (!OUTSIDE.test(name)) throw failure('READONLY', `Cannot modify '${name}' setting in readonly mode.`);
  settings.push([name, value]);
}

/** ClickHouse reads 0 as no limit. */
function atMost(name: string, text: string, bound: number): string {
  const value = Number(text);
  if (text === '' || !Number.isFinite(value) || value < 0)
    throw failure('BAD_ARGUMENTS', `${name} must be a number, got ${JSON.stringify(text)}.`);
  return String(value === 0 ? bound : Math.min(value, bound));
}

/** Settings every statement gets; a request's own come after and win, inside only. */
export function baseSettings(outside: boolean, limits: Limits): Pairs {
  const common: [string, string][] = [
    ['max_memory_usage', String(outside ? limits.outsideMemoryBytes : limits.insideMemoryBytes)],
    ['max_execution_time', String(outside ? limits.outsideSeconds : limits.insideSeconds)],
    ['timeout_overflow_mode', 'throw'],
    // The engine's local mode takes a bare expression for a SELECT; a server does not.
    ['implicit_select', '0'],
    // A block of output is one chunk of the answer: smaller blocks bound what a slow reader makes us hold.
    ['max_block_size', '16384'],
  ];
  return outside
    ? [...common, ['allow_ddl', '0'], ['max_temporary_data_on_disk_size_for_query', String(2 ** 30)]]
    : common;
}

/** One SET statement; every value is quoted, and ClickHouse reads it by the setting's type. */
export function setStatement(settings: Pairs, params: Pairs): string {
  const pairs = [...settings, ...params.map(([name, value]) => [`param_${name}`, value] as const)];
  return `SET ${pairs.map(([name, value]) => `${name} = ${quote(value)}`).join(', ')}`;
}

export function quote(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&').replaceAll('\0', '\\0')}'`;
}
