// The event log port: partitioned, ordered, durable topics read by consumer groups. Kafka in the cluster, LMDB when embedded.
// Delivery is at least once; whoever needs exactly once uses the offsets and the metadata committed with them (DESIGN D5).

export interface TopicSpec {
  readonly name: string;
  readonly partitions: number;
  /** Oldest records are dropped beyond this many bytes per partition. */
  readonly retentionBytes: number;
  /** Records older than this are dropped, microseconds. */
  readonly retentionUs: number;
}

export interface LogRecord {
  /** Decides the partition where none is named: equal keys share a partition, in order. */
  readonly key?: string;
  readonly value: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface StoredRecord extends LogRecord {
  readonly offset: number;
  /** When it was appended, microseconds since 1970. */
  readonly timestampUs: number;
}

export interface Appended {
  readonly partition: number;
  /** Offset of the first record of the append. */
  readonly baseOffset: number;
}

/** Where a group stands in a partition: `offset` is the next record to read. `metadata` is the group's own note, e.g. the bounds of a batch under way. */
export interface Position {
  readonly offset: number;
  readonly metadata: string;
}

/** The first offset still retained, and the offset the next append will get. */
export interface PartitionBounds {
  readonly start: number;
  readonly end: number;
}

/** One partition, held by one member of a group until `signal` aborts (revoked, or the consumer is closing). */
export interface PartitionSession {
  readonly topic: string;
  readonly partition: number;
  readonly signal: AbortSignal;
  /** The committed position, or undefined when the group has never committed here. */
  committed(): Promise<Position | undefined>;
  bounds(): Promise<PartitionBounds>;
  /**
   * Records from `offset` on, in order, at most `maxRecords` and about `maxBytes` (at least one when there is one).
   * What stands before a corrupt record is returned; the read that begins at it fails with LogError 'corrupt'.
   * Waits up to `waitMs` for the first; empty when none came or `signal` aborted. An offset below the retained range reads from its start.
   */
  read(offset: number, limits: ReadLimits): Promise<readonly StoredRecord[]>;
  /** Durable when it resolves. Fails with LogError 'fenced' when the partition is no longer held. */
  commit(position: Position): Promise<void>;
}

export interface ReadLimits {
  readonly maxRecords: number;
  readonly maxBytes: number;
  readonly waitMs: number;
}

export interface GroupMember {
  /**
   * Leaves the group: aborts every session's signal, waits for its handler to return, then resolves.
   * @param drainMs how long to wait; a handler that has not returned by then is left behind and can commit no more. Without it, as
   *   long as it takes.
   */
  close(drainMs?: number): Promise<void>;
}

export interface EventLog {
  /** Creates what is missing; never shrinks a topic. */
  ensureTopics(topics: readonly TopicSpec[]): Promise<void>;
  partitions(topic: string): Promise<number>;
  /** Of any partition, held by somebody or not. */
  bounds(topic: string, partition: number): Promise<PartitionBounds>;
  /**
   * Appends in order, all or nothing, to `partition` or the one the first record's key names. Resolves once the records are durable.
   * Fails with a LogError; `retriable` says whether trying again can help.
   */
  append(topic: string, records: readonly LogRecord[], partition?: number): Promise<Appended>;
  /**
   * Joins a consumer group. `handle` runs once per partition assigned, concurrently, and should loop until `session.signal` aborts.
   * A handler that throws is reported to `onError` and started again after a pause (run-handler.ts), from the committed position.
   */
  join(
    group: string,
    topics: readonly string[],
    handle: (session: PartitionSession) => Promise<void>,
    onError: (error: unknown) => void,
  ): Promise<GroupMember>;
  /** Reads without a group (tools, tests, control-log folds). */
  readFrom(topic: string, partition: number, offset: number, limits: ReadLimits): Promise<readonly StoredRecord[]>;
  /** Records not yet consumed by the group, over all partitions of the topic. */
  lag(group: string, topic: string): Promise<number>;
  close(): Promise<void>;
}

export type LogErrorCode = 'unknown_topic' | 'full' | 'fenced' | 'closed' | 'unavailable' | 'too_large' | 'corrupt';

export class LogError extends Error {
  override readonly name = 'LogError';
  readonly code: LogErrorCode;
  readonly retriable: boolean;
  constructor(code: LogErrorCode, message: string, options: { retriable: boolean; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.code = code;
    this.retriable = options.retriable;
  }
}
