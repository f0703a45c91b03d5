// One question to the API over HTTP. Every failure is an ApiError, except that an aborted request rejects with the abort's reason.
// An answer may be partial: while the history store is away, its fields are null and an error says so, and the live fields are there.
import { ApiError, errorFromGraphql } from './api-error.ts';
import type { GraphqlDocument } from './document.ts';
import { heedCode } from './login-needed.ts';

/** Longer than the API lets any of its own queries run. */
const TIMEOUT_MS = 20_000;

export interface Answered<Data> {
  readonly data: Data;
  /** Why some fields are null; undefined when the answer is whole. */
  readonly partial: ApiError | undefined;
}

interface Answer<Data> {
  data?: Data | null;
  errors?: unknown[];
}

/** Asks once. @throws ApiError; nothing is retried here. */
export async function request<Data, Variables>(
  document: GraphqlDocument<Data, Variables>,
  variables: Variables,
  signal?: AbortSignal,
  timeoutMs = TIMEOUT_MS,
): Promise<Answered<Data>> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const response = await fetchAnswer(
    JSON.stringify({ query: document.text, variables }),
    signal ? AbortSignal.any([signal, timeout]) : timeout,
    signal,
  );
  const answer = await readAnswer<Data>(response);
  const failure =
    answer?.errors !== undefined && answer.errors.length > 0 ? errorFromGraphql(answer.errors) : undefined;
  if (failure) heedCode(failure.code);
  if (answer?.data !== undefined && answer.data !== null) return { data: answer.data, partial: failure };
  if (failure) throw failure;
  if (!response.ok)
    throw new ApiError(
      `HTTP_${response.status}`,
      `The API answered with status ${response.status}.`,
      response.status >= 500 || response.status === 429,
    );
  throw new ApiError('BAD_ANSWER', 'The API answered with something that is not GraphQL.', true);
}

async function fetchAnswer(body: string, signal: AbortSignal, callers: AbortSignal | undefined): Promise<Response> {
  try {
    return await fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json, application/json' },
      body,
      signal,
    });
  } catch (cause) {
    if (callers?.aborted) throw cause;
    throw new ApiError('UNREACHABLE', 'The pool does not answer.', true, { cause });
  }
}

async function readAnswer<Data>(response: Response): Promise<Answer<Data> | undefined> {
  try {
    return (await response.json()) as Answer<Data>;
  } catch {
    return undefined;
  }
}
