// One partition of a topic of JSON into ClickHouse; the same steps as for shares (shares-pipeline.ts), whatever the records are.
import type { PartitionSession } from '@assay/event-log';
import type { BatchBounds } from './batch-ledger.ts';
import { deadLetters } from './dead-letters.ts';
import type { TableRows } from './exactly-once-sink.ts';
import { JsonBatch, type Placed, type Read } from './json-batch.ts';
import { openLedger } from './lost-store.ts';
import type { PipelinePorts } from './pipeline-ports.ts';
import { collect, readAgain } from './read-batch.ts';

/** How the records of a topic are read and written. */
export interface JsonRecords<T> {
  read(value: Uint8Array): Read<T>;
  /** By which the item's row is partitioned. */
  timeUs(item: T): number;
  rows(topic: string, partition: number, placed: readonly Placed<T>[]): TableRows;
  /** Tells the live state what a batch brought, or without items, how far the partition has come. */
  show?(progress: LiveStep<T>): Promise<void>;
}

export interface LiveStep<T> extends BatchBounds {
  readonly topic: string;
  readonly partition: number;
  readonly lineage: string | undefined;
  readonly reachedUs: number;
  readonly items: readonly T[];
}

/** Serves the partition until the session is over. Throws when it cannot go on here; starting it again is always safe. */
export async function consumeJson<T>(
  session: PartitionSession,
  records: JsonRecords<T>,
  ports: PipelinePorts,
): Promise<void> {
  ports.metrics.progress.begin(session);
  const { topic, partition, signal } = session;
  const { ledger, resumed } = await openLedger(session, ports);
  let { next } = resumed;
  const fresh = (): JsonBatch<T> => new JsonBatch(session, next, records.read, records.timeUs);
  const show = async ({ from, to }: BatchBounds, reachedUs: number, items: readonly T[]): Promise<void> =>
    records.show?.({ topic, partition, lineage: ledger.lineage, from, to, reachedUs, items });

  const take = async (batch: JsonBatch<T>): Promise<void> => {
    await deadLetters(session, batch.dead, ports);
    if (batch.placed.length > 0)
      await ports.sink.write(ledger.batchName(batch), records.rows(topic, partition, batch.placed), signal);
    const items = batch.placed.map(({ item }) => item);
    const newestUs = items.reduce((newest, item) => Math.max(newest, records.timeUs(item)), 0);
    await show(batch, Math.max(batch.headAtUs, Math.min(newestUs, ports.clock.nowUs())), items);
    await ledger.finish(batch, batch.marks);
    count(batch, session, ports);
    next = batch.to;
  };

  if (resumed.replayTo !== undefined) await take(await readAgain(session, fresh(), resumed.replayTo, ports));

  while (!signal.aborted) {
    const batch = await collect(session, fresh, ports, (headAtUs) => show({ from: next, to: next }, headAtUs, []));
    if (batch === undefined) continue;
    const written = ports.metrics.batchSeconds.startTimer({ topic });
    await ledger.begin(batch, batch.marks);
    await take(batch);
    written();
  }
}

function count<T>(batch: JsonBatch<T>, session: PartitionSession, { metrics, logger }: PipelinePorts): void {
  const { topic, partition } = session;
  metrics.batchRows.observe({ topic }, batch.placed.length);
  metrics.progress.done(session, batch.lastRecordUs);
  if (batch.expired === 0) return;
  metrics.expired.inc({ topic }, batch.expired);
  logger.error(
    { topic, partition, records: batch.expired },
    'records had been removed by retention before they were read',
  );
}
