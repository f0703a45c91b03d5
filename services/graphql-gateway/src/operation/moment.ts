// What one answer is made from: one picture of the fleet and one set of loaders, so that all its fields agree and no list asks the
// store once per entry. A query has one moment, a subscription a new one for every message. Invariant: everything in it is as its viewer
// may see it at that moment; there is no other way from a resolver to workers or history.
import { MICROS_PER_HOUR } from '@assay/kernel';
import { EVERY_TENANT, type Visibility } from '@assay/tenancy';
import DataLoader from 'dataloader';
import type { Visibilities } from '../access/visibilities.ts';
import type { FleetHistory } from '../history/fleet-history.ts';
import { DAY_HOURS } from '../history/fleet-history.ts';
import { longestGraceMinutes, minuteOf, recentUptime, uptimePerStep } from '../history/uptime.ts';
import { MAX_NAMED_WORKERS, namesOf, type WorkerNames } from '../history/worker-names.ts';
import { activeMinutesOf } from '../queries/active-minutes.ts';
import { eventsOfWorkers, type PoolEvent } from '../queries/events.ts';
import { invalidFraction, NO_SHARES, shareCountsOf, sumShares, type ShareCounts } from '../queries/share-counts.ts';
import { answerTimeSeries, recentAnswerTimes, type AnswerTimes, type RecentAnswerTimes } from '../queries/latencies.ts';
import { workerSeries, type SparseSeries } from '../queries/share-series.ts';
import type { RowReader, StoreReader } from '../queries/store-reader.ts';
import type { RangePlan } from '../series/range-plan.ts';
import { Slices } from '../slices.ts';
import type { FleetSnapshot, FleetView } from '../workers/fleet-view.ts';
import type { Rack } from '../workers/racks.ts';
import { rackShares } from '../workers/rack-shares.ts';
import type { SortHistory, WorkerSortField } from '../workers/worker-sort.ts';
import type { WorkerFacts } from '../workers/worker-facts.ts';
import type { Viewer } from './viewer.ts';

export interface MomentPorts {
  readonly fleet: FleetView;
  readonly history: FleetHistory;
  readonly store: StoreReader;
  readonly visibilities: Visibilities;
}

/** Of fewer, uptime takes less than people notice. */
const MANY_WORKERS = 10_000;

type WorkerLoader<T> = DataLoader<WorkerFacts, T, string>;

export class Moment {
  /** What the viewer sees at this moment. */
  readonly visibility: Visibility;
  /** The store as the viewer sees it. */
  readonly store: RowReader;
  readonly #ports: MomentPorts;
  readonly #viewer: Viewer;
  /** Aborts when the client went away: queries made for this answer alone are then given up. */
  readonly #signal: AbortSignal | undefined;
  /** One per question (kind and arguments); an operation's complexity bounds how many there can be. */
  readonly #loaders = new Map<string, WorkerLoader<unknown>>();
  #snapshot: Promise<FleetSnapshot> | undefined;

  constructor(ports: MomentPorts, viewer: Viewer, options: { readonly signal?: AbortSignal } = {}) {
    this.#ports = ports;
    this.#viewer = viewer;
    this.visibility = ports.visibilities.of(viewer);
    this.store = ports.store.for(this.visibility);
    this.#signal = options.signal;
  }

  /** Whether the viewer may see what belongs to no tenant, such as upstream pools. */
  get seesPool(): boolean {
    return this.#viewer.access.may('pool.view', { tenant: EVERY_TENANT });
  }

  /** Whether the viewer sees all of a tenant: its fleet, and what it holds of others'. */
  maySee(tenant: string): boolean {
    return this.#viewer.access.may('fleet.view', { tenant });
  }

  /** Whether the viewer may see what a tenant would earn. */
  maySeeMoney(tenant: string): boolean {
    return this.#viewer.access.may('money.view', { tenant });
  }

  /** What the viewer sees of the picture of the fleet that every field of the answer is read from. */
  snapshot(): Promise<FleetSnapshot> {
    this.#snapshot ??= this.#ports.fleet.seenBy(this.visibility);
    return this.#snapshot;
  }

