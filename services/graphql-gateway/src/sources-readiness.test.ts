import { loadMigrations, type AnalyticsStore } from '@assay/analytics';
import { systemClock } from '@assay/kernel';
import { readyReport } from '@assay/platform';
import { describe, expect, it } from 'vitest';
import { sourcesReadiness } from './sources-readiness.ts';

/** A ClickHouse and a live state that answer as the test says. */
async function sources() {
  const names = (await loadMigrations()).map(({ name }) => ({ name }));
  const state = { clickHouse: true, redis: true, live: true, applied: names };
  const control = { isCaughtUp: true };
  const store = {
    ping: async () => state.clickHouse,
    query: async () => {
      if (!state.clickHouse) throw new Error('ClickHouse is away');
      return state.applied;
    },
  } as unknown as AnalyticsStore;
  const live = {
    standing: async () => {
      if (!state.redis) throw new Error('Redis is away');
      return { live: state.live, asOfUs: 0, epoch: '' };
    },
  };
  const gateway = { ready: async () => readyReport({ http: 'ok' }) };
  return { state, control, ready: sourcesReadiness({ gateway, store, live, control, clock: systemClock }) };
}

describe('readiness of the GraphQL gateway', () => {
  it('waits for the tables', async () => {
    const { state, ready } = await sources();
    const all = state.applied;
    state.applied = all.slice(0, -1);
    expect(await ready()).toEqual({
      ready: false,
      checks: { http: 'ok', clickhouse: expect.stringContaining(all.at(-1)!.name), live: 'ok', control: 'ok' },
    });
    state.applied = all;
    expect(await ready()).toEqual({ ready: true, checks: { http: 'ok', clickhouse: 'ok', live: 'ok', control: 'ok' } });
  });

  it('waits for the control log, which says who may ask', async () => {
    const { control, ready } = await sources();
    control.isCaughtUp = false;
    expect(await ready()).toMatchObject({ ready: false, checks: { control: 'the control log has not been read yet' } });
  });

  it('goes on with half of what it reads, and names what is away', async () => {
    const { state, ready } = await sources();
    await ready();
    state.clickHouse = false;
    expect(await ready()).toMatchObject({ ready: true, checks: { clickhouse: 'ClickHouse does not answer' } });
    state.redis = false;
    expect(await ready()).toMatchObject({ ready: false, checks: { live: 'Redis is away' } });
    state.clickHouse = true;
    expect(await ready()).toMatchObject({ ready: true });
    state.redis = true;
    state.live = false;
    expect(await ready()).toMatchObject({ ready: true, checks: { live: expect.stringContaining('rebuilt') } });
  });
});
