// The embedded event log: one LMDB environment in one directory, opened by any number of threads and processes of one machine.
// Invariant: what `append` and `commit` resolved for is on disk (see store.ts), whole (see frame.ts), and visible to every reader.
import { BroadcastChannel } from 'node:worker_threads';
import {
  checkAppend,
  partitionOfKey,
  LogError,
  type Appended,
  type EventLog,
  type GroupMember,
  type LogRecord,
  type PartitionBounds,
  type PartitionSession,
  type Position,
  type ReadLimits,
  type StoredRecord,
  type TopicSpec,
} from '@assay/event-log';
import type { Clock } from '@assay/kernel';
import { Catalogue } from './catalogue.ts';
import { encodeFrame } from './frame.ts';
import { DiskReserve } from './disk-reserve.ts';
import { DEFAULT_LIMITS, type LmdbLogLimits } from './limits.ts';
import { LmdbMember } from './lmdb-member.ts';
import { LogCore, type LogCounts } from './log-core.ts';
import { Retention, type RetentionCounts } from './retention.ts';
import { Room } from './room.ts';
import { positionKey, Store } from './store.ts';
import { TailWatch } from './tail-watch.ts';
import { TransactionWriter, type WriterCounts } from './transaction-writer.ts';

export interface LmdbEventLogOptions {
  /** Directory of the log, created if missing. Every thread and process that opens it must use the same `maxStoredBytes`. */
  readonly dir: string;
  /** Time of records and of retention. */
  readonly clock: Clock;
  readonly limits?: Partial<LmdbLogLimits>;
  /** Uniform in [0, 1), for the jitter of pauses; Math.random without it. */
  readonly random?: () => number;
  /** Things an operator should know of: records dropped before they were read, handlers left behind, retention that failed. */
  readonly onWarning?: (message: string) => void;
}

export interface LmdbLogStats extends LogCounts, WriterCounts, RetentionCounts {
  readonly storedBytes: number;
  readonly pendingBytes: number;
}

