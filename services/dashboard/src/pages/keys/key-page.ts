// A page of one's own keys, which come all at once. Pure.
import type { EntryPage } from '../settings/entry-list.tsx';
import type { ListPlace } from '../settings/list-place.ts';

interface Named {
  readonly id: string;
  readonly name: string;
  readonly shown: string;
}

/** The newest first. */
export function keyPage<Row extends Named>(
  keys: readonly Row[],
  { search, after, variables: { first } }: Pick<ListPlace, 'search' | 'after' | 'variables'>,
): EntryPage<Row> {
  const part = search.toLowerCase();
  const found = keys.filter(({ name, shown }) => `${name} ${shown}`.toLowerCase().includes(part)).reverse();
  const from = after === undefined ? 0 : found.findIndex(({ id }) => id === after) + 1;
  const nodes = found.slice(from, from + first);
  return {
    nodes,
    totalCount: found.length,
    pageInfo: { hasNextPage: from + first < found.length, endCursor: nodes.at(-1)?.id ?? null },
  };
}
