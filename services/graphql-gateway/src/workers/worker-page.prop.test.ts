import { Random } from '@assay/kernel';
import { ZERO_HASH_RATE } from '@assay/rollup';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FleetSnapshot } from './fleet-view.ts';
import { ListOrder } from './list-order.ts';
import { RememberedOrders } from './remembered-orders.ts';
import type { WorkerFacts } from './worker-facts.ts';
import { workerPage } from './worker-page.ts';
import { comparePlaces, sortValue, type WorkerSort, type WorkerSortField } from './worker-sort.ts';

const FIELDS: readonly WorkerSortField[] = [
  'NAME',
  'HASH_RATE',
  'UPTIME',
  'INVALID',
  'CONTRIBUTION',
  'LAST_SHARE',
  'DIFFICULTY',
];

function worker(index: number, random: Random): WorkerFacts {
  const name = `t${index % 3}.s${index % 5}.m${index}`;
  // Few distinct values, so that most places are decided by name.
  const rate = { hashRateHs: random.below(5) * 1e12, lowHs: 0, highHs: 9e12 };
  return {
    tenant: `t${index % 3}`,
    worker: name,
    site: `s${index % 5}`,
    algorithm: 'sha256d',
    userAgent: '',
    difficulty: 2 ** random.below(4),
    connectedSinceUs: undefined,
    firstSeenUs: 0,
    lastShareAtUs: random.chance(0.2) ? undefined : random.below(4),
    bestShareDifficulty: 0,
    expectedHashRateHs: random.chance(0.5) ? 2e12 : undefined,
    rates: { '1m': ZERO_HASH_RATE, '5m': ZERO_HASH_RATE, '15m': rate, '1h': rate, '1d': rate },
    status: 'ONLINE',
  };
}

function snapshot(workers: WorkerFacts[], atUs: number): FleetSnapshot {
  const byName = new Map(workers.map((facts) => [facts.worker, facts]));
  return { atUs, live: true, workers: [...workers].sort((a, b) => (a.worker < b.worker ? -1 : 1)), byName, racks: [] };
}

const history = {
  uptime: (name: string) => (name.length % 4 === 0 ? undefined : (name.length % 3) / 3),
  invalidFraction: (name: string) => (name.endsWith('7') ? undefined : Number(name.at(-1)) / 10),
};

/** Names on every page, following cursors to the end. */
async function pages(
  snapshots: (page: number) => FleetSnapshot,
  sort: WorkerSort,
  first: number,
  orders: RememberedOrders,
): Promise<string[]> {
  const names: string[] = [];
  let after: string | undefined;
  for (let page = 0; ; page++) {
    const result = await workerPage(snapshots(page), { filter: {}, sort, first, after }, history, orders);
    names.push(...result.entries.map(({ facts }) => facts.worker));
    if (!result.hasNextPage) return names;
    expect(result.entries).toHaveLength(first);
    after = result.entries.at(-1)!.cursor;
  }
}

