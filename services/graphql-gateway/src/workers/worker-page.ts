// One page of the worker list: filtered, ordered, cut after a cursor.
import { decodeCursor, encodeCursor } from './cursor.ts';
import type { FleetSnapshot } from './fleet-view.ts';
import { ListOrder } from './list-order.ts';
import type { RememberedOrders } from './remembered-orders.ts';
import type { WorkerFacts } from './worker-facts.ts';
import { filterWorkers, type WorkerFilter } from './worker-filter.ts';
import { orderName, type SortHistory, type WorkerSort } from './worker-sort.ts';

export interface PageQuery {
  readonly filter: WorkerFilter;
  readonly sort: WorkerSort;
  /** 1 to 1000, checked. */
  readonly first: number;
  readonly after: string | undefined;
}

export interface WorkerPage {
  readonly entries: readonly { readonly cursor: string; readonly facts: WorkerFacts }[];
  readonly hasNextPage: boolean;
  readonly totalCount: number;
}

/** Rejects with ClientError INVALID_CURSOR. */
export async function workerPage(
  snapshot: FleetSnapshot,
  query: PageQuery,
  history: Partial<SortHistory>,
  orders: RememberedOrders,
): Promise<WorkerPage> {
  const { filter, sort, first, after } = query;
  const order = orderName(sort);
  const list = JSON.stringify([
    filter.tenant,
    filter.site,
    filter.search,
    filter.status,
    filter.algorithm,
    order,
    snapshot.seenBy,
  ]);
  const cursor = after === undefined ? undefined : decodeCursor(after, order);
  const current = orders.pageOf(snapshot.atUs);
  const page = cursor?.page !== undefined && orders.find(cursor.page, list) ? cursor.page : current;
  const places =
    orders.find(page, list) ?? (await ListOrder.of(filterWorkers(snapshot.workers, filter), sort, history));
  const start = cursor ? places.firstAfter(cursor) : 0;
  const taken = places.slice(start, start + first);
  const hasNextPage = start + first < places.length;
  if (hasNextPage) orders.remember(page, list, places);
  const entries = taken.flatMap(({ value, key }) => {
    const facts = snapshot.byName.get(key);
    return facts ? [{ cursor: encodeCursor({ order, value, key, page }), facts }] : [];
  });
  return { entries, hasNextPage, totalCount: places.length };
}
