// Who is logged in, the way to their account, and out. Nothing while the pool is open to everybody.
import type { ReactNode } from 'react';
import { logOut } from '../login/log-out.ts';
import { usePerson } from '../login/person.ts';
import { Link } from '../router/link.tsx';
import { LogOutIcon, PersonIcon } from './icons.tsx';

export function AccountLinks({ isCurrent }: { isCurrent: boolean }): ReactNode {
  const person = usePerson();
  if (person === null) return null;
  return (
    <>
      <Link
        to="/account"
        className="account-link"
        aria-label={`Your account: ${person.name}`}
        title={person.email}
        aria-current={isCurrent ? 'page' : undefined}
      >
        <PersonIcon />
        <span className="account-name">{person.name}</span>
      </Link>
      <button
        type="button"
        className="icon-button log-out"
        aria-label="Log out"
        title="Log out"
        onClick={() => void logOut()}
      >
        <LogOutIcon />
      </button>
    </>
  );
}
