// Drops the oldest appends of each partition by size and by age, a bounded number per transaction, with a turn of the event loop in between, so
// that an append waits for at most one such step. LMDB reuses the pages that become free; the file never shrinks.
// Several threads and processes may sweep the same log: a step is a compare-and-set on the partition's start, and who loses simply stops.
import type { Clock } from '@assay/kernel';
import type { Catalogue } from './catalogue.ts';
import { ageFreedPages, dropOldest } from './drop-oldest.ts';
import { frameTimestampUs } from './frame.ts';
import type { Store } from './store.ts';
import type { TransactionWriter } from './transaction-writer.ts';

export interface RetentionCounts {
  droppedRecords: number;
  droppedBytes: number;
}

export class Retention {
  readonly counts: RetentionCounts = { droppedRecords: 0, droppedBytes: 0 };
  readonly #store: Store;
  readonly #writer: TransactionWriter;
  readonly #catalogue: Catalogue;
  readonly #clock: Clock;
  readonly #step: number;
  #sweeping: Promise<void> | undefined;
  #storedBytes = 0;

  constructor(store: Store, writer: TransactionWriter, catalogue: Catalogue, clock: Clock, step: number) {
    this.#store = store;
    this.#writer = writer;
    this.#catalogue = catalogue;
    this.#clock = clock;
    this.#step = step;
  }

  /** Bytes kept over all topics: those at the last sweep plus what this open log appended since. */
  get storedBytes(): number {
    return this.#storedBytes;
  }

  noteAppended(bytes: number): void {
    this.#storedBytes += bytes;
  }

  /** Sweeps all partitions; joins the sweep under way if there is one. Rejects with a LogError when dropping could not be written. */
  sweep(): Promise<void> {
    this.#sweeping ??= this.#sweepAll().finally(() => (this.#sweeping = undefined));
    return this.#sweeping;
  }

  /** Resolves when no sweep is under way. */
  async settled(): Promise<void> {
    await this.#sweeping?.catch(() => undefined);
  }

  async #sweepAll(): Promise<void> {
    const { droppedRecords } = this.counts;
    for (const topic of Object.values(this.#catalogue.all())) {
      for (let partition = 0; partition < topic.partitions; partition++) {
        const partitionId = this.#catalogue.partitionId(topic.name, partition);
        while (await this.#dropStep(partitionId, topic.retentionBytes, topic.retentionUs));
      }
    }
    if (this.counts.droppedRecords > droppedRecords)
      await ageFreedPages(this.#store, this.#writer, this.#clock.nowUs());
    this.#storedBytes = this.#measure();
  }

  /** True when a full step was dropped, so that there may be more. */
  async #dropStep(partitionId: number, retentionBytes: number, retentionUs: number): Promise<boolean> {
    const oldestUs = this.#clock.nowUs() - retentionUs;
    const goes = (frame: Buffer, keptBytes: number): boolean =>
      keptBytes > retentionBytes || frameTimestampUs(frame) < oldestUs;
    const dropped = await dropOldest(this.#store, this.#writer, partitionId, this.#step, goes);
    this.counts.droppedRecords += dropped.records;
    this.counts.droppedBytes += dropped.bytes;
    return dropped.appends === this.#step;
  }

  #measure(): number {
    let bytes = 0;
    for (const topic of Object.values(this.#catalogue.all())) {
      for (let partition = 0; partition < topic.partitions; partition++) {
        const partitionId = this.#catalogue.partitionId(topic.name, partition);
        bytes += this.#store.head(partitionId).bytes - this.#store.start(partitionId).bytes;
      }
    }
    return bytes;
  }
}
