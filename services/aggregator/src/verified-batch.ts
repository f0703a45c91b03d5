// Reads records of `shares.verified` into a batch: decoded, repeats dropped by their source, what cannot be read set aside.
// What becomes of a record depends on nothing but the record and the marks before it, so reading a batch again gives the same.
import { REPLAY_HEADER, type StoredRecord } from '@assay/event-log';
import { MICROS_PER_DAY } from '@assay/kernel';
import { traceOf, type TraceParent } from '@assay/platform';
import { checkTenants, decodeVerified, parseSourceHeader, ShareBlockError, SOURCE_HEADER } from '@assay/share-block';
import type { VerifiedBlock } from '@assay/share-block';
import type { SourceMarks } from './batch-ledger.ts';
import type { DeadLetter } from './dead-letters.ts';
import type { PlacedBlock } from './share-rows.ts';

export interface BatchLimits {
  readonly maxShares: number;
  readonly maxBytes: number;
}

/** ClickHouse refuses inserts into more than 100 partitions at once, and shares are partitioned by day. */
const MAX_DAYS = 90;
/** Beyond this many records a source leaps (forged-source.ts). */
const LEAP = 256;
/** More would be links that a span does not keep. */
const MAX_TRACES = 32;
/** Times are stored to the second in 32 bits by the rollups. */
export const LATEST_TIME_US = 4_102_444_800_000_000; // 2100-01-01

export class VerifiedBatch {
  readonly from: number;
  /** Offset after the last record taken. */
  to: number;
  readonly blocks: PlacedBlock[] = [];
  readonly dead: DeadLetter[] = [];
  shares = 0;
  bytes = 0;
  duplicates = 0;
  /** Traces of the records taken that were sampled, some of them at most. */
  readonly traces: TraceParent[] = [];
  /** Records between `from` and `to` that retention had removed before they were read. */
  expired = 0;
  /** When the last record taken was appended, microseconds. */
  lastRecordUs = 0;
  headAtUs = 0;
  /** Records whose source lies far beyond the one before. */
  readonly leaps: { readonly record: StoredRecord; readonly source: number }[] = [];
  readonly #partition: number;
  readonly #marks: Record<string, number>;
  readonly #days = new Set<number>();

  constructor(partition: number, from: number, marks: SourceMarks) {
    this.#partition = partition;
    this.from = from;
    this.to = from;
    this.#marks = { ...marks };
  }

  get isEmpty(): boolean {
    return this.to === this.from;
  }

  /** Source marks after the batch. */
  get marks(): SourceMarks {
    return { ...this.#marks };
  }

  isFull({ maxShares, maxBytes }: BatchLimits): boolean {
    return this.shares >= maxShares || this.bytes >= maxBytes;
  }

  /** Takes the next record. False when it would spread the batch over too many days: it belongs to the next batch. */
  add(record: StoredRecord): boolean {
    const source = sourceOf(record, this.#partition);
    const seen = this.#marks[this.#partition] ?? -1;
    if (typeof source === 'number' && source <= seen) {
      this.duplicates++;
    } else {
      const decoded = typeof source === 'object' ? source : decode(record.value);
      if ('reason' in decoded) this.dead.push({ record, ...decoded });
      else if (!this.#addBlock(record.offset, decoded)) return false;
      if (typeof source === 'number') {
        if (source > seen + LEAP) this.leaps.push({ record, source });
        this.#marks[this.#partition] = source;
      }
    }
    this.#passed(record);
    return true;
  }

  /** Takes the next record as one that nobody should have written: nothing of it counts, its source neither. */
  setAside(record: StoredRecord, reason: string, message: string): void {
    this.dead.push({ record, reason, message });
    this.#passed(record);
  }

  #passed(record: StoredRecord): void {
    const trace = traceOf(record.headers);
    if (trace !== undefined && this.traces.length < MAX_TRACES) this.traces.push(trace);
    this.expired += record.offset - this.to;
    this.to = record.offset + 1;
    this.bytes += record.value.length;
    this.lastRecordUs = record.timestampUs;
  }

  #addBlock(offset: number, { block, days }: DecodedBlock): boolean {
    const fresh = [...days].filter((day) => !this.#days.has(day));
    if (this.#days.size + fresh.length > MAX_DAYS) return false;
    for (const day of fresh) this.#days.add(day);
    this.blocks.push({ offset, block });
    this.shares += block.count;
    return true;
  }
}

interface Unreadable {
  readonly reason: string;
  readonly message: string;
}

/** The offset of the submitted record it comes from; undefined for one that was put back by hand. */
function sourceOf({ headers }: StoredRecord, partition: number): number | undefined | Unreadable {
  if (headers?.[REPLAY_HEADER] !== undefined) return undefined;
  const text = headers?.[SOURCE_HEADER];
  if (text === undefined)
    return { reason: 'no_source', message: 'the record names no source, so no validator wrote it' };
  const source = parseSourceHeader(headers);
  if (source?.partition === partition) return source.offset;
  const shown = JSON.stringify(text.slice(0, 50));
  return {
    reason: 'bad_source',
    message: `the record names the source ${shown}, which is none of partition ${partition}`,
  };
}

interface DecodedBlock {
  readonly block: VerifiedBlock;
  readonly days: ReadonlySet<number>;
}

function decode(bytes: Uint8Array): DecodedBlock | Unreadable {
  let block: VerifiedBlock;
  try {
    block = decodeVerified(bytes);
    checkTenants(block);
  } catch (error) {
    if (error instanceof ShareBlockError) return { reason: error.code, message: error.message };
    throw error;
  }
  const days = new Set<number>();
  for (let i = 0; i < block.count; i++) {
    const atUs = block.submittedAtUs[i]!;
    if (atUs >= LATEST_TIME_US)
      return { reason: 'bad_time', message: `share ${i} was submitted after the year 2100: ${atUs} us` };
    days.add(Math.floor(atUs / MICROS_PER_DAY));
  }
  if (days.size > MAX_DAYS)
    return {
      reason: 'bad_time',
      message: `the shares of one block span ${days.size} days, at most ${MAX_DAYS} can be written at once`,
    };
  return { block, days };
}
