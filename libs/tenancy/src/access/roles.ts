// Who may do what. A role is a set of permissions; a grant gives a role over everything, a tenant, or one of its sites.
import { z } from 'zod';

export const PERMISSIONS = [
  /** Workers, rates, events and history of what the grant covers. */
  'fleet.view',
  /** What was earned and owed. */
  'money.view',
  /** Sites and groups. */
  'place.edit',
  /** Expected rates, power, models, tags, secrets, quarantine. */
  'worker.edit',
  'tenant.edit',
  /** Whose a worker's hash power is. */
  'ownership.edit',
  'user.edit',
  /** Rules, channels, maintenance windows, webhooks. */
  'alert.edit',
  'alert.acknowledge',
  /** Who changed what, and when. */
  'audit.view',
  /** Direct SQL. */
  'sql.read',
  /** Upstream pools, nodes and gateways, which belong to no tenant. */
  'pool.view',
  /** New jobs, routes, messages to machines. */
  'pool.act',
] as const;
export type Permission = (typeof PERMISSIONS)[number];
export const permission = z.enum(PERMISSIONS);

export const ROLES = ['operator_admin', 'site_manager', 'technician', 'customer', 'auditor', 'data_reader'] as const;
export type Role = (typeof ROLES)[number];

export const ROLE_PERMISSIONS: Readonly<Record<Role, readonly Permission[]>> = {
  operator_admin: PERMISSIONS,
  site_manager: ['fleet.view', 'place.edit', 'worker.edit', 'alert.edit', 'alert.acknowledge', 'audit.view'],
  technician: ['fleet.view', 'alert.acknowledge'],
  customer: ['fleet.view', 'money.view', 'alert.edit', 'alert.acknowledge'],
  auditor: ['fleet.view', 'money.view', 'audit.view', 'pool.view'],
  data_reader: ['fleet.view', 'sql.read'],
};

/** Every tenant, and what belongs to none. */
export const EVERY_TENANT = '*';

/** What something belongs to: a tenant, one of its sites (`tenant.site`), or with EVERY_TENANT the pool itself. */
export interface Scope {
  readonly tenant: string;
  readonly site?: string | undefined;
}

export const grant = z
  .strictObject({
    role: z.enum(ROLES),
    tenant: z.string().min(1).max(127),
    site: z.string().min(1).max(127).optional(),
  })
  .refine(({ tenant, site }) => site === undefined || site.startsWith(`${tenant}.`), 'names a site of another tenant');
export type Grant = z.infer<typeof grant>;

/** Whether all of `inner` lies within `outer`. */
export function covers(outer: Scope, inner: Scope): boolean {
  if (outer.tenant === EVERY_TENANT) return true;
  return outer.tenant === inner.tenant && (outer.site === undefined || outer.site === inner.site);
}
