// Changes of tenants, sites, groups and ownership.
import { type Group, type Ownership, type Site, type Tenant } from '@assay/tenancy';
import { randomBytes } from 'node:crypto';
import { isGiven } from '../../argument-bounds.ts';
import { seesPartOf } from '../../access/visible-entries.ts';
import { ClientError } from '../../errors.ts';
import type { OperationContext } from '../../operation/context.ts';
import type { Viewer } from '../../operation/viewer.ts';
import { ObjectEditor, type Patch } from './object-editor.ts';
import { PlaceValues } from './places-values.ts';
import type { PlaceResolverPorts } from './ports.ts';

interface Versioned {
  readonly id: string;
  readonly version: number;
}

interface OwnershipInput {
  readonly fraction?: number | null;
  readonly from?: number | null;
  readonly until?: number | null;
  readonly promisedHashRate?: number | null;
  readonly note?: string | null;
}

type Context = OperationContext;

export function placesMutations({ control }: PlaceResolverPorts) {
  const { state } = control;
  const editor = new ObjectEditor(control);
  const values = (viewer: Viewer): PlaceValues => new PlaceValues(viewer, state);

  return {
    createTenant: async (_root: unknown, args: { id: string; tenant: Patch<Tenant> }, { viewer }: Context) => {
      checkTimeZone(args.tenant);
      return values(viewer).tenant(await editor.create(viewer, 'tenant', args.id, args.tenant));
    },
    changeTenant: async (_root: unknown, args: Versioned & { tenant: Patch<Tenant> }, { viewer }: Context) => {
      checkTimeZone(args.tenant);
      return values(viewer).tenant(await editor.change(viewer, 'tenant', args.id, args.version, args.tenant));
    },
    removeTenant: (_root: unknown, { id, version }: Versioned, { viewer }: Context) =>
      editor.remove(viewer, 'tenant', id, version),

    createSite: async (_root: unknown, { id, site }: { id: string; site: Patch<Site> }, { viewer }: Context) =>
      values(viewer).site(await editor.create(viewer, 'site', id, site)),
    changeSite: async (_root: unknown, args: Versioned & { site: Patch<Site> }, { viewer }: Context) =>
      values(viewer).site(await editor.change(viewer, 'site', args.id, args.version, args.site)),
    removeSite: (_root: unknown, { id, version }: Versioned, { viewer }: Context) =>
      editor.remove(viewer, 'site', id, version),

    createWorkerGroup: async (
      _root: unknown,
      { tenant, group }: { tenant: string; group: Patch<Group> },
      { viewer }: Context,
    ) => {
      const body = { under: [], tags: [], ...group, tenant };
      return values(viewer).group(await editor.create(viewer, 'group', newId('group'), body));
    },
    changeWorkerGroup: async (_root: unknown, args: Versioned & { group: Patch<Group> }, { viewer }: Context) =>
      values(viewer).group(await editor.change(viewer, 'group', args.id, args.version, args.group)),
    removeWorkerGroup: (_root: unknown, { id, version }: Versioned, { viewer }: Context) =>
      editor.remove(viewer, 'group', id, version),

    createOwnership: async (
      _root: unknown,
      { of, holder, ownership }: { of: string; holder: string; ownership: OwnershipInput },
      { viewer }: Context,
    ) => {
      // Else anybody could find out which tenants there are by giving them something.
      if (!seesPartOf(viewer, holder) && !viewer.access.may('tenant.edit', { tenant: holder }))
        throw new ClientError('FORBIDDEN', `There is no tenant ${holder} that you see, to give hash power to.`);
      const body = { ...ownershipPatch(ownership), of, holder };
      return values(viewer).ownership(await editor.create(viewer, 'ownership', newId('share'), body));
    },
    changeOwnership: async (_root: unknown, args: Versioned & { ownership: OwnershipInput }, { viewer }: Context) => {
      const given = ownershipPatch(args.ownership);
      return values(viewer).ownership(await editor.change(viewer, 'ownership', args.id, args.version, given));
    },
    removeOwnership: (_root: unknown, { id, version }: Versioned, { viewer }: Context) =>
      editor.remove(viewer, 'ownership', id, version),
  };
}

function ownershipPatch({ fraction, from, until, promisedHashRate, note }: OwnershipInput): Patch<Ownership> {
  return {
    ...(fraction !== undefined && { fraction }),
    ...(from !== undefined && { fromUs: from }),
    ...(until !== undefined && { untilUs: until }),
    ...(promisedHashRate !== undefined && { promisedHashRateHs: promisedHashRate }),
    ...(note !== undefined && { note }),
  };
}

/** Which zones there are is not for the fold to say, whose services may know different ones. Throws ClientError. */
export function checkTimeZone({ timeZone }: { readonly timeZone?: string | null | undefined }): void {
  if (!isGiven(timeZone)) return;
  try {
    new Intl.DateTimeFormat('en', { timeZone });
  } catch {
    throw new ClientError('BAD_USER_INPUT', `${timeZone} is no time zone, such as Europe/Oslo.`);
  }
}

/** Names nothing and is never used again. */
function newId(kind: string): string {
  return `${kind}_${randomBytes(9).toString('base64url')}`;
}
