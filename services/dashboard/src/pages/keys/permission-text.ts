// What a key may do, in words.
import type { Permission } from './key-documents.ts';

export const PERMISSION_WORDS: Record<Permission, string> = {
  FLEET_VIEW: 'see machines',
  MONEY_VIEW: 'see earnings',
  PLACE_EDIT: 'change sites and groups',
  WORKER_EDIT: 'change workers',
  TENANT_EDIT: 'change tenants',
  OWNERSHIP_EDIT: 'give hash power',
  USER_EDIT: 'change people and keys',
  ALERT_EDIT: 'change alert rules',
  ALERT_ACKNOWLEDGE: 'acknowledge alerts',
  AUDIT_VIEW: 'see the audit log',
  SQL_READ: 'ask in SQL',
  POOL_VIEW: 'see the pool’s own parts',
  POOL_ACT: 'act on the pool',
};

export function permissionsText(permissions: readonly Permission[]): string {
  return permissions.map((permission) => PERMISSION_WORDS[permission]).join(', ');
}
