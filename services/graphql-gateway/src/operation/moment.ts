// What one answer is made from: one picture of the fleet and one set of loaders, so that all its fields agree and no list asks the
// store once per entry. A query has one moment, a subscription a new one for every message.
import DataLoader from 'dataloader';
import type { FleetHistory } from '../history/fleet-history.ts';
import { DAY_HOURS } from '../history/fleet-history.ts';
import { longestGraceMinutes, minuteOf, recentUptime, uptimePerStep } from '../history/uptime.ts';
import { MAX_NAMED_WORKERS, namesOf } from '../history/worker-names.ts';
import { activeMinutesOf } from '../queries/active-minutes.ts';
import { eventsOfWorkers, type PoolEvent } from '../queries/events.ts';
import { NO_SHARES, shareCountsOf, type ShareCounts } from '../queries/share-counts.ts';
import { workerSeries, type SparseSeries } from '../queries/share-series.ts';
import type { StoreReader } from '../queries/store-reader.ts';
import type { RangePlan } from '../series/range-plan.ts';
import type { FleetSnapshot, FleetView } from '../workers/fleet-view.ts';
import type { WorkerFacts } from '../workers/worker-facts.ts';

export interface MomentPorts {
  readonly fleet: FleetView;
  readonly history: FleetHistory;
  readonly store: StoreReader;
}

type WorkerLoader<T> = DataLoader<WorkerFacts, T, string>;

export class Moment {
  readonly #ports: MomentPorts;
  /** Aborts when the client went away: queries made for this answer alone are then given up. */
  readonly #signal: AbortSignal | undefined;
  /** One per question (kind and arguments); an operation's complexity bounds how many there can be. */
  readonly #loaders = new Map<string, WorkerLoader<unknown>>();
  #snapshot: Promise<FleetSnapshot> | undefined;

  /** @param snapshot the picture of the fleet to answer from; without one, the current one is taken when it is needed. */
  constructor(ports: MomentPorts, options: { readonly signal?: AbortSignal; readonly snapshot?: FleetSnapshot } = {}) {
    this.#ports = ports;
    this.#signal = options.signal;
    this.#snapshot = options.snapshot && Promise.resolve(options.snapshot);
  }

  /** The picture of the fleet that every field of the answer is read from. */
  snapshot(): Promise<FleetSnapshot> {
    this.#snapshot ??= this.#ports.fleet.current();
    return this.#snapshot;
  }

  /** Shares of the worker over the last `hours`. */
  async shareCounts(worker: WorkerFacts, hours: number): Promise<ShareCounts> {
    // The day is kept for the whole fleet, and what a list is sorted by must be what it shows.
    if (hours === DAY_HOURS) return (await this.#ports.history.shareCounts()).get(worker.worker) ?? NO_SHARES;
    return this.#loader(`shares ${hours}`, async (workers) => {
      const { atUs } = await this.snapshot();
      const counts = await shareCountsOf(this.#ports.store, namesOf(workers), atUs, hours, this.#signal);
      return workers.map((facts) => counts.get(facts.worker) ?? NO_SHARES);
    }).load(worker);
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
      const series = await workerSeries(this.#ports.store, namesOf(workers), algorithms, plan, this.#signal);
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

  /** The worker's newest events, at most `first`. */
  events(worker: WorkerFacts, first: number): Promise<readonly PoolEvent[]> {
    return this.#loader(`events ${first}`, async (workers) => {
      const events = await eventsOfWorkers(this.#ports.store, namesOf(workers), first, this.#signal);
      return workers.map((facts) => events.get(facts.worker) ?? []);
    }).load(worker);
  }

  #activeMinutes(
    workers: readonly WorkerFacts[],
    fromMinute: number,
    toMinute: number,
  ): Promise<ReadonlyMap<string, readonly number[]>> {
    const grace = longestGraceMinutes(workers);
    return activeMinutesOf(
      this.#ports.store,
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

function planKey({ table, startSeconds, stepSeconds, points }: RangePlan): string {
  return `${table} ${startSeconds} ${stepSeconds} ${points}`;
}
