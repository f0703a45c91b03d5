// How a record that cannot be read is set aside on `shares.dead`: as it was, with where it stood and what was wrong with it; and
// how it is put back once whatever could not read it is mended.
// Invariant: a letter is never too large for the log, else the record would hold up its partition for ever.
import { recordBytes } from './check-append.ts';
import type { LogRecord, StoredRecord } from './event-log.ts';

/** Far above any record of ours; of a larger one its beginning is kept. */
const MAX_KEPT_BYTES = 2 ** 20;
const MAX_KEY_AND_HEADER_BYTES = 2 ** 16;
const MAX_MESSAGE = 1_000;

/** The headers a letter has besides those of its record. */
const LETTER_HEADERS = ['origin', 'reason', 'message', 'bytes'] as const;

/** Names, on a record that was put back, the origin of its letter. */
export const REPLAY_HEADER = 'replayed-from';

/**
 * @param reason a word, for counting
 * @param message a sentence, for people
 * @returns the letter: key and headers of the record unless they are huge, `origin` (topic:partition:offset), `reason`, `message`,
 *   and `bytes`, the length of the whole value, when only its beginning is kept
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

/** Where a record stood. */
export interface Origin {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** `topic:partition:offset`; undefined when it is not that. */
export function parseOrigin(text: string): Origin | undefined {
  const match = /^([^:]{1,249}):(\d{1,9}):(\d{1,15})$/.exec(text);
  return match === null ? undefined : { topic: match[1]!, partition: Number(match[2]), offset: Number(match[3]) };
}

export interface OpenedLetter {
  readonly origin: Origin;
  readonly reason: string;
  readonly message: string;
  /** Length of the record's value; more than the letter holds when only its beginning was kept. */
  readonly bytes: number;
  /** The record as it was. */
  readonly record: LogRecord;
}

/** What a record of `shares.dead` holds; undefined when it is no letter. */
export function openLetter({ key, value, headers = {} }: StoredRecord): OpenedLetter | undefined {
  const origin = parseOrigin(headers['origin'] ?? '');
  const reason = headers['reason'];
  if (origin === undefined || reason === undefined) return undefined;
  const own = Object.fromEntries(
    Object.entries(headers).filter(([name]) => !(LETTER_HEADERS as readonly string[]).includes(name)),
  );
  const bytes = /^\d{1,15}$/.exec(headers['bytes'] ?? '') ? Number(headers['bytes']) : value.length;
  const record = { ...(key !== undefined && { key }), value, headers: own };
  return { origin, reason, message: headers['message'] ?? '', bytes, record };
}
