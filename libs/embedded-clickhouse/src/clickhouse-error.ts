// A failure as ClickHouse tells it over HTTP: `Code: N. DB::Exception: text. (NAME) (version V)`, with the status a server would use.

/** The codes this server raises itself. Source: ClickHouse src/Common/ErrorCodes.cpp. */
const ERROR_CODE = {
  BAD_ARGUMENTS: 36,
  NOT_IMPLEMENTED: 48,
  SYNTAX_ERROR: 62,
  UNKNOWN_DATABASE: 81,
  UNKNOWN_SETTING: 115,
  TIMEOUT_EXCEEDED: 159,
  READONLY: 164,
  TOO_MANY_SIMULTANEOUS_QUERIES: 202,
  CANNOT_DECOMPRESS: 271,
  QUERY_IS_TOO_LARGE: 229,
  QUERY_WAS_CANCELLED: 394,
  TOO_MANY_ROWS_OR_BYTES: 396,
  ACCESS_DENIED: 497,
  AUTHENTICATION_FAILED: 516,
  STD_EXCEPTION: 1001,
} as const;

export type ErrorName = keyof typeof ERROR_CODE;

const BAD_REQUEST = [
  6, 7, 25, 26, 27, 36, 37, 38, 41, 42, 43, 44, 53, 62, 70, 72, 117, 167, 168, 223, 321, 376, 456, 457, 675,
];
const NOT_FOUND = [8, 16, 46, 47, 50, 56, 60, 73, 78, 81, 115];

const STATUS = new Map<number, number>([
  ...BAD_REQUEST.map((code): [number, number] => [code, 400]),
  ...NOT_FOUND.map((code): [number, number] => [code, 404]),
  [ERROR_CODE.NOT_IMPLEMENTED, 501],
  [ERROR_CODE.TIMEOUT_EXCEEDED, 408],
  [ERROR_CODE.TOO_MANY_SIMULTANEOUS_QUERIES, 503],
  [ERROR_CODE.CANNOT_DECOMPRESS, 400],
  [ERROR_CODE.QUERY_IS_TOO_LARGE, 413],
  [ERROR_CODE.AUTHENTICATION_FAILED, 403],
  [ERROR_CODE.ACCESS_DENIED, 403],
  [ERROR_CODE.READONLY, 403],
]);

export class ClickHouseFailure extends Error {
  override readonly name = 'ClickHouseFailure';
  /** ClickHouse's error code; 1001 when the engine gave none. */
  readonly code: number;

  constructor(code: number, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }

  get httpStatus(): number {
    return STATUS.get(this.code) ?? 500;
  }
}

/** A failure this server raises itself, in ClickHouse's words. */
export function failure(name: ErrorName, text: string, cause?: unknown): ClickHouseFailure {
  const code = ERROR_CODE[name];
  return new ClickHouseFailure(code, `Code: ${code}. DB::Exception: ${text} (${name})`, cause);
}

/** Reads the code the engine puts at the head of every exception. */
export function failureFrom(error: unknown): ClickHouseFailure {
  if (error instanceof ClickHouseFailure) return error;
  const text = (error instanceof Error ? error.message : String(error)).replace(/^Query failed: /, '');
  const code = /^Code: (\d+)\./.exec(text)?.[1];
  if (code !== undefined) return new ClickHouseFailure(Number(code), text, error);
  return failure('STD_EXCEPTION', text, error);
}
