// ClickHouse's failures as the port's, told apart by code and never by text. Codes: ClickHouse src/Common/ErrorCodes.cpp.
import { AnalyticsError, type AnalyticsErrorCode } from '@assay/analytics';
import { ClickHouseError } from '@clickhouse/client';

interface Verdict {
  readonly code: AnalyticsErrorCode;
  readonly retriable: boolean;
}

const VERDICTS: readonly (readonly [Verdict, readonly number[]])[] = [
  // TIMEOUT_EXCEEDED, SOCKET_TIMEOUT, TOO_SLOW
  [{ code: 'timeout', retriable: true }, [159, 160, 209]],
  // MEMORY_LIMIT_EXCEEDED, CANNOT_ALLOCATE_MEMORY
  [{ code: 'memory', retriable: true }, [173, 241]],
  // Too busy, read-only for now, disk full, ZooKeeper away, cut off, shutting down: it passes.
  [
    { code: 'unavailable', retriable: true },
    [201, 202, 203, 210, 225, 236, 242, 243, 252, 279, 285, 286, 319, 425, 439, 735, 745, 999],
  ],
  // QUERY_WAS_CANCELLED by somebody who may do that.
  [{ code: 'aborted', retriable: true }, [394]],
  // The query itself: names that do not exist, wrong types or numbers of arguments, syntax, missing parameters, too large, not allowed.
  [
    { code: 'bad_query', retriable: false },
    [8, 15, 16, 20, 35, 36, 37, 42, 43, 44, 46, 47, 48, 50, 51, 56, 57, 60, 62, 63, 73, 78, 80, 81, 82, 115, 158, 164, 167, 168, 179, 184, 215, 223, 229, 307, 396, 452, 456, 457, 497],
  ], // prettier-ignore
  // What was sent cannot be read, or does not fit its column.
  [
    { code: 'bad_data', retriable: false },
    [
      6, 7, 9, 23, 25, 26, 27, 32, 33, 38, 40, 41, 53, 69, 70, 72, 117, 122, 131, 190, 271, 321, 349, 354, 369, 407,
      469, 565, 617, 636, 641, 675, 691,
    ],
  ],
  // Unknown user, wrong password: a person has to act.
  [{ code: 'server', retriable: false }, [192, 193, 194, 516]],
];

const BY_CODE = new Map(VERDICTS.flatMap(([verdict, codes]) => codes.map((code) => [code, verdict] as const)));

/** What else went wrong inside the server may be over the next time. */
const UNKNOWN: Verdict = { code: 'server', retriable: true };

export type StoppedBy = 'caller' | 'timeout' | undefined;

/** @param stopped who ended the request, when we ended it ourselves. */
export function analyticsError(error: unknown, what: string, stopped: StoppedBy): AnalyticsError {
  if (error instanceof AnalyticsError) return error;
  if (stopped === 'caller')
    return new AnalyticsError('aborted', `${what} was aborted.`, { retriable: true, cause: error });
  if (stopped === 'timeout')
    return new AnalyticsError('timeout', `${what} took longer than its time.`, { retriable: true, cause: error });
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof ClickHouseError) {
    const verdict = BY_CODE.get(Number(error.code)) ?? UNKNOWN;
    return new AnalyticsError(
      verdict.code,
      `${what} failed: ${message.trim()} (code ${error.code}, ${error.type ?? 'unknown'})`,
      { retriable: verdict.retriable, cause: error },
    );
  }
  // No answer of ClickHouse's: refused, reset, resolved to nothing, or cut off in the middle.
  return new AnalyticsError('unavailable', `${what} got no answer from ClickHouse: ${message}`, {
    retriable: true,
    cause: error,
  });
}
