// A page of the objects of one kind that somebody sees, in the order they were made.
import type { ControlKind, ControlObject, ControlState } from '@assay/tenancy';
import { isGiven, pageSize } from '../argument-bounds.ts';
import { decodeCursor, encodeCursor } from '../workers/cursor.ts';

export interface PageArguments {
  readonly first: number | null;
  readonly after?: string | null;
}

export interface ObjectPage<Value> {
  readonly nodes: readonly Value[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  readonly totalCount: number;
}

/** Throws ClientError. A page after an object that is gone begins anew. */
export function objectPage<Kind extends ControlKind, Value>(
  state: ControlState,
  kind: Kind,
  { first, after }: PageArguments,
  shown: (object: ControlObject<Kind>) => boolean,
  valueOf: (object: ControlObject<Kind>) => Value,
): ObjectPage<Value> {
  const size = pageSize(first);
  const order = `${kind} by age`;
  const key = isGiven(after) ? decodeCursor(after, order).key : undefined;
  const all = [...state.all(kind)].filter(shown);
  const from = key === undefined ? 0 : all.findIndex(({ id }) => id === key) + 1;
  const found = all.slice(from, from + size);
  const last = found.at(-1);
  return {
    nodes: found.map(valueOf),
    pageInfo: {
      hasNextPage: from + size < all.length,
      endCursor: last === undefined ? null : encodeCursor({ order, value: null, key: last.id }),
    },
    totalCount: all.length,
  };
}
