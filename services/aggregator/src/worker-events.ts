// What becomes of records of `worker.events`: rows of `events` and `workers`, and what the live state is told.
import type { PartitionSession } from '@assay/event-log';
import { ALGORITHMS } from '@assay/mining';
import type { Algorithm } from '@assay/mining';
import type { GatewayDisagreement, WorkerEvent } from '@assay/tenancy';
import { z } from 'zod';
import { eventRows, workerRows } from './event-rows.ts';
import { fields, ofOwnTenant, readJson } from './json-batch.ts';
import { consumeJson, type JsonRecords } from './json-pipeline.ts';
import type { PipelinePorts } from './pipeline-ports.ts';

const { text, name, amount, count, timeUs } = fields;
const happened = { atUs: timeUs, gateway: name };
const toWorker = { ...happened, tenant: name, worker: name, connection: text };

const eventSchema: z.ZodType<WorkerEvent | GatewayDisagreement> = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('authorized'),
    ...toWorker,
    algorithm: z.enum(Object.keys(ALGORITHMS) as [Algorithm, ...Algorithm[]]),
    remoteAddress: text,
    userAgent: text,
    difficulty: amount,
    expectedHashRateHs: amount.exactOptional(),
    reportingIntervalSeconds: amount.exactOptional(),
  }),
  z.object({ type: z.literal('disconnected'), ...toWorker, reason: text }),
  z.object({ type: z.literal('gateway_started'), ...happened }),
  z.object({
    type: z.literal('reject_burst'),
    ...toWorker,
    reason: text,
    rejected: z.number().int().nonnegative(),
    accepted: z.number().int().nonnegative(),
  }),
  z.object({ type: z.literal('integrity'), ...happened, reason: text, accepted: count, rejected: count }),
]);

/** What the live state makes something of. */
function isOfWorkers(event: WorkerEvent | GatewayDisagreement): event is WorkerEvent {
  return event.type !== 'integrity';
}

/** Events carry no sources: a gateway's event written twice is shown twice. */
export function consumeEvents(session: PartitionSession, ports: PipelinePorts): Promise<void> {
  const events: JsonRecords<WorkerEvent | GatewayDisagreement> = {
    read: (value) => ofOwnTenant(readJson(eventSchema, 'worker event', 'bad_event', value), 'event'),
    timeUs: (event) => event.atUs,
    rows: (topic, partition, placed) => ({
      events: eventRows(topic, partition, placed),
      workers: workerRows(placed),
    }),
    show: ({ topic, partition, lineage, from, to, reachedUs, items }) =>
      ports.keeper.show({
        topic,
        partition,
        lineage,
        fromOffset: from,
        endOffset: to,
        reachedUs,
        deltas: [],
        events: items.filter(isOfWorkers),
      }),
  };
  return consumeJson(session, events, ports);
}
