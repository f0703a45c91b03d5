// The entries that whoever looks at the page can use, by what the gateway says they may do.
import { graphql } from '@assay/api-client';
import { useQuery } from '../api/use-query.ts';
import { usePerson } from '../login/person.ts';
import { usableEntries, type NavigationEntry } from './navigation.ts';

const USABLE = graphql(`
  query Usable {
    viewer {
      permissions
    }
  }
`);

/** Roles change seldom, and whatever they no longer allow is refused at once. */
const ASK_AGAIN_MS = 60_000;

export function useEntries(): readonly NavigationEntry[] {
  const isOpen = usePerson() === null;
  const { data } = useQuery(USABLE, {}, { pollMs: ASK_AGAIN_MS, enabled: !isOpen });
  return usableEntries({ permissions: data?.viewer.permissions ?? [], isOpen });
}
