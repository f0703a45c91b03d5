// Pages of events overlap when new ones came in between: each event is listed once, newest first.
import type { PoolEvent } from '../../api/schema-types.ts';

/** At most this many are kept in the page; the oldest go first. */
export const MAX_LISTED = 5000;

/** @param newer a page to go on top; @param known what is listed already. Both newest first. */
export function mergeEvents(newer: readonly PoolEvent[], known: readonly PoolEvent[]): PoolEvent[] {
  const ids = new Set(newer.map((event) => event.id));
  const merged = [...newer, ...known.filter((event) => !ids.has(event.id))];
  // Stable, so that events of the same moment stay as the API ordered them.
  return merged.sort((a, b) => Date.parse(b.at) - Date.parse(a.at)).slice(0, MAX_LISTED);
}
