// A range that moves on with the server's clock, one step at a time, so that a chart asks again only when there is a new point to show.
import { useMemo } from 'react';
import type { RangeInput } from '../api/schema-types.ts';
import { useServerNow } from '../api/server-clock.ts';
import { rangeEndingAt, type RangeName } from './range.ts';

export function useRange(name: RangeName): RangeInput {
  const now = useServerNow();
  const { from, to, maxPoints } = rangeEndingAt(name, now);
  return useMemo(() => ({ from, to, maxPoints }), [from, to, maxPoints]);
}
