// The spool of one process, on the same store as the embedded log: one partition without retention, its oldest appends dropped when they
// were drained. An append is one frame, and its first record says where it is to go.
// LMDB's file never shrinks: after a drain its room is reused, not given back to the disk.
import {
  checkAppend,
  LogError,
  type LogRecord,
  type ReadLimits,
  type Spool,
  type SpooledAppend,
  type SpoolStats,
} from '@assay/event-log';
import type { Clock } from '@assay/kernel';
import { DiskReserve } from './disk-reserve.ts';
import { ageFreedPages, dropOldest } from './drop-oldest.ts';
import { encodeFrame, frameCount, frameRecords, frameTimestampUs, openFrame } from './frame.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import { Room } from './room.ts';
import { giveUpOwnership, takeOwnership } from './spool-owner.ts';
import { recordKey, Store } from './store.ts';
import { TransactionWriter } from './transaction-writer.ts';

export interface LmdbSpoolOptions {
  /** Directory of the spool, created if missing; one process uses it at a time. */
  readonly dir: string;
  readonly clock: Clock;
  /** Stored bytes at which appends are refused. The file takes somewhat more, since LMDB stores in pages of 4 KB. */
  readonly maxBytes: number;
  /** Kept free on the disk for draining, bytes. */
  readonly reserveBytes?: number;
  /** A flush that takes longer fails its appends, milliseconds. */
  readonly flushTimeoutMs?: number;
  readonly onWarning?: (message: string) => void;
}

/** The partition everything is in. */
const QUEUE = 1;
const NAME = 'the spool';
/** Header of an append's first record: topic and partition. */
const DESTINATION = 'spool-destination';
/** An append of this size always fits while `hasRoom`: some times the largest share block. */
const MARGIN_BYTES = 2 ** 20;
/** Appends dropped in one transaction. */
const TRIM_STEP = 256;

/** Opens the spool in `dir`. Rejects with LogError 'unavailable' when the directory cannot be used or another process uses it. */
export async function openLmdbSpool(options: LmdbSpoolOptions): Promise<LmdbSpool> {
  let store: Store;
  try {
    store = new Store(options.dir, options.maxBytes);
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : String(cause);
    throw new LogError('unavailable', `cannot open the spool in ${options.dir}: ${text}`, { retriable: false, cause });
  }
  const spool = new LmdbSpool(store, options);
  try {
    await spool.open();
  } catch (error) {
    await spool.abandon();
    throw error;
  }
  return spool;
}

export class LmdbSpool implements Spool {
  readonly #store: Store;
  readonly #writer: TransactionWriter;
  readonly #room: Room;
  readonly #clock: Clock;
  readonly #maxBytes: number;
  readonly #counts = { droppedRecords: 0 };
  /** Everything before it was drained. */
  #trimTo = 0;
  #dropping: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;

