// Appending: idempotent, acknowledged by all replicas. A partition has at most one batch under way; what is asked for meanwhile becomes the next batch
// (group commit), and the batches of all partitions that one broker leads share its requests (broker-lane.ts).
//
// Invariants: the records of one append are in one batch, so they are stored together or not at all. A batch is sent again only under the
// same producer id and sequence, so Kafka stores it once, however often its answer is lost. An id whose last batch had an unknown
// outcome is never used again: the next batch under it could be taken for the lost one and be swallowed.
import { LogError, type LogRecord } from '@assay/event-log';
import type { Clock } from '@assay/kernel';
import { BrokerLane } from './broker-lane.ts';
import type { Compression } from './compression.ts';
import { pause, within, type Deadline } from './deadline.ts';
import { describe, isWorthRetrying, LinkError, toLogError } from './kafka-errors.ts';
import type { KafkaCluster } from './kafka-cluster.ts';
import { kafkaRequest, protocolError } from './kafkajs-protocol.ts';
import { encodeRecords, sealBatch, type EncodedRecords } from './record-batch.ts';

/** Appends that wait are put into one batch up to this many bytes: far below the brokers' default limit for a batch (1 MiB). */
const SHARED_BATCH_BYTES = 512 * 1024;

const MAX_SEQUENCE = 2 ** 30;

interface PendingAppend {
  readonly records: readonly LogRecord[];
  readonly bytes: number;
  readonly deadline: Deadline;
  readonly resolve: (baseOffset: number) => void;
  readonly reject: (error: LogError) => void;
}

/** The producer's name towards the leader of one partition, and the sequence its next batch gets. */
interface Identity {
  readonly producerId: bigint;
  readonly epoch: number;
  sequence: number;
}

interface PartitionQueue {
  readonly topic: string;
  readonly partition: number;
  readonly waiting: PendingAppend[];
  identity: Identity | undefined;
  busy: boolean;
}

export interface ProducerCounts {
  batches: number;
  /** Batches that had to be sent more than once. */
  retries: number;
  /** Appends whose outcome is unknown: their deadline passed without an answer. */
  unknownOutcomes: number;
}

export class KafkaProducer {
  readonly counts: ProducerCounts = { batches: 0, retries: 0, unknownOutcomes: 0 };
  readonly #cluster: KafkaCluster;
  readonly #clock: Clock;
  readonly #compression: Compression;
  readonly #queues = new Map<string, PartitionQueue>();
  readonly #lanes = new Map<number, BrokerLane>();

  constructor(cluster: KafkaCluster, clock: Clock, compression: Compression) {
    this.#cluster = cluster;
    this.#clock = clock;
    this.#compression = compression;
  }

  /** The offset of the first record. Rejects with a LogError, at the latest when the time is up. */
  append(
    topic: string,
    partition: number,
    records: readonly LogRecord[],
    bytes: number,
    deadline: Deadline,
  ): Promise<number> {
    return new Promise((resolve, reject) => {
      const queue = this.#queue(topic, partition);
      queue.waiting.push({ records, bytes, deadline, resolve, reject });
      this.#wake(queue);
    });
  }

