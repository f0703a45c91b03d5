// Pages of events overlap when new ones came in between: each event is listed once, newest first.
// Invariant: between the first and the last event listed none is missing.
import type { PageInfo, PoolEvent } from '../../api/schema-types.ts';

/** At most this many are kept in the page; the oldest go first. */
export const MAX_LISTED = 5000;

export interface EventsPageAnswer {
  /** Newest first. */
  readonly nodes: readonly PoolEvent[];
  readonly pageInfo: PageInfo;
}

export interface ListedEvents {
  /** Newest first. */
  readonly events: readonly PoolEvent[];
  /** Where the oldest page ends. */
  readonly end: PageInfo;
}

/** The newest page on top of what is listed. When more came in between than a page holds, the list begins anew with the page. */
export function withNewest(listed: ListedEvents | undefined, { nodes, pageInfo }: EventsPageAnswer): ListedEvents {
  const known = new Set(listed?.events.map((event) => event.id));
  const joins = !pageInfo.hasNextPage || nodes.some((event) => known.has(event.id));
  if (!listed || !joins) return { events: nodes, end: pageInfo };
  return { events: merged(nodes, listed.events), end: listed.end };
}

/** The page after `after` below what is listed; nothing changes when the list has begun anew since it was asked for. */
export function withOlder(
  listed: ListedEvents | undefined,
  { nodes, pageInfo }: EventsPageAnswer,
  after: string | null,
): ListedEvents | undefined {
  if (!listed || listed.end.endCursor !== after) return listed;
  return { events: merged(listed.events, nodes), end: pageInfo };
}

function merged(newer: readonly PoolEvent[], older: readonly PoolEvent[]): PoolEvent[] {
  const ids = new Set(newer.map((event) => event.id));
  const all = [...newer, ...older.filter((event) => !ids.has(event.id))];
  // Stable, so that events of the same moment stay as the API ordered them.
  return all.sort((a, b) => Date.parse(b.at) - Date.parse(a.at)).slice(0, MAX_LISTED);
}
