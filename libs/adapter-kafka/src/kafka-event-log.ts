// The event log on Kafka. Opening connects to nothing; every call finds its brokers, and fails with LogError 'unavailable' when it does not within a
// stated time (limits.ts). Invariant: what `append` and `commit` resolved for is on every in-sync replica.
import type { ConnectionOptions } from 'node:tls';
import {
  checkAppend,
  LogError,
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
import type { Clock } from '@assay/kernel';
import { boundedWarnings } from './bounded-warnings.ts';
import type { BrokerAddress } from './broker-link.ts';
import { checkCompression, type Compression } from './compression.ts';
import { Deadline } from './deadline.ts';
import { KafkaCluster, noPartition } from './kafka-cluster.ts';
import { KafkaMember } from './kafka-member.ts';
import { KafkaProducer, type ProducerCounts } from './kafka-producer.ts';
import { KafkaTopics, type TopicDefaults } from './kafka-topics.ts';
import { murmur2, type KafkajsLogger, type Sasl } from './kafkajs-protocol.ts';
import { DEFAULT_LIMITS, type KafkaLogLimits } from './limits.ts';
import { LogCore, type LogCounts } from './log-core.ts';
import { PartitionReader } from './partition-reader.ts';

export interface KafkaEventLogOptions extends TopicDefaults {
  /** host:port of some brokers; the others are learnt from them. */
  readonly brokers: readonly string[];
  /** What the brokers' logs and quotas call us. */
  readonly clientId: string;
  /** Time of records. */
  readonly clock: Clock;
  /** TLS: true for the system's trusted certificates, or what node:tls takes. */
  readonly ssl?: boolean | ConnectionOptions;
  readonly sasl?: Sasl;
  /** Of what is appended from here; 'none' by default. What is read may be compressed in any way. */
  readonly compression?: Compression;
  /** Put before the names of topics and groups, so that several pools can share a cluster. */
  readonly prefix?: string;
  readonly limits?: Partial<KafkaLogLimits>;
  /** Things an operator should know of: Kafka out of reach, memberships lost, records dropped before they were read. At most some per minute. */
  readonly onWarning?: (message: string) => void;
}

export interface KafkaLogStats extends LogCounts, ProducerCounts {
  readonly pendingBytes: number;
  readonly connections: number;
}

/** Never fails because Kafka is away. Rejects with a RangeError when an address is none, or when this Node lacks the compression. */
export async function openKafkaEventLog(options: KafkaEventLogOptions): Promise<KafkaEventLog> {
  checkCompression(options.compression ?? 'none');
  return new KafkaEventLog(options);
}

export class KafkaEventLog implements EventLog {
  readonly #core: LogCore;
  readonly #producer: KafkaProducer;
  readonly #topics: KafkaTopics;
  readonly #prefix: string;
  readonly #members = new Set<KafkaMember>();
  #nextPartition = 0;
  #pendingBytes = 0;
  readonly #appending = new Set<Promise<void>>();
  #closing: Promise<void> | undefined;

  /** Use openKafkaEventLog. */
  constructor(options: KafkaEventLogOptions) {
    const limits = { ...DEFAULT_LIMITS, ...options.limits };
    const warn = boundedWarnings(options.onWarning ?? (() => undefined));
    const ssl = options.ssl === true ? {} : options.ssl || null;
    const cluster = new KafkaCluster(
      options.brokers.map(parseAddress),
      {
        clientId: options.clientId,
        ssl,
        sasl: options.sasl ?? null,
        logger: SILENT,
        connectTimeoutMs: limits.connectTimeoutMs,
      },
      limits,
      warn,
    );
    this.#core = new LogCore(cluster, limits, warn);
    this.#producer = new KafkaProducer(cluster, options.clock, options.compression ?? 'none');
    this.#topics = new KafkaTopics(cluster, options);
    this.#prefix = options.prefix ?? '';
  }

  async ensureTopics(topics: readonly TopicSpec[]): Promise<void> {
    this.#checkOpen();
    await this.#topics.ensure(topics.map((topic) => ({ ...topic, name: this.#prefix + topic.name })));
  }

  async partitions(topic: string): Promise<number> {
    this.#checkOpen();
    return this.#partitionCount(this.#prefix + topic, 0);
  }

  async bounds(topic: string, partition: number): Promise<PartitionBounds> {
    this.#checkOpen();
    return this.#core.bounds(this.#prefix + topic, partition);
  }

  async append(topic: string, records: readonly LogRecord[], partition?: number): Promise<Appended> {
    const { limits, counts } = this.#core;
    this.#checkOpen();
    const bytes = checkAppend(topic, records, limits);
    this.#checkRoom(topic, bytes);
    const appending = this.#append(this.#prefix + topic, records, bytes, partition);
    const settled = appending.then(
      () => undefined,
      () => undefined,
    );
    this.#appending.add(settled);
    this.#pendingBytes += bytes;
    try {
      const appended = await appending;
      counts.appends++;
      counts.appendedRecords += records.length;
      counts.appendedBytes += bytes;
      return appended;
    } finally {
      this.#appending.delete(settled);
      this.#pendingBytes -= bytes;
    }
  }

  async join(
    group: string,
    topics: readonly string[],
    handle: (session: PartitionSession) => Promise<void>,
    onError: (error: unknown) => void,
  ): Promise<GroupMember> {
    this.#checkOpen();
    for (const topic of topics) await this.#partitionCount(this.#prefix + topic);
    this.#checkOpen();
    const member = new KafkaMember(this.#core, this.#prefix, group, topics, handle, onError);
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
    this.#checkOpen();
    try {
      return await new PartitionReader(this.#core, this.#prefix + topic, partition).read(offset, limits);
    } catch (error) {
      // Closing ends every wait.
      if (error instanceof LogError && error.code === 'closed') return [];
      throw error;
    }
  }

  async lag(group: string, topic: string): Promise<number> {
    this.#checkOpen();
    const name = this.#prefix + topic;
    const partitions = Array.from({ length: await this.#partitionCount(name, 0) }, (_, partition) => partition);
    const [positions, bounds] = await Promise.all([
      this.#core.positions(this.#prefix + group, name, partitions),
      this.#core.allBounds(name, partitions),
    ]);
    return [...bounds].reduce((sum, [partition, { start, end }]) => {
      const consumed = Math.max(positions.get(partition)?.offset ?? 0, start);
      return sum + Math.max(0, end - consumed);
    }, 0);
  }

  stats(): KafkaLogStats {
    return {
      ...this.#core.counts,
      ...this.#producer.counts,
      pendingBytes: this.#pendingBytes,
      connections: this.#core.cluster.linkCount,
    };
  }

  /** Closes the members (draining their handlers), finishes what is being appended, and closes the connections. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#members].map((member) => member.close()));
    await Promise.all(this.#appending);
    this.#core.cluster.close();
  }

  /** Looks up the partition where none is named, within the append's own time, and appends. */
  async #append(
    topic: string,
    records: readonly LogRecord[],
    bytes: number,
    named: number | undefined,
  ): Promise<Appended> {
    const deadline = new Deadline(this.#core.limits.appendTimeoutMs);
    const count = await this.#partitionCount(topic, undefined, deadline);
    const partition = named ?? this.#partitionFor(records[0]!.key, count);
    if (!Number.isInteger(partition) || partition < 0) throw noPartition(topic, partition, count);
    return { partition, baseOffset: await this.#producer.append(topic, partition, records, bytes, deadline) };
  }

  #partitionFor(key: string | undefined, partitions: number): number {
    if (key !== undefined) return (murmur2(key) & 0x7fffffff) % partitions;
    this.#nextPartition = (this.#nextPartition + 1) % partitions;
    return this.#nextPartition;
  }

  async #partitionCount(
    topic: string,
    maxAgeMs?: number,
    deadline = new Deadline(this.#core.limits.callTimeoutMs),
  ): Promise<number> {
    const { cluster } = this.#core;
    return cluster.retrying(
      `looking up topic ${topic}`,
      deadline,
      async () => (await cluster.partitions(topic, maxAgeMs)).length,
    );
  }

  #checkRoom(topic: string, bytes: number): void {
    const { limits, counts } = this.#core;
    if (this.#pendingBytes + bytes <= limits.maxPendingBytes) return;
    counts.refusedFull++;
    throw new LogError('full', `${limits.maxPendingBytes} bytes are waiting for Kafka; no room to append to ${topic}`, {
      retriable: true,
    });
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw new LogError('closed', 'the log is closed', { retriable: false });
  }
}

function parseAddress(address: string): BrokerAddress {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(address);
  const port = Number(match?.[3]);
  if (match === null || port < 1 || port > 65_535)
    throw new RangeError(`a broker's address is host:port, not ${JSON.stringify(address)}`);
  return { host: (match[1] ?? match[2])!, port };
}

// What kafkajs logs is what it throws as well, or what happens on every retry; we say it in our own words, once.
const SILENT: KafkajsLogger = {
  info: () => undefined,
  error: () => undefined,
  warn: () => undefined,
  debug: () => undefined,
  namespace: () => SILENT,
};
