// Where one is logged in, and how to end that.
import { useState, type ReactNode } from 'react';
import { Panel } from '../../components/panel.tsx';
import { Moment } from '../../components/time.tsx';
import type { AuthFailure, AuthOutcome } from '../../login/auth-api.ts';
import { change } from '../../login/own-account.ts';
import { REVOKE_OTHER_SESSIONS, REVOKE_SESSION, type Session } from './account-documents.ts';
import { deviceText, methodText } from './account-text.ts';
import { FailureBanner } from '../../login/failure-banner.tsx';

export function SessionsPanel({
  sessions,
  onChanged,
  isOwn = true,
}: {
  sessions: readonly Session[];
  onChanged: () => void;
  /** Whether they are of who looks at them. */
  isOwn?: boolean;
}): ReactNode {
  const [failure, setFailure] = useState<AuthFailure>();
  const [isBusy, setIsBusy] = useState(false);
  const end = async (ended: () => Promise<AuthOutcome<unknown>>): Promise<void> => {
    setIsBusy(true);
    const outcome = await ended();
    setIsBusy(false);
    setFailure(outcome.ok ? undefined : outcome.failure);
    onChanged();
  };
  const others = sessions.filter(({ current }) => !current).length;
  return (
    <Panel
      title="Sessions"
      end={
        isOwn &&
        others > 0 && (
          <button
            type="button"
            className="button small"
            disabled={isBusy}
            onClick={() => void end(() => change(REVOKE_OTHER_SESSIONS, {}))}
          >
            End all others
          </button>
        )
      }
    >
      {failure && (
        <div className="panel-body">
          <FailureBanner failure={failure} sent="account" />
        </div>
      )}
      <ul className="session-list">
        {sessions.map((session) => (
          <li key={session.id}>
            <span className="what">
              {deviceText(session.userAgent)}
              {session.current && <span className="this-session">this one</span>}
            </span>
            {!session.current && (
              <button
                type="button"
                className="button small"
                aria-label={`End the session of ${deviceText(session.userAgent)} at ${session.remoteAddress}`}
                disabled={isBusy}
                onClick={() => void end(() => change(REVOKE_SESSION, { id: session.id }))}
              >
                End
              </button>
            )}
            <span className="detail">
              {session.remoteAddress}, since <Moment at={session.createdAt} />, until <Moment at={session.expiresAt} />;{' '}
              {methodText(session.method)}
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
