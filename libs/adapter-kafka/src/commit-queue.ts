// Commits of one member. One request is under way; what is asked for meanwhile goes together in the next, because a coordinator works on one
// request of a connection at a time and each waits for its replicas. Invariant: the positions of one partition are committed in order.
import type { Position } from '@assay/event-log';
import type { KafkaSession } from './kafka-session.ts';

interface Waiting {
  readonly session: KafkaSession;
  readonly position: Position;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export interface PartitionCommit {
  readonly session: KafkaSession;
  readonly position: Position;
}

export class CommitQueue {
  /** Commits those whose session is not fenced, and returns them; or throws. */
  readonly #send: (commits: readonly PartitionCommit[]) => Promise<readonly PartitionCommit[]>;
  #waiting: Waiting[] = [];
  #busy = false;

  constructor(send: (commits: readonly PartitionCommit[]) => Promise<readonly PartitionCommit[]>) {
    this.#send = send;
  }

  commit(session: KafkaSession, position: Position): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ session, position, resolve, reject });
      if (!this.#busy) void this.#drain();
    });
  }

  async #drain(): Promise<void> {
    this.#busy = true;
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      const together = this.#take();
      try {
        const committed = new Set(await this.#send(together));
        for (const each of together) {
          if (committed.has(each)) each.resolve();
          else each.reject(each.session.fencedError());
        }
      } catch (error) {
        for (const each of together) each.reject(error);
      }
    }
    this.#busy = false;
  }

  /** The first waiting commit of each partition. */
  #take(): Waiting[] {
    const taken = new Map<KafkaSession, Waiting>();
    const later: Waiting[] = [];
    for (const each of this.#waiting) {
      if (taken.has(each.session)) later.push(each);
      else taken.set(each.session, each);
    }
    this.#waiting = later;
    return [...taken.values()];
  }
}
