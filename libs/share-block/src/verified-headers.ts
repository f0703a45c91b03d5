// The contract that makes `shares.verified` exactly once. The validator writes one verified record per submitted record, in
// order, to the partition of the same number, and gives it the header `source` = "<partition>:<offset>" of the submitted record.
// A validator may crash after appending and before committing, and append the same record again. Therefore:
//
// - the sources in a verified partition never decrease, save for such repeats;
// - the validator, when it takes a partition over, reads the tail of the verified partition and goes on after the highest source
//   there; so repeats remain only where two validators held a partition at once, the older not yet knowing it was fenced;
// - a reader keeps the highest source it has taken per partition, together with its own position, and drops every record
//   whose source is at or below it. A record verified twice is the same twice, so it does not matter which one is kept.
//
// A submitted record that is no block goes to `shares.dead` and has no verified record: sources may skip.

export const SOURCE_HEADER = 'source';

/** Where a verified record comes from: the submitted record's partition and offset. */
export interface RecordSource {
  readonly partition: number;
  readonly offset: number;
}

/** The headers of a verified record. */
export function sourceHeader(partition: number, offset: number): Record<string, string> {
  return { [SOURCE_HEADER]: `${partition}:${offset}` };
}

/** The source of a verified record; undefined when it has none or one that is not well formed. */
export function parseSourceHeader(headers: Readonly<Record<string, string>> | undefined): RecordSource | undefined {
  const match = /^(\d{1,9}):(\d{1,16})$/.exec(headers?.[SOURCE_HEADER] ?? '');
  if (!match) return undefined;
  const source = { partition: Number(match[1]), offset: Number(match[2]) };
  return Number.isSafeInteger(source.offset) ? source : undefined;
}
