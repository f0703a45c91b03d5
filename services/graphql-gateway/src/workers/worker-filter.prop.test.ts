import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ZERO_HASH_RATE } from '@assay/rollup';
import { Visibility } from '@assay/tenancy';
import { visiblePart } from '../access/visible-fleet.ts';
import { bySite, byRack, byTenant, countOfWorkers, siteNames, workersOf } from './racks.ts';
import type { WorkerFacts } from './worker-facts.ts';
import { filterRacks, filterWorkers, workerFilter } from './worker-filter.ts';

const segment = fc.constantFrom('a', 'b', 'a-1', 'B');
const STATUSES = ['ONLINE', 'SILENT', 'OFFLINE'] as const;
const ALGORITHMS = ['sha256d', 'scrypt'] as const;

const fleet = fc
  .uniqueArray(
    fc.record({
      path: fc.array(segment, { minLength: 1, maxLength: 4 }),
      status: fc.constantFrom(...STATUSES),
      algorithm: fc.constantFrom(...ALGORITHMS),
      expectedHashRateHs: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
    }),
    { selector: ({ path }) => path.join('.') },
  )
  .map((machines) =>
    machines
      .map(({ path, ...facts }): WorkerFacts => {
        const rate = { hashRateHs: path.length, lowHs: 0, highHs: 9 };
        return {
          ...facts,
          tenant: path[0]!,
          worker: path.join('.'),
          site: path[1] ?? '',
          userAgent: '',
          difficulty: 1,
          connectedSinceUs: undefined,
          firstSeenUs: 0,
          lastShareAtUs: undefined,
          bestShareDifficulty: 0,
          rates: { '1m': rate, '5m': rate, '15m': rate, '1h': rate, '1d': ZERO_HASH_RATE },
        };
      })
      .sort((a, b) => (a.worker < b.worker ? -1 : 1)),
  );

const filter = fc
  .record({
    tenant: fc.option(segment),
    site: fc.option(segment),
    search: fc.option(fc.constantFrom('', 'A.', 'b')),
    status: fc.option(fc.subarray([...STATUSES])),
    algorithm: fc.option(fc.constantFrom(...ALGORITHMS)),
  })
  .map(workerFilter);

const names = (workers: readonly WorkerFacts[]): string[] => workers.map(({ worker }) => worker).sort();

describe('racks', () => {
  it('let the same machines through as a list of them, and come to the same', () =>
    fc.assert(
      fc.property(fleet, filter, (workers, filter) => {
        const wanted = filterWorkers(workers, filter);
        const racks = filterRacks(byRack(workers), filter);
        expect(names(workersOf(racks))).toEqual(names(wanted));
        expect(countOfWorkers(racks)).toBe(wanted.length);
        for (const status of STATUSES)
          expect(racks.reduce((sum, rack) => sum + rack.count(status), 0)).toBe(
            wanted.filter((facts) => facts.status === status).length,
          );
        for (const algorithm of ALGORITHMS) {
          const those = wanted.filter((facts) => facts.algorithm === algorithm);
          const sum = (of: (facts: WorkerFacts) => number): number => those.reduce((all, facts) => all + of(facts), 0);
          expect(racks.reduce((all, rack) => all + rack.countOf(algorithm), 0)).toBe(those.length);
          expect(racks.reduce((all, rack) => all + rack.expectedHs(algorithm), 0)).toBe(
            sum(({ expectedHashRateHs = 0 }) => expectedHashRateHs),
          );
          expect(racks.reduce((all, rack) => all + (rack.rate('1h', algorithm)?.rate.hashRateHs ?? 0), 0)).toBe(
            sum(({ rates }) => rates!['1h']!.hashRateHs),
          );
        }
      }),
    ));

  it('are of their tenants and sites', () =>
    fc.assert(
      fc.property(fleet, (workers) => {
        const racks = byRack(workers);
        for (const [tenant, ofTenant] of byTenant(racks)) {
          expect(names(workersOf(ofTenant))).toEqual(names(workers.filter((facts) => facts.tenant === tenant)));
          for (const [site, ofSite] of bySite(ofTenant))
            expect(names(workersOf(ofSite))).toEqual(
              names(workers.filter((facts) => facts.tenant === tenant && facts.site === site)),
            );
        }
        expect([...siteNames(racks)].sort()).toEqual(
          [...new Set(workers.map(({ worker }) => worker.split('.').slice(0, 2).join('.')))].sort(),
        );
      }),
    ));

  it('of what somebody sees hold that and nothing else', () =>
    fc.assert(
      fc.property(
        fleet,
        fc.array(segment, { maxLength: 2 }),
        fc.array(fc.tuple(segment, segment), { maxLength: 2 }),
        fc.array(fc.array(segment, { minLength: 1, maxLength: 4 }), { maxLength: 2 }),
        (workers, tenants, sites, held) => {
          const visibility = new Visibility({
            tenants,
            sites: sites.map((site) => site.join('.')),
            held: held.map((of) => ({ of: of.join('.'), fromUs: 1 })),
          });
          const byName = new Map(workers.map((facts) => [facts.worker, facts]));
          const part = visiblePart({ atUs: 2, live: true, workers, byName, racks: byRack(workers) }, visibility);
          const wanted = workers.filter(({ worker }) => visibility.sees(worker, 2)).map(({ worker }) => worker);
          expect(part.workers.map(({ worker }) => worker)).toEqual(wanted);
          expect([...part.byName.keys()]).toEqual(wanted);
          for (const facts of part.workers)
            expect(facts.heldSinceUs).toBe(visibility.seesWhole(facts.worker) ? undefined : 1);
        },
      ),
    ));
});