  /** Shares of the worker over the last `hours`. */
  async shareCounts(worker: WorkerFacts, hours: number): Promise<ShareCounts> {
    // The day is kept for the whole fleet, and what a list is sorted by must be what it shows.
    if (hours === DAY_HOURS && !isNewTo(worker, (await this.snapshot()).atUs))
      return (await this.#ports.history.shareCounts()).get(worker.worker) ?? NO_SHARES;
    const { heldSinceUs } = worker;
    return this.#loader(`shares ${hours} ${heldSinceUs ?? ''}`, async (workers) => {
      const { atUs } = await this.snapshot();
      const counts = await shareCountsOf(this.store, namesOf(workers), atUs, hours, this.#signal, heldSinceUs);
      return workers.map((facts) => counts.get(facts.worker) ?? NO_SHARES);
    }).load(worker);
  }

  /** Shares over the last day of the workers of racks together. */
  async dayShareCounts(racks: readonly Rack[]): Promise<ShareCounts> {
    return sumShares((await this.dayShareCountsByRack(racks)).values());
  }

  /** The same of each of them. */
  async dayShareCountsByRack(racks: readonly Rack[]): Promise<ReadonlyMap<Rack, ShareCounts>> {
    const { atUs } = await this.snapshot();
    const kept = await this.#ports.history.shareCounts();
    const isNew = racks.flatMap(({ workers }) => workers.filter((facts) => isNewTo(facts, atUs)));
    const ofNew = new Map(
      await Promise.all(isNew.map(async (facts) => [facts.worker, await this.shareCounts(facts, DAY_HOURS)] as const)),
    );
    const slices = new Slices();
    const counts = new Map<Rack, ShareCounts>();
    for (const rack of racks) {
      const hasNew = ofNew.size > 0 && rack.workers.some(({ worker }) => ofNew.has(worker));
      const own = ({ worker }: WorkerFacts): ShareCounts => ofNew.get(worker) ?? kept.get(worker) ?? NO_SHARES;
      counts.set(rack, hasNew ? sumShares(rack.workers.map(own)) : rackShares(rack, kept));
      if (slices.isOver()) await slices.next();
    }
    return counts;
  }

  /** The same of all workers of some sites that the viewer sees whole. */
  async dayShareCountsOfSites(sites: ReadonlySet<string>): Promise<ShareCounts> {
    const kept = await this.#ports.history.siteShareCounts();
    return sumShares([...sites].map((site) => kept.get(site) ?? NO_SHARES));
  }

  /** What the workers of a list are sorted by, from what is kept of the last day; of workers that are new to the viewer there is nothing. Only
   * what the field needs is asked of the store. */
  async sortHistory(field: WorkerSortField): Promise<Partial<SortHistory>> {
    const { history } = this.#ports;
    const { atUs, byName } = await this.snapshot();
    const isShown = (worker: string): boolean => {
      const facts = byName.get(worker);
      return facts !== undefined && !isNewTo(facts, atUs);
    };
    if (field === 'UPTIME') {
      const uptime = await history.uptime();
      return { uptime: (worker) => (isShown(worker) ? uptime.get(worker) : undefined) };
    }
    // Who looks through so many by name may want the worst of them next.
    if (byName.size >= MANY_WORKERS) history.prepareUptime();
    if (field === 'INVALID') {
      const counts = await history.shareCounts();
      return {
        invalidFraction: (worker) => {
          const own = isShown(worker) ? counts.get(worker) : undefined;
          return own && invalidFraction(own);
        },
      };
    }
    return {};
  }

