// The way of finished batches to one broker: one request under way, in which all batches that have come meanwhile go together. More at once would gain
// nothing, because a broker works on one request of a connection at a time, and waits in it for its followers.
import type { Deadline } from './deadline.ts';
import { LinkError } from './kafka-errors.ts';
import type { KafkaCluster } from './kafka-cluster.ts';
import { produceRequest, type PartitionBatch, type PartitionOutcome } from './produce-request.ts';

/** Below the brokers' limit for a request (socket.request.max.bytes, 100 MiB), so that one request does not hold up the others for long. */
const MAX_REQUEST_BYTES = 8 * 2 ** 20;

interface Waiting {
  readonly batch: PartitionBatch;
  readonly deadline: Deadline;
  readonly resolve: (outcome: PartitionOutcome) => void;
  readonly reject: (error: unknown) => void;
}

export class BrokerLane {
  readonly #cluster: KafkaCluster;
  readonly #nodeId: number;
  #waiting: Waiting[] = [];
  #busy = false;

  constructor(cluster: KafkaCluster, nodeId: number) {
    this.#cluster = cluster;
    this.#nodeId = nodeId;
  }

  /** What the broker says. Rejects when the connection broke or the broker did not answer in time: the batch may be stored or not. */
  send(batch: PartitionBatch, deadline: Deadline): Promise<PartitionOutcome> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ batch, deadline, resolve, reject });
      if (!this.#busy) void this.#drain();
    });
  }

  async #drain(): Promise<void> {
    this.#busy = true;
    // Batches of other partitions that are finished in this turn of the event loop go along.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      const together = this.#take();
      try {
        await this.#send(together);
      } catch (error) {
        for (const each of together) each.reject(error);
      }
    }
    this.#busy = false;
  }

  #take(): Waiting[] {
    let bytes = 0;
    let count = 0;
    while (count < this.#waiting.length && (count === 0 || bytes < MAX_REQUEST_BYTES))
      bytes += this.#waiting[count++]!.batch.bytes.length;
    return this.#waiting.splice(0, count);
  }

  async #send(all: readonly Waiting[]): Promise<void> {
    const link = await this.#cluster.link(this.#nodeId, 'append');
    // A batch whose time is up has been given up by its appends; sent now, it would be a record out of nowhere.
    const late = all.filter((each) => each.deadline.passed);
    for (const { reject } of late) reject(new LinkError('no answer in time'));
    const together = all.filter((each) => !late.includes(each));
    if (together.length === 0) return;
    const leftMs = Math.ceil(Math.min(...together.map((each) => each.deadline.leftMs)));
    const outcomes = await link.send(
      produceRequest(
        together.map((each) => each.batch),
        leftMs,
      ),
      leftMs,
    );
    for (const { batch, resolve, reject } of together) {
      const outcome = outcomes.find((each) => each.topic === batch.topic && each.partition === batch.partition);
      if (outcome !== undefined) resolve(outcome);
      else reject(new LinkError(`the broker says nothing of ${batch.topic}/${batch.partition}`));
    }
  }
}
