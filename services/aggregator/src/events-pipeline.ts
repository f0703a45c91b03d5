// One partition of `worker.events` into ClickHouse and the live state; the same steps as for shares (shares-pipeline.ts).
import type { PartitionSession } from '@assay/event-log';
import type { WorkerEvent } from '@assay/tenancy';
import type { BatchBounds, BatchLedger } from './batch-ledger.ts';
import { deadLetters } from './dead-letters.ts';
import { EventBatch } from './event-batch.ts';
import { eventRows, workerRows } from './event-rows.ts';
import { openLedger } from './lost-store.ts';
import type { PipelinePorts } from './pipeline-ports.ts';
import { collect, readAgain } from './read-batch.ts';

/** Serves the partition until the session is over. Throws when it cannot go on here; starting it again is always safe. */
export async function consumeEvents(session: PartitionSession, ports: PipelinePorts): Promise<void> {
  ports.metrics.progress.begin(session);
  const { topic, partition } = session;
  const { ledger, resumed } = await openLedger(session, ports);
  let { next } = resumed;
  const fresh = (): EventBatch => new EventBatch(topic, partition, next);
  const take = async (batch: EventBatch): Promise<void> => {
    await write(batch, ledger, session, ports);
    await ledger.finish(batch, batch.marks);
    count(batch, session, ports);
    next = batch.to;
  };
  const idle = (headAtUs: number): Promise<void> =>
    show({ from: next, to: next }, headAtUs, [], ledger, session, ports);

  if (resumed.replayTo !== undefined) await take(await readAgain(session, fresh(), resumed.replayTo, ports));

  while (!session.signal.aborted) {
    const batch = await collect(session, fresh, ports, idle);
    if (batch === undefined) continue;
    const written = ports.metrics.batchSeconds.startTimer({ topic });
    await ledger.begin(batch, batch.marks);
    await take(batch);
    written();
  }
}

async function write(
  batch: EventBatch,
  ledger: BatchLedger,
  session: PartitionSession,
  ports: PipelinePorts,
): Promise<void> {
  const { topic, partition, signal } = session;
  await deadLetters(session, batch.dead, ports);
  if (batch.events.length > 0) {
    const rows = { events: eventRows(topic, partition, batch.events), workers: workerRows(batch.events) };
    await ports.sink.write(ledger.batchName(batch), rows, signal);
  }
  const events = batch.events.map(({ event }) => event);
  const newestUs = events.reduce((newest, { atUs }) => Math.max(newest, atUs), 0);
  const reachedUs = Math.max(batch.headAtUs, Math.min(newestUs, ports.clock.nowUs()));
  await show(batch, reachedUs, events, ledger, session, ports);
}

/** Tells the live state what a batch brought, or without one, how far the partition has come. */
function show(
  { from, to }: BatchBounds,
  reachedUs: number,
  events: readonly WorkerEvent[],
  { lineage }: BatchLedger,
  { topic, partition }: PartitionSession,
  { keeper }: PipelinePorts,
): Promise<void> {
  return keeper.show({ topic, partition, lineage, fromOffset: from, endOffset: to, reachedUs, deltas: [], events });
}

function count(batch: EventBatch, session: PartitionSession, { metrics, logger }: PipelinePorts): void {
  const { topic, partition } = session;
  metrics.batchRows.observe({ topic }, batch.events.length);
  metrics.progress.done(session, batch.lastRecordUs);
  if (batch.expired === 0) return;
  metrics.expired.inc({ topic }, batch.expired);
  logger.error(
    { topic, partition, records: batch.expired },
    'records had been removed by retention before they were read',
  );
}
