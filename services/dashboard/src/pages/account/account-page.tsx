// What one logs in with, and where one is logged in.
import type { ReactNode } from 'react';
import { useQuery } from '../../api/use-query.ts';
import { Failure, Nothing } from '../../components/messages.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { Panel } from '../../components/panel.tsx';
import { SkeletonLines } from '../../components/skeleton.tsx';
import { formatQuantity } from '../../format/number.ts';
import { logOut } from '../../login/log-out.ts';
import { Link } from '../../router/link.tsx';
import { ACCOUNT, type Account } from './account-documents.ts';
import { grantText, methodText } from './account-text.ts';
import { PasswordPanel } from './password-panel.tsx';
import { SecondFactorPanel } from './second-factor-panel.tsx';
import { SessionsPanel } from './sessions-panel.tsx';

export function AccountPage(): ReactNode {
  const { data, error, refetch } = useQuery(ACCOUNT, {});
  const viewer = data?.viewer;
  return (
    <>
      <PageHeader title="Your account">
        {viewer?.user && (
          <button type="button" className="button" onClick={() => void logOut()}>
            Log out
          </button>
        )}
      </PageHeader>
      {viewer ? (
        <AccountOf viewer={viewer} onChanged={refetch} />
      ) : (
        <div className="panel">{error ? <Failure error={error} onRetry={refetch} /> : <SkeletonLines lines={8} />}</div>
      )}
    </>
  );
}

function AccountOf({ viewer, onChanged }: { viewer: Account; onChanged: () => void }): ReactNode {
  const { user, session, grants } = viewer;
  if (user === null)
    return (
      <div className="panel">
        <Nothing title="Nobody has to log in">
          <p>
            This pool has no users: who reaches it sees everything. The link it printed when it started makes the first
            user; from then on everybody needs a login.
          </p>
        </Nothing>
      </div>
    );
  return (
    <div className="account">
      <div className="column">
        <Panel title="You">
          <dl className="facts">
            <dt>Name</dt>
            <dd>{user.name}</dd>
            <dt>E-mail address</dt>
            <dd>{user.email}</dd>
            <dt>May act as</dt>
            <dd>{grants.length === 0 ? 'nothing yet' : grants.map(grantText).join(', ')}</dd>
            {session && (
              <>
                <dt>Logged in with</dt>
                <dd>{methodText(session.method)}</dd>
              </>
            )}
          </dl>
        </Panel>
        <SecondFactorPanel viewer={viewer} onChanged={onChanged} />
        {user.hasPassword && <PasswordPanel email={user.email} onChanged={onChanged} />}
      </div>
      <div className="column">
        <SessionsPanel sessions={user.sessions} onChanged={onChanged} />
        <Panel
          title="API keys"
          end={
            <Link to="/account/keys" className="button small">
              See and make keys
            </Link>
          }
        >
          <div className="panel-body">
            {user.apiKeys.length === 0
              ? 'You have none. With one, a program asks in your name, for no more than you allow it.'
              : `${formatQuantity(user.apiKeys.length, 'key')} with which programs ask in your name.`}
          </div>
        </Panel>
      </div>
    </div>
  );
}
