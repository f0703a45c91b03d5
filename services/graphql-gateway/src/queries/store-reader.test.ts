import { type AnalyticsError, type AnalyticsStore } from '@assay/analytics';
import { Registry } from '@assay/platform';
import { EVERYTHING } from '@assay/tenancy';
import { describe, expect, it } from 'vitest';
import { GatewayMetrics } from '../metrics.ts';
import { StoreReader } from './store-reader.ts';

/** A store that answers when it is told to: only `query` is ever called here. */
function heldStore() {
  const held: (() => void)[] = [];
  const store = {
    query: () => new Promise((resolve) => held.push(() => resolve([]))),
    ping: () => Promise.reject(new Error('away')),
  } as unknown as AnalyticsStore;
  return { held, store };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));
const QUERY = { name: 'sample', sql: 'SELECT 1' };
const readerOf = (store: AnalyticsStore) =>
  new StoreReader(store, { maxConcurrent: 2, maxExecutionSeconds: 1 }, new GatewayMetrics(new Registry()));
const reader = (store: AnalyticsStore) => readerOf(store).for(EVERYTHING);

describe('store reader', () => {
  it('runs a bounded number of queries, lets a bounded number wait, and refuses the rest', async () => {
    const { held, store } = heldStore();
    const reads = reader(store);
    const under = Array.from({ length: 2 + 128 }, () => reads.rows(QUERY, {}));
    await expect(reads.rows(QUERY, {})).rejects.toMatchObject({ extensions: { code: 'OVERLOADED', retriable: true } });
    expect(held).toHaveLength(2);
    let done = 0;
    for (const read of under) void read.then(() => done++);
    while (done < under.length) {
      expect(held.length).toBeLessThanOrEqual(2);
      for (const answer of held.splice(0)) answer();
      await settled();
    }
    const again = reads.rows(QUERY, {});
    await settled();
    held.splice(0).forEach((answer) => answer());
    expect(await again).toEqual([]);
  });

  it('does not ask for a client that went away while waiting', async () => {
    const { held, store } = heldStore();
    const reads = reader(store);
    void reads.rows(QUERY, {});
    void reads.rows(QUERY, {});
    const gone = new AbortController();
    const waiting = reads.rows(QUERY, {}, gone.signal);
    await settled();
    gone.abort();
    held.splice(0).forEach((answer) => answer());
    await expect(waiting).rejects.toMatchObject({ code: 'aborted' } satisfies Partial<AnalyticsError>);
    expect(held).toHaveLength(0);
  });

  it('refuses a query whose turn does not come in time, and goes on', async () => {
    const { held, store } = heldStore();
    const reads = reader(store);
    const running = [reads.rows(QUERY, {}), reads.rows(QUERY, {})];
    await expect(reads.rows(QUERY, {})).rejects.toMatchObject({ extensions: { code: 'OVERLOADED' } });
    held.splice(0).forEach((answer) => answer());
    await Promise.all(running);
    const next = reads.rows(QUERY, {});
    await settled();
    held.splice(0).forEach((answer) => answer());
    expect(await next).toEqual([]);
  });

  it('says that a store which cannot be reached is not available', async () => {
    expect(await readerOf(heldStore().store).available()).toBe(false);
  });
});
