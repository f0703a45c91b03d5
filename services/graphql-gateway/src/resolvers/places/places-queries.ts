// What is entered of tenants, sites, groups, workers and ownership, as far as the viewer sees it.
import type { ControlObject } from '@assay/tenancy';
import { seesEntry, type PlaceKind } from '../../access/visible-entries.ts';
import type { OperationContext } from '../../operation/context.ts';
import { objectPage, type PageArguments, type Search } from '../object-list.ts';
import type { WorkerSource } from '../worker.ts';
import { placesLists, type OwnershipFilter, type WorkerEntryFilter } from './places-lists.ts';
import { PlaceValues } from './places-values.ts';
import type { PlaceResolverPorts } from './ports.ts';

interface Narrowed extends PageArguments, Search {
  readonly tenant?: string | null;
}

interface Filtered<Filter> extends PageArguments {
  readonly filter?: Filter | null;
}

type Context = OperationContext;

export function placesQueries({ control }: PlaceResolverPorts) {
  const { state } = control;
  const lists = placesLists(state);
  const values = ({ viewer }: Context): PlaceValues => new PlaceValues(viewer, state);
  const seen = <Kind extends PlaceKind>(
    kind: Kind,
    id: string,
    { viewer }: Context,
  ): ControlObject<Kind> | undefined => {
    const object = state.get(kind, id);
    return object !== undefined && seesEntry(viewer, object as ControlObject<PlaceKind>, state) ? object : undefined;
  };

  return {
    tenantEntries: (_root: unknown, args: PageArguments & Search, { viewer }: Context) =>
      objectPage(lists.tenants(args, viewer), args),
    tenantEntry: (_root: unknown, { id }: { id: string }, context: Context) => {
      const object = seen('tenant', id, context);
      return object && values(context).tenant(object);
    },

    siteEntries: (_root: unknown, args: Narrowed, { viewer }: Context) => objectPage(lists.sites(args, viewer), args),
    siteEntry: (_root: unknown, { id }: { id: string }, context: Context) => {
      const object = seen('site', id, context);
      return object && values(context).site(object);
    },

    workerGroups: (_root: unknown, args: Narrowed, { viewer }: Context) => objectPage(lists.groups(args, viewer), args),
    workerGroup: (_root: unknown, { id }: { id: string }, context: Context) => {
      const object = seen('group', id, context);
      return object && values(context).group(object);
    },

    workerEntries: (_root: unknown, { filter, ...page }: Filtered<WorkerEntryFilter>, { viewer }: Context) =>
      objectPage(lists.workers(filter ?? {}, viewer), page),
    workerEntry: (_root: unknown, { name }: { name: string }, context: Context) => {
      const object = seen('worker', name, context);
      return object && values(context).worker(object);
    },

    ownerships: (_root: unknown, { filter, ...page }: Filtered<OwnershipFilter>, { viewer }: Context) =>
      objectPage(lists.ownerships(filter ?? {}, viewer), page),
    ownership: (_root: unknown, { id }: { id: string }, context: Context) => {
      const object = seen('ownership', id, context);
      return object && values(context).ownership(object);
    },
  };
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
