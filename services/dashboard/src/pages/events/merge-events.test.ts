import { describe, expect, it } from 'vitest';
import type { PoolEvent } from '../../api/schema-types.ts';
import { MAX_LISTED, mergeEvents } from './merge-events.ts';

const event = (id: number): PoolEvent => ({
  id: `e${id}`,
  at: new Date(id * 1000).toISOString(),
  type: 'CONNECTED',
  tenant: 't',
  worker: 't.w',
  gateway: 'g',
  detail: '',
});
const ids = (events: PoolEvent[]): string[] => events.map((each) => each.id);

describe('mergeEvents', () => {
  it('lists overlapping pages once, newest first', () => {
    expect(ids(mergeEvents([event(5), event(4)], [event(4), event(3)]))).toEqual(['e5', 'e4', 'e3']);
    expect(ids(mergeEvents([event(4), event(3)], [event(3), event(2), event(1)]))).toEqual(['e4', 'e3', 'e2', 'e1']);
  });

  it('keeps the newest when there are too many', () => {
    const known = Array.from({ length: MAX_LISTED }, (_, i) => event(MAX_LISTED - i));
    const merged = mergeEvents([event(MAX_LISTED + 1)], known);
    expect(merged).toHaveLength(MAX_LISTED);
    expect(merged[0]!.id).toBe(`e${MAX_LISTED + 1}`);
  });
});
