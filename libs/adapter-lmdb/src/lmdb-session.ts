// One partition held under a lease. The lease's epoch is its version in the store, and every commit is a compare-and-set on it, so
// a member that lost the partition, knowingly or not, can never move the group's position.
import {
  LogError,
  type PartitionBounds,
  type PartitionSession,
  type Position,
  type ReadLimits,
  type StoredRecord,
} from '@assay/event-log';
import type { LogCore } from './log-core.ts';
import { leaseKey, positionKey } from './store.ts';

export class LmdbSession implements PartitionSession {
  readonly topic: string;
  readonly partition: number;
  readonly partitionId: number;
  readonly epoch: number;
  readonly #core: LogCore;
  readonly #group: string;
  readonly #abort = new AbortController();
  /** Resolves when the handler has returned for good. */
  handled: Promise<void> = Promise.resolve();

  constructor(core: LogCore, group: string, topic: string, partition: number, partitionId: number, epoch: number) {
    this.#core = core;
    this.#group = group;
    this.topic = topic;
    this.partition = partition;
    this.partitionId = partitionId;
    this.epoch = epoch;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  revoke(): void {
    this.#abort.abort();
  }

  async committed(): Promise<Position | undefined> {
    this.#core.checkOpen();
    this.#core.store.refresh();
    return this.#core.store.value<Position>(positionKey(this.#group, this.partitionId));
  }

  async bounds(): Promise<PartitionBounds> {
    this.#core.checkOpen();
    return this.#core.bounds(this.partitionId);
  }

  async read(offset: number, limits: ReadLimits): Promise<readonly StoredRecord[]> {
    return this.#core.read(this.topic, this.partition, offset, limits, this.signal);
  }

  async commit(position: Position): Promise<void> {
    const core = this.#core;
    core.checkOpen();
    const { offset, metadata } = position;
    const { maxMetadataBytes } = core.limits;
    if (Buffer.byteLength(metadata) > maxMetadataBytes) {
      throw new LogError('too_large', `the metadata of a position exceeds ${maxMetadataBytes} bytes`, {
        retriable: false,
      });
    }
    const held = await core.writer.guarded(leaseKey(this.#group, this.partitionId), this.epoch, () =>
      core.store.put(positionKey(this.#group, this.partitionId), { offset, metadata }, 1),
    );
    if (!held) {
      core.counts.fencedCommits++;
      this.revoke();
      throw new LogError(
        'fenced',
        `group ${this.#group} no longer holds partition ${this.partition} of ${this.topic} here`,
        { retriable: false },
      );
    }
  }
}
