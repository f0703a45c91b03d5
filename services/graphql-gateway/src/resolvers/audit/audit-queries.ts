// Who changed what, as far as the viewer may know: changes of objects that wholly lie where they have audit.view, before and after the change.
// Neither ids nor cursors are made of places in the log, which would tell how much others change.
import type { ControlLog, FedChange } from '@assay/control-log';
import { KINDS, type ControlKind, type ControlObject, type Scope } from '@assay/tenancy';
import { actorValue } from '../../access/visible-entries.ts';
import { isGiven, pageSize } from '../../argument-bounds.ts';
import type { OperationContext } from '../../operation/context.ts';
import type { Viewer } from '../../operation/viewer.ts';
import { decodeCursor, encodeCursor } from '../../workers/cursor.ts';
import type { PageArguments } from '../object-page.ts';
import { fieldChanges } from './field-changes.ts';

interface ChangeFilter {
  readonly kinds?: readonly ControlKind[] | null;
  readonly objectId?: string | null;
  readonly tenant?: string | null;
  readonly by?: string | null;
  readonly from?: number | null;
  readonly to?: number | null;
}

/** Internal values of schema enums, for makeExecutableSchema. */
export const AUDIT_ENUMS = {
  EntryKind: Object.fromEntries(Object.keys(KINDS).map((kind) => [kind.toUpperCase(), kind])) as Record<
    string,
    ControlKind
  >,
};

const ORDER = 'changes by age';

export function auditQueries({ control }: { readonly control: ControlLog }) {
  const { state, feed } = control;

  const seenBy = (viewer: Viewer, { kinds, objectId, tenant, by, from, to }: ChangeFilter) => {
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
    return (change: FedChange): boolean =>
      sees(change.scopes) &&
      (!isGiven(kinds) || kinds.includes(change.kind)) &&
      (!isGiven(objectId) || change.id === objectId) &&
      (!isGiven(from) || change.atUs >= from) &&
      (!isGiven(to) || change.atUs < to) &&
      (!isGiven(by) || actorValue(viewer, change.by, state).id === by);
  };

  const valueOf = (viewer: Viewer, change: FedChange) => {
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
  };

  return {
    changes: (
      _root: unknown,
      { filter, first, after }: PageArguments & { filter?: ChangeFilter | null },
      { viewer }: OperationContext,
    ) => {
      const size = pageSize(first);
      const key = isGiven(after) ? decodeCursor(after, ORDER).key : undefined;
      const found: FedChange[] = [];
      const lets = seenBy(viewer, filter ?? {});
      let isPast = key === undefined;
      if (viewer.access.scopesOf('audit.view').length > 0)
        for (const change of feed.newestFirst()) {
          if (!isPast) isPast = idOf(change) === key;
          else if (lets(change) && found.push(change) > size) break;
        }
      const last = found[Math.min(size, found.length) - 1];
      return {
        nodes: found.slice(0, size).map((change) => valueOf(viewer, change)),
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
