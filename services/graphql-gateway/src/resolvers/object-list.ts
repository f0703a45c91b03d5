// The objects of one kind that somebody sees, in the order they were made. Invariant: a page of the list and a file of all of it are cut from the same
// list, so that neither shows more than the other.
import type { ControlKind, ControlObject, ControlState } from '@assay/tenancy';
import { isGiven, pageSize } from '../argument-bounds.ts';
import { decodeCursor, encodeCursor } from '../workers/cursor.ts';

export interface PageArguments {
  readonly first: number | null;
  readonly after?: string | null;
}

/** What narrows a list. */
export interface Search {
  readonly search?: string | null | undefined;
}

export interface ObjectList<Value, Kind extends ControlKind = ControlKind> {
  readonly kind: Kind;
  readonly objects: readonly ControlObject<Kind>[];
  readonly valueOf: (object: ControlObject<Kind>) => Value;
}

export interface ObjectPage<Value> {
  readonly nodes: readonly Value[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  readonly totalCount: number;
}

export function objectList<Kind extends ControlKind, Value>(
  state: ControlState,
  kind: Kind,
  shown: (object: ControlObject<Kind>) => boolean,
  valueOf: (object: ControlObject<Kind>) => Value,
): ObjectList<Value, Kind> {
  return { kind, objects: [...state.all(kind)].filter(shown), valueOf };
}

/** Throws ClientError. A page after an object that is gone begins anew. */
export function objectPage<Kind extends ControlKind, Value>(
  { kind, objects, valueOf }: ObjectList<Value, Kind>,
  { first, after }: PageArguments,
): ObjectPage<Value> {
  const size = pageSize(first);
  const order = `${kind} by age`;
  const key = isGiven(after) ? decodeCursor(after, order).key : undefined;
  const from = key === undefined ? 0 : objects.findIndex(({ id }) => id === key) + 1;
  const found = objects.slice(from, from + size);
  const last = found.at(-1);
  return {
    nodes: found.map(valueOf),
    pageInfo: {
      hasNextPage: from + size < objects.length,
      endCursor: last === undefined ? null : encodeCursor({ order, value: null, key: last.id }),
    },
    totalCount: objects.length,
  };
}

/** Whether one of some texts holds what is searched for, in whichever case; where nothing is searched for, all do. Texts must be shown to who searches. */
export function searching(search: string | null | undefined): (texts: readonly (string | undefined)[]) => boolean {
  const part = search?.toLowerCase() ?? '';
  return (texts) => part === '' || texts.some((text) => text?.toLowerCase().includes(part));
}
