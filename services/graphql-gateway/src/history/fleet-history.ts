// The last day of every worker, kept for a moment: what lists are sorted by and totals are made of. It is of the whole pool, whoever asks: a
// viewer's answer takes from it what is of the workers they see. Both answers cost more the more workers there are, so BudgetedCache holds them to a
// tenth of the time, and of many workers gives what it has while the next is made. Memory: about 400 bytes a worker, and as much again for the
// answer that is on its way.
import type { Clock } from '@assay/kernel';
import type { ActiveHour } from '@assay/settlement';
import { EVERYTHING } from '@assay/tenancy';
import { BudgetedCache } from '../budgeted-cache.ts';
import { addHours, hoursOfAll, MAX_STRETCH_HOURS, type HoursPart } from '../queries/machine-hours.ts';
import { shareCountsOfEverySite, shareCountsOfEveryWorker, type ShareCounts } from '../queries/share-counts.ts';
import type { RowReader } from '../queries/store-reader.ts';
import { Slices } from '../slices.ts';
import type { FleetView } from '../workers/fleet-view.ts';
import { longestGraceMinutes, minuteOf, recentUptimeOfHours } from './uptime.ts';

export const DAY_HOURS = 24;

/** Of a hundred thousand workers each takes a second, in which nobody is to wait: a day's counts are as good a minute later, its uptime in ten. */
const SHARES = { freshMs: 1000, staleMs: 5000, costlyStaleMs: 60_000, staleFactor: 400 };
const UPTIME = { freshMs: 30_000, staleMs: 60_000, costlyStaleMs: 600_000, staleFactor: 1000 };
const SITE_SHARES = { freshMs: 1000, staleMs: 5000 };

export class FleetHistory {
  readonly #store: RowReader;
  readonly #fleet: FleetView;
  readonly #clock: Clock;
  readonly #shares: BudgetedCache<ReadonlyMap<string, ShareCounts>>;
  readonly #siteShares: BudgetedCache<ReadonlyMap<string, ShareCounts>>;
  readonly #uptime: BudgetedCache<ReadonlyMap<string, number | undefined>>;

  /** @param store as the pool itself sees it */
  constructor(store: RowReader, fleet: FleetView, clock: Clock) {
    this.#store = store;
    this.#fleet = fleet;
    this.#clock = clock;
    this.#shares = new BudgetedCache(() => this.#loadShares(), clock, SHARES);
    this.#siteShares = new BudgetedCache(
      () => shareCountsOfEverySite(store, clock.nowUs(), DAY_HOURS),
      clock,
      SITE_SHARES,
    );
    this.#uptime = new BudgetedCache(() => this.#loadUptime(), clock, UPTIME);
  }

  /** Shares of the last 24 hours by site (`tenant.site`), at most 5 seconds old. */
  siteShareCounts(): Promise<ReadonlyMap<string, ShareCounts>> {
    return this.#siteShares.get();
  }

  /** Shares of the last 24 hours by worker, at most 5 seconds old; up to a minute where there are so many workers that it takes long. */
  shareCounts(): Promise<ReadonlyMap<string, ShareCounts>> {
    return this.#shares.get();
  }

  /** Uptime over the last 24 hours by worker, at most a minute old, or up to ten where it takes long; undefined of whom nothing is decided. */
  uptime(): Promise<ReadonlyMap<string, number | undefined>> {
    return this.#uptime.get();
  }

  /** Asks for uptime before anybody has, so that whoever wants it first need not wait. A failure is told to whoever asks. */
  prepareUptime(): void {
    if (this.#uptime.last === undefined) this.uptime().catch(() => undefined);
  }

  async #loadShares(): Promise<ReadonlyMap<string, ShareCounts>> {
    const { workers } = await this.#fleet.seenBy(EVERYTHING);
    return shareCountsOfEveryWorker(this.#store, this.#clock.nowUs(), DAY_HOURS, workers.length);
  }

  /** Worked out part by part, with turns for others in between. */
  async #loadUptime(): Promise<ReadonlyMap<string, number | undefined>> {
    const { byName, workers } = await this.#fleet.seenBy(EVERYTHING);
    const nowUs = this.#clock.nowUs();
    const nowMinute = minuteOf(nowUs);
    const cuts = wholeHours(nowMinute - DAY_HOURS * 60 - longestGraceMinutes(workers), nowMinute + 1);
    const uptime = new Map<string, number | undefined>();
    const parts = await hoursOfAll(this.#store, { cuts, machines: workers.length });
    const slices = new Slices();
    for (const part of parts)
      for (const [worker, hours] of hoursByName(part)) {
        if (slices.isOver()) await slices.next();
        const facts = byName.get(worker);
        if (facts !== undefined) uptime.set(facts.worker, recentUptimeOfHours(facts, hours, DAY_HOURS, nowUs));
      }
    // Who has no share in all that time was down.
    for (const facts of workers) {
      if (slices.isOver()) await slices.next();
      if (!uptime.has(facts.worker)) uptime.set(facts.worker, recentUptimeOfHours(facts, [], DAY_HOURS, nowUs));
    }
    return uptime;
  }
}

/** Of those that overlap a range of minutes, where stretches begin and the last one ends, UNIX seconds. */
function wholeHours(fromMinute: number, untilMinute: number): number[] {
  const until = Math.ceil(untilMinute / 60) * 3600;
  const cuts: number[] = [];
  for (let at = Math.floor(fromMinute / 60) * 3600; at < until; at += MAX_STRETCH_HOURS * 3600) cuts.push(at);
  return [...cuts, until];
}

function hoursByName({ names, stretches, full, partial }: HoursPart): Map<string, ActiveHour[]> {
  const ascending = names.map((_, i) => i).sort((a, b) => stretches[a]! - stretches[b]!);
  const byName = new Map<string, ActiveHour[]>();
  for (const i of ascending) {
    const hours = byName.get(names[i]!) ?? [];
    byName.set(names[i]!, hours);
    addHours(hours, stretches[i]! / 60, full[i]!, partial[i]!);
  }
  return byName;
}
