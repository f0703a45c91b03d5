// One partition of `shares.verified` into ClickHouse and the live state, from top to bottom:
//
//   resume    where the group stood; if a batch was under way, write it again under the same tokens. From the beginning of the log
//             when ClickHouse has lost its data
//   collect   records into a batch: decode, drop repeats, set unreadable ones aside
//   begin     record the batch's bounds
//   write     shares, jobs, rollups, reject bursts: one insert a table, each exactly once, until all are durable
//   show      add the batch to the live state, or leave that for later when it does not answer
//   finish    record that the batch is done
//
// Whatever fails or crashes between two steps, the next start repeats from `write` with the same bounds.
import type { PartitionSession, StoredRecord } from '@assay/event-log';
import { MICROS_PER_DAY, MICROS_PER_HOUR, MICROS_PER_MINUTE } from '@assay/kernel';
import { LIVE_SLOT_US } from '@assay/live-state';
import { inSpan, type Span } from '@assay/platform';
import { Rollup, summarise } from '@assay/rollup';
import type { RejectBurst, WorkerEvent } from '@assay/tenancy';
import type { BatchLedger } from './batch-ledger.ts';
import { deadLetters } from './dead-letters.ts';
import { eventRows } from './event-rows.ts';
import { firstForged } from './forged-source.ts';
import type { Placed } from './json-batch.ts';
import { jobRows, StoredJobs } from './job-rows.ts';
import { liveDeltas, newestUs } from './live-deltas.ts';
import { openLedger } from './lost-store.ts';
import type { PipelinePorts } from './pipeline-ports.ts';
import { collect, readAgain } from './read-batch.ts';
import type { Burst, BurstHistory } from './reject-bursts.ts';
import { untilItSucceeds } from './retry.ts';
import { rollupRows } from './rollup-rows.ts';
import { shareRows } from './share-rows.ts';
import { VerifiedBatch } from './verified-batch.ts';

/** Serves the partition until the session is over. Throws when it cannot go on here; starting it again is always safe. */
export async function consumeShares(session: PartitionSession, ports: PipelinePorts): Promise<void> {
  ports.metrics.progress.begin(session);
  const { ledger, resumed } = await openLedger(session, ports);
  const partition = new SharesPartition(session, ledger, ports);
  await partition.recallBursts(resumed.next);

  let { next, marks } = resumed;
  const take = async (batch: VerifiedBatch): Promise<void> => {
    const span = ports.tracer.follow('aggregator batch', batch.traces);
    span?.set({ partition: session.partition, from: batch.from, to: batch.to, shares: batch.shares });
    await inSpan(span, async () => {
      await partition.write(batch, span);
      await ledger.finish(batch, batch.marks);
    });
    partition.count(batch);
    ({ to: next, marks } = batch);
  };
  const fresh = (): VerifiedBatch => new VerifiedBatch(session.partition, next, marks);

  /** What comes before a forged record, or, when nothing does, the record set aside. */
  const withoutForged = async (forged: StoredRecord): Promise<VerifiedBatch> => {
    if (forged.offset > next) {
      const before = await readAgain(session, fresh(), forged.offset, ports);
      await ledger.begin(before, marks);
      return before;
    }
    const aside = fresh();
    aside.setAside(forged, 'bad_source', 'the record names a source that nobody has submitted');
    return aside;
  };

  if (resumed.replayTo !== undefined) await take(await readAgain(session, fresh(), resumed.replayTo, ports));

  while (!session.signal.aborted) {
    const batch = await collect(session, fresh, ports, (headAtUs) => partition.idle(next, headAtUs));
    if (batch === undefined) continue;
    const forged = await firstForged(batch, session, ports);
    if (forged !== undefined) {
      await take(await withoutForged(forged));
      continue;
    }
    const written = ports.metrics.batchSeconds.startTimer({ topic: session.topic });
    await ledger.begin(batch, marks);
    await take(batch);
    written();
  }
}

class SharesPartition {
  readonly #session: PartitionSession;
  readonly #ledger: BatchLedger;
  readonly #ports: PipelinePorts;
  readonly #storedJobs = new StoredJobs();

