// Drops the oldest appends of each partition by size and by age, a bounded number per transaction, with a turn of the event loop in between, so
// that an append waits for at most one such step. LMDB reuses the pages that become free; the file never shrinks.
// Several threads and processes may sweep the same log: a step is a compare-and-set on the partition's start, and who loses simply stops.
import type { Clock } from '@assay/kernel';
import type { Catalogue } from './catalogue.ts';
import { frameCount, frameTimestampUs } from './frame.ts';
import { recordKey, startKey, type MetaKey, type Start, type Store } from './store.ts';
import type { TransactionWriter } from './transaction-writer.ts';

const SWEPT: MetaKey = ['swept'];

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
    if (this.counts.droppedRecords > droppedRecords) await this.#ageFreedPages();
    this.#storedBytes = this.#measure();
  }

  /** True when a full step was dropped, so that there may be more. */
  async #dropStep(partitionId: number, retentionBytes: number, retentionUs: number): Promise<boolean> {
    this.#store.refresh();
    const head = this.#store.head(partitionId);
    const start = this.#store.start(partitionId);
    const oldestUs = this.#clock.nowUs() - retentionUs;
    const drop: Buffer[] = [];
    let { offset, bytes } = start;
    while (drop.length < this.#step && offset < head.end) {
      const key = recordKey(partitionId, offset);
      const frame = this.#store.records.getBinaryFast(key);
      if (frame === undefined) break;
      const length = frame.length;
      if (head.bytes - bytes <= retentionBytes && frameTimestampUs(frame) >= oldestUs) break;
      drop.push(key);
      offset += frameCount(frame);
      bytes += length;
    }
    if (drop.length === 0) return false;
    const next: Start = { offset, bytes };
    const won = await this.#writer.guarded(startKey(partitionId), start.offset === 0 ? null : start.offset, () => {
      for (const key of drop) void this.#store.records.remove(key);
      this.#store.put(startKey(partitionId), next, offset);
    });
    if (!won) return false;
    this.counts.droppedRecords += offset - start.offset;
    this.counts.droppedBytes += bytes - start.bytes;
    return drop.length === this.#step;
  }

  /** LMDB reuses what a transaction freed only once another has followed, which on a full disk an append could not be. */
  async #ageFreedPages(): Promise<void> {
    const last = this.#store.entry(SWEPT)?.version;
    await this.#writer.guarded(SWEPT, last ?? null, () => this.#store.put(SWEPT, this.#clock.nowUs(), (last ?? 0) + 1));
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
