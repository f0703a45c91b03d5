// What the aggregator counts about itself.
import type { Clock } from '@assay/kernel';
import { PartitionProgress, type Registry } from '@assay/platform';
import { Counter, Gauge, Histogram } from 'prom-client';
import type { Trouble } from './trouble.ts';

export type AggregatorMetrics = ReturnType<typeof aggregatorMetrics>;

export const METRICS_PREFIX = 'assay_aggregator_';

export function aggregatorMetrics(registry: Registry, clock: Clock) {
  const registers = [registry];
  return {
    progress: new PartitionProgress(registry, METRICS_PREFIX, clock, 'in ClickHouse'),
    batchRows: new Histogram({
      name: 'assay_aggregator_batch_rows',
      help: 'Shares, events or upstream records per batch.',
      labelNames: ['topic'],
      buckets: [1, 10, 100, 1000, 10_000, 100_000],
      registers,
    }),
    batchSeconds: new Histogram({
      name: 'assay_aggregator_batch_seconds',
      help: 'From recording the bounds of a batch to having recorded that it is done: every insert, its retries and the live state.',
      labelNames: ['topic'],
      buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
      registers,
    }),
    insertSeconds: new Histogram({
      name: 'assay_aggregator_insert_seconds',
      help: 'Duration of inserts that succeeded, by table.',
      labelNames: ['table'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    }),
    retries: new Counter({
      name: 'assay_aggregator_retries_total',
      help: 'Attempts that failed and were made again, by what was attempted.',
      labelNames: ['what'],
      registers,
    }),
    failures: new Counter({
      name: 'assay_aggregator_partition_failures_total',
      help: 'Times a partition had to be started again.',
      registers,
    }),
    shares: new Counter({
      name: 'assay_aggregator_shares_total',
      help: 'Shares written to ClickHouse by this process.',
      registers,
    }),
    duplicates: new Counter({
      name: 'assay_aggregator_duplicate_records_total',
      help: 'Verified records dropped because their submitted record had been taken before.',
      registers,
    }),
    dead: new Counter({
      name: 'assay_aggregator_dead_records_total',
      help: 'Records that could not be read and went to shares.dead, by reason.',
      labelNames: ['topic', 'reason'],
      registers,
    }),
    expired: new Counter({
      name: 'assay_aggregator_expired_records_total',
      help: 'Records that retention removed from the log before they were read: they are lost to ClickHouse.',
      labelNames: ['topic'],
      registers,
    }),
    rejectBursts: new Counter({
      name: 'assay_aggregator_reject_bursts_total',
      help: 'Reject bursts found.',
      registers,
    }),
    liveFailures: new Counter({
      name: 'assay_aggregator_live_failures_total',
      help: 'Times the live state could not be kept in step, by what failed. It is brought up to date later.',
      labelNames: ['what'],
      registers,
    }),
    liveCatchUps: new Counter({
      name: 'assay_aggregator_live_catch_ups_total',
      help: 'Times what the live state lacked of a partition was read from ClickHouse and added.',
      labelNames: ['topic'],
      registers,
    }),
    liveRebuilds: new Counter({
      name: 'assay_aggregator_live_rebuilds_total',
      help: 'Times this process gave the live state a new base, because it was lost.',
      registers,
    }),
    unwatched: new Counter({
      name: 'assay_aggregator_unwatched_workers_total',
      help: 'Times a worker was not watched for reject bursts because too many were.',
      registers,
    }),
  };
}

/** Shows what fails at the time of asking. */
export function watchTrouble(registry: Registry, trouble: Pick<Trouble, 'counts'>): void {
  new Gauge({
    name: `${METRICS_PREFIX}failing_attempts`,
    help: 'Things that failed when last tried and are tried again, by what they are: a batch that ClickHouse refuses holds its partition up.',
    labelNames: ['what'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [what, count] of trouble.counts()) this.set({ what }, count);
    },
  });
}
