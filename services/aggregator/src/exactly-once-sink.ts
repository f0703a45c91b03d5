// Writes a batch's rows to their tables, each table's as one insert under the batch's own token, until all are durable.
import type { AnalyticsStore } from '@assay/analytics';
import type { Clock } from '@assay/kernel';
import { MICROS_PER_SECOND } from '@assay/kernel';
import { inSpan, type Span } from '@assay/platform';
import type { ArrowRows } from './arrow-stream.ts';
import type { AggregatorMetrics } from './metrics.ts';
import type { RetryPorts } from './retry.ts';
import { untilItSucceeds } from './retry.ts';

export type Table =
  | 'shares'
  | 'jobs'
  | 'rollup_1m'
  | 'rollup_1h'
  | 'rollup_1d'
  | 'events'
  | 'workers'
  | 'upstream_shares'
  | 'upstream_jobs'
  | 'latency_1m';

/** What goes into each table; undefined is nothing to write. */
export type TableRows = Readonly<Partial<Record<Table, ArrowRows | undefined>>>;

export class ExactlyOnceSink {
  readonly #store: Pick<AnalyticsStore, 'insertArrow'>;
  readonly #clock: Clock;
  readonly #retry: RetryPorts;
  readonly #metrics: AggregatorMetrics;

  constructor(store: Pick<AnalyticsStore, 'insertArrow'>, clock: Clock, retry: RetryPorts, metrics: AggregatorMetrics) {
    this.#store = store;
    this.#clock = clock;
    this.#retry = retry;
    this.#metrics = metrics;
  }

  /** Resolves when every table has its rows, exactly once, however often the batch is written. Throws GivenUp when the signal aborts first. */
  async write(batchName: string, rows: TableRows, signal: AbortSignal, span?: Span): Promise<void> {
    const inserts = Object.entries(rows).flatMap(([table, written]) =>
      written === undefined
        ? []
        : [inSpan(span?.child(`insert ${table}`), () => this.#insert(table, written, `${table}:${batchName}`, signal))],
    );
    // Every insert comes to its end before this one does, so that none runs on behind the back of a partition's next holder.
    const outcomes = await Promise.allSettled(inserts);
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  }

  #insert(
    table: string,
    { stream, columns }: ArrowRows,
    deduplicationToken: string,
    signal: AbortSignal,
  ): Promise<void> {
    const attempt = async (): Promise<void> => {
      const startUs = this.#clock.nowUs();
      await this.#store.insertArrow(table, stream, { deduplicationToken, columns });
      this.#metrics.insertSeconds.observe({ table }, (this.#clock.nowUs() - startUs) / MICROS_PER_SECOND);
    };
    return untilItSucceeds(`insert into ${table}`, attempt, signal, this.#retry);
  }
}
