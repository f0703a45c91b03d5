// Workers' latencies on their way to the log. A dropped record is a minute of 200 workers of which it is not known how fast they answered.
import { TOPIC } from '@assay/event-log';
import type { Logger } from '@assay/platform';
import { MAX_TIMED_WORKERS, type WorkerLatencies } from '@assay/tenancy';
import type { GatewayTallies } from '../gateway-tallies.ts';
import { JsonLog } from './json-log.ts';
import type { ShareLog } from './share-log.ts';

/** Twenty minutes of 10,000 workers, some 10 MB; without a spool that is how long the log may be away. */
const MAX_PENDING = 1000;
/** Of the largest records some 620 KB: within what one append to Kafka may have. */
const BATCH_RECORDS = 20;

export class LatencyLog extends JsonLog<WorkerLatencies> {
  constructor(log: ShareLog, gateway: string, logger: Logger, tallies: GatewayTallies) {
    super(
      log,
      {
        topic: TOPIC.workerLatencies,
        key: gateway,
        maxPending: MAX_PENDING,
        batchRecords: BATCH_RECORDS,
        what: "workers' latencies",
        onDropped: (count) => void (tallies.droppedLatencies += count * MAX_TIMED_WORKERS),
      },
      logger,
    );
  }
}
