// Going past records that the disk spoilt. A group never does so by itself, as its records would be lost without anybody's having decided
// so; a person can make it (services/dead-letters), and a reader that only remembers what was there may.
import { LogError, type EventLog, type ReadLimits, type StoredRecord } from './event-log.ts';

const ONE = { maxRecords: 1, maxBytes: 1, waitMs: 0 };

/** The first offset at `offset` or after it from where reading does not meet a corrupt record, or the partition's end. */
export async function nextReadable(log: EventLog, topic: string, partition: number, offset: number): Promise<number> {
  const { end } = await log.bounds(topic, partition);
  let next = offset;
  // What was appended together is spoilt together, so this ends within the records of an append, save on a disk that is gone.
  for (; next < end; next++) {
    try {
      await log.readFrom(topic, partition, next, ONE);
      break;
    } catch (error) {
      if (!isCorrupt(error)) throw error;
    }
  }
  return next;
}

/** As readFrom, from the first offset on that can be read. */
export async function readPastCorrupt(
  log: EventLog,
  topic: string,
  partition: number,
  offset: number,
  limits: ReadLimits,
): Promise<readonly StoredRecord[]> {
  try {
    return await log.readFrom(topic, partition, offset, limits);
  } catch (error) {
    if (!isCorrupt(error)) throw error;
    const next = await nextReadable(log, topic, partition, offset + 1);
    return log.readFrom(topic, partition, next, limits);
  }
}

export const isCorrupt = (error: unknown): error is LogError => error instanceof LogError && error.code === 'corrupt';
