// Notices that ClickHouse lost what was written to it: somebody removed its data, and the log's positions speak of rows that are gone.
// What the log still has is then written again. Anything in any table means no: writing again beside rows would count them twice.
import type { AnalyticsStore } from '@assay/analytics';
import { TOPIC, type PartitionSession } from '@assay/event-log';
import { BatchLedger, type Resumed } from './batch-ledger.ts';
import type { PipelinePorts } from './pipeline-ports.ts';
import { untilItSucceeds } from './retry.ts';

/** Every table the aggregator writes. */
export const WRITTEN_TABLES = [
  'shares',
  'jobs',
  'rollup_1m',
  'rollup_1h',
  'rollup_1d',
  'events',
  'workers',
  'upstream_shares',
  'upstream_jobs',
  'latency_1m',
];
const ALL_ROWS_SQL = `SELECT toFloat64(${WRITTEN_TABLES.map((table) => `(SELECT count() FROM assay.${table})`).join(' + ')}) AS n`;
/** What there is of a partition, by topic. */
const OF_PARTITION_SQL: Readonly<Record<string, string>> = {
  [TOPIC.sharesVerified]: 'SELECT toFloat64(count()) AS n FROM assay.shares WHERE log_partition = {partition:UInt32}',
  [TOPIC.workerEvents]:
    'SELECT toFloat64(count()) AS n FROM assay.events WHERE log_topic = {topic:String} AND log_partition = {partition:UInt32}',
  [TOPIC.upstreamShares]: `SELECT toFloat64((SELECT count() FROM assay.upstream_shares WHERE log_partition = {partition:UInt32})
    + (SELECT count() FROM assay.upstream_jobs WHERE log_partition = {partition:UInt32})) AS n`,
  [TOPIC.workerLatencies]:
    'SELECT toFloat64(count()) AS n FROM assay.latency_1m WHERE log_partition = {partition:UInt32}',
};

export class LostStore {
  readonly #store: Pick<AnalyticsStore, 'query'>;
  #emptyAtFirst: Promise<boolean> | undefined;

  constructor(store: Pick<AnalyticsStore, 'query'>) {
    this.#store = store;
  }

  /**
   * Whether the tables were empty before this process wrote to them, and nothing of this partition has come since, from here or from
   * another process that held it. Throws AnalyticsError.
   */
  async holdsNothingOf({ topic, partition }: Pick<PartitionSession, 'topic' | 'partition'>): Promise<boolean> {
    this.#emptyAtFirst ??= this.#isEmpty(ALL_ROWS_SQL, {}).catch((error: unknown) => {
      this.#emptyAtFirst = undefined;
      throw error;
    });
    if (!(await this.#emptyAtFirst)) return false;
    return this.#isEmpty(OF_PARTITION_SQL[topic]!, { topic, partition });
  }

  async #isEmpty(sql: string, params: Record<string, string | number>): Promise<boolean> {
    const [row] = await this.#store.query<{ n: number }>(sql, params);
    return row!.n === 0;
  }
}

/** The partition's ledger, and where to go on: where the group stood, or at the beginning when ClickHouse lost its data. */
export async function openLedger(
  session: PartitionSession,
  ports: Pick<PipelinePorts, 'newLineage' | 'storeHoldsNothingOf' | 'retry' | 'logger'>,
): Promise<{ ledger: BatchLedger; resumed: Resumed }> {
  const { topic, partition, signal } = session;
  const ask = (): Promise<boolean> => ports.storeHoldsNothingOf(session);
  const opened = await BatchLedger.open(session, ports.newLineage(), () =>
    untilItSucceeds('asking what ClickHouse holds', ask, signal, ports.retry),
  );
  if (opened.resumed.lostFrom !== undefined) {
    ports.logger.error(
      { topic, partition, from: opened.resumed.next, to: opened.resumed.lostFrom },
      'ClickHouse holds nothing of what was written to it: what the log still has is written again',
    );
  }
  return opened;
}
