// The limits every adapter puts on an append, checked before anything is queued, so that a refusal has no effect.
import { LogError, type LogRecord } from './event-log.ts';

export interface AppendLimits {
  /** Largest value plus key plus headers of one record, bytes. */
  readonly maxRecordBytes: number;
  /** Largest sum over the records of one append, bytes. */
  readonly maxAppendBytes: number;
}

/** The size of the append in bytes. Throws LogError 'too_large', which no retry can help, or a RangeError when there is no record. */
export function checkAppend(topic: string, records: readonly LogRecord[], limits: AppendLimits): number {
  if (records.length === 0) throw new RangeError(`an append to ${topic} needs at least one record`);
  let total = 0;
  for (const record of records) {
    const bytes = recordBytes(record);
    if (bytes > limits.maxRecordBytes) {
      throw new LogError(
        'too_large',
        `a record of ${bytes} bytes for ${topic} exceeds the limit of ${limits.maxRecordBytes}`,
        { retriable: false },
      );
    }
    total += bytes;
  }
  if (total > limits.maxAppendBytes) {
    throw new LogError(
      'too_large',
      `an append of ${total} bytes to ${topic} exceeds the limit of ${limits.maxAppendBytes}`,
      { retriable: false },
    );
  }
  return total;
}

/** Value, key and headers in bytes; strings are counted as UTF-8. */
export function recordBytes(record: LogRecord): number {
  let bytes = record.value.length;
  if (record.key !== undefined) bytes += Buffer.byteLength(record.key);
  if (record.headers !== undefined) {
    for (const [name, value] of Object.entries(record.headers))
      bytes += Buffer.byteLength(name) + Buffer.byteLength(value);
  }
  return bytes;
}
