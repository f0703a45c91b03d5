// The last day of every worker, from columns and full hours, against what the straightforward way says of each: minute by minute, name by name.
import { MemoryLiveState } from '@assay/adapter-memory';
import { Random } from '@assay/kernel';
import { Registry, silentLogger } from '@assay/platform';
import { EVERYTHING } from '@assay/tenancy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GatewayMetrics } from '../metrics.ts';
import { activeMinutesOf } from '../queries/active-minutes.ts';
import { shareCountsOf } from '../queries/share-counts.ts';
import { StoreReader, type RowReader } from '../queries/store-reader.ts';
import { insertHours, randomMachine } from '../sample/random-hours.ts';
import { beginLive, NOW_MINUTE, NOW_US } from '../sample/sample-farm.ts';
import { TestClock } from '../sample/sample-gateway.ts';
import { startSampleStore, type SampleStore } from '../sample/sample-store.ts';
import { FleetView } from '../workers/fleet-view.ts';
import type { KnownWorker } from '../workers/worker-facts.ts';
import { DAY_HOURS, FleetHistory } from './fleet-history.ts';
import { recentUptime } from './uptime.ts';

const SEED = 20261126;
const WORKERS = 120;
const HOURS = 60;

let sample: SampleStore;
let reader: RowReader;
let fleet: FleetView;
let history: FleetHistory;

beforeAll(async () => {
  sample = await startSampleStore();
  const random = new Random(SEED);
  const clock = new TestClock();
  const known = new Map<string, KnownWorker>();
  for (let i = 0; i < WORKERS; i++) {
    const worker = `t${i % 3}.s${i % 4}.m${i}`;
    // From a share in some seconds to one in hours: graces from five minutes to a day. Some were first seen within the day.
    const expectedHashRateHs = i % 5 === 0 ? undefined : 4e12 / 10 ** (i % 5);
    known.set(worker, {
      tenant: `t${i % 3}`,
      worker,
      algorithm: 'sha256d',
      userAgent: '',
      difficulty: 4096,
      firstSeenUs: NOW_US - random.below(50 * 3600) * 1e6,
      expectedHashRateHs,
      lastShareAtUs: undefined,
      bestShareDifficulty: 0,
    });
    if (i % 11 === 0) continue;
    await insertHours(sample.store, worker, randomMachine(random, NOW_MINUTE, HOURS));
  }
  const live = new MemoryLiveState({ clock });
  await beginLive(live);
  const limits = { maxConcurrent: 4, maxExecutionSeconds: 30 };
  reader = new StoreReader(sample.store, limits, new GatewayMetrics(new Registry())).for(EVERYTHING);
  const enteredHashRateHs = () => undefined;
  fleet = new FleetView({ live, loadKnown: async () => known, enteredHashRateHs, clock, logger: silentLogger });
  history = new FleetHistory(reader, fleet, clock);
}, 120_000);
afterAll(() => sample.stop());

describe('the last day of every worker', () => {
  it('has the uptime that the minutes of each worker come to', async () => {
    const { workers } = await fleet.seenBy(EVERYTHING);
    const names = { tenants: ['t0', 't1', 't2'], workers: workers.map(({ worker }) => worker) };
    const minutes = await activeMinutesOf(reader, names, NOW_MINUTE - 72 * 60, NOW_MINUTE + 1);
    const expected = new Map(
      workers.map((facts) => [facts.worker, recentUptime(facts, minutes.get(facts.worker) ?? [], DAY_HOURS, NOW_US)]),
    );

    const uptime = await history.uptime();

    expect(new Map([...uptime].sort())).toEqual(new Map([...expected].sort()));
    const values = new Set(expected.values());
    expect(values.size).toBeGreaterThan(WORKERS / 3);
  });

  it('has the shares of each worker, to the minute', async () => {
    const { workers } = await fleet.seenBy(EVERYTHING);
    const names = { tenants: ['t0', 't1', 't2'], workers: workers.map(({ worker }) => worker) };
    const expected = await shareCountsOf(reader, names, NOW_US, DAY_HOURS);

    const counts = await history.shareCounts();

    expect(new Map([...counts].sort())).toEqual(new Map([...expected].sort()));
    expect([...counts.values()].some(({ rejected }) => rejected > 0)).toBe(true);
    expect(counts.size).toBeGreaterThan(WORKERS / 2);
  });
});
