// What goes wrong, as a client sees it: a stable `extensions.code` and a message that says what to do. Anything not foreseen here
// is masked, and logged under an id that the client is given.
import { AnalyticsError } from '@assay/analytics';
import type { Logger } from '@assay/platform';
import { GraphQLError, type GraphQLFormattedError } from './graphql-js.ts';
import { randomUUID } from 'node:crypto';

/** Codes a client may rely on. The first ones are GraphQL's and Apollo's own. */
export const ERROR_CODES = [
  'BAD_REQUEST',
  'BAD_USER_INPUT',
  'UNAUTHENTICATED',
  'CONTROL_UNAVAILABLE',
  'ALERTS_UNAVAILABLE',
  'SECOND_FACTOR_REQUIRED',
  'SETUP_REQUIRED',
  'RECENT_LOGIN_REQUIRED',
  'TOO_MANY_ATTEMPTS',
  'WRONG_CODE',
  'NOT_CONFIGURED',
  'FORBIDDEN',
  'NOT_FOUND',
  'CONFLICT',
  'DUPLICATE',
  'IN_USE',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'INTROSPECTION_DISABLED',
  'MAX_RECURSIVE_SELECTIONS_EXCEEDED',
  'INTERNAL_SERVER_ERROR',
  'INVALID_CURSOR',
  'RANGE_TOO_LARGE',
  'COST_LIMIT',
  'PERSISTED_QUERY_NOT_FOUND',
  'QUERY_TOO_COMPLEX',
  'QUERY_TOO_DEEP',
  'TOO_MANY_ALIASES',
  'TOO_MANY_SUBSCRIPTIONS',
  'BODY_TOO_LARGE',
  'STORE_UNAVAILABLE',
  'TIMEOUT',
  'OVERLOADED',
  'CANCELLED',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

const KNOWN_CODES: ReadonlySet<string> = new Set(ERROR_CODES);

/** An error the client can act on. `extensions.retriable` says whether the same request may succeed later; false unless given. */
export class ClientError extends GraphQLError {
  constructor(
    code: ErrorCode,
    message: string,
    options: { readonly retriable?: boolean; readonly cause?: unknown } = {},
  ) {
    super(message, {
      extensions: { code, retriable: options.retriable ?? false },
      ...(options.cause instanceof Error ? { originalError: options.cause } : {}),
    });
  }
}

/** A fault of the analytics store in the client's terms; undefined for those that are our own bugs. */
function storeError(error: AnalyticsError): ClientError | undefined {
  switch (error.code) {
    case 'unavailable':
      return new ClientError(
        'STORE_UNAVAILABLE',
        'The history store (ClickHouse) cannot be reached. Fields from the live state still answer; ask for history again later.',
        { retriable: true },
      );
    case 'timeout':
      return new ClientError(
        'TIMEOUT',
        'The history store took too long. Ask for a shorter range, fewer points or a narrower filter.',
        { retriable: true },
      );
    case 'memory':
      return new ClientError(
        'OVERLOADED',
        'The history store ran short of memory for this. Ask for a shorter range or a narrower filter, or try again later.',
        { retriable: true },
      );
    case 'aborted':
      return new ClientError('CANCELLED', 'The request was cancelled before its answer was complete.', {
        retriable: true,
      });
    case 'bad_query':
    case 'bad_data':
    case 'server':
      return undefined;
  }
}

function originalOf(error: unknown): unknown {
  return error instanceof GraphQLError && !(error instanceof ClientError) && error.originalError
    ? error.originalError
    : error;
}

/** One failed batch fails every field that waited for it: it is logged once. */
const loggedUnder = new WeakMap<Error, string>();

/** Turns any error of an operation into what the client may see. */
export function formatClientError(
  formatted: GraphQLFormattedError,
  error: unknown,
  logger: Logger,
): GraphQLFormattedError {
  const original = originalOf(error);
  const known = original instanceof AnalyticsError ? storeError(original) : undefined;
  if (known) return { ...formatted, message: known.message, extensions: { ...known.extensions } };
  const code = formatted.extensions?.['code'];
  if (typeof code === 'string' && KNOWN_CODES.has(code) && code !== 'INTERNAL_SERVER_ERROR')
    return { ...formatted, extensions: { retriable: false, ...formatted.extensions } };
  const seen = original instanceof Error ? loggedUnder.get(original) : undefined;
  const errorId = seen ?? randomUUID();
  if (original instanceof Error) loggedUnder.set(original, errorId);
  if (seen === undefined)
    logger.error({ err: original, errorId, path: formatted.path }, 'a GraphQL field failed unexpectedly');
  return {
    ...formatted,
    message: `Internal error; it is logged under ${errorId}.`,
    extensions: {
      code: 'INTERNAL_SERVER_ERROR',
      retriable: original instanceof AnalyticsError && original.retriable,
      errorId,
    },
  };
}

/** The code to count an error under. */
export function errorCode(error: GraphQLFormattedError): ErrorCode {
  const code = error.extensions?.['code'];
  return typeof code === 'string' && KNOWN_CODES.has(code) ? (code as ErrorCode) : 'INTERNAL_SERVER_ERROR';
}
