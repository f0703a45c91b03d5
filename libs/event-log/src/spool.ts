// What is kept on a disk of one's own while the log is away: appends in the order they were made, each with where it is to go.
// One process appends to a spool and drains it. Invariant: what `append` resolved for is there until `trim` has passed it.
import type { LogRecord, ReadLimits } from './event-log.ts';

/** An append on its way to the log. */
export interface SpooledAppend {
  readonly topic: string;
  /** The partition it must go to; undefined where the one who drains may choose. */
  readonly partition: number | undefined;
  readonly records: readonly LogRecord[];
  /** The place of its first record in the spool. */
  readonly position: number;
  /** The place after its last record: `trim` here drops it. */
  readonly end: number;
  /** When it was spooled, microseconds since 1970. */
  readonly spooledAtUs: number;
}

export interface SpoolStats {
  readonly records: number;
  readonly bytes: number;
  /** At this many bytes appends are refused. */
  readonly maxBytes: number;
  /** When the oldest append was spooled, microseconds since 1970; undefined when there is none. */
  readonly oldestUs: number | undefined;
}

export interface Spool {
  /**
   * Keeps the records, all or none; resolves with their position once they are flushed to disk. Fails with LogError 'full', retriable, at
   * the bound and on a full disk, with 'too_large' beyond the limits of one append.
   */
  append(topic: string, records: readonly LogRecord[], partition?: number): Promise<number>;
  /** Whole appends in order from the one at `position` (or the first) on: at least one when there is one, else about as many as the limits say. */
  read(position: number, limits: Omit<ReadLimits, 'waitMs'>): readonly SpooledAppend[];
  /** Drops every append that ends at or before `position`. */
  trim(position: number): Promise<void>;
  /** False while an append would be refused for want of room. */
  readonly hasRoom: boolean;
  stats(): SpoolStats;
  close(): Promise<void>;
}
