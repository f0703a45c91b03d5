// What can go wrong when the API is asked, in a form a page can show: a code, a sentence and whether asking again may help.

export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** Stable: the API's own `extensions.code`, or UNREACHABLE, HTTP_<status>, BAD_ANSWER. */
  readonly code: string;
  readonly retriable: boolean;

  constructor(code: string, message: string, retriable: boolean, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.retriable = retriable;
  }

  /** True when nobody answered at all, which is shown as a lost connection and not as a fault of the question. */
  get unreachable(): boolean {
    return this.code === 'UNREACHABLE';
  }
}

interface GraphqlErrorShape {
  message?: unknown;
  extensions?: { code?: unknown; retriable?: unknown } | null;
}

/** Codes that say the question itself is wrong, so that repeating it cannot help. */
const FINAL_CODES = new Set([
  'BAD_USER_INPUT',
  'GRAPHQL_VALIDATION_FAILED',
  'GRAPHQL_PARSE_FAILED',
  'FORBIDDEN',
  'UNAUTHENTICATED',
  'NOT_FOUND',
  'BAD_REQUEST',
  'SECOND_FACTOR_REQUIRED',
  'RECENT_LOGIN_REQUIRED',
]);

/** The first of the errors in an answer, as an ApiError. */
export function errorFromGraphql(errors: readonly unknown[]): ApiError {
  const first = (errors[0] ?? {}) as GraphqlErrorShape;
  const code = typeof first.extensions?.code === 'string' ? first.extensions.code : 'UNKNOWN';
  const message = typeof first.message === 'string' ? first.message : 'The API gave no reason.';
  const retriable =
    typeof first.extensions?.retriable === 'boolean' ? first.extensions.retriable : !FINAL_CODES.has(code);
  return new ApiError(code, message, retriable);
}
