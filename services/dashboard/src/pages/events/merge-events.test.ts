import { describe, expect, it } from 'vitest';
import type { PoolEvent } from '../../api/schema-types.ts';
import { MAX_LISTED, withNewest, withOlder, type EventsPageAnswer, type ListedEvents } from './merge-events.ts';

const event = (id: number): PoolEvent => ({
  id: `e${id}`,
  at: new Date(id * 1000).toISOString(),
  type: 'CONNECTED',
  tenant: 't',
  worker: 't.w',
  gateway: 'g',
  detail: '',
});
/** The events of these numbers as a page that ends with the last. */
const page = (hasNextPage: boolean, ...numbers: number[]): EventsPageAnswer => ({
  nodes: numbers.map(event),
  pageInfo: { hasNextPage, endCursor: `after ${numbers.at(-1)}` },
});
const ids = (listed: ListedEvents | undefined): string[] => listed!.events.map((each) => each.id);

describe('the list of events', () => {
  it('lists overlapping pages once, newest first', () => {
    const first = withNewest(undefined, page(true, 4, 3));
    expect(ids(first)).toEqual(['e4', 'e3']);
    const second = withNewest(first, page(true, 5, 4));
    expect(ids(second)).toEqual(['e5', 'e4', 'e3']);
    const third = withOlder(second, page(false, 3, 2, 1), 'after 3');
    expect(ids(third)).toEqual(['e5', 'e4', 'e3', 'e2', 'e1']);
    expect(third!.end).toEqual({ hasNextPage: false, endCursor: 'after 1' });
  });

  it('begins anew when more came in between than a page holds, so that none is missing inside it', () => {
    const known = withNewest(undefined, page(true, 4, 3));
    const anew = withNewest(known, page(true, 9, 8));
    expect(ids(anew)).toEqual(['e9', 'e8']);
    expect(anew.end.endCursor).toBe('after 8');
    // The answer to what was asked before does not belong below it.
    expect(withOlder(anew, page(true, 2, 1), 'after 3')).toBe(anew);
    expect(ids(withOlder(anew, page(true, 7, 6), 'after 8'))).toEqual(['e9', 'e8', 'e7', 'e6']);
  });

  it('grows from nothing', () => {
    const empty = withNewest(undefined, { nodes: [], pageInfo: { hasNextPage: false, endCursor: null } });
    expect(ids(withNewest(empty, page(false, 2, 1)))).toEqual(['e2', 'e1']);
  });

  it('keeps the newest when there are too many', () => {
    const known = withNewest(undefined, page(false, ...Array.from({ length: MAX_LISTED }, (_, i) => MAX_LISTED - i)));
    const more = withNewest(known, page(true, MAX_LISTED + 1, MAX_LISTED));
    expect(more.events).toHaveLength(MAX_LISTED);
    expect(more.events[0]!.id).toBe(`e${MAX_LISTED + 1}`);
  });
});