describe('paging through workers', () => {
  it('shows each of 10,000 once, in order, by any field and direction', async () => {
    const random = new Random(11);
    const fleet = snapshot(
      Array.from({ length: 10_000 }, (_, i) => worker(i, random)),
      1,
    );
    for (const field of FIELDS) {
      for (const direction of ['ASC', 'DESC'] as const) {
        const sort = { field, direction };
        // With the order remembered, and with every order forgotten: then the cursor's sort value alone must do.
        const kept = new RememberedOrders('p');
        for (const orders of [() => kept, () => new RememberedOrders('p')]) {
          const names: string[] = [];
          let after: string | undefined;
          do {
            const page = await workerPage(fleet, { filter: {}, sort, first: 700, after }, history, orders());
            names.push(...page.entries.map(({ facts }) => facts.worker));
            after = page.hasNextPage ? page.entries.at(-1)!.cursor : undefined;
          } while (after !== undefined);
          expect(new Set(names).size, `${field} ${direction}`).toBe(10_000);
          const places = names.map((name) => ({
            value: sortValue(fleet.byName.get(name)!, field, history),
            key: name,
          }));
          expect(places).toEqual([...places].sort(comparePlaces(sort)));
        }
      }
    }
  });

  it('shows each once though every value changes between pages', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer(),
        fc.constantFrom(...FIELDS),
        fc.constantFrom('ASC' as const, 'DESC' as const),
        fc.integer({ min: 1, max: 40 }),
        async (seed, field, direction, first) => {
          const random = new Random(seed);
          const changing = (page: number) =>
            snapshot(
              Array.from({ length: 150 }, (_, i) => worker(i, random)),
              page,
            );
          const names = await pages(changing, { field, direction }, first, new RememberedOrders('p'));
          expect(names).toHaveLength(150);
          expect(new Set(names).size).toBe(150);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('puts a cursor of a forgotten order where its value belongs, though the worker itself is gone', async () => {
    const random = new Random(3);
    const workers = Array.from({ length: 100 }, (_, i) => worker(i, random));
    const sort: WorkerSort = { field: 'DIFFICULTY', direction: 'DESC' };
    const first = await workerPage(
      snapshot(workers, 1),
      { filter: {}, sort, first: 30, after: undefined },
      {},
      new RememberedOrders('p'),
    );
    const last = first.entries.at(-1)!;
    const without = workers.filter((facts) => facts !== last.facts);
    const second = await workerPage(
      snapshot(without, 2),
      { filter: {}, sort, first: 100, after: last.cursor },
      {},
      new RememberedOrders('q'),
    );
    expect(second.entries).toHaveLength(70);
  });

  it('does not take another list’s order', async () => {
    const random = new Random(5);
    const fleet = snapshot(
      Array.from({ length: 60 }, (_, i) => worker(i, random)),
      1,
    );
    const orders = new RememberedOrders('p');
    const sort: WorkerSort = { field: 'HASH_RATE', direction: 'ASC' };
    const all = await workerPage(fleet, { filter: {}, sort, first: 10, after: undefined }, {}, orders);
    const filtered = await workerPage(
      fleet,
      { filter: { tenant: 't1' }, sort, first: 60, after: all.entries.at(-1)!.cursor },
      {},
      orders,
    );
    expect(filtered.totalCount).toBe(20);
    expect(filtered.entries.every(({ facts }) => facts.tenant === 't1')).toBe(true);
  });

  it('forgets the order not used longest beyond the bound', async () => {
    const orders = new RememberedOrders('p');
    const order = await ListOrder.of([worker(1, new Random(1))], { field: 'NAME', direction: 'ASC' }, {});
    for (let i = 0; i < 65; i++) orders.remember(orders.pageOf(i), 'list', order);
    expect(orders.find(orders.pageOf(0), 'list')).toBeUndefined();
    expect(orders.find(orders.pageOf(64), 'list')).toBe(order);
  });

  it('keeps no more places than a machine has room for, and the newest order always', async () => {
    const orders = new RememberedOrders('p');
    const one = worker(1, new Random(1));
    const long = await ListOrder.of(Array<WorkerFacts>(900_000).fill(one), { field: 'NAME', direction: 'ASC' }, {});
    for (let i = 0; i < 3; i++) orders.remember(orders.pageOf(i), 'list', long);
    expect([0, 1, 2].map((i) => orders.find(orders.pageOf(i), 'list') !== undefined)).toEqual([false, true, true]);
    const longer = await ListOrder.of(Array<WorkerFacts>(2_100_000).fill(one), { field: 'NAME', direction: 'ASC' }, {});
    orders.remember(orders.pageOf(3), 'list', longer);
    expect([1, 2, 3].map((i) => orders.find(orders.pageOf(i), 'list') !== undefined)).toEqual([false, false, true]);
  });
});
