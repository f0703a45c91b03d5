// Worker events on their way to the log. The aggregator learns of a dropped disconnect by the gateway's next start or its silence.
import { TOPIC } from '@assay/event-log';
import type { Logger } from '@assay/platform';
import type { WorkerEvent } from '@assay/tenancy';
import type { GatewayTallies } from '../gateway-tallies.ts';
import { JsonLog } from './json-log.ts';
import type { ShareLog } from './share-log.ts';

export class WorkerEventLog extends JsonLog<WorkerEvent> {
  constructor(log: ShareLog, gateway: string, maxPending: number, logger: Logger, tallies: GatewayTallies) {
    const onDropped = (count: number): void => void (tallies.droppedEvents += count);
    super(log, { topic: TOPIC.workerEvents, key: gateway, maxPending, what: 'worker events', onDropped }, logger);
  }
}
