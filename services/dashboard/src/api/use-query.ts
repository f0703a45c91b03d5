// Asks a question and keeps its answer fresh. An answer is kept through failures, together with when it was received: what to do about
// its age is the page's decision, and it always knows it.
import { ApiError, textOf, type GraphqlDocument } from '@assay/api-client';
import { useCallback, useEffect, useRef, useState } from 'react';
import { cachedAnswer, rememberAnswer } from './answer-cache.ts';
import { request } from './client.ts';

export interface QueryState<Data> {
  readonly data: Data | undefined;
  /** Of the latest attempt; undefined once an attempt has succeeded. With `data` of the same attempt when only some fields failed. */
  readonly error: ApiError | undefined;
  readonly loading: boolean;
  /** When `data` arrived, by this browser's clock. */
  readonly receivedAtMs: number | undefined;
  readonly refetch: () => void;
}

interface Attempt<Data> {
  key: string;
  data: Data | undefined;
  receivedAtMs: number | undefined;
  error: ApiError | undefined;
  loading: boolean;
}

interface Options {
  /** Ask again this long after each answer; never while the page is hidden. */
  readonly pollMs?: number;
  /** While false nothing is asked. */
  readonly enabled?: boolean;
  /** Give up on an answer after this long; 20 s unless given. */
  readonly timeoutMs?: number;
}

const RETRY_AFTER_MS = 5_000;

/** When to ask again after a failure; undefined when the question itself is wrong. */
function retryMs(error: ApiError, pollMs: number | undefined): number | undefined {
  return error.retriable ? Math.min(pollMs ?? RETRY_AFTER_MS, RETRY_AFTER_MS) : undefined;
}

function startingAttempt<Data>(key: string): Attempt<Data> {
  const cached = cachedAnswer(key);
  return {
    key,
    data: cached?.data as Data | undefined,
    receivedAtMs: cached?.receivedAtMs,
    error: undefined,
    loading: true,
  };
}

export function useQuery<Data, Variables>(
  document: GraphqlDocument<Data, Variables>,
  variables: Variables,
  options: Options = {},
): QueryState<Data> {
  const { pollMs, enabled = true, timeoutMs } = options;
  const key = `${textOf(document)}\n${JSON.stringify(variables)}`;
  const [attempt, setAttempt] = useState<Attempt<Data>>(() => startingAttempt(key));
  const [round, setRound] = useState(0);
  const latestVariables = useRef(variables);
  latestVariables.current = variables;

  useEffect(() => {
    if (!enabled) return;
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let waitingForSight = false;

    const ask = async (): Promise<void> => {
      setAttempt((previous) => (previous.key === key ? { ...previous, loading: true } : startingAttempt(key)));
      let nextMs = pollMs;
      try {
        const { data, partial } = await request(document, latestVariables.current, abort.signal, timeoutMs);
        if (abort.signal.aborted) return;
        const receivedAtMs = Date.now();
        rememberAnswer(key, { data, receivedAtMs });
        setAttempt({ key, data, receivedAtMs, error: partial, loading: false });
        if (partial) nextMs = retryMs(partial, pollMs);
      } catch (cause) {
        if (abort.signal.aborted) return;
        const error = cause instanceof ApiError ? cause : new ApiError('UNKNOWN', String(cause), false);
        setAttempt((previous) => ({ ...previous, error, loading: false }));
        nextMs = retryMs(error, pollMs);
      }
      if (nextMs !== undefined) timer = setTimeout(askWhenSeen, nextMs);
    };
    const askWhenSeen = (): void => {
      if (globalThis.document.hidden) waitingForSight = true;
      else void ask();
    };
    const onVisibility = (): void => {
      if (globalThis.document.hidden || !waitingForSight) return;
      waitingForSight = false;
      void ask();
    };

    void ask();
    globalThis.document.addEventListener('visibilitychange', onVisibility);
    return () => {
      abort.abort();
      clearTimeout(timer);
      globalThis.document.removeEventListener('visibilitychange', onVisibility);
    };
  }, [document, key, pollMs, enabled, timeoutMs, round]);

  const refetch = useCallback(() => setRound((value) => value + 1), []);
  // Until the effect has run, an attempt for other variables must not be shown as the answer to these.
  const shown = attempt.key === key ? attempt : startingAttempt<Data>(key);
  return { data: shown.data, error: shown.error, loading: shown.loading, receivedAtMs: shown.receivedAtMs, refetch };
}
