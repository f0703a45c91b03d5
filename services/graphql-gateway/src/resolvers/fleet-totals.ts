// Totals over a set of workers.
import type { Algorithm } from '@assay/mining';
import { HashRateSum } from '@assay/rollup';
import { ClientError } from '../errors.ts';
import { chunksOf, MAX_NAMED_WORKERS, namesOf } from '../history/worker-names.ts';
import { longestGraceMinutes, uptimePerStep } from '../history/uptime.ts';
import type { Moment } from '../operation/moment.ts';
import { activeMinutesOf } from '../queries/active-minutes.ts';
import { fleetSeries, type FleetPart } from '../queries/share-series.ts';
import { planRange, type RangeInput, type RangePlan } from '../series/range-plan.ts';
import { seriesPoints } from '../series/series-points.ts';
import { countOfWorkers, siteNames, workersOf, type Rack } from '../workers/racks.ts';
import type { WorkerStatus } from '../workers/worker-facts.ts';
import { filterRacks, type WorkerFilter } from '../workers/worker-filter.ts';
import { liveWindow, type SchemaWindow } from './enums.ts';
import type { ResolverPorts } from './ports.ts';
import { hashRateValue, seriesPointValue, shareCountsValue } from './share-values.ts';

export interface FleetTotalsSource {
  readonly racks: readonly Rack[];
  /** What chose the racks and their workers. */
  readonly filter: WorkerFilter;
  readonly moment: Moment;
}

/** Workers a series may be asked for by name, which a status filter needs: at 127 characters each, what one ClickHouse form field holds. */
const MAX_SERIES_WORKERS = 1000;
/** Hours of workers whose minutes are looked at one by one for a total's uptime. */
const MAX_UPTIME_WORKER_HOURS = 100_000;

/** Of arguments left out or null, as the schema says. */
const DEFAULT_ALGORITHM: Algorithm = 'sha256d';

export function fleetTotalsResolvers(ports: ResolverPorts) {
  const count =
    (status: WorkerStatus) =>
    ({ racks }: FleetTotalsSource) =>
      racks.reduce((sum, rack) => sum + rack.count(status), 0);

  return {
    workers: ({ racks }: FleetTotalsSource) => countOfWorkers(racks),
    online: count('ONLINE'),
    silent: count('SILENT'),
    offline: count('OFFLINE'),

    hashRate: (
      { racks }: FleetTotalsSource,
      { window, algorithm }: { window: SchemaWindow | null; algorithm: Algorithm | null },
    ) => {
      const sum = new HashRateSum();
      for (const rack of racks) {
        const ofRack = rack.rate(liveWindow(window, 'M15'), algorithm ?? DEFAULT_ALGORITHM);
        if (ofRack !== undefined) sum.addSum(ofRack);
      }
      return hashRateValue(sum.rate);
    },

    expectedHashRate: ({ racks }: FleetTotalsSource, { algorithm }: { algorithm: Algorithm | null }) =>
      racks.reduce((sum, rack) => sum + rack.expectedHs(algorithm ?? DEFAULT_ALGORITHM), 0),

    shares: async ({ racks, filter, moment }: FleetTotalsSource) =>
      shareCountsValue(
        isWholeSites(filter, moment) && filter.algorithm === undefined
          ? await moment.dayShareCountsOfSites(siteNames(racks))
          : await moment.dayShareCounts(racks),
      ),

    series: async (
      totals: FleetTotalsSource,
      { range, ...args }: { range: RangeInput; algorithm: Algorithm | null },
    ) => {
      const algorithm = args.algorithm ?? DEFAULT_ALGORITHM;
      const nowUs = ports.clock.nowUs();
      const plan = planRange(range, nowUs, ports.retention);
      const racks = filterRacks(totals.racks, { algorithm });
      const part = partOfFleet(totals, racks, algorithm);
      const steps = await fleetSeries(totals.moment.store, part, algorithm, plan);
      let uptimes: Promise<readonly (number | undefined)[]> | undefined;
      const uptime = () => (uptimes ??= meanUptime(totals.moment, racks, plan, nowUs));
      return {
        stepSeconds: plan.stepSeconds,
        points: seriesPoints(plan, steps, algorithm, 0, nowUs).map((point, i) => seriesPointValue(point, i, uptime)),
      };
    },
  };
}

/** Whether the filter lets whole sites through, and the viewer sees whole sites and not just machines of them. */
function isWholeSites({ search = '', status }: WorkerFilter, { visibility }: Moment): boolean {
  return search === '' && status === undefined && visibility.parts.held.length === 0;
}

/** The filter in the store's terms. Only what the store cannot know, a status, needs the workers' names. */
function partOfFleet({ filter, moment }: FleetTotalsSource, racks: readonly Rack[], algorithm: Algorithm): FleetPart {
  const byName = filter.status !== undefined || (filter.algorithm ?? algorithm) !== algorithm;
  const count = countOfWorkers(racks);
  if (byName && count > MAX_SERIES_WORKERS) {
    throw new ClientError(
      'BAD_USER_INPUT',
      `A series with a status filter is over at most ${MAX_SERIES_WORKERS} workers; this one has ${count}. Narrow it by tenant, site or search.`,
    );
  }
  return {
    tenant: filter.tenant,
    site: filter.site,
    search: filter.search ?? '',
    workers: byName ? workersOf(racks).map(({ worker }) => worker) : undefined,
    wholeSites: !byName && isWholeSites(filter, moment),
  };
}

/** Mean over the workers per step; undefined where nothing is decided, and everywhere when there are too many to look at. */
async function meanUptime(
  moment: Moment,
  racks: readonly Rack[],
  plan: RangePlan,
  nowUs: number,
): Promise<readonly (number | undefined)[]> {
  const hours = (plan.endSeconds - plan.startSeconds) / 3600;
  const sums = new Float64Array(plan.points);
  const counts = new Uint32Array(plan.points);
  if (countOfWorkers(racks) * hours > MAX_UPTIME_WORKER_HOURS) return [];
  for (const chunk of chunksOf(workersOf(racks), MAX_NAMED_WORKERS)) {
    const grace = longestGraceMinutes(chunk);
    const fromMinute = Math.max(0, plan.startSeconds / 60 - grace);
    const minutes = await activeMinutesOf(moment.store, namesOf(chunk), fromMinute, plan.endSeconds / 60 + grace);
    for (const worker of chunk) {
      uptimePerStep(worker, minutes.get(worker.worker) ?? [], plan, nowUs).forEach((fraction, i) => {
        if (fraction === undefined) return;
        sums[i]! += fraction;
        counts[i]! += 1;
      });
    }
  }
  return Array.from(sums, (sum, i) => (counts[i] === 0 ? undefined : sum / counts[i]!));
}
