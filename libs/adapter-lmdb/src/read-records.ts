// Reading a partition from an offset. All of one call sees one snapshot, so a frame can not be dropped halfway through it.
import { LogError, recordBytes, type ReadLimits, type StoredRecord } from '@assay/event-log';
import { frameRecords, openFrame, type Frame } from './frame.ts';
import { recordKey, recordKeyOffset, type Store } from './store.ts';

export interface ReadResult {
  readonly records: readonly StoredRecord[];
  /** True when `offset` lay below the retained range, so that reading began at its start. */
  readonly skipped: boolean;
}

/** At most `maxRecords` and about `maxBytes` (at least one if there is one) from `offset` on. Throws LogError 'corrupt'. */
export function readRecords(
  store: Store,
  partitionId: number,
  name: string,
  offset: number,
  limits: Omit<ReadLimits, 'waitMs'>,
): ReadResult {
  store.refresh();
  const { end } = store.head(partitionId);
  const start = store.start(partitionId).offset;
  let next = Math.max(offset, start);
  let bytes = 0;
  const records: StoredRecord[] = [];
  while (next < end && records.length < limits.maxRecords && (records.length === 0 || bytes < limits.maxBytes)) {
    const opened = frameAt(store, partitionId, name, next, records.length > 0);
    // What stands before a corrupt frame can be read; the read that begins at it fails.
    if (opened === undefined) break;
    const { found, frame } = opened;
    for (const record of frameRecords(found.bytes, frame)) {
      if (record.offset < next) continue;
      const size = recordBytes(record);
      if (records.length > 0 && (records.length >= limits.maxRecords || bytes + size > limits.maxBytes))
        return { records, skipped: offset < start };
      records.push(record);
      bytes += size;
    }
    next = found.baseOffset + frame.count;
  }
  return { records, skipped: offset < start };
}

interface FoundFrame {
  readonly bytes: Buffer;
  readonly baseOffset: number;
}

/** @param orNothing undefined instead of LogError 'corrupt' */
function frameAt(
  store: Store,
  partitionId: number,
  name: string,
  offset: number,
  orNothing: boolean,
): { readonly found: FoundFrame; readonly frame: Frame } | undefined {
  try {
    const found = frameHolding(store, partitionId, name, offset);
    return { found, frame: openFrame(found.bytes, found.baseOffset, name) };
  } catch (error) {
    if (orNothing && error instanceof LogError) return undefined;
    throw error;
  }
}

function frameHolding(store: Store, partitionId: number, name: string, offset: number): FoundFrame {
  // Readers go frame by frame, so the offset nearly always starts one.
  const exact = store.records.getBinary(recordKey(partitionId, offset));
  if (exact !== undefined) return { bytes: exact, baseOffset: offset };
  const range = {
    start: recordKey(partitionId, offset),
    end: recordKey(partitionId, 0),
    reverse: true,
    limit: 1,
    inclusiveEnd: true,
  } as const;
  for (const key of store.records.getKeys(range)) {
    const baseOffset = recordKeyOffset(key);
    const bytes = store.records.getBinary(recordKey(partitionId, baseOffset));
    if (bytes !== undefined) return { bytes, baseOffset };
  }
  throw new LogError('corrupt', `${name}: offset ${offset} is missing`, { retriable: false });
}
