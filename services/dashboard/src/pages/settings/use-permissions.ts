// What the viewer may do somewhere, to leave out what would only be refused. Where they may is for the pool to say.
import { graphql, type ResultOf } from '@assay/api-client';
import { useQuery } from '../../api/use-query.ts';

const PERMISSIONS = graphql(`
  query Permissions {
    viewer {
      kind
      permissions
    }
  }
`);

type Permission = ResultOf<typeof PERMISSIONS>['viewer']['permissions'][number];

export interface Permissions {
  /** Undefined until it is known. */
  readonly isOpen: boolean | undefined;
  readonly may: (permission: Permission) => boolean;
}

export function usePermissions(): Permissions {
  const { data } = useQuery(PERMISSIONS, {}, { pollMs: 60_000 });
  return {
    isOpen: data && data.viewer.kind === 'OPEN',
    may: (permission) => data?.viewer.permissions.includes(permission) ?? false,
  };
}
