// What is entered of tenants, sites, groups, workers and ownership, as far as the viewer sees it.
import { holdsAt, isUnder, tenantOf, type ControlObject, type Worker } from '@assay/tenancy';
import { seesEntry, seesWorkerEntries, type PlaceKind } from '../../access/visible-entries.ts';
import { isGiven } from '../../argument-bounds.ts';
import type { OperationContext } from '../../operation/context.ts';
import { objectPage, type PageArguments } from '../object-page.ts';
import type { WorkerSource } from '../worker.ts';
import { PlaceValues } from './places-values.ts';
import type { PlaceResolverPorts } from './ports.ts';

interface OfTenant extends PageArguments {
  readonly tenant?: string | null;
}

interface WorkerEntryFilter {
  readonly tenant?: string | null;
  readonly site?: string | null;
  readonly standing?: readonly Worker['standing'][] | null;
  readonly search?: string | null;
  readonly tag?: string | null;
}

interface OwnershipFilter {
  readonly tenant?: string | null;
  readonly side?: 'GIVEN' | 'HELD' | null;
  readonly of?: string | null;
  readonly at?: number | null;
}

type Context = OperationContext;

export function placesQueries({ control }: PlaceResolverPorts) {
  const { state } = control;
  const values = ({ viewer }: Context): PlaceValues => new PlaceValues(viewer, state);
  const seen = <Kind extends PlaceKind>(
    kind: Kind,
    id: string,
    { viewer }: Context,
  ): ControlObject<Kind> | undefined => {
    const object = state.get(kind, id);
    return object !== undefined && seesEntry(viewer, object as ControlObject<PlaceKind>, state) ? object : undefined;
  };
  const shown =
    <Kind extends PlaceKind>({ viewer }: Context, lets: (object: ControlObject<Kind>) => boolean) =>
    (object: ControlObject<Kind>): boolean =>
      lets(object) && seesEntry(viewer, object as ControlObject<PlaceKind>, state);
  const isOf = (tenant: string | null | undefined, id: string): boolean => !isGiven(tenant) || tenantOf(id) === tenant;

  return {
    tenantEntries: (_root: unknown, args: PageArguments, context: Context) =>
      objectPage(
        state,
        'tenant',
        args,
        shown(context, () => true),
        values(context).tenant,
      ),
    tenantEntry: (_root: unknown, { id }: { id: string }, context: Context) => {
      const object = seen('tenant', id, context);
      return object && values(context).tenant(object);
    },

    siteEntries: (_root: unknown, { tenant, ...args }: OfTenant, context: Context) =>
      objectPage(
        state,
        'site',
        args,
        shown(context, ({ id }) => isOf(tenant, id)),
        values(context).site,
      ),
    siteEntry: (_root: unknown, { id }: { id: string }, context: Context) => {
      const object = seen('site', id, context);
      return object && values(context).site(object);
    },

    workerGroups: (_root: unknown, { tenant, ...args }: OfTenant, context: Context) =>
      objectPage(
        state,
        'group',
        args,
        shown(context, ({ body }) => isOf(tenant, body.tenant)),
        values(context).group,
      ),
    workerGroup: (_root: unknown, { id }: { id: string }, context: Context) => {
      const object = seen('group', id, context);
      return object && values(context).group(object);
    },

    workerEntries: (
      _root: unknown,
      { filter, ...args }: PageArguments & { filter?: WorkerEntryFilter | null },
      context: Context,
    ) => {
      const lets = workerFilter(filter ?? {});
      const sees = seesWorkerEntries(context.viewer, state);
      return objectPage(state, 'worker', args, (worker) => lets(worker) && sees(worker), values(context).worker);
    },
    workerEntry: (_root: unknown, { name }: { name: string }, context: Context) => {
      const object = seen('worker', name, context);
      return object && values(context).worker(object);
    },

    ownerships: (
      _root: unknown,
      { filter, ...args }: PageArguments & { filter?: OwnershipFilter | null },
      context: Context,
    ) => objectPage(state, 'ownership', args, shown(context, ownershipFilter(filter ?? {})), values(context).ownership),
    ownership: (_root: unknown, { id }: { id: string }, context: Context) => {
      const object = seen('ownership', id, context);
      return object && values(context).ownership(object);
    },
  };
}

function workerFilter({ tenant, site, standing, search, tag }: WorkerEntryFilter) {
  const part = search?.toLowerCase() ?? '';
  return ({ id, body }: ControlObject<'worker'>): boolean =>
    (!isGiven(standing) || standing.includes(body.standing)) &&
    (!isGiven(tenant) || tenantOf(id) === tenant) &&
    (!isGiven(site) || (id.split('.', 2)[1] ?? '') === site) &&
    (!isGiven(tag) || body.tags.includes(tag)) &&
    (part === '' || [id, body.model, body.owner].some((text) => text?.toLowerCase().includes(part)));
}

function ownershipFilter({ tenant, side, of, at }: OwnershipFilter) {
  return ({ body }: ControlObject<'ownership'>): boolean =>
    (!isGiven(tenant) ||
      (side !== 'HELD' && tenantOf(body.of) === tenant) ||
      (side !== 'GIVEN' && body.holder === tenant)) &&
    (!isGiven(of) || isUnder(body.of, of) || isUnder(of, body.of)) &&
    (!isGiven(at) || holdsAt(body, at));
}

/** `entry` of the types of the fleet, and what a worker's entry says of the fleet. */
export function placesResolvers(ports: PlaceResolverPorts) {
  const queries = placesQueries(ports);
  const facts = async (name: string, { moment }: Context) => (await moment.snapshot()).byName.get(name);
  return {
    Tenant: {
      entry: ({ name }: { name: string }, _args: unknown, context: Context) =>
        queries.tenantEntry(undefined, { id: name }, context),
    },
    Site: {
      entry: ({ tenant, name }: { tenant: string; name: string }, _args: unknown, context: Context) =>
        queries.siteEntry(undefined, { id: `${tenant}.${name}` }, context),
    },
    Worker: {
      entry: (source: WorkerSource, _args: unknown, context: Context) =>
        queries.workerEntry(undefined, { name: source.facts.worker }, context),
    },
    WorkerEntry: {
      status: async ({ name }: { name: string }, _args: unknown, context: Context) =>
        (await facts(name, context))?.status,
      lastShareAt: async ({ name }: { name: string }, _args: unknown, context: Context) =>
        (await facts(name, context))?.lastShareAtUs,
      userAgent: async ({ name }: { name: string }, _args: unknown, context: Context) =>
        (await facts(name, context))?.userAgent,
    },
  };
}
