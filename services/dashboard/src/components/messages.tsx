// What stands in place of content: a failure with its code and a way to try again, or nothing there yet and what to do about it.
import type { ReactNode } from 'react';
import type { ApiError } from '@assay/api-client';
import { Link } from '../router/link.tsx';

export function Failure({ error, onRetry }: { error: ApiError; onRetry: () => void }): ReactNode {
  return (
    <div className="message" role="alert">
      <h2>{error.unreachable ? 'The pool does not answer' : 'This could not be loaded'}</h2>
      <p>
        {error.message} <code>{error.code}</code>
      </p>
      <div className="actions">
        <button type="button" className="button" onClick={onRetry}>
          Try again
        </button>
      </div>
    </div>
  );
}

/** A failure to refresh what is still shown. */
export function StaleFailure({ error, onRetry }: { error: ApiError; onRetry: () => void }): ReactNode {
  return (
    <div className="banner warn inline-banner" role="alert">
      <span>
        <strong>Could not be refreshed.</strong> {error.message} <code>{error.code}</code>
      </span>
      <button type="button" className="button small" onClick={onRetry}>
        Try again
      </button>
    </div>
  );
}

export function NoWorkersYet(): ReactNode {
  return (
    <div className="message">
      <h2>No worker has connected yet</h2>
      <p>Point a miner at this pool and it appears here within seconds of its first share.</p>
      <div className="actions">
        <Link to="/connect" className="button primary">
          Connect a miner
        </Link>
      </div>
    </div>
  );
}

export function Nothing({ title, children }: { title: string; children?: ReactNode }): ReactNode {
  return (
    <div className="message">
      <h2>{title}</h2>
      {children}
    </div>
  );
}
