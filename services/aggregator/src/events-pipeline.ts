// One partition of `worker.events` into ClickHouse and the live state; the same steps as for shares (shares-pipeline.ts).
import type { PartitionSession } from '@assay/event-log';
import type { BatchLedger } from './batch-ledger.ts';
import { deadLetters } from './dead-letters.ts';
import { EventBatch } from './event-batch.ts';
import { eventRows, workerRows } from './event-rows.ts';
import { openLedger } from './lost-store.ts';
import type { PipelinePorts } from './pipeline-ports.ts';
import { collect, readAgain } from './read-batch.ts';

/** Serves the partition until the session is over. Throws when it cannot go on here; starting it again is always safe. */
export async function consumeEvents(session: PartitionSession, ports: PipelinePorts): Promise<void> {
  ports.metrics.progress.begin(session);
  await ports.keeper.begin(session);
  try {
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

    if (resumed.replayTo !== undefined) await take(await readAgain(session, fresh(), resumed.replayTo, ports));
    await ports.keeper.recovered(session, next);

    while (!session.signal.aborted) {
      const batch = await collect(session, fresh, ports);
      if (batch === undefined) continue;
      const written = ports.metrics.batchSeconds.startTimer({ topic: session.topic });
      await ledger.begin(batch, batch.marks);
      await take(batch);
      written();
    }
  } finally {
    ports.keeper.end(session);
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
  await ports.keeper.apply({
    topic,
    partition,
    endOffset: batch.to,
    deltas: [],
    events: batch.events.map(({ event }) => event),
  });
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
