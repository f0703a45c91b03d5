// Reads records of a topic of JSON into a batch: checked by a schema, what does not fit set aside. What becomes of a record depends on
// nothing but the record, so reading a batch again gives the same.
import type { StoredRecord } from '@assay/event-log';
import { z } from 'zod';
import type { SourceMarks } from './batch-ledger.ts';
import type { DeadLetter } from './dead-letters.ts';
import { LATEST_TIME_US, type BatchLimits } from './verified-batch.ts';

/** What came of reading one record. */
export type Read<T> = { readonly item: T } | { readonly reason: string; readonly message: string };

/** A record that was read, and where it stands: `id` is unique over all topics. */
export interface Placed<T> {
  readonly id: string;
  readonly offset: number;
  readonly item: T;
}

/** ClickHouse refuses inserts into more than 100 partitions at once, and what is read here is partitioned by month. */
const MAX_MONTHS = 90;

const text = z.string().max(1_024);
const name = text.min(1);

/** What schemas of records are made of. Unknown fields are let through unread: gateways may be newer than the aggregator. */
export const fields = {
  text,
  name,
  amount: z.number().nonnegative().finite(),
  count: z.number().int().nonnegative().max(0xffff_ffff),
  timeUs: z.number().int().nonnegative().max(LATEST_TIME_US),
};

export class JsonBatch<T> {
  readonly from: number;
  to: number;
  readonly placed: Placed<T>[] = [];
  readonly dead: DeadLetter[] = [];
  bytes = 0;
  expired = 0;
  lastRecordUs = 0;
  headAtUs = 0;
  /** These records carry no sources. */
  readonly marks: SourceMarks = {};
  readonly #idPrefix: string;
  readonly #read: (value: Uint8Array) => Read<T>;
  readonly #timeUs: (item: T) => number;
  readonly #months = new Set<string>();

  /** @param timeUs by which the item's row is partitioned */
  constructor(
    { topic, partition }: { readonly topic: string; readonly partition: number },
    from: number,
    read: (value: Uint8Array) => Read<T>,
    timeUs: (item: T) => number,
  ) {
    this.#idPrefix = `${topic}:${partition}`;
    this.from = from;
    this.to = from;
    this.#read = read;
    this.#timeUs = timeUs;
  }

  get isEmpty(): boolean {
    return this.to === this.from;
  }

  isFull({ maxShares, maxBytes }: BatchLimits): boolean {
    return this.placed.length >= maxShares || this.bytes >= maxBytes;
  }

  /** Takes the next record. False when it would spread the batch over too many months: it belongs to the next batch. */
  add(record: StoredRecord): boolean {
    const read = this.#read(record.value);
    if ('reason' in read) this.dead.push({ record, ...read });
    else if (!this.#addItem(record.offset, read.item)) return false;
    this.expired += record.offset - this.to;
    this.to = record.offset + 1;
    this.bytes += record.value.length;
    this.lastRecordUs = record.timestampUs;
    return true;
  }

  #addItem(offset: number, item: T): boolean {
    const month = new Date(this.#timeUs(item) / 1000).toISOString().slice(0, 7);
    if (this.#months.size >= MAX_MONTHS && !this.#months.has(month)) return false;
    this.#months.add(month);
    this.placed.push({ id: `${this.#idPrefix}:${offset}`, offset, item });
    return true;
  }
}

/** @param what the record is, for people. @param badReason a word for one that does not fit the schema */
export function readJson<T>(schema: z.ZodType<T>, what: string, badReason: string, bytes: Uint8Array): Read<T> {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    return { reason: 'not_json', message: `the ${what} is not JSON: ${String(error)}` };
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return { item: parsed.data };
  const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'record'}: ${message}`);
  return { reason: badReason, message: `the ${what} cannot be used: ${issues.join('; ')}` };
}

/** Sets aside what names a worker of another tenant. */
export function ofOwnTenant<T extends object>(read: Read<T>, what: string): Read<T> {
  if (!('item' in read)) return read;
  const { tenant, worker } = read.item as { readonly tenant?: string; readonly worker?: string };
  if (worker === undefined || worker.split('.', 1)[0] === tenant) return read;
  return { reason: 'bad_tenant', message: `the worker of the ${what} does not belong to tenant ${tenant}` };
}
