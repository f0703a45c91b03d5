// Reading a partition in batches: as much as is there up to the limits, or what comes within the linger. A share waits at most
// the linger, and under load, where batches fill at once, not at all.
import { isCorrupt, type PartitionSession, type StoredRecord } from '@assay/event-log';
import type { PipelinePorts } from './pipeline-ports.ts';
import { GivenUp } from './retry.ts';
import type { BatchBounds } from './batch-ledger.ts';
import type { BatchLimits } from './verified-batch.ts';

/** A batch under collection. `add` answers false when the record has to wait for the next batch. */
export interface GrowingBatch extends BatchBounds {
  readonly isEmpty: boolean;
  /** Set to when the log was seen to end with it: what was appended before is in it, or was before it. 0 when it was not seen. */
  headAtUs: number;
  add(record: StoredRecord): boolean;
  isFull(limits: BatchLimits): boolean;
}

/** How long to wait for a first record before looking again whether the session is over. */
const IDLE_MS = 1_000;
/** Of one read: small against a batch, as what a full batch leaves is read again for the next. */
const MAX_RECORDS = 4_096;
const MAX_READ_BYTES = 4 * 1024 * 1024;

type CollectPorts = Pick<PipelinePorts, 'clock' | 'pause' | 'limits' | 'lingerMs' | 'metrics'>;

/**
 * The next batch, not empty; undefined when nothing came for a while or the session is over.
 * @param idle called with the time when nothing was left to read
 */
export async function collect<B extends GrowingBatch>(
  session: PartitionSession,
  fresh: () => B,
  ports: CollectPorts,
  idle: (headAtUs: number) => Promise<void>,
): Promise<B | undefined> {
  const { clock, limits, metrics } = ports;
  const read = (offset: number, waitMs: number): Promise<readonly StoredRecord[]> =>
    session.read(offset, { maxRecords: MAX_RECORDS, maxBytes: MAX_READ_BYTES, waitMs });

  const batch = fresh();
  let askedAtUs = clock.nowUs();
  let records = await read(batch.from, 0);
  if (records.length === 0 && !session.signal.aborted) {
    metrics.progress.caughtUp(session, askedAtUs);
    await idle(askedAtUs);
    askedAtUs = clock.nowUs();
    records = await read(batch.from, IDLE_MS);
  }
  if (records.length === 0) return undefined;
  metrics.progress.took(session, records[0]!.timestampUs);
  const closesAtUs = clock.nowUs() + ports.lingerMs * 1000;
  for (let paused = false; ;) {
    for (const record of records) if (!batch.add(record) || batch.isFull(limits)) return batch;
    if (paused || session.signal.aborted) return batch;
    if (isHead(records)) {
      // That was all there is. One pause, then what came meanwhile: many small reads would cost more than they bring.
      batch.headAtUs = askedAtUs;
      await ports.pause(Math.max(0, (closesAtUs - clock.nowUs()) / 1000), session.signal);
      paused = true;
    }
    askedAtUs = clock.nowUs();
    try {
      records = await read(batch.to, 0);
    } catch (error) {
      // What stands before a record that the disk spoilt is not held up by it.
      if (isCorrupt(error)) return batch;
      throw error;
    }
  }
}

/** Whether a read came to the end of the log rather than to its own limits. */
function isHead(records: readonly StoredRecord[]): boolean {
  const bytes = records.reduce((sum, { value }) => sum + value.length, 0);
  return records.length < MAX_RECORDS && bytes < MAX_READ_BYTES / 2;
}

/** The batch as it was, up to offset `to`, to be written again. */
export async function readAgain<B extends GrowingBatch>(
  session: PartitionSession,
  batch: B,
  to: number,
  { metrics }: Pick<PipelinePorts, 'metrics'>,
): Promise<B> {
  while (batch.to < to) {
    const records = await session.read(batch.to, {
      maxRecords: MAX_RECORDS,
      maxBytes: 64 * 1024 * 1024,
      waitMs: IDLE_MS,
    });
    if (records.length === 0) {
      if (session.signal.aborted) throw new GivenUp('the partition was given up while its batch was read again');
      const { start, end } = await session.bounds();
      // The log no longer has it: nothing more of this batch can ever be read.
      if (start >= to || end < to) break;
    }
    if (records.length > 0) metrics.progress.took(session, records[0]!.timestampUs);
    for (const record of records) if (record.offset >= to || !batch.add(record)) return closeAt(batch, to);
  }
  return closeAt(batch, to);
}

/** The bounds that were recorded, also where the last records were no longer there to be read. */
function closeAt<B extends GrowingBatch>(batch: B, to: number): B {
  return Object.assign(batch, { to });
}