  /** Use openLmdbSpool. */
  constructor(store: Store, options: LmdbSpoolOptions) {
    const { clock, maxBytes, reserveBytes, flushTimeoutMs, onWarning } = options;
    this.#store = store;
    this.#clock = clock;
    this.#maxBytes = maxBytes;
    this.#writer = new TransactionWriter(
      store,
      flushTimeoutMs ?? DEFAULT_LIMITS.flushTimeoutMs,
      () => undefined,
      (failure) => this.#room.failed(failure),
    );
    const stored = (): number => this.#bytes;
    const kept = {
      get storedBytes() {
        return stored();
      },
      counts: this.#counts,
      // What was drained but could not be dropped yet: on a full disk only the room itself has something to drop it with.
      sweep: () => this.#drop(),
    };
    const reserve = new DiskReserve(store.dir, reserveBytes ?? DEFAULT_LIMITS.reserveBytes);
    this.#room = new Room(
      kept,
      reserve,
      { ...DEFAULT_LIMITS, maxStoredBytes: maxBytes },
      onWarning ?? (() => undefined),
    );
  }

  /** Use openLmdbSpool. */
  open(): Promise<void> {
    return takeOwnership(this.#store, this.#writer);
  }

  /** Use openLmdbSpool. Lets go of what could not be opened. */
  async abandon(): Promise<void> {
    await this.#room.close();
    await this.#writer.idle();
    await this.#store.close();
  }

  async append(topic: string, records: readonly LogRecord[], partition?: number): Promise<number> {
    this.#checkOpen();
    const bytes = checkAppend(topic, records, DEFAULT_LIMITS);
    this.#room.check(NAME, this.#writer.pendingBytes + bytes);
    const [first, ...rest] = records as [LogRecord, ...LogRecord[]];
    const headers = { ...first.headers, [DESTINATION]: `${topic}/${partition ?? ''}` };
    return this.#writer.append(QUEUE, encodeFrame([{ ...first, headers }, ...rest], this.#clock.nowUs()));
  }

  read(position: number, limits: Omit<ReadLimits, 'waitMs'>): readonly SpooledAppend[] {
    this.#checkOpen();
    this.#store.refresh();
    const { end } = this.#store.head(QUEUE);
    const appends: SpooledAppend[] = [];
    let bytes = 0;
    let records = 0;
    for (let at = Math.max(position, this.#store.start(QUEUE).offset); at < end;) {
      const frame = this.#store.records.getBinary(recordKey(QUEUE, at));
      if (frame === undefined) throw new LogError('corrupt', `${NAME}: offset ${at} is missing`, { retriable: false });
      bytes += frame.length;
      records += frameCount(frame);
      if (appends.length > 0 && (bytes > limits.maxBytes || records > limits.maxRecords)) break;
      const append = readAppend(frame, at);
      appends.push(append);
      at = append.end;
    }
    return appends;
  }

  async trim(position: number): Promise<void> {
    this.#checkOpen();
    this.#trimTo = Math.max(this.#trimTo, position);
    await this.#drop();
  }

  /** One at a time: who asked first has dropped everything when it resolves. */
  #drop(): Promise<void> {
    const dropped = this.#dropping.then(() => this.#dropNow());
    this.#dropping = dropped.catch(() => undefined);
    return dropped;
  }

  async #dropNow(): Promise<void> {
    const drained = (frame: Buffer, _: number, offset: number): boolean => offset + frameCount(frame) <= this.#trimTo;
    for (let more = true; more;) {
      const dropped = await dropOldest(this.#store, this.#writer, QUEUE, TRIM_STEP, drained);
      this.#counts.droppedRecords += dropped.records;
      more = dropped.appends === TRIM_STEP;
    }
    if (this.#room.diskFull) await ageFreedPages(this.#store, this.#writer, this.#clock.nowUs());
  }

  get hasRoom(): boolean {
    return !this.#room.diskFull && this.#bytes + this.#writer.pendingBytes + MARGIN_BYTES <= this.#maxBytes;
  }

  stats(): SpoolStats {
    this.#checkOpen();
    this.#store.refresh();
    const start = this.#store.start(QUEUE).offset;
    const records = this.#store.head(QUEUE).end - start;
    const oldest = records === 0 ? undefined : this.#store.records.getBinaryFast(recordKey(QUEUE, start));
    return {
      records,
      bytes: this.#bytes,
      maxBytes: this.#maxBytes,
      oldestUs: oldest === undefined ? undefined : frameTimestampUs(oldest),
    };
  }

  /** Finishes what is queued and lets go of the directory. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#writer.idle();
    // A spool that cannot be written is closed all the same; its next owner sees that this process is gone.
    await giveUpOwnership(this.#store, this.#writer).catch(() => undefined);
    await this.abandon();
  }

  /** As of the last look at the store, which every append and read takes. */
  get #bytes(): number {
    return this.#store.head(QUEUE).bytes - this.#store.start(QUEUE).bytes;
  }

  #checkOpen(): void {
    if (this.#closing !== undefined)
      throw new LogError('closed', `the spool in ${this.#store.dir} is closed`, { retriable: false });
  }
}

function readAppend(bytes: Buffer, position: number): SpooledAppend {
  const frame = openFrame(bytes, position, NAME);
  const records: LogRecord[] = [];
  let destination = '';
  for (const { key, value, headers } of frameRecords(bytes, frame)) {
    const { [DESTINATION]: to, ...own } = headers ?? {};
    if (to !== undefined) destination = to;
    records.push({
      value,
      ...(key === undefined ? {} : { key }),
      ...(Object.keys(own).length === 0 ? {} : { headers: own }),
    });
  }
  const slash = destination.lastIndexOf('/');
  const partition = destination.slice(slash + 1);
  return {
    topic: destination.slice(0, slash),
    partition: partition === '' ? undefined : Number(partition),
    records,
    position,
    end: position + frame.count,
    spooledAtUs: frame.timestampUs,
  };
}