  /** Uptime of the worker over the last `hours`; undefined while nothing is decided. */
  uptime(worker: WorkerFacts, hours: number): Promise<number | undefined> {
    return this.#loader(`uptime ${hours}`, async (workers) => {
      const { atUs } = await this.snapshot();
      const nowMinute = minuteOf(atUs);
      const minutes = await this.#activeMinutes(workers, nowMinute - hours * 60, nowMinute + 1);
      return workers.map((facts) => recentUptime(facts, minutes.get(facts.worker) ?? [], hours, atUs));
    }).load(worker);
  }

  series(worker: WorkerFacts, plan: RangePlan): Promise<SparseSeries> {
    return this.#loader(`series ${planKey(plan)}`, async (workers) => {
      const algorithms = new Map(workers.map((facts) => [facts.worker, facts.algorithm]));
      const series = await workerSeries(this.store, namesOf(workers), algorithms, plan, this.#signal);
      return workers.map((facts) => series.get(facts.worker) ?? new Map());
    }).load(worker);
  }

  /** Uptime per step of the range; undefined for steps in which nothing is decided. */
  seriesUptime(worker: WorkerFacts, plan: RangePlan): Promise<readonly (number | undefined)[]> {
    return this.#loader(`series uptime ${planKey(plan)}`, async (workers) => {
      const { atUs } = await this.snapshot();
      const minutes = await this.#activeMinutes(workers, plan.startSeconds / 60, plan.endSeconds / 60);
      return workers.map((facts) => uptimePerStep(facts, minutes.get(facts.worker) ?? [], plan, atUs));
    }).load(worker);
  }

  /** How long the worker took to answer in the last hour; undefined when that was not measured. */
  answerTimes(worker: WorkerFacts): Promise<RecentAnswerTimes | undefined> {
    return this.#loader('answer times', async (workers) => {
      const sinceUs = (await this.snapshot()).atUs - MICROS_PER_HOUR;
      const times = await recentAnswerTimes(this.store, namesOf(workers), sinceUs, this.#signal);
      return workers.map((facts) => times.get(facts.worker));
    }).load(worker);
  }

  /** The same per step of the range. */
  answerTimeSeries(worker: WorkerFacts, plan: RangePlan): Promise<ReadonlyMap<number, AnswerTimes>> {
    return this.#loader(`answer time series ${planKey(plan)}`, async (workers) => {
      const series = await answerTimeSeries(this.store, namesOf(workers), plan, this.#signal);
      return workers.map((facts) => series.get(facts.worker) ?? new Map<number, AnswerTimes>());
    }).load(worker);
  }

  /** The worker's newest events, at most `first`. */
  events(worker: WorkerFacts, first: number): Promise<readonly PoolEvent[]> {
    return this.#loader(`events ${first}`, async (workers) => {
      const events = await eventsOfWorkers(this.store, namesOf(workers), first, this.#signal);
      return workers.map((facts) => events.get(facts.worker) ?? []);
    }).load(worker);
  }

  /** What a question answers of the worker: of all workers of which the same is asked in this answer, up to some hundreds are asked about at once. */
  perWorker<T>(
    question: string,
    worker: WorkerFacts,
    load: (names: WorkerNames, workers: readonly WorkerFacts[], signal?: AbortSignal) => Promise<readonly T[]>,
  ): Promise<T> {
    return this.#loader(question, (workers) => load(namesOf(workers), workers, this.#signal)).load(worker);
  }

  #activeMinutes(
    workers: readonly WorkerFacts[],
    fromMinute: number,
    toMinute: number,
  ): Promise<ReadonlyMap<string, readonly number[]>> {
    const grace = longestGraceMinutes(workers);
    return activeMinutesOf(
      this.store,
      namesOf(workers),
      Math.max(0, fromMinute - grace),
      toMinute + grace,
      this.#signal,
    );
  }

  #loader<T>(question: string, load: (workers: readonly WorkerFacts[]) => Promise<readonly T[]>): WorkerLoader<T> {
    let loader = this.#loaders.get(question);
    if (!loader) {
      loader = new DataLoader<WorkerFacts, unknown, string>(load, {
        maxBatchSize: MAX_NAMED_WORKERS,
        cacheKeyFn: ({ worker }) => worker,
      });
      this.#loaders.set(question, loader);
    }
    return loader as WorkerLoader<T>;
  }
}

/** Whether the viewer sees less than the last day of it. */
function isNewTo({ heldSinceUs }: WorkerFacts, nowUs: number): boolean {
  return heldSinceUs !== undefined && heldSinceUs > nowUs - DAY_HOURS * MICROS_PER_HOUR;
}

function planKey({ table, startSeconds, stepSeconds, points }: RangePlan): string {
  return `${table} ${startSeconds} ${stepSeconds} ${points}`;
}
