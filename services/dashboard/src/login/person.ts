// Who is logged in, for whatever is on the pages.
import { createContext, use } from 'react';
import type { Person } from './auth-api.ts';

export const PersonContext = createContext<Person | null>(null);

/** Null while the pool is open to everybody. */
export function usePerson(): Person | null {
  return use(PersonContext);
}
