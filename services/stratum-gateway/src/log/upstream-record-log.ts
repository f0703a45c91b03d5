// What sources put on record on its way to the log: jobs taken over, and what became of each share passed on. A dropped one is a share of
// which nobody can say whether it was credited, so it has a metric and an alert of its own.
import { TOPIC } from '@assay/event-log';
import type { Logger } from '@assay/platform';
import type { UpstreamRecord } from '@assay/share-block';
import type { GatewayTallies } from '../gateway-tallies.ts';
import { JsonLog } from './json-log.ts';
import type { ShareLog } from './share-log.ts';

export class UpstreamRecordLog extends JsonLog<UpstreamRecord> {
  constructor(log: ShareLog, gateway: string, maxPending: number, logger: Logger, tallies: GatewayTallies) {
    const onDropped = (count: number): void => void (tallies.droppedUpstreamRecords += count);
    super(log, { topic: TOPIC.upstreamShares, key: gateway, maxPending, what: 'upstream records', onDropped }, logger);
  }
}
