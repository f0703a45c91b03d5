// Who changed what, as far as the viewer may know: changes of objects that wholly lie where they have audit.view, before and after the change.
// Neither ids nor cursors are made of places in the log, which would tell how much others change.
import type { ControlLog, FedChange } from '@assay/control-log';
import { KINDS, type ControlKind, type ControlObject, type ControlState, type Scope } from '@assay/tenancy';
import { actorValue } from '../../access/visible-entries.ts';
import { isGiven, pageSize } from '../../argument-bounds.ts';
import type { OperationContext } from '../../operation/context.ts';
import type { Viewer } from '../../operation/viewer.ts';
import { decodeCursor, encodeCursor } from '../../workers/cursor.ts';
import { searching, type PageArguments, type Search } from '../object-list.ts';
import { fieldChanges } from './field-changes.ts';

export interface ChangeFilter extends Search {
  readonly kinds?: readonly ControlKind[] | null | undefined;
  readonly objectId?: string | null | undefined;
  readonly tenant?: string | null | undefined;
  readonly by?: string | null | undefined;
  readonly from?: number | null | undefined;
  readonly to?: number | null | undefined;
}

/** Internal values of schema enums, for makeExecutableSchema. */
export const AUDIT_ENUMS = {
  EntryKind: Object.fromEntries(Object.keys(KINDS).map((kind) => [kind.toUpperCase(), kind])) as Record<
    string,
    ControlKind
  >,
};

const ORDER = 'changes by age';

/** The changes a viewer knows of, the newest first, each with what people are told of it. */
export function seenChanges({ state, feed }: ControlLog, viewer: Viewer, filter: ChangeFilter): Iterable<FedChange> {
  return viewer.access.scopesOf('audit.view').length === 0
    ? []
    : filtered(feed.newestFirst(), seenBy(state, viewer, filter));
}

function* filtered<T>(items: Iterable<T>, lets: (item: T) => boolean): Iterable<T> {
  for (const item of items) if (lets(item)) yield item;
}

function seenBy(
  state: ControlState,
  viewer: Viewer,
  { kinds, objectId, tenant, by, from, to, search }: ChangeFilter,
): (change: FedChange) => boolean {
  const finds = searching(search);
  const seen = new Map<readonly Scope[], boolean>();
  const sees = (scopes: readonly Scope[]): boolean => {
    let is = seen.get(scopes);
    if (is === undefined) {
      is =
        scopes.every((scope) => viewer.access.may('audit.view', scope)) &&
        (!isGiven(tenant) || scopes.some((scope) => scope.tenant === tenant));
      seen.set(scopes, is);
    }
    return is;
  };
  return (change) =>
    sees(change.scopes) &&
    (!isGiven(kinds) || kinds.includes(change.kind)) &&
    (!isGiven(objectId) || change.id === objectId) &&
    (!isGiven(from) || change.atUs >= from) &&
    (!isGiven(to) || change.atUs < to) &&
    finds([change.id, nameOf(change.after ?? change.before) ?? undefined, change.note]) &&
    (!isGiven(by) || actorValue(viewer, change.by, state).id === by);
}

export function changeValue(state: ControlState, viewer: Viewer, change: FedChange) {
  const { atUs, by, note, kind, id, before, after } = change;
  const name = nameOf(after ?? before);
  return {
    id: idOf(change),
    at: atUs,
    by: actorValue(viewer, by, state),
    note,
    operation: before === undefined ? 'CREATED' : after === undefined ? 'REMOVED' : 'CHANGED',
    kind,
    objectId: id,
    objectName: name === id ? null : name,
    version: after?.version,
    fields: () => fieldChanges(before?.body, after?.body),
  };
}

export function auditQueries({ control }: { readonly control: ControlLog }) {
  return {
    changes: (
      _root: unknown,
      { filter, first, after }: PageArguments & { filter?: ChangeFilter | null },
      { viewer }: OperationContext,
    ) => {
      const size = pageSize(first);
      const key = isGiven(after) ? decodeCursor(after, ORDER).key : undefined;
      const found: FedChange[] = [];
      let isPast = key === undefined;
      for (const change of seenChanges(control, viewer, filter ?? {})) {
        if (!isPast) isPast = idOf(change) === key;
        else if (found.push(change) > size) break;
      }
      const last = found[Math.min(size, found.length) - 1];
      return {
        nodes: found.slice(0, size).map((change) => changeValue(control.state, viewer, change)),
        pageInfo: {
          hasNextPage: found.length > size,
          endCursor: last === undefined ? null : encodeCursor({ order: ORDER, value: null, key: idOf(last) }),
        },
      };
    },
  };
}

/** The version alone does not tell two changes apart: an object that is removed and made again begins anew. */
function idOf({ kind, id, atUs, before, after }: FedChange): string {
  return `${kind}:${id}:${after?.version ?? `${before!.version}-`}:${atUs}`;
}

function nameOf(object: ControlObject | undefined): string | null {
  const { name, email } = (object?.body ?? {}) as { readonly name?: string; readonly email?: string };
  return name ?? email ?? null;
}
