// What the Kafka adapter counts, shown when Prometheus asks. The adapter knows no metrics, and this file no adapter: the numbers are
// handed over as they are.
import { Counter, Gauge, type Registry } from 'prom-client';

/** As KafkaEventLog.stats() has them. */
export interface KafkaNumbers {
  readonly batches: number;
  readonly retries: number;
  readonly unknownOutcomes: number;
  readonly appendedRecords: number;
  readonly appendedBytes: number;
  readonly refusedFull: number;
  readonly fetches: number;
  readonly fetchedBytes: number;
  readonly readsBehindRetention: number;
  readonly fencedCommits: number;
  readonly rebalances: number;
  readonly membershipsLost: number;
  readonly pendingBytes: number;
  readonly connections: number;
}

type Shown = readonly [name: string, help: string, of: keyof KafkaNumbers];

const COUNTERS: readonly Shown[] = [
  ['batches_total', 'Batches of records sent to brokers.', 'batches'],
  ['batch_retries_total', 'Batches that had to be sent more than once.', 'retries'],
  ['unknown_outcomes_total', 'Appends given up without knowing whether they happened.', 'unknownOutcomes'],
  ['appended_records_total', 'Records appended.', 'appendedRecords'],
  ['appended_bytes_total', 'Bytes of records appended, before compression.', 'appendedBytes'],
  ['refused_appends_total', 'Appends refused because too much waited to be sent.', 'refusedFull'],
  ['fetches_total', 'Fetches from brokers.', 'fetches'],
  ['fetched_bytes_total', 'Bytes fetched from brokers.', 'fetchedBytes'],
  ['reads_behind_retention_total', 'Reads that began below what retention had left.', 'readsBehindRetention'],
  ['fenced_commits_total', 'Commits refused because the partition was held by another.', 'fencedCommits'],
  ['rebalances_total', 'Generations of its groups this process took part in.', 'rebalances'],
  [
    'memberships_lost_total',
    'Times this process was thrown out of a group, or silent for too long.',
    'membershipsLost',
  ],
];

const GAUGES: readonly Shown[] = [
  ['pending_bytes', 'Bytes of records that wait to be appended.', 'pendingBytes'],
  ['connections', 'Open connections to brokers.', 'connections'],
];

export function registerKafkaMetrics(registry: Registry, numbers: () => KafkaNumbers): void {
  const registers = [registry];
  for (const [name, help, of] of COUNTERS) {
    new Counter({
      name: `assay_kafka_${name}`,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(numbers()[of]);
      },
    });
  }
  for (const [name, help, of] of GAUGES) {
    new Gauge({
      name: `assay_kafka_${name}`,
      help,
      registers,
      collect() {
        this.set(numbers()[of]);
      },
    });
  }
}
