// The picture of a large fleet, on the live state in memory.
import { MemoryLiveState } from '@assay/adapter-memory';
import { silentLogger } from '@assay/platform';
import { EVERYTHING, Visibility } from '@assay/tenancy';
import { afterEach, describe, expect, it } from 'vitest';
import { applyLive, beginLive, DIFFICULTY, NOW_US } from '../sample/sample-farm.ts';
import { FleetView } from './fleet-view.ts';
import { countOfWorkers, workersOf } from './racks.ts';
import type { KnownWorker } from './worker-facts.ts';

const WORKERS = 10_000;
const nameOf = (n: number): string => `acme.hall${n % 4}.rack${n % 200}.m${n}`;

let end: () => Promise<void>;
afterEach(() => end());

async function fleet(known: readonly KnownWorker[] = []) {
  const clock = { us: NOW_US, nowUs: () => clock.us };
  const live = new MemoryLiveState({ clock });
  await beginLive(live);
  const seen = (worker: string) => ({ worker, connectedSinceUs: NOW_US - 3600e6, lastShareAtUs: NOW_US - 10e6 });
  await applyLive(
    live,
    Array.from({ length: WORKERS }, (_, n) => seen(nameOf(n))),
  );
  const view = new FleetView({
    live,
    loadKnown: async () => new Map(known.map((worker) => [worker.worker, worker])),
    enteredHashRateHs: (worker) => (worker === nameOf(7) ? 42 : undefined),
    clock,
    logger: silentLogger,
  });
  end = async () => {
    view.stop();
    await live.close();
  };
  return { clock, live, view, join: (...names: string[]) => applyLive(live, names.map(seen)) };
}

const KNOWN: KnownWorker = {
  tenant: 'acme',
  worker: 'acme.hall1.rack1.gone',
  algorithm: 'sha256d',
  userAgent: '',
  difficulty: DIFFICULTY,
  firstSeenUs: NOW_US - 86_400e6,
  expectedHashRateHs: undefined,
  lastShareAtUs: NOW_US - 43_200e6,
  bestShareDifficulty: 1,
};

describe('the picture of a fleet', () => {
  it('has everybody once, by name and by rack, with those the store alone remembers', async () => {
    const { view } = await fleet([KNOWN]);
    const { workers, byName, racks } = await view.seenBy(EVERYTHING);
    const names = [...Array.from({ length: WORKERS }, (_, n) => nameOf(n)), KNOWN.worker].sort();
    expect(workers.map(({ worker }) => worker)).toEqual(names);
    expect([...byName.keys()].sort()).toEqual(names);
    expect(new Set(workersOf(racks))).toEqual(new Set(workers));
    expect(byName.get(KNOWN.worker)!.status).toBe('OFFLINE');
    expect(byName.get(nameOf(7))!.expectedHashRateHs).toBe(42);
    const rack = racks.find(({ place }) => place.rack === 'rack1')!;
    expect(rack).toMatchObject({ place: { tenant: 'acme', site: 'hall1' } });
    expect([rack.count('ONLINE'), rack.count('OFFLINE')]).toEqual([WORKERS / 200, 1]);
    const sum = rack.workers.reduce((all, { rates }) => all + rates!['1h']!.hashRateHs, 0);
    expect(rack.rate('1h', 'sha256d')!.rate.hashRateHs / sum).toBeCloseTo(1, 9);
  });

  it('is made while others have their turn, and leaves the one before as it was', async () => {
    const { view, clock, join } = await fleet();
    const before = await view.seenBy(EVERYTHING);
    clock.us += 901_000;
    await join('acme.hall0.rack0.new', 'bravo.hall0.rack0.new');
    let turns = 0;
    let turning = setImmediate(function turn() {
      turns++;
      turning = setImmediate(turn);
    });
    const after = await view.seenBy(EVERYTHING);
    clearImmediate(turning);
    expect(turns).toBeGreaterThanOrEqual(WORKERS / 2_000);
    expect(before.workers).toHaveLength(WORKERS);
    expect(after.workers).toHaveLength(WORKERS + 2);
    expect(countOfWorkers(after.racks)).toBe(WORKERS + 2);
    expect(after.workers.map(({ worker }) => worker)).toEqual(after.workers.map(({ worker }) => worker).sort());
  });

  it('is the same racks for whoever sees them whole', async () => {
    const { view } = await fleet();
    const whole = await view.seenBy(EVERYTHING);
    const ofSite = await view.seenBy(new Visibility({ sites: ['acme.hall2'] }));
    expect(ofSite.racks).toEqual(whole.racks.filter(({ place }) => place.site === 'hall2'));
    for (const rack of ofSite.racks) expect(whole.racks).toContain(rack);
    const held = nameOf(2);
    const ofHolder = await view.seenBy(new Visibility({ held: [{ of: held, fromUs: NOW_US - 60e6 }] }));
    expect(ofHolder.workers).toMatchObject([{ worker: held, heldSinceUs: NOW_US - 60e6 }]);
    expect(ofHolder.racks[0]!.count('ONLINE')).toBe(1);
  });
});