/** Opens the log in `dir`. Rejects with LogError 'unavailable' when the directory cannot be used. */
export async function openLmdbEventLog(options: LmdbEventLogOptions): Promise<LmdbEventLog> {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  let store: Store;
  try {
    store = new Store(options.dir, limits.maxStoredBytes);
  } catch (cause) {
    throw new LogError(
      'unavailable',
      `cannot open the log in ${options.dir}: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        retriable: false,
        cause,
      },
    );
  }
  return new LmdbEventLog(
    store,
    options.clock,
    limits,
    options.random ?? Math.random,
    options.onWarning ?? (() => undefined),
  );
}

export class LmdbEventLog implements EventLog {
  readonly #core: LogCore;
  readonly #retention: Retention;
  readonly #room: Room;
  readonly #clock: Clock;
  readonly #members = new Set<LmdbMember>();
  /** Tells the other threads of this process that something was committed. */
  readonly #otherThreads: BroadcastChannel;
  #nextPartition = 0;
  #closing: Promise<void> | undefined;

  /** Use openLmdbEventLog. */
  constructor(
    store: Store,
    clock: Clock,
    limits: LmdbLogLimits,
    random: () => number,
    warn: (message: string) => void,
  ) {
    const refresh = (): void => store.refresh();
    const tail = new TailWatch(refresh, (partitionId) => store.head(partitionId).end, limits.idlePollMs);
    this.#otherThreads = new BroadcastChannel(`assay event log ${store.dir}`);
    this.#otherThreads.onmessage = () => tail.check();
    this.#otherThreads.unref();
    const committed = (): void => {
      tail.check();
      this.#otherThreads.postMessage(0);
    };
    const writer = new TransactionWriter(store, limits.flushTimeoutMs, committed, (failure) =>
      this.#room.failed(failure),
    );
    const catalogue = new Catalogue(store, writer);
    this.#core = new LogCore(store, writer, catalogue, tail, limits, random, warn);
    this.#clock = clock;
    this.#retention = new Retention(store, writer, catalogue, clock, limits.retentionStep);
    this.#room = new Room(this.#retention, new DiskReserve(store.dir, limits.reserveBytes), limits, warn);
  }

  async ensureTopics(topics: readonly TopicSpec[]): Promise<void> {
    this.#core.checkOpen();
    await this.#core.catalogue.ensure(topics);
  }

  async partitions(topic: string): Promise<number> {
    this.#core.checkOpen();
    this.#core.catalogue.all();
    return this.#core.catalogue.topic(topic).partitions;
  }

  async bounds(topic: string, partition: number): Promise<PartitionBounds> {
    this.#core.checkOpen();
    return this.#core.bounds(this.#core.catalogue.partitionId(topic, partition));
  }

  async append(topic: string, records: readonly LogRecord[], partition?: number): Promise<Appended> {
    const { catalogue, writer, limits, counts } = this.#core;
    this.#core.checkOpen();
    const bytes = checkAppend(topic, records, limits);
    const target = partition ?? this.#partitionFor(records[0]!.key, catalogue.topic(topic).partitions);
    const partitionId = catalogue.partitionId(topic, target);
    this.#checkRoom(topic, writer.pendingBytes + bytes);
    const frame = encodeFrame(records, this.#clock.nowUs());
    const baseOffset = await writer.append(partitionId, frame);
    this.#retention.noteAppended(frame.length);
    counts.appends++;
    counts.appendedRecords += records.length;
    counts.appendedBytes += frame.length;
    return { partition: target, baseOffset };
  }

  async join(
    group: string,
    topics: readonly string[],
    handle: (session: PartitionSession) => Promise<void>,
    onError: (error: unknown) => void,
  ): Promise<GroupMember> {
    this.#core.checkOpen();
    for (const topic of topics) this.#core.catalogue.topic(topic);
    const member = new LmdbMember(this.#core, group, [...topics], handle, onError);
    await member.start();
    this.#members.add(member);
    return { close: (drainMs) => member.close(drainMs).finally(() => this.#members.delete(member)) };
  }

  async readFrom(
    topic: string,
    partition: number,
    offset: number,
    limits: ReadLimits,
  ): Promise<readonly StoredRecord[]> {
    return this.#core.read(topic, partition, offset, limits);
  }

  async lag(group: string, topic: string): Promise<number> {
    const { catalogue, store } = this.#core;
    this.#core.checkOpen();
    catalogue.all();
    let lag = 0;
    for (let partition = 0; partition < catalogue.topic(topic).partitions; partition++) {
      const partitionId = catalogue.partitionId(topic, partition);
      const position = store.value<Position>(positionKey(group, partitionId))?.offset ?? 0;
      lag += Math.max(0, store.head(partitionId).end - Math.max(position, store.start(partitionId).offset));
    }
    return lag;
  }

  /** Drops what retention allows to drop now, instead of at the next sweep. */
  async sweepRetention(): Promise<void> {
    this.#core.checkOpen();
    await this.#retention.sweep();
  }

  stats(): LmdbLogStats {
    const { counts, writer } = this.#core;
    return {
      ...counts,
      ...writer.counts,
      ...this.#retention.counts,
      storedBytes: this.#retention.storedBytes,
      pendingBytes: writer.pendingBytes,
    };
  }

  /** Closes the members (draining their handlers), finishes what is queued, and closes the environment. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#members].map((member) => member.close()));
    this.#core.closed = true;
    this.#core.tail.close();
    await this.#room.close();
    await this.#retention.settled();
    await this.#core.writer.idle();
    this.#otherThreads.close();
    await this.#core.store.close();
  }

  #partitionFor(key: string | undefined, partitions: number): number {
    if (key !== undefined) return partitionOfKey(key, partitions);
    this.#nextPartition = (this.#nextPartition + 1) % partitions;
    return this.#nextPartition;
  }

  #checkRoom(topic: string, pendingBytes: number): void {
    try {
      this.#room.check(topic, pendingBytes);
    } catch (error) {
      this.#core.counts.refusedFull++;
      throw error;
    }
  }
}
