// How far what is on the screen can be trusted, for the whole page: asked every few seconds, and passed down to everything that shows a live number.
import { graphql } from '@assay/api-client';
import { createContext, use, useEffect, type ReactNode } from 'react';
import type { PoolStatus } from './schema-types.ts';
import { setServerNow } from './server-clock.ts';
import { useQuery } from './use-query.ts';

const STATUS = graphql(`
  query Status {
    status {
      version
      startedAt
      now
      live
      history
      newestShareAt
    }
  }
`);

const ASK_EVERY_MS = 5_000;
/** The status is answered from memory: a pool that takes longer than this does not answer. */
const ANSWER_WITHIN_MS = 6_000;

/** live: numbers are current. rebuilding: history is right, live state is not there yet. lost: nobody answers. starting: not known yet. failing: the API answers with an error. */
export type FreshnessState = 'starting' | 'live' | 'rebuilding' | 'lost' | 'failing';

export interface Freshness {
  readonly state: FreshnessState;
  readonly status: PoolStatus | undefined;
  /** When the last good status came, by this browser's clock. */
  readonly receivedAtMs: number | undefined;
  readonly retry: () => void;
}

const FreshnessContext = createContext<Freshness>({
  state: 'starting',
  status: undefined,
  receivedAtMs: undefined,
  retry: () => undefined,
});

export function FreshnessProvider({ children }: { children: ReactNode }): ReactNode {
  const { data, error, receivedAtMs, refetch } = useQuery(
    STATUS,
    {},
    { pollMs: ASK_EVERY_MS, timeoutMs: ANSWER_WITHIN_MS },
  );
  const status = data?.status;
  useEffect(() => {
    // A cached answer is older than this mount: its `now` would turn the clock back.
    if (status && receivedAtMs !== undefined && Date.now() - receivedAtMs < 1000) setServerNow(status.now);
  }, [status, receivedAtMs]);
  // Without the history store the newest share is not known, and an error says so beside the rest of the status, which is current.
  const isPartial = error?.code === 'STORE_UNAVAILABLE' && status?.history === false;
  let state: FreshnessState = 'starting';
  if (error && !isPartial) state = error.unreachable || error.code.startsWith('HTTP_5') ? 'lost' : 'failing';
  else if (status) state = status.live ? 'live' : 'rebuilding';
  return <FreshnessContext value={{ state, status, receivedAtMs, retry: refetch }}>{children}</FreshnessContext>;
}

export function useFreshness(): Freshness {
  return use(FreshnessContext);
}
