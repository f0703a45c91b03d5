// One partition held by a member of a group. It ends in one of two ways: revoked (the handler may finish and commit what it has, until it is
// released) or fenced (another member may hold the partition: nothing is read or committed any more).
import {
  LogError,
  type PartitionBounds,
  type PartitionSession,
  type Position,
  type ReadLimits,
  type StoredRecord,
} from '@assay/event-log';
import type { KafkaMember } from './kafka-member.ts';
import type { LogCore } from './log-core.ts';
import { PartitionReader } from './partition-reader.ts';

export class KafkaSession implements PartitionSession {
  readonly topic: string;
  readonly kafkaTopic: string;
  readonly partition: number;
  readonly #core: LogCore;
  readonly #member: KafkaMember;
  readonly #group: string;
  readonly #abort = new AbortController();
  readonly #reader: PartitionReader;
  readonly #committing = new Set<Promise<void>>();
  #fenced = false;
  /** Resolves when the handler has returned for good. */
  handled: Promise<void> = Promise.resolve();

  /**
   * @param topic as the handler knows it
   * @param kafkaTopic as Kafka knows it
   */
  constructor(core: LogCore, member: KafkaMember, group: string, topic: string, kafkaTopic: string, partition: number) {
    this.#core = core;
    this.#member = member;
    this.#group = group;
    this.topic = topic;
    this.kafkaTopic = kafkaTopic;
    this.partition = partition;
    this.#reader = new PartitionReader(core, kafkaTopic, partition);
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get fenced(): boolean {
    return this.#fenced;
  }

  revoke(): void {
    this.#abort.abort();
  }

  fence(): void {
    this.#fenced = true;
    this.#abort.abort();
  }

  async whileCommitting(commit: Promise<void>): Promise<void> {
    this.#committing.add(commit);
    await commit.finally(() => this.#committing.delete(commit));
  }

  /** Resolves when no commit is under way, however those end. */
  async commitsAnswered(): Promise<void> {
    while (this.#committing.size > 0) await Promise.allSettled(this.#committing);
  }

  async committed(): Promise<Position | undefined> {
    this.#core.cluster.checkOpen();
    this.#member.checkMembership();
    return (await this.#core.positions(this.#group, this.kafkaTopic, [this.partition])).get(this.partition);
  }

  async bounds(): Promise<PartitionBounds> {
    this.#core.cluster.checkOpen();
    return this.#core.bounds(this.kafkaTopic, this.partition);
  }

  async read(offset: number, limits: ReadLimits): Promise<readonly StoredRecord[]> {
    this.#core.cluster.checkOpen();
    this.#member.checkMembership();
    return this.#reader.read(offset, limits, this.signal);
  }

  async commit(position: Position): Promise<void> {
    this.#core.cluster.checkOpen();
    const { maxMetadataBytes } = this.#core.limits;
    if (Buffer.byteLength(position.metadata) > maxMetadataBytes)
      throw new LogError('too_large', `the metadata of a position exceeds ${maxMetadataBytes} bytes`, {
        retriable: false,
      });
    await this.#member.commit(this, position);
  }

  fencedError(): LogError {
    this.#core.counts.fencedCommits++;
    return new LogError(
      'fenced',
      `group ${this.#group} no longer holds partition ${this.partition} of ${this.topic} here`,
      { retriable: false },
    );
  }
}
