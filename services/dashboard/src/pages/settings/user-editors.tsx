// What is for those alone who may edit users, and what stands there for others, and on a pool that has no users.
import type { ReactNode } from 'react';
import { Nothing } from '../../components/messages.tsx';
import { SkeletonLines } from '../../components/skeleton.tsx';
import { usePermissions } from './use-permissions.ts';

export function UserEditors({ refusal, children }: { refusal: string; children: ReactNode }): ReactNode {
  const { isOpen, may } = usePermissions();
  if (isOpen === undefined)
    return (
      <div className="panel">
        <SkeletonLines lines={5} />
      </div>
    );
  if (isOpen)
    return (
      <div className="panel">
        <Nothing title="Nobody has to log in">
          <p>
            This pool has no users: who reaches it sees and changes everything. The link it printed when it started
            makes the first user; from then on everybody needs a login, and is invited here.
          </p>
        </Nothing>
      </div>
    );
  if (may('USER_EDIT')) return children;
  return (
    <div className="panel">
      <Nothing title="Not yours to see">
        <p>{refusal}</p>
      </Nothing>
    </div>
  );
}
