// Objects of the control log as the schema shows them, and the schema's names for roles and permissions.
import { PERMISSIONS, ROLES, type ControlObject, type Grant, type Permission, type Role } from '@assay/tenancy';
import { isGiven } from '../../argument-bounds.ts';

/** `fleet.view` is FLEET_VIEW in the schema. */
function schemaName(name: string): string {
  return name.toUpperCase().replace('.', '_');
}

/** Internal values of schema enums, for makeExecutableSchema. */
export const IDENTITY_ENUMS = {
  Role: Object.fromEntries(ROLES.map((role) => [schemaName(role), role])) as Record<string, Role>,
  Permission: Object.fromEntries(PERMISSIONS.map((each) => [schemaName(each), each])) as Record<string, Permission>,
  Owed: { CODE: 'code', ENROLMENT: 'enrolment' },
};

export interface GrantInput {
  readonly role: Role;
  readonly tenant: string;
  readonly site?: string | null;
}

export function grantsOf(inputs: readonly GrantInput[]): Grant[] {
  return inputs.map(({ role, tenant, site }) => ({ role, tenant, ...(isGiven(site) && { site }) }));
}

export function sessionValue({ id, body }: ControlObject<'session'>, current: string | undefined) {
  const { createdAtUs, expiresAtUs, method, remoteAddress, userAgent } = body;
  return {
    id,
    current: id === current,
    createdAt: createdAtUs,
    expiresAt: expiresAtUs,
    method,
    remoteAddress,
    userAgent,
  };
}

export function keyValue({ id, body }: ControlObject<'api_key'>) {
  const { name, shown, grants, only, createdAtUs, expiresAtUs } = body;
  return { id, name, shown, grants, only, createdAt: createdAtUs, expiresAt: expiresAtUs };
}
