import { LiveStateError, type LiveStanding, type LiveState } from '@assay/live-state';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { watchLiveState } from './live-state-metrics.ts';

describe('a watched live state', () => {
  it('counts what fails, passes it on, and shows where the state stands', async () => {
    const registry = new Registry();
    let standing: () => Promise<LiveStanding> = async () =>
      ({ live: true, asOfUs: 7_000_000, epoch: 'e' }) as LiveStanding;
    const failure = new LiveStateError('Redis is away');
    const inner = { standing: () => standing(), workers: () => Promise.reject(failure) } as unknown as LiveState;
    const live = watchLiveState(inner, registry, { nowUs: () => 9_000_000 });

    await expect(live.workers(0)).rejects.toBe(failure);
    expect((await live.standing(0)).live).toBe(true);
    let page = await registry.metrics();
    expect(page).toContain('assay_live_state_errors_total{operation="workers"} 1');
    expect(page).toContain('assay_live_state_errors_total{operation="standing"} 0');
    expect(page).toContain('\nassay_live_state_live 1\n');
    expect(page).toContain('\nassay_live_state_lag_seconds 2\n');

    standing = () => Promise.reject(failure);
    page = await registry.metrics();
    expect(page).toContain('\nassay_live_state_live 0\n');
    expect(page).not.toMatch(/^assay_live_state_lag_seconds /m);
    // What a scrape asks is no failure of the service.
    expect(page).toContain('assay_live_state_errors_total{operation="standing"} 0');
  });
});
