// Reads records of `worker.events` into a batch: JSON in, checked by a schema, what does not fit set aside.
import type { StoredRecord } from '@assay/event-log';
import { ALGORITHMS } from '@assay/mining';
import type { Algorithm } from '@assay/mining';
import type { WorkerEvent } from '@assay/tenancy';
import { z } from 'zod';
import type { SourceMarks } from './batch-ledger.ts';
import type { DeadLetter } from './dead-letters.ts';
import type { PlacedEvent } from './event-rows.ts';
import { LATEST_TIME_US, type BatchLimits } from './verified-batch.ts';

const text = z.string().max(1_024);
const name = text.min(1);
const amount = z.number().nonnegative().finite();
const happened = { atUs: z.number().int().nonnegative().max(LATEST_TIME_US), gateway: name };
const toWorker = { ...happened, tenant: name, worker: name, connection: text };

// Unknown fields are let through unread: gateways may be newer than the aggregator.
const ownWorker = ({ tenant, worker }: { readonly tenant: string; readonly worker: string }): boolean =>
  worker.split('.', 1)[0] === tenant;

const eventSchema: z.ZodType<WorkerEvent> = z.discriminatedUnion('type', [
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
]);

export class EventBatch {
  readonly from: number;
  to: number;
  readonly events: PlacedEvent[] = [];
  readonly dead: DeadLetter[] = [];
  bytes = 0;
  expired = 0;
  lastRecordUs = 0;
  headAtUs = 0;
  /** Events carry no sources: a gateway's event written twice is shown twice. */
  readonly marks: SourceMarks = {};
  readonly #idPrefix: string;

  constructor(topic: string, partition: number, from: number) {
    this.#idPrefix = `${topic}:${partition}`;
    this.from = from;
    this.to = from;
  }

  get isEmpty(): boolean {
    return this.to === this.from;
  }

  isFull({ maxShares, maxBytes }: BatchLimits): boolean {
    return this.events.length >= maxShares || this.bytes >= maxBytes;
  }

  add(record: StoredRecord): boolean {
    const parsed = parse(record.value);
    if ('reason' in parsed) this.dead.push({ record, ...parsed });
    else this.events.push({ id: `${this.#idPrefix}:${record.offset}`, offset: record.offset, event: parsed.event });
    this.expired += record.offset - this.to;
    this.to = record.offset + 1;
    this.bytes += record.value.length;
    this.lastRecordUs = record.timestampUs;
    return true;
  }
}

function parse(
  bytes: Uint8Array,
): { readonly event: WorkerEvent } | { readonly reason: string; readonly message: string } {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    return { reason: 'not_json', message: `the worker event is not JSON: ${String(error)}` };
  }
  const parsed = eventSchema.safeParse(json);
  if (parsed.success) {
    const event = parsed.data;
    if (!('worker' in event) || ownWorker(event)) return { event };
    return { reason: 'bad_tenant', message: `the worker of the event does not belong to tenant ${event.tenant}` };
  }
  const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'event'}: ${message}`);
  return { reason: 'bad_event', message: `the worker event cannot be used: ${issues.join('; ')}` };
}