  constructor(session: PartitionSession, ledger: BatchLedger, ports: PipelinePorts) {
    this.#session = session;
    this.#ledger = ledger;
    this.#ports = ports;
  }

  /** Lets the burst detector know what was stored of the partition below an offset. */
  async recallBursts(offset: number): Promise<void> {
    const { topic, partition, signal } = this.#session;
    const { detector, burstHistory, retry } = this.#ports;
    if (detector.knows(partition)) return;
    const read = (): Promise<BurstHistory> => burstHistory({ topic, partition, offset });
    detector.restore(partition, offset, await untilItSucceeds('recalling reject bursts', read, signal, retry));
  }

  async write(batch: VerifiedBatch, span: Span | undefined): Promise<void> {
    const { topic, partition, signal } = this.#session;
    const { sink, keeper, clock, detector } = this.#ports;

    const slots = new Rollup(LIVE_SLOT_US);
    for (const { block } of batch.blocks) summarise(slots, block);
    const minutes = slots.coarsen(MICROS_PER_MINUTE);
    const bursts = detector.observe(partition, batch, minutes).map((burst) => this.#placed(burst, batch));
    const jobs = this.#storedJobs.unstored(batch.blocks);

    await deadLetters(this.#session, batch.dead, this.#ports);
    if (batch.shares > 0) {
      const rows = {
        shares: shareRows(partition, batch.blocks),
        jobs: jobs.length === 0 ? undefined : jobRows(jobs),
        rollup_1m: rollupRows('rollup_1m', minutes),
        rollup_1h: rollupRows('rollup_1h', minutes.coarsen(MICROS_PER_HOUR, 60)),
        rollup_1d: rollupRows('rollup_1d', minutes.coarsen(MICROS_PER_DAY, 24)),
        events: bursts.length === 0 ? undefined : eventRows(topic, partition, bursts),
      };
      await sink.write(this.#ledger.batchName(batch), rows, signal, span);
      this.#storedJobs.remember(jobs);
    }
    const deltas = liveDeltas(slots, clock.nowUs());
    const update = {
      topic,
      partition,
      lineage: this.#ledger.lineage,
      fromOffset: batch.from,
      endOffset: batch.to,
      reachedUs: Math.max(batch.headAtUs, newestUs(deltas)),
      deltas,
      events: bursts.map(({ item }) => item),
    };
    await inSpan(span?.child('live state'), () => keeper.show(update));
  }

  /** Nothing is left to read: lets the live state know, which may have come away from where this partition is. */
  idle(next: number, headAtUs: number): Promise<void> {
    const { topic, partition } = this.#session;
    const { lineage } = this.#ledger;
    const nothing = { fromOffset: next, endOffset: next, deltas: [], events: [] };
    return this.#ports.keeper.show({ topic, partition, lineage, reachedUs: headAtUs, ...nothing });
  }

  count(batch: VerifiedBatch): void {
    const { metrics, logger, detector } = this.#ports;
    const { topic, partition } = this.#session;
    metrics.batchRows.observe({ topic }, batch.shares);
    metrics.shares.inc(batch.shares);
    metrics.duplicates.inc(batch.duplicates);
    metrics.unwatched.inc(detector.unwatched);
    detector.unwatched = 0;
    metrics.progress.done(this.#session, batch.lastRecordUs);
    if (batch.expired === 0) return;
    metrics.expired.inc({ topic }, batch.expired);
    logger.error(
      { topic, partition, records: batch.expired },
      'records had been removed by retention before they were read',
    );
  }

  #placed(burst: Burst, batch: VerifiedBatch): Placed<WorkerEvent> {
    const { topic, partition } = this.#session;
    this.#ports.metrics.rejectBursts.inc();
    const minute = Math.floor(burst.atUs / MICROS_PER_MINUTE);
    // The gateway is that of the last block with shares of the worker; a burst belongs to no one connection.
    const seenIn = batch.blocks.findLast(({ block }) => block.worker.values.includes(burst.worker));
    const event: RejectBurst = { type: 'reject_burst', ...burst, gateway: seenIn?.block.gateway ?? '', connection: '' };
    return { id: `${topic}:${partition}:${batch.to}:${burst.worker}:${minute}`, offset: batch.to, item: event };
  }
}
