// What an operator must know before believing anything below: connection lost, live state being rebuilt, record behind.
import { useEffect, type ReactNode } from 'react';
import { useFreshness } from '../api/freshness.tsx';
import { serverNowMs, useServerNow } from '../api/server-clock.ts';
import { formatDuration } from '../format/time.ts';

/** A pool with workers stores shares every few seconds; a minute without one is worth a word. */
const RECORD_BEHIND_MS = 60_000;

export function Banners(): ReactNode {
  const { state, status, receivedAtMs, retry } = useFreshness();
  useServerNow();
  useEffect(() => {
    document.documentElement.dataset['fresh'] = state === 'live' || state === 'starting' ? 'live' : 'not-live';
  }, [state]);

  const retryButton = (
    <button type="button" className="button small" onClick={retry}>
      Retry now
    </button>
  );
  if (state === 'lost' || state === 'failing') {
    return (
      <div className="banner bad" role="alert">
        <span>
          <strong>{state === 'lost' ? 'Connection lost.' : 'The API answers with an error.'}</strong>{' '}
          {receivedAtMs === undefined
            ? 'Nothing could be loaded yet.'
            : `What is shown is ${formatDuration(Date.now() - receivedAtMs)} old, not live.`}{' '}
          Trying again every 5 s.
        </span>
        {retryButton}
      </div>
    );
  }
  if (state === 'rebuilding') {
    return (
      <div className="banner warn" role="status">
        <span>
          <strong>The live state is being rebuilt.</strong> Current hash rates are withheld until it is complete;
          history and shares are right.
        </span>
      </div>
    );
  }
  if (state === 'live' && status?.history === false) {
    return (
      <div className="banner warn" role="status">
        <span>
          <strong>The history store is away.</strong> Status and hash rates are live; charts, uptime, share counts and
          events are missing until it is back, and so may be workers that have not connected since the last restart.
        </span>
      </div>
    );
  }
  const newest = status?.newestShareAt ?? null;
  const behindMs = newest === null ? 0 : serverNowMs() - Date.parse(newest);
  if (state === 'live' && behindMs > RECORD_BEHIND_MS) {
    return (
      <div className="banner warn" role="status">
        <span>
          <strong>No share has reached the record for {formatDuration(behindMs)}.</strong> Charts and 24 h figures end
          there.
        </span>
      </div>
    );
  }
  return null;
}
