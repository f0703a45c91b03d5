// What is entered of tenants, sites, groups, workers and ownership, as lists of what a viewer sees of it.
import { holdsAt, isUnder, tenantOf, type ControlObject, type ControlState, type Worker } from '@assay/tenancy';
import { seesEntry, seesWorkerEntries, type PlaceKind } from '../../access/visible-entries.ts';
import { isGiven } from '../../argument-bounds.ts';
import type { Viewer } from '../../operation/viewer.ts';
import { objectList, searching, type Search } from '../object-list.ts';
import { PlaceValues } from './places-values.ts';

interface OfTenant extends Search {
  readonly tenant?: string | null | undefined;
}

export interface WorkerEntryFilter extends OfTenant {
  readonly site?: string | null | undefined;
  readonly standing?: readonly Worker['standing'][] | null | undefined;
  readonly tag?: string | null | undefined;
}

export interface OwnershipFilter extends OfTenant {
  readonly side?: 'GIVEN' | 'HELD' | null;
  readonly of?: string | null;
  readonly at?: number | null;
}

export function placesLists(state: ControlState) {
  const shown =
    <Kind extends PlaceKind>(viewer: Viewer, lets: (object: ControlObject<Kind>) => boolean) =>
    (object: ControlObject<Kind>): boolean =>
      lets(object) && seesEntry(viewer, object as ControlObject<PlaceKind>, state);
  const isOf = (tenant: string | null | undefined, id: string): boolean => !isGiven(tenant) || tenantOf(id) === tenant;

  return {
    tenants: ({ search }: Search, viewer: Viewer) => {
      const finds = searching(search);
      const lets = ({ id, body }: ControlObject<'tenant'>): boolean => finds([id, body.name]);
      return objectList(state, 'tenant', shown(viewer, lets), new PlaceValues(viewer, state).tenant);
    },

    sites: ({ tenant, search }: OfTenant, viewer: Viewer) => {
      const finds = searching(search);
      const lets = ({ id, body }: ControlObject<'site'>): boolean =>
        isOf(tenant, id) && finds([id, body.name, body.location]);
      return objectList(state, 'site', shown(viewer, lets), new PlaceValues(viewer, state).site);
    },

    groups: ({ tenant, search }: OfTenant, viewer: Viewer) => {
      const finds = searching(search);
      const lets = ({ body }: ControlObject<'group'>): boolean =>
        isOf(tenant, body.tenant) && finds([body.name, body.tenant, ...body.under, ...body.tags]);
      return objectList(state, 'group', shown(viewer, lets), new PlaceValues(viewer, state).group);
    },

    workers: (filter: WorkerEntryFilter, viewer: Viewer) => {
      const lets = workerFilter(filter);
      const sees = seesWorkerEntries(viewer, state);
      return objectList(
        state,
        'worker',
        (worker) => lets(worker) && sees(worker),
        new PlaceValues(viewer, state).worker,
      );
    },

    ownerships: (filter: OwnershipFilter, viewer: Viewer) =>
      objectList(state, 'ownership', shown(viewer, ownershipFilter(filter)), new PlaceValues(viewer, state).ownership),
  };
}

function workerFilter({ tenant, site, standing, search, tag }: WorkerEntryFilter) {
  const finds = searching(search);
  return ({ id, body }: ControlObject<'worker'>): boolean =>
    (!isGiven(standing) || standing.includes(body.standing)) &&
    (!isGiven(tenant) || tenantOf(id) === tenant) &&
    (!isGiven(site) || (id.split('.', 2)[1] ?? '') === site) &&
    (!isGiven(tag) || body.tags.includes(tag)) &&
    finds([id, body.model, body.owner]);
}

/** The note is not searched: it is the giver's own, and the holder is not shown it. */
function ownershipFilter({ tenant, side, of, at, search }: OwnershipFilter) {
  const finds = searching(search);
  return ({ body }: ControlObject<'ownership'>): boolean =>
    (!isGiven(tenant) ||
      (side !== 'HELD' && tenantOf(body.of) === tenant) ||
      (side !== 'GIVEN' && body.holder === tenant)) &&
    (!isGiven(of) || isUnder(body.of, of) || isUnder(of, body.of)) &&
    (!isGiven(at) || holdsAt(body, at)) &&
    finds([body.of, body.holder]);
}
