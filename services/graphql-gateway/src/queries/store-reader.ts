// The gateway's way to the analytics store: for whom a query is asked, a bound on queries at once and on queries waiting, a time limit on each,
// and metrics. Invariant: no query runs without saying whose eyes it is for, and it reads no row that these may not see.
// At the bound, or when its turn does not come within that time, a query is refused as OVERLOADED instead of piling up.
import type { AnalyticsStore, QueryParams } from '@assay/analytics';
import { AnalyticsError } from '@assay/analytics';
import { BoundedQueue } from '@assay/kernel';
import type { Visibility } from '@assay/tenancy';
import { rowFiltersOf } from '../access/row-filters.ts';
import { ClientError } from '../errors.ts';
import type { GatewayMetrics } from '../metrics.ts';

/** A query by name: its SQL, with `{name:Type}` parameters only, and how a row is read. */
export interface NamedQuery {
  /** Appears in metrics. */
  readonly name: string;
  readonly sql: string;
  /**
   * Tables of the pool's own that it reads whole for anybody, since it only looks up there what the viewer's own rows name, such as which
   * source a share's job came from. What it answers may hold nothing else of them.
   */
  readonly lookups?: readonly string[];
}

/** Answers queries as a viewer may see them. */
export interface RowReader {
  /** Rows of a query. Throws AnalyticsError from the store, ClientError OVERLOADED when too many queries wait. */
  rows<Row>(query: NamedQuery, params: QueryParams, signal?: AbortSignal): Promise<Row[]>;
}

export interface StoreReaderOptions {
  readonly maxConcurrent: number;
  readonly maxExecutionSeconds: number;
}

const WAITING_PER_SLOT = 64;

interface Waiting {
  readonly go: () => void;
  /** It waited too long and was refused. */
  gaveUp: boolean;
}

export class StoreReader {
  readonly #store: AnalyticsStore;
  readonly #options: StoreReaderOptions;
  readonly #metrics: GatewayMetrics;
  readonly #waiting: BoundedQueue<Waiting>;
  #running = 0;

  constructor(store: AnalyticsStore, options: StoreReaderOptions, metrics: GatewayMetrics) {
    this.#store = store;
    this.#options = options;
    this.#metrics = metrics;
    this.#waiting = new BoundedQueue(options.maxConcurrent * WAITING_PER_SLOT);
  }

  for(visibility: Visibility): RowReader {
    return { rows: (query, params, signal) => this.#rows(query, params, visibility, signal) };
  }

  async #rows<Row>(
    query: NamedQuery,
    params: QueryParams,
    visibility: Visibility,
    signal: AbortSignal | undefined,
  ): Promise<Row[]> {
    const rowFilters = rowFiltersOf(query, visibility);
    await this.#enter();
    const done = this.#metrics.storeQuery(query.name);
    try {
      if (signal?.aborted) throw new AnalyticsError('aborted', 'the client went away', { retriable: true });
      const rows = await this.#store.query<Row>(query.sql, params, {
        maxExecutionSeconds: this.#options.maxExecutionSeconds,
        ...(signal ? { signal } : {}),
        ...(rowFilters && { rowFilters }),
      });
      done('ok');
      return rows;
    } catch (error) {
      done(error instanceof AnalyticsError ? error.code : 'error');
      throw error;
    } finally {
      this.#leave();
    }
  }

  /** Whether the store answers; never throws. */
  async available(): Promise<boolean> {
    try {
      return await this.#store.ping();
    } catch {
      return false;
    }
  }

  #enter(): Promise<void> | undefined {
    if (this.#running < this.#options.maxConcurrent) {
      this.#running++;
      return undefined;
    }
    return new Promise((resolve, reject) => {
      const refuse = (): void =>
        reject(
          new ClientError('OVERLOADED', 'Too many history queries are waiting. Try again in some seconds.', {
            retriable: true,
          }),
        );
      const waiting: Waiting = {
        gaveUp: false,
        go: () => {
          clearTimeout(timer);
          resolve();
        },
      };
      const timer = setTimeout(() => {
        waiting.gaveUp = true;
        refuse();
      }, this.#options.maxExecutionSeconds * 1000);
      if (this.#waiting.push(waiting)) return;
      clearTimeout(timer);
      refuse();
    });
  }

  /** Hands the place on to who waits longest, or gives it back. */
  #leave(): void {
    let next = this.#waiting.shift();
    while (next?.gaveUp) next = this.#waiting.shift();
    if (next) next.go();
    else this.#running--;
  }
}
