// What somebody may do, from the grants they hold. Invariant: nothing is allowed that no grant names; a key's own list of
// permissions can only take away.
import { covers, EVERY_TENANT, ROLE_PERMISSIONS, type Grant, type Permission, type Role, type Scope } from './roles.ts';

export class Access {
  readonly #grants: readonly Grant[];
  readonly #only: ReadonlySet<Permission> | undefined;

  /** @param only of all that the grants allow, no more than these; undefined for all of it */
  constructor(grants: readonly Grant[], only?: readonly Permission[]) {
    this.#grants = grants;
    this.#only = only && new Set(only);
  }

  /** Of all grants, wherever they hold. */
  get roles(): readonly Role[] {
    return this.#grants.map(({ role }) => role);
  }

  may(permission: Permission, scope: Scope): boolean {
    return this.scopesOf(permission).some((own) => covers(own, scope));
  }

  /** Where the permission holds; nowhere when empty. One entry of EVERY_TENANT stands for everywhere. */
  scopesOf(permission: Permission): readonly Scope[] {
    if (this.#only !== undefined && !this.#only.has(permission)) return [];
    const scopes = this.#grants.filter(({ role }) => ROLE_PERMISSIONS[role].includes(permission));
    return scopes.find(({ tenant }) => tenant === EVERY_TENANT) ? [{ tenant: EVERY_TENANT }] : scopes;
  }

  /** Whether who has this may give that: nobody hands out what they do not have. */
  mayGive({ role, tenant, site }: Grant): boolean {
    const scope = { tenant, site };
    return this.may('user.edit', scope) && ROLE_PERMISSIONS[role].every((permission) => this.may(permission, scope));
  }
}

/** Of the services themselves, and of everybody while no user has been made. */
export const FULL_ACCESS = new Access([{ role: 'operator_admin', tenant: EVERY_TENANT }]);
export const NO_ACCESS = new Access([]);
