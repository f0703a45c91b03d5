// How a record that cannot be read is set aside on `shares.dead`: as it was, with where it stood and what was wrong with it.
// Invariant: a letter is never too large for the log, else the record would hold up its partition for ever.
import { recordBytes } from './check-append.ts';
import type { LogRecord, StoredRecord } from './event-log.ts';

/** Far above any record of ours; of a larger one its beginning is kept. */
const MAX_KEPT_BYTES = 2 ** 20;
const MAX_KEY_AND_HEADER_BYTES = 2 ** 16;
const MAX_MESSAGE = 1_000;

/**
 * @param reason a word, for counting
 * @param message a sentence, for people
 * @returns the letter: key and headers of the record unless they are huge, `origin` (topic:partition:offset), `reason`, `message`, and `bytes`, the length of
 *   the whole value, when only its beginning is kept
 */
export function deadLetter(
  topic: string,
  partition: number,
  record: StoredRecord,
  reason: string,
  message: string,
): LogRecord {
  const { key, value, headers, offset } = record;
  const small = recordBytes(record) - value.length <= MAX_KEY_AND_HEADER_BYTES;
  return {
    ...(small && key !== undefined && { key }),
    value: value.subarray(0, MAX_KEPT_BYTES),
    headers: {
      ...(small && headers),
      origin: `${topic}:${partition}:${offset}`,
      reason,
      message: message.slice(0, MAX_MESSAGE),
      ...(value.length > MAX_KEPT_BYTES ? { bytes: String(value.length) } : {}),
    },
  };
}
