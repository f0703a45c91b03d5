// The entries that whoever looks at the page can use, and where they begin, by what the gateway says they are and may do.
import { graphql } from '@assay/api-client';
import { useQuery } from '../api/use-query.ts';
import { usePerson } from '../login/person.ts';
import { isBuyer, usableEntries, type NavigationEntry, type Usable } from './navigation.ts';

const USABLE = graphql(`
  query Usable {
    viewer {
      permissions
      grants {
        role
        tenant
        site
      }
    }
    tenantEntries(first: 10) {
      nodes {
        id
        kind
      }
    }
  }
`);

/** Roles change seldom, and whatever they no longer allow is refused at once. */
const ASK_AGAIN_MS = 60_000;

/** Undefined until it is known. Where the gateway does not say, somebody is taken for who may do nothing in particular. */
function useUsable(): Usable | undefined {
  const isOpen = usePerson() === null;
  const { data, error } = useQuery(USABLE, {}, { pollMs: ASK_AGAIN_MS, enabled: !isOpen });
  if (data) {
    const { viewer, tenantEntries } = data;
    return { permissions: viewer.permissions, isOpen, isBuyer: isBuyer(viewer.grants, tenantEntries.nodes) };
  }
  return isOpen || error ? { permissions: [], isOpen, isBuyer: false } : undefined;
}

export function useEntries(): readonly NavigationEntry[] {
  const usable = useUsable();
  return usableEntries(usable ?? { permissions: [], isOpen: false, isBuyer: false });
}

/** Whether they only bought hash power; undefined until it is known. */
export function useIsBuyer(): boolean | undefined {
  return useUsable()?.isBuyer;
}
