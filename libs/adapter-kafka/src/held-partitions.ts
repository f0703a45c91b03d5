// The partitions a member holds, each with its session and handler. Invariant: a partition is let go of only when its handler has returned and
// its commits are answered, or when it overstayed its grace and is fenced.
import { runHandler, type PartitionSession, type TopicPartition } from '@assay/event-log';
import { pause, within } from './deadline.ts';
import { keyOf } from './group-protocol.ts';
import type { KafkaSession } from './kafka-session.ts';
import type { LogCore } from './log-core.ts';

export class HeldPartitions {
  readonly #core: LogCore;
  readonly #open: (partition: TopicPartition) => KafkaSession;
  readonly #handle: (session: PartitionSession) => Promise<void>;
  readonly #onError: (error: unknown) => void;
  readonly #onReleased: () => void;
  /** By name, those being let go of included. */
  readonly #sessions = new Map<string, KafkaSession>();
  readonly #releasing = new Set<Promise<void>>();
  /** What the group has given to this member, whether its session has begun or not. */
  #assigned = new Map<string, TopicPartition>();
  #closing = false;

  /**
   * @param open makes the session of a partition, in Kafka's names
   * @param onReleased runs when one was let go of, so that the group may give it to another
   */
  constructor(
    core: LogCore,
    open: (partition: TopicPartition) => KafkaSession,
    handle: (session: PartitionSession) => Promise<void>,
    onError: (error: unknown) => void,
    onReleased: () => void,
  ) {
    this.#core = core;
    this.#open = open;
    this.#handle = handle;
    this.#onError = onError;
    this.#onReleased = onReleased;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** In Kafka's names. */
  list(): TopicPartition[] {
    return [...this.#sessions.values()].map(({ kafkaTopic, partition }) => ({ topic: kafkaTopic, partition }));
  }

  /** Begins what is new and lets go of what is not the member's any more. */
  take(assignment: readonly TopicPartition[]): void {
    this.#assigned = new Map(assignment.map((each) => [keyOf(each), each]));
    for (const [key, session] of this.#sessions)
      if (!this.#assigned.has(key)) this.#release(key, session, this.#core.limits.revokeGraceMs);
    for (const each of assignment) this.#begin(each);
  }

  /** Nothing is held any more: what handlers still commit is refused. */
  fenceAll(): void {
    for (const session of this.#sessions.values()) session.fence();
    this.#sessions.clear();
    this.#assigned.clear();
  }

  /** Lets go of everything. Handlers that have not returned after `drainMs` are left behind, fenced. */
  async close(drainMs: number | undefined): Promise<void> {
    this.#closing = true;
    const sessions = [...this.#sessions];
    for (const [key, session] of sessions) this.#release(key, session, undefined);
    const drained = Promise.all([...sessions.map(([, session]) => session.handled), ...this.#releasing]);
    if (drainMs === undefined) await drained;
    else await within(drainMs, drained);
    const left = [...this.#sessions.values()];
    this.fenceAll();
    await Promise.all(left.map((session) => session.commitsAnswered()));
  }

  #begin(partition: TopicPartition): void {
    const key = keyOf(partition);
    if (this.#closing || this.#sessions.has(key)) return;
    const session = this.#open(partition);
    this.#sessions.set(key, session);
    this.#core.counts.partitionsAssigned++;
    const { restartPauseMs, longestRestartPauseMs } = this.#core.limits;
    session.handled = runHandler(session, this.#handle, this.#onError, {
      firstMs: restartPauseMs,
      longestMs: longestRestartPauseMs,
      random: Math.random,
      pause: (pauseMs, signal) => pause(pauseMs, signal),
    });
  }

  #release(key: string, session: KafkaSession, graceMs: number | undefined): void {
    if (session.signal.aborted) return;
    session.revoke();
    const releasing = this.#letGo(key, session, graceMs).finally(() => this.#releasing.delete(releasing));
    this.#releasing.add(releasing);
  }

  async #letGo(key: string, session: KafkaSession, graceMs: number | undefined): Promise<void> {
    if (graceMs === undefined) await session.handled;
    else if (!(await within(graceMs, session.handled)) && !session.fenced) {
      session.fence();
      this.#core.warn(`${key}: the handler did not return within ${graceMs} ms and is left behind, fenced`);
    }
    await session.commitsAnswered();
    // One that was fenced meanwhile is gone already, and its place may be taken by a new one.
    if (this.#sessions.get(key) !== session) return;
    this.#sessions.delete(key);
    const again = this.#assigned.get(key);
    if (again === undefined) this.#onReleased();
    else this.#begin(again);
  }
}
