// What shares, worker events and upstream records are appended through: the event log itself, or the log with a spool in front (spooled-log.ts).
import { LogError, type LogRecord } from '@assay/event-log';

export interface ShareLog {
  /** Durable when it resolves. Fails with a LogError; code 'unavailable' says that the records may stand in the log all the same. */
  append(topic: string, records: readonly LogRecord[], partition?: number): Promise<unknown>;
  /** Undefined while that is not known, since the log is away: the records then go without a partition. */
  partitions(topic: string): Promise<number | undefined>;
  /** True while every append would be refused. */
  readonly full?: boolean;
}

/** Whether trying the same again can help. */
export function isRetriable(error: unknown): boolean {
  return error instanceof LogError && error.retriable;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
