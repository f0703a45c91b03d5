// What outlives an open memory log: topics, records and group positions. Opening it again is a restart; opening it twice is two processes.
// Bounded: records beyond a topic's retention are dropped as new ones come, and beyond maxStoredBytes appends are refused.
import {
  LogError,
  recordBytes,
  type AppendLimits,
  type LogRecord,
  type Position,
  type StoredRecord,
  type TopicSpec,
} from '@assay/event-log';
import type { Clock } from '@assay/kernel';
import { MemoryGroup } from './memory-group.ts';
import { systemTimer, type Timer } from './timer.ts';

export interface MemoryLogLimits extends AppendLimits {
  /** Records kept, bytes over all topics. Beyond it an append fails with LogError 'full', retriable. */
  readonly maxStoredBytes: number;
  readonly maxMetadataBytes: number;
  /** A revoked handler that has not returned by then is left behind, fenced, milliseconds. */
  readonly revokeGraceMs: number;
  /** Pause before a handler that threw is started again, milliseconds; it doubles while the handler gets nowhere. */
  readonly restartPauseMs: number;
  /** Bound of that pause, milliseconds. */
  readonly longestRestartPauseMs: number;
}

const MIB = 2 ** 20;

const DEFAULT_MEMORY_LIMITS: MemoryLogLimits = {
  maxRecordBytes: 4 * MIB,
  maxAppendBytes: 16 * MIB,
  maxStoredBytes: 256 * MIB,
  maxMetadataBytes: 4096,
  revokeGraceMs: 30_000,
  restartPauseMs: 1_000,
  longestRestartPauseMs: 10_000,
};

export interface MemoryLogOptions {
  readonly clock: Clock;
  readonly timer?: Timer;
  /** Uniform in [0, 1), for the jitter of pauses; without it there is none. */
  readonly random?: () => number;
  readonly limits?: Partial<MemoryLogLimits>;
}

export class MemoryPartition {
  start = 0;
  bytes = 0;
  /** Every record from `start` on. */
  readonly records: StoredRecord[] = [];
  readonly positions = new Map<string, Position>();
  /** Called, once each, when records come or a waiting read must look again. */
  readonly waiting = new Set<() => void>();

  get end(): number {
    return this.start + this.records.length;
  }

  wake(): void {
    for (const look of [...this.waiting]) look();
  }
}

export class MemoryTopic {
  readonly partitions: MemoryPartition[] = [];
  constructor(public spec: TopicSpec) {}
}

export class MemoryLogDisk {
  readonly clock: Clock;
  readonly timer: Timer;
  readonly random: () => number;
  readonly limits: MemoryLogLimits;
  readonly #topics = new Map<string, MemoryTopic>();
  readonly #groups = new Map<string, MemoryGroup>();

  constructor(options: MemoryLogOptions) {
    this.clock = options.clock;
    this.timer = options.timer ?? systemTimer;
    this.random = options.random ?? (() => 1);
    this.limits = { ...DEFAULT_MEMORY_LIMITS, ...options.limits };
  }

  ensureTopic(spec: TopicSpec): void {
    const sane =
      Number.isInteger(spec.partitions) && spec.partitions >= 1 && spec.retentionBytes > 0 && spec.retentionUs > 0;
    if (!sane || spec.name === '')
      throw new RangeError(
        `topic ${JSON.stringify(spec)} needs a name, at least one partition and a retention above 0`,
      );
    const topic = this.#topics.get(spec.name) ?? new MemoryTopic(spec);
    this.#topics.set(spec.name, topic);
    topic.spec = spec;
    while (topic.partitions.length < spec.partitions) topic.partitions.push(new MemoryPartition());
    for (const group of this.#groups.values()) group.rebalance();
  }

  /** Throws LogError 'unknown_topic'. */
  topic(name: string): MemoryTopic {
    const topic = this.#topics.get(name);
    if (topic === undefined)
      throw new LogError('unknown_topic', `there is no topic ${JSON.stringify(name)}`, { retriable: false });
    return topic;
  }

  /** The partition, with what retention drops dropped. Throws LogError 'unknown_topic'. */
  partition(name: string, index: number): MemoryPartition {
    const topic = this.topic(name);
    const partition = topic.partitions[index];
    if (partition === undefined) {
      throw new LogError(
        'unknown_topic',
        `topic ${name} has ${topic.partitions.length} partitions; there is no partition ${index}`,
        { retriable: false },
      );
    }
    this.#retain(topic, partition);
    return partition;
  }

  group(name: string): MemoryGroup {
    let group = this.#groups.get(name);
    if (group === undefined)
      this.#groups.set(name, (group = new MemoryGroup((topic) => this.topic(topic).partitions.length)));
    return group;
  }

  /** Appends copies of the records and returns the offset of the first. Throws LogError 'full' without any effect. */
  append(name: string, index: number, records: readonly LogRecord[], bytes: number): number {
    const partition = this.partition(name, index);
    this.#checkRoom(name, bytes);
    const baseOffset = partition.end;
    const timestampUs = this.clock.nowUs();
    for (const [i, record] of records.entries()) {
      partition.records.push({
        offset: baseOffset + i,
        timestampUs,
        value: Uint8Array.from(record.value),
        ...(record.key !== undefined && { key: record.key }),
        ...(record.headers !== undefined &&
          Object.keys(record.headers).length > 0 && { headers: { ...record.headers } }),
      });
    }
    partition.bytes += bytes;
    this.#retain(this.topic(name), partition);
    partition.wake();
    return baseOffset;
  }

  #checkRoom(name: string, bytes: number): void {
    let stored = 0;
    for (const topic of this.#topics.values()) {
      for (const partition of topic.partitions) {
        this.#retain(topic, partition);
        stored += partition.bytes;
      }
    }
    if (stored + bytes > this.limits.maxStoredBytes) {
      throw new LogError(
        'full',
        `the log holds ${stored} bytes of at most ${this.limits.maxStoredBytes} (append to ${name})`,
        { retriable: true },
      );
    }
  }

  #retain(topic: MemoryTopic, partition: MemoryPartition): void {
    const oldestUs = this.clock.nowUs() - topic.spec.retentionUs;
    let drop = 0;
    while (
      drop < partition.records.length &&
      (partition.bytes > topic.spec.retentionBytes || partition.records[drop]!.timestampUs < oldestUs)
    ) {
      partition.bytes -= recordBytes(partition.records[drop++]!);
    }
    if (drop === 0) return;
    partition.records.splice(0, drop);
    partition.start += drop;
  }
}
