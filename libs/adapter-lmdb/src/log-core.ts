// What the log, its sessions and its group members share: the store, the writer, the watch on partition ends, and the counters.
import { LogError, type PartitionBounds, type ReadLimits, type StoredRecord } from '@assay/event-log';
import type { Catalogue } from './catalogue.ts';
import type { LmdbLogLimits } from './limits.ts';
import { readRecords } from './read-records.ts';
import type { Store } from './store.ts';
import type { TailWatch } from './tail-watch.ts';
import type { TransactionWriter } from './transaction-writer.ts';

export interface LogCounts {
  appends: number;
  appendedRecords: number;
  appendedBytes: number;
  /** Appends refused with LogError 'full'. */
  refusedFull: number;
  /** Reads that began below the retained range: records were dropped before this reader came. */
  readsBehindRetention: number;
  fencedCommits: number;
  /** Partitions taken over by a member of this open log. */
  partitionsAssigned: number;
}

export class LogCore {
  readonly counts: LogCounts = {
    appends: 0,
    appendedRecords: 0,
    appendedBytes: 0,
    refusedFull: 0,
    readsBehindRetention: 0,
    fencedCommits: 0,
    partitionsAssigned: 0,
  };
  closed = false;

  constructor(
    readonly store: Store,
    readonly writer: TransactionWriter,
    readonly catalogue: Catalogue,
    readonly tail: TailWatch,
    readonly limits: LmdbLogLimits,
    readonly random: () => number,
    readonly warn: (message: string) => void,
  ) {}

  checkOpen(): void {
    if (this.closed) throw new LogError('closed', `the log in ${this.store.dir} is closed`, { retriable: false });
  }

  bounds(partitionId: number): PartitionBounds {
    this.store.refresh();
    return { start: this.store.start(partitionId).offset, end: this.store.head(partitionId).end };
  }

  async read(
    topic: string,
    partition: number,
    offset: number,
    limits: ReadLimits,
    signal?: AbortSignal,
  ): Promise<readonly StoredRecord[]> {
    this.checkOpen();
    const partitionId = this.catalogue.partitionId(topic, partition);
    const name = `${topic}/${partition}`;
    if (signal?.aborted) return [];
    const first = this.#readNow(partitionId, name, offset, limits);
    if (first.length > 0 || limits.waitMs <= 0) return first;
    await this.tail.waitBeyond(partitionId, offset, limits.waitMs, signal);
    return this.closed || signal?.aborted ? [] : this.#readNow(partitionId, name, offset, limits);
  }

  #readNow(partitionId: number, name: string, offset: number, limits: ReadLimits): readonly StoredRecord[] {
    const { records, skipped } = readRecords(this.store, partitionId, name, offset, limits);
    if (skipped && records.length > 0) {
      this.counts.readsBehindRetention++;
      this.warn(
        `${name}: offsets ${offset} to ${records[0]!.offset - 1} were dropped by retention before they were read`,
      );
    }
    return records;
  }
}
