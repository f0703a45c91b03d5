// A member of a consumer group of the memory log, and the partitions it holds.
import {
  LogError,
  runHandler,
  type GroupMember,
  type PartitionBounds,
  type PartitionSession,
  type Position,
  type ReadLimits,
  type StoredRecord,
} from '@assay/event-log';
import type { MemoryEventLog } from './memory-event-log.ts';
import type { GroupSeat, MemoryGroup } from './memory-group.ts';
import type { Timer } from './timer.ts';

export class MemoryMember implements GroupSeat, GroupMember {
  readonly id: string;
  readonly topics: readonly string[];
  readonly #log: MemoryEventLog;
  readonly #groupName: string;
  readonly #group: MemoryGroup;
  readonly #handle: (session: PartitionSession) => Promise<void>;
  readonly #onError: (error: unknown) => void;
  readonly #sessions = new Map<string, MemorySession>();
  #closing: Promise<void> | undefined;

  constructor(
    log: MemoryEventLog,
    group: string,
    topics: readonly string[],
    handle: (session: PartitionSession) => Promise<void>,
    onError: (error: unknown) => void,
  ) {
    this.#log = log;
    this.#groupName = group;
    this.#group = log.disk.group(group);
    this.id = this.#group.newId();
    this.topics = topics;
    this.#handle = handle;
    this.#onError = onError;
  }

  start(): void {
    this.#group.join(this);
  }

  take(topic: string, partition: number): void {
    // A member that is closing gets nothing more, but holds what it was just given until it leaves.
    if (this.#closing !== undefined) return;
    const { disk } = this.#log;
    const session: MemorySession = new MemorySession(
      this.#log,
      this.#groupName,
      topic,
      partition,
      () => this.#sessions.get(`${topic}/${partition}`) === session,
    );
    this.#sessions.set(`${topic}/${partition}`, session);
    session.handled = runHandler(session, this.#handle, this.#onError, {
      firstMs: disk.limits.restartPauseMs,
      longestMs: disk.limits.longestRestartPauseMs,
      random: disk.random,
      pause: (pauseMs, signal) => pause(disk.timer, pauseMs, signal),
    });
  }

  giveUp(topic: string, partition: number): void {
    const session = this.#sessions.get(`${topic}/${partition}`);
    if (session === undefined || session.signal.aborted) return;
    session.revoke();
    const { disk } = this.#log;
    const release = (): void => {
      cancel();
      if (this.#sessions.get(`${topic}/${partition}`) !== session) return;
      this.#sessions.delete(`${topic}/${partition}`);
      this.#group.release(this.id, topic, partition);
    };
    const cancel = disk.timer.after(disk.limits.revokeGraceMs, release);
    void session.handled.then(release);
  }

  close(drainMs?: number): Promise<void> {
    this.#closing ??= this.#leave(drainMs);
    return this.#closing;
  }

  crash(): void {
    const sessions = [...this.#sessions.values()];
    this.#closing ??= Promise.resolve();
    this.#sessions.clear();
    this.#group.leave(this.id);
    for (const session of sessions) session.revoke();
  }

  async #leave(drainMs: number | undefined): Promise<void> {
    const sessions = [...this.#sessions.values()];
    for (const session of sessions) session.revoke();
    const drained = new AbortController();
    const handled = Promise.all(sessions.map((session) => session.handled)).then(() => drained.abort());
    await (drainMs === undefined ? handled : pause(this.#log.disk.timer, drainMs, drained.signal));
    this.#sessions.clear();
    this.#group.leave(this.id);
  }
}

class MemorySession implements PartitionSession {
  readonly topic: string;
  readonly partition: number;
  readonly #log: MemoryEventLog;
  readonly #group: string;
  readonly #isHeld: () => boolean;
  readonly #abort = new AbortController();
  handled: Promise<void> = Promise.resolve();

  constructor(log: MemoryEventLog, group: string, topic: string, partition: number, isHeld: () => boolean) {
    this.#log = log;
    this.#group = group;
    this.topic = topic;
    this.partition = partition;
    this.#isHeld = isHeld;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  revoke(): void {
    this.#abort.abort();
  }

  async committed(): Promise<Position | undefined> {
    this.#log.checkOpen();
    return this.#log.disk.partition(this.topic, this.partition).positions.get(this.#group);
  }

  bounds(): Promise<PartitionBounds> {
    return this.#log.bounds(this.topic, this.partition);
  }

  read(offset: number, limits: ReadLimits): Promise<readonly StoredRecord[]> {
    return this.#log.read(this.topic, this.partition, offset, limits, this.signal);
  }

  async commit({ offset, metadata }: Position): Promise<void> {
    this.#log.checkOpen();
    const { limits } = this.#log.disk;
    if (Buffer.byteLength(metadata) > limits.maxMetadataBytes) {
      throw new LogError('too_large', `the metadata of a position exceeds ${limits.maxMetadataBytes} bytes`, {
        retriable: false,
      });
    }
    if (!this.#isHeld()) {
      this.revoke();
      throw new LogError(
        'fenced',
        `group ${this.#group} no longer holds partition ${this.partition} of ${this.topic} here`,
        { retriable: false },
      );
    }
    this.#log.disk.partition(this.topic, this.partition).positions.set(this.#group, { offset, metadata });
  }
}

function pause(timer: Timer, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      cancel();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const cancel = timer.after(delayMs, done);
    signal.addEventListener('abort', done);
  });
}