  #queue(topic: string, partition: number): PartitionQueue {
    const key = `${topic}/${partition}`;
    const known = this.#queues.get(key);
    if (known !== undefined) return known;
    const queue: PartitionQueue = { topic, partition, waiting: [], identity: undefined, busy: false };
    this.#queues.set(key, queue);
    return queue;
  }

  #wake(queue: PartitionQueue): void {
    if (queue.busy) return;
    queue.busy = true;
    void this.#drive(queue);
  }

  async #drive(queue: PartitionQueue): Promise<void> {
    // Whatever else is asked for in this turn of the event loop joins the first batch.
    await new Promise((resolve) => setImmediate(resolve));
    while (queue.waiting.length > 0) await this.#deliver(queue, takeShared(queue.waiting));
    // In the same turn as the check above, so that nothing queued in between is forgotten.
    queue.busy = false;
  }

  /** Sends the appends as one batch until it is stored or the time of the first of them is up. Never rejects. */
  async #deliver(queue: PartitionQueue, appends: readonly PendingAppend[]): Promise<void> {
    const what = `appending to ${queue.topic}/${queue.partition}`;
    const { deadline } = appends[0]!;
    const batch = new BatchUnderWay();
    const delivery = this.#store(queue, appends, deadline, batch);
    try {
      if (
        !(await within(
          deadline.leftMs,
          delivery.catch(() => undefined),
        ))
      )
        throw new LinkError('no answer in time');
      let baseOffset = await delivery;
      for (const append of appends) {
        append.resolve(baseOffset);
        baseOffset += append.records.length;
      }
    } catch (error) {
      batch.abandoned = true;
      if (batch.maybeStored) queue.identity = undefined;
      if (appends.length > 1 && toLogError(what, error).code === 'too_large') {
        // Together they were too large; each alone may not be.
        for (const append of appends) await this.#deliver(queue, [append]);
        return;
      }
      if (batch.maybeStored) this.counts.unknownOutcomes += appends.length;
      for (const append of appends) append.reject(failure(what, error, batch.maybeStored));
    }
  }

  async #store(
    queue: PartitionQueue,
    appends: readonly PendingAppend[],
    deadline: Deadline,
    batch: BatchUnderWay,
  ): Promise<number> {
    const { topic, partition } = queue;
    const timestampMs = Math.floor(this.#clock.nowUs() / 1000);
    const records = await encodeRecords(
      appends.flatMap((append) => append.records),
      timestampMs,
      this.#compression,
    );
    this.counts.batches++;
    for (let pauseMs = this.#cluster.limits.retryPauseMs; ; pauseMs = Math.min(1_000, pauseMs * 2)) {
      try {
        const leader = await this.#cluster.leader(topic, partition);
        return await this.#send(queue, leader, records, deadline, batch);
      } catch (error) {
        if (batch.abandoned || !isWorthRetrying(error)) throw error;
        this.#cluster.forgetLeaders(topic);
        if (deadline.leftMs <= pauseMs) throw error;
      }
      this.counts.retries++;
      await pause(pauseMs * (0.5 + Math.random()));
      if (batch.abandoned) throw new LinkError('no answer in time');
    }
  }

  async #send(
    queue: PartitionQueue,
    leader: number,
    records: EncodedRecords,
    deadline: Deadline,
    batch: BatchUnderWay,
  ): Promise<number> {
    const identity = await this.#identity(queue);
    if (batch.abandoned) throw new LinkError('no answer in time');
    const { topic, partition } = queue;
    const bytes = sealBatch(records, identity);
    const couldBeStored = batch.maybeStored;
    // Until a broker says otherwise.
    batch.maybeStored = true;
    const outcome = await this.#lane(leader).send({ topic, partition, bytes }, deadline);
    if (outcome.errorCode === 0) {
      identity.sequence += records.count;
      // A sequence is an i32. None of this id's batches is under way now, so another may follow.
      if (identity.sequence > MAX_SEQUENCE) queue.identity = undefined;
      batch.maybeStored = false;
      return outcome.baseOffset;
    }
    const error = protocolError(outcome.errorCode);
    if (!MAY_BE_STORED.has(error.type)) batch.maybeStored = couldBeStored;
    // The broker does not know the id (any more). A new one would store again what may be stored already, so that is for the caller to decide.
    if (IDENTITY_USELESS.has(error.type)) {
      queue.identity = undefined;
      if (couldBeStored) throw new LogError('unavailable', describe(error), { retriable: false, cause: error });
    }
    throw error;
  }

  async #identity(queue: PartitionQueue): Promise<Identity> {
    if (queue.identity !== undefined) return queue.identity;
    const link = await this.#cluster.anyLink();
    const { producerId, producerEpoch } = await link.send(
      kafkaRequest<{ producerId: string; producerEpoch: number }>('InitProducerId', { transactionalId: null }),
      this.#cluster.limits.connectTimeoutMs,
    );
    queue.identity = { producerId: BigInt(producerId), epoch: producerEpoch, sequence: 0 };
    return queue.identity;
  }

  #lane(nodeId: number): BrokerLane {
    let lane = this.#lanes.get(nodeId);
    if (lane === undefined) this.#lanes.set(nodeId, (lane = new BrokerLane(this.#cluster, nodeId)));
    return lane;
  }
}

class BatchUnderWay {
  /** Some attempt ended without a word from the broker that it did not store it. */
  maybeStored = false;
  /** Its time is up: nothing more may be sent. */
  abandoned = false;
}

/** The leader stored it, and only then something failed. */
const MAY_BE_STORED = new Set([
  'REQUEST_TIMED_OUT',
  'NOT_ENOUGH_REPLICAS_AFTER_APPEND',
  'UNKNOWN',
  'DUPLICATE_SEQUENCE_NUMBER',
]);
const IDENTITY_USELESS = new Set([
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'DUPLICATE_SEQUENCE_NUMBER',
  'UNKNOWN_PRODUCER_ID',
  'INVALID_PRODUCER_EPOCH',
]);

/** Takes from the front what may share a batch: at least one append. */
function takeShared(waiting: PendingAppend[]): PendingAppend[] {
  let bytes = 0;
  let count = 0;
  while (count < waiting.length && (count === 0 || bytes + waiting[count]!.bytes <= SHARED_BATCH_BYTES))
    bytes += waiting[count++]!.bytes;
  return waiting.splice(0, count);
}

function failure(what: string, error: unknown, maybeStored: boolean): LogError {
  const failed = toLogError(what, error);
  if (failed.code !== 'unavailable') return failed;
  const outcome = maybeStored ? 'the records may or may not be stored' : 'the records were not stored';
  return new LogError('unavailable', `${what}: ${describe(error)}; ${outcome}`, {
    retriable: failed.retriable || maybeStored,
    cause: error,
  });
}
