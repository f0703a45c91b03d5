// The API keys that may read with SQL, as users of a ClickHouse server. Pure.
import type { SqlUser } from '@assay/analytics';
import { visibilityOf, type ControlState } from '@assay/tenancy';

/** By id, those that hold at the moment and have the permission `sql.read` somewhere. */
export function usersOfKeys(state: ControlState, nowUs: number): SqlUser[] {
  const users = [...state.all('api_key')].flatMap(({ id, body }): SqlUser[] => {
    // What a key may do once it has expired is nothing, so those are left out here as well.
    const access = state.accessOf({ kind: 'key', id }, nowUs);
    if (access.scopesOf('sql.read').length === 0) return [];
    const visibility = visibilityOf(access, 'sql.read', (tenant) => state.ownershipsOf(tenant));
    return [{ id, tokenHash: body.tokenHash, expiresAtUs: body.expiresAtUs, visibility }];
  });
  return users.sort((a, b) => (a.id < b.id ? -1 : 1));
}
