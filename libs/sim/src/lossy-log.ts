// An event log that misbehaves as a real one may, decided by a seed: appends and commits that fail before or after they took effect (the caller cannot
// tell which), handlers that crash when they read, so that records come again from the committed position, and reads that come late.
// Invariant: it never breaks what the port promises: an append that resolved is in the log, once, and a position that was committed stays.
import {
  LogError,
  type Appended,
  type EventLog,
  type GroupMember,
  type LogRecord,
  type PartitionBounds,
  type PartitionSession,
  type Position,
  type ReadLimits,
  type StoredRecord,
  type TopicSpec,
} from '@assay/event-log';
import type { Timer } from '@assay/adapter-memory';
import type { Random } from '@assay/kernel';

/** Chances between 0 and 1, each decided anew for every call. */
export interface LossyLogChances {
  /** An append or commit fails with LogError 'unavailable', retriable, without any effect. */
  readonly failBefore: number;
  /** An append or commit takes effect and then fails in the same way: retrying an append stores it twice. */
  readonly failAfter: number;
  /** A read throws, so that the handler starts again from the committed position. */
  readonly crash: number;
  /** A read comes late, by up to `maxDelayMs`. */
  readonly delay: number;
  readonly maxDelayMs: number;
}

export interface LossyLogCounts {
  failedBefore: number;
  failedAfter: number;
  crashes: number;
  delays: number;
}

/** What a read throws in place of a process that died there. */
export class SimulatedCrash extends Error {
  override readonly name = 'SimulatedCrash';
}

export class LossyLog implements EventLog {
  readonly counts: LossyLogCounts = { failedBefore: 0, failedAfter: 0, crashes: 0, delays: 0 };
  readonly #log: EventLog;
  readonly #random: Random;
  readonly #chances: LossyLogChances;
  readonly #timer: Timer;

  constructor(log: EventLog, random: Random, chances: LossyLogChances, timer: Timer) {
    this.#log = log;
    this.#random = random;
    this.#chances = chances;
    this.#timer = timer;
  }

  ensureTopics(topics: readonly TopicSpec[]): Promise<void> {
    return this.#log.ensureTopics(topics);
  }

  partitions(topic: string): Promise<number> {
    return this.#log.partitions(topic);
  }

  bounds(topic: string, partition: number): Promise<PartitionBounds> {
    return this.#log.bounds(topic, partition);
  }

  append(topic: string, records: readonly LogRecord[], partition?: number): Promise<Appended> {
    return this.#uncertain(`append to ${topic}`, () => this.#log.append(topic, records, partition));
  }

  join(
    group: string,
    topics: readonly string[],
    handle: (session: PartitionSession) => Promise<void>,
    onError: (error: unknown) => void,
  ): Promise<GroupMember> {
    return this.#log.join(group, topics, (session) => handle(this.#lossySession(session)), onError);
  }

  async readFrom(
    topic: string,
    partition: number,
    offset: number,
    limits: ReadLimits,
  ): Promise<readonly StoredRecord[]> {
    await this.#maybeLate();
    return this.#log.readFrom(topic, partition, offset, limits);
  }

  lag(group: string, topic: string): Promise<number> {
    return this.#log.lag(group, topic);
  }

  close(): Promise<void> {
    return this.#log.close();
  }

  #lossySession(session: PartitionSession): PartitionSession {
    return {
      topic: session.topic,
      partition: session.partition,
      signal: session.signal,
      committed: () => session.committed(),
      bounds: () => session.bounds(),
      read: async (offset, limits) => {
        await this.#maybeLate(session.signal);
        if (!session.signal.aborted && this.#random.chance(this.#chances.crash)) {
          this.counts.crashes++;
          throw new SimulatedCrash(`the reader of ${session.topic}/${session.partition} crashed at offset ${offset}`);
        }
        return session.read(offset, limits);
      },
      commit: (position: Position) =>
        this.#uncertain(`commit in ${session.topic}/${session.partition}`, () => session.commit(position)),
    };
  }

  async #uncertain<T>(what: string, act: () => Promise<T>): Promise<T> {
    if (this.#random.chance(this.#chances.failBefore)) {
      this.counts.failedBefore++;
      throw new LogError('unavailable', `simulated: ${what} was lost on the way`, { retriable: true });
    }
    const result = await act();
    if (this.#random.chance(this.#chances.failAfter)) {
      this.counts.failedAfter++;
      throw new LogError('unavailable', `simulated: the answer to ${what} was lost`, { retriable: true });
    }
    return result;
  }

  #maybeLate(signal?: AbortSignal): Promise<void> {
    if (!this.#random.chance(this.#chances.delay)) return Promise.resolve();
    this.counts.delays++;
    return new Promise((resolve) => {
      const done = (): void => {
        cancel();
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const cancel = this.#timer.after(this.#random.float() * this.#chances.maxDelayMs, done);
      signal?.addEventListener('abort', done);
      if (signal?.aborted) done();
    });
  }
}
