// What went wrong. Some changes of one's account want a login within the last quarter of an hour: then here is the way to one, and back.
import type { ReactNode } from 'react';
import type { AuthFailure } from './auth-api.ts';
import { failureText, type Sent } from './failure-text.ts';
import { logOut } from './log-out.ts';

export function FailureBanner({ failure, sent }: { failure: AuthFailure; sent: Sent }): ReactNode {
  return (
    <div className="banner bad entry-problem" role="alert">
      <span>{failureText(failure, sent)}</span>
      {failure.code === 'RECENT_LOGIN_REQUIRED' && (
        <button type="button" className="button small" onClick={() => void logOut(location.pathname)}>
          Log in again
        </button>
      )}
    </div>
  );
}
