// What a partition's pipeline works with.
import type { EventLog } from '@assay/event-log';
import type { Clock } from '@assay/kernel';
import type { Logger, Tracer } from '@assay/platform';
import type { ExactlyOnceSink } from './exactly-once-sink.ts';
import type { LiveKeeper } from './live-keeper.ts';
import type { AggregatorMetrics } from './metrics.ts';
import type { BurstHistory, RejectBurstDetector } from './reject-bursts.ts';
import type { Pause, RetryPorts } from './retry.ts';
import type { BatchLimits } from './verified-batch.ts';

export interface PartitionOffset {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

export interface PipelinePorts {
  readonly log: EventLog;
  readonly sink: ExactlyOnceSink;
  readonly keeper: LiveKeeper;
  readonly clock: Clock;
  readonly pause: Pause;
  readonly retry: RetryPorts;
  readonly metrics: AggregatorMetrics;
  readonly logger: Logger;
  readonly tracer: Tracer;
  readonly limits: BatchLimits;
  /** How long a batch that is not full waits for more. */
  readonly lingerMs: number;
  /** One for all partitions of the process. */
  readonly detector: RejectBurstDetector;
  /** What the detector has to know of a partition below an offset. */
  readonly burstHistory: (at: PartitionOffset) => Promise<BurstHistory>;
  /** Whether ClickHouse has nothing, although the group had written some of this partition. */
  readonly storeHoldsNothingOf: (at: Pick<PartitionOffset, 'topic' | 'partition'>) => Promise<boolean>;
  /** A name no earlier history of a partition has had. */
  readonly newLineage: () => string;
}
