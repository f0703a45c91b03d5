// The event log port in memory, for simulations and tests: same meaning as the durable adapters, no input or output, and deterministic: every delay
// comes from the injected timer, and a read that can be answered is answered without one.
import {
  checkAppend,
  LogError,
  partitionOfKey,
  recordBytes,
  type Appended,
  type EventLog,
  type GroupMember,
  type LogRecord,
  type PartitionBounds,
  type PartitionSession,
  type ReadLimits,
  type StoredRecord,
  type TopicSpec,
} from '@assay/event-log';
import { MemoryLogDisk, type MemoryLogOptions } from './memory-log-disk.ts';
import { MemoryMember } from './memory-member.ts';

/** A log on a disk of its own. Use `new MemoryEventLog(disk)` to share or reopen one. */
export function openMemoryEventLog(options: MemoryLogOptions): MemoryEventLog {
  return new MemoryEventLog(new MemoryLogDisk(options));
}

export class MemoryEventLog implements EventLog {
  readonly disk: MemoryLogDisk;
  readonly #members = new Set<MemoryMember>();
  #nextPartition = 0;
  #closed = false;

  constructor(disk: MemoryLogDisk) {
    this.disk = disk;
  }

  async ensureTopics(topics: readonly TopicSpec[]): Promise<void> {
    this.checkOpen();
    for (const spec of topics) this.disk.ensureTopic(spec);
  }

  async partitions(topic: string): Promise<number> {
    this.checkOpen();
    return this.disk.topic(topic).partitions.length;
  }

  async bounds(topic: string, index: number): Promise<PartitionBounds> {
    this.checkOpen();
    const { start, end } = this.disk.partition(topic, index);
    return { start, end };
  }

  async append(topic: string, records: readonly LogRecord[], partition?: number): Promise<Appended> {
    this.checkOpen();
    const bytes = checkAppend(topic, records, this.disk.limits);
    const target = partition ?? this.#partitionFor(records[0]!.key, this.disk.topic(topic).partitions.length);
    return { partition: target, baseOffset: this.disk.append(topic, target, records, bytes) };
  }

  async join(
    group: string,
    topics: readonly string[],
    handle: (session: PartitionSession) => Promise<void>,
    onError: (error: unknown) => void,
  ): Promise<GroupMember> {
    this.checkOpen();
    for (const topic of topics) this.disk.topic(topic);
    const member = new MemoryMember(this, group, [...topics], handle, onError);
    this.#members.add(member);
    member.start();
    return { close: (drainMs) => member.close(drainMs).finally(() => this.#members.delete(member)) };
  }

  async readFrom(
    topic: string,
    partition: number,
    offset: number,
    limits: ReadLimits,
  ): Promise<readonly StoredRecord[]> {
    return this.read(topic, partition, offset, limits);
  }

  async lag(group: string, topic: string): Promise<number> {
    this.checkOpen();
    let lag = 0;
    for (let i = 0; i < this.disk.topic(topic).partitions.length; i++) {
      const partition = this.disk.partition(topic, i);
      lag += Math.max(0, partition.end - Math.max(partition.positions.get(group)?.offset ?? 0, partition.start));
    }
    return lag;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#members].map((member) => member.close()));
    this.#closed = true;
  }

  /** What kill -9 does: everything asked of this log from now on fails with LogError 'closed', and its partitions are free for others. */
  crash(): void {
    this.#closed = true;
    for (const member of this.#members) member.crash();
    this.#members.clear();
  }

  checkOpen(): void {
    if (this.#closed) throw new LogError('closed', 'the log is closed', { retriable: false });
  }

  async read(
    topic: string,
    index: number,
    offset: number,
    limits: ReadLimits,
    signal?: AbortSignal,
  ): Promise<readonly StoredRecord[]> {
    this.checkOpen();
    const partition = this.disk.partition(topic, index);
    if (signal?.aborted) return [];
    if (partition.end <= offset && limits.waitMs > 0)
      await this.#waitBeyond(topic, index, offset, limits.waitMs, signal);
    return this.#closed || signal?.aborted ? [] : this.#readNow(topic, index, offset, limits);
  }

  #waitBeyond(topic: string, index: number, offset: number, waitMs: number, signal?: AbortSignal): Promise<void> {
    const partition = this.disk.partition(topic, index);
    return new Promise((resolve) => {
      const done = (): void => {
        partition.waiting.delete(look);
        cancel();
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const look = (): void => {
        if (partition.end > offset) done();
      };
      const cancel = this.disk.timer.after(waitMs, done);
      signal?.addEventListener('abort', done);
      partition.waiting.add(look);
    });
  }

  #readNow(topic: string, index: number, offset: number, limits: ReadLimits): readonly StoredRecord[] {
    const partition = this.disk.partition(topic, index);
    const records: StoredRecord[] = [];
    let bytes = 0;
    for (
      let i = Math.max(offset - partition.start, 0);
      i < partition.records.length && records.length < limits.maxRecords;
      i++
    ) {
      const record = partition.records[i]!;
      bytes += recordBytes(record);
      if (records.length > 0 && bytes > limits.maxBytes) break;
      records.push(record);
    }
    return records;
  }

  #partitionFor(key: string | undefined, partitions: number): number {
    if (key !== undefined) return partitionOfKey(key, partitions);
    this.#nextPartition = (this.#nextPartition + 1) % partitions;
    return this.#nextPartition;
  }
}
