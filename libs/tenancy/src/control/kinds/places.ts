// Tenants, their sites, and groups of workers.
import { z } from 'zod';
import { EVERY_TENANT } from '../../access/roles.ts';
import type { KindDefinition, Reference } from '../control-object.ts';

/** A segment of a worker's username. */
const SEGMENT = /^[A-Za-z0-9_+@:/=-]+$/;
const displayName = z.string().trim().min(1).max(100);

const tenantBody = z.strictObject({
  name: displayName,
  /** The operator themselves, somebody whose machines they host, or somebody who bought hash power. */
  kind: z.enum(['operator', 'hosting', 'cloud']),
  /** Whether a worker nobody entered is taken as one of theirs with its first share; else it waits in quarantine. */
  autoRegister: z.boolean(),
  /** Workers there may be, those in quarantine included. */
  maxWorkers: z.number().int().min(0).max(1_000_000).optional(),
  /** Shares a second of all workers together, on each gateway. */
  maxSubmitsPerSecond: z.number().min(0.1).max(1_000_000).optional(),
  /** Days that raw shares are shown for. */
  retentionDays: z.number().int().min(1).max(36_500).optional(),
  /**
   * IANA name, in which days and months of reports are cut. Whether there is such a zone is for who enters it to check: services with
   * other tables of zones must not fold the log differently.
   */
  timeZone: z
    .string()
    .max(60)
    .regex(/^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+)*$/)
    .optional(),
  /** Whether its users must have a second factor. */
  requireSecondFactor: z.boolean().optional(),
});
export type Tenant = z.infer<typeof tenantBody>;

export const tenantKind: KindDefinition<Tenant> = {
  schema: tenantBody,
  limit: 10_000,
  permission: 'tenant.edit',
  scopes: (id) => [{ tenant: id }],
  check: ({ id, before }) =>
    before === undefined && (!SEGMENT.test(id) || id.length > 63)
      ? { code: 'invalid', message: `${id} cannot be the first part of a worker's name.` }
      : undefined,
};

const siteBody = z.strictObject({
  name: displayName,
  location: z.string().max(200).optional(),
  /** Of all machines together, watts. */
  powerWatts: z.number().min(0).max(1e12).optional(),
  note: z.string().max(2000).optional(),
});
export type Site = z.infer<typeof siteBody>;

export const siteKind: KindDefinition<Site> = {
  schema: siteBody,
  limit: 100_000,
  permission: 'place.edit',
  scopes: (id) => [{ tenant: tenantOf(id), site: id }],
  references: (id) => [tenantReference(tenantOf(id))],
  check: ({ id, before }) => {
    const segments = id.split('.');
    return before === undefined && (segments.length !== 2 || !segments.every((segment) => SEGMENT.test(segment)))
      ? { code: 'invalid', message: `${id} is no site: a site is named tenant.site, as in workers' names.` }
      : undefined;
  },
};

const groupBody = z.strictObject({
  tenant: z.string().min(1).max(63),
  name: displayName,
  /** Members: whose name is one of these or lies below it (`acme.north.r1` holds `acme.north.r1.m07`). */
  under: z.array(z.string().min(1).max(127)).max(1000),
  /** Members as well: whose tags hold one of these. */
  tags: z.array(z.string().min(1).max(40)).max(100),
});
export type Group = z.infer<typeof groupBody>;

export const groupKind: KindDefinition<Group> = {
  schema: groupBody,
  limit: 100_000,
  permission: 'place.edit',
  scopes: (_id, { tenant }) => [{ tenant }],
  references: (_id, { tenant }) => [tenantReference(tenant)],
  check: ({ after }) => {
    const stray = after?.under.find((name) => tenantOf(name) !== after.tenant);
    return stray === undefined
      ? undefined
      : { code: 'invalid', message: `${stray} is not of tenant ${after!.tenant}.` };
  },
};

export function tenantOf(name: string): string {
  const dot = name.indexOf('.');
  return dot < 0 ? name : name.slice(0, dot);
}

/** The site that a worker's name says it stands on, `tenant.site`, if it says one. */
export function siteOf(worker: string): string | undefined {
  const [tenant = '', site = ''] = worker.split('.', 2);
  return site === '' ? undefined : `${tenant}.${site}`;
}

/** Whether `name` is `place` or lies below it. */
export function isUnder(name: string, place: string): boolean {
  return name === place || name.startsWith(`${place}.`);
}

/** The pool itself needs no tenant. */
export function tenantReference(id: string, onRemove: Reference['onRemove'] = 'refuse'): Reference {
  return { kind: 'tenant', id, onRemove };
}

export function tenantReferences(grants: readonly { readonly tenant: string }[]): Reference[] {
  const tenants = new Set(grants.map(({ tenant }) => tenant));
  tenants.delete(EVERY_TENANT);
  return [...tenants].map((id) => tenantReference(id));
}
