// The last day of every worker, kept for a moment: what lists are sorted by and totals are made of. It is of the whole pool, whoever asks: a
// viewer's answer takes from it what is of the workers they see. Both answers cost more the
// more workers there are, so BudgetedCache holds them to a tenth of the time. Memory: about 250 bytes a worker.
import type { Clock } from '@assay/kernel';
import { EVERYTHING } from '@assay/tenancy';
import { BudgetedCache } from '../budgeted-cache.ts';
import { activeMinutesOf } from '../queries/active-minutes.ts';
import { shareCountsOfEverySite, shareCountsOfEveryWorker, type ShareCounts } from '../queries/share-counts.ts';
import type { RowReader } from '../queries/store-reader.ts';
import type { FleetView } from '../workers/fleet-view.ts';
import { longestGraceMinutes, minuteOf, recentUptime } from './uptime.ts';
import { chunksOf, MAX_NAMED_WORKERS, namesOf } from './worker-names.ts';

export const DAY_HOURS = 24;

/** Of a hundred thousand workers it takes a second or two, and a day's counts are as good a minute later. */
const SHARES = { freshMs: 1000, staleMs: 5000, costlyStaleMs: 60_000 };
const SITE_SHARES = { freshMs: 1000, staleMs: 5000 };
const UPTIME = { freshMs: 5000, staleMs: 60_000 };

export class FleetHistory {
  readonly #store: RowReader;
  readonly #fleet: FleetView;
  readonly #clock: Clock;
  readonly #shares: BudgetedCache<ReadonlyMap<string, ShareCounts>>;
  readonly #siteShares: BudgetedCache<ReadonlyMap<string, ShareCounts>>;
  readonly #uptime: BudgetedCache<ReadonlyMap<string, number>>;

  /** @param store as the pool itself sees it */
  constructor(store: RowReader, fleet: FleetView, clock: Clock) {
    this.#store = store;
    this.#fleet = fleet;
    this.#clock = clock;
    this.#shares = new BudgetedCache(() => shareCountsOfEveryWorker(store, clock.nowUs(), DAY_HOURS), clock, SHARES);
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

  /** Shares of the last 24 hours by worker, at most 5 seconds old; a minute where there are so many workers that it takes long. */
  shareCounts(): Promise<ReadonlyMap<string, ShareCounts>> {
    return this.#shares.get();
  }

  /** Uptime over the last 24 hours by worker, at most a minute old; without those of whom nothing is decided. */
  uptime(): Promise<ReadonlyMap<string, number>> {
    return this.#uptime.get();
  }

  /** In pieces, one after the other, so that neither the store nor the event loop is held up for long. */
  async #loadUptime(): Promise<ReadonlyMap<string, number>> {
    const { workers } = await this.#fleet.seenBy(EVERYTHING);
    const uptime = new Map<string, number>();
    for (const chunk of chunksOf(workers, MAX_NAMED_WORKERS)) {
      const nowUs = this.#clock.nowUs();
      const nowMinute = minuteOf(nowUs);
      const minutes = await activeMinutesOf(
        this.#store,
        namesOf(chunk),
        nowMinute - DAY_HOURS * 60 - longestGraceMinutes(chunk),
        nowMinute + 1,
      );
      for (const facts of chunk) {
        const fraction = recentUptime(facts, minutes.get(facts.worker) ?? [], DAY_HOURS, nowUs);
        if (fraction !== undefined) uptime.set(facts.worker, fraction);
      }
    }
    return uptime;
  }
}
