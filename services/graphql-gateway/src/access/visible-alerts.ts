// Which alerts somebody sees, and what of them. An alert is seen by who sees its subject: a worker as everywhere else, a place or a tenant by a
// grant over it, a part of the pool with pool.view. What an alert says beyond its subject (the rule, whom it told, what it has in common with others) may
// speak of others' workers and people, and is told to those alone who see all that it speaks of.
import type { Alert, Cause, Subject } from '@assay/alerting';
import { EVERY_TENANT, type Scope, type Visibility } from '@assay/tenancy';
import type { Viewer } from '../operation/viewer.ts';

/** What the alert belongs to: who may acknowledge it has the permission over this. */
export function alertScope({ tenant, site }: Subject): Scope {
  return site === '' ? { tenant } : { tenant, site: `${tenant}.${site}` };
}

export function seesAlert(
  { access }: Viewer,
  visibility: Visibility,
  { subject, startedAtUs }: Alert,
  nowUs: number,
): boolean {
  const { tenant, worker } = subject;
  if (tenant === EVERY_TENANT || tenant === '') return access.may('pool.view', { tenant: EVERY_TENANT });
  if (worker === '') return access.may('fleet.view', alertScope(subject));
  // Of a share held for some time, what began within it.
  const sinceUs = visibility.seesSinceUs(worker, nowUs);
  return sinceUs !== undefined && startedAtUs >= sinceUs;
}

/** Whether they see all of what the alert belongs to, and not a share of one worker alone: they are told whom it told. */
export function seesBehind({ access }: Viewer, { subject }: Alert): boolean {
  const scope = alertScope(subject);
  return access.may(subject.tenant === EVERY_TENANT ? 'pool.view' : 'fleet.view', scope);
}

/** A gateway, an upstream or a firmware is looked at over all workers of its tenant, or of every tenant. */
export function seesCause({ access }: Viewer, { dimension, tenant, site, value }: Cause): boolean {
  if (tenant === '' || tenant === EVERY_TENANT) return access.may('fleet.view', { tenant: EVERY_TENANT });
  if (dimension === 'rack') return access.may('fleet.view', { tenant, site: `${tenant}.${site}` });
  if (dimension === 'site') return access.may('fleet.view', { tenant, site: `${tenant}.${value}` });
  return access.may('fleet.view', { tenant });
}
