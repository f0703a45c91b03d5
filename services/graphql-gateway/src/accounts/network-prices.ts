// What work was worth on the network, hour by hour, kept for those who ask again. Of the networks, which anybody can look up, so that it is the
// same for every viewer, also for who sees nothing else of the pool's jobs.
import type { Clock } from '@assay/kernel';
import type { Algorithm } from '@assay/mining';
import { CARRIED_US, networkHours, type NetworkHour } from '@assay/settlement';
import { BudgetedCache } from '../budgeted-cache.ts';
import { jobSamples } from '../queries/job-samples.ts';
import type { RowReader } from '../queries/store-reader.ts';

/** Ranges kept; the one not asked for longest goes first. About 100 KB each. */
const MAX_KEPT = 50;
const FRESHNESS = { freshMs: 60_000, staleMs: 600_000 };

export class NetworkPrices {
  readonly #pool: RowReader;
  readonly #clock: Clock;
  readonly #kept = new Map<string, BudgetedCache<readonly NetworkHour[]>>();

  /** @param pool sees every job */
  constructor(pool: RowReader, clock: Clock) {
    this.#pool = pool;
    this.#clock = clock;
  }

  hours(algorithm: Algorithm, fromUs: number, untilUs: number): Promise<readonly NetworkHour[]> {
    const key = `${algorithm} ${fromUs} ${untilUs}`;
    let cache = this.#kept.get(key);
    cache ??= new BudgetedCache(
      async () =>
        networkHours(await jobSamples(this.#pool, algorithm, fromUs - CARRIED_US, untilUs), algorithm, fromUs, untilUs),
      this.#clock,
      FRESHNESS,
    );
    this.#kept.delete(key);
    this.#kept.set(key, cache);
    if (this.#kept.size > MAX_KEPT) this.#kept.delete(this.#kept.keys().next().value!);
    return cache.get();
  }
}
