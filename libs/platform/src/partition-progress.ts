// How far a consumer is in each partition it holds, as an operator wants to know it: in seconds, and honest while nothing moves.
// Lag is worked out when Prometheus asks, from the oldest record not yet done, so it grows while a batch is stuck, a store is away or
// the log cannot be read. A partition that was given up is no longer shown: whoever holds it next shows it.
import type { PartitionSession } from '@assay/event-log';
import { MICROS_PER_SECOND, type Clock } from '@assay/kernel';
import { Counter, Gauge, type Registry } from 'prom-client';

/** A consumer with nothing to read looks again at least this often; silent for longer, it no longer knows that there is nothing. */
const FRESH_US = 5 * MICROS_PER_SECOND;

interface Progress {
  readonly session: PartitionSession;
  /** When the oldest record in hand was appended; undefined when none is in hand. */
  oldestUs: number | undefined;
  /** Everything appended before this is done; before the first read, when the partition was taken. */
  doneUntilUs: number;
  /** Whether nothing was left to read at `doneUntilUs`. */
  idle: boolean;
}

export class PartitionProgress {
  readonly #clock: Clock;
  readonly #held = new Map<string, Progress>();
  readonly #assignments: Counter<'topic'>;

  /** @param prefix of the metrics' names, e.g. `assay_validator_` */
  constructor(registry: Registry, prefix: string, clock: Clock, done: string) {
    this.#clock = clock;
    const registers = [registry];
    const held = (): Iterable<Progress> => this.#current();
    const lagUs = (progress: Progress): number => this.#lagUs(progress);
    new Gauge({
      name: `${prefix}lag_seconds`,
      help: `Age of the oldest record not yet ${done}, by partition held; 0 when there is none. Where the log cannot be read, time since it last could.`,
      labelNames: ['topic', 'partition'],
      registers,
      collect() {
        this.reset();
        for (const progress of held()) {
          const { topic, partition } = progress.session;
          this.set({ topic, partition }, lagUs(progress) / MICROS_PER_SECOND);
        }
      },
    });
    new Gauge({
      name: `${prefix}partitions`,
      help: 'Partitions held by this process.',
      labelNames: ['topic'],
      registers,
      collect() {
        this.reset();
        for (const { session } of held()) this.inc({ topic: session.topic });
      },
    });
    this.#assignments = new Counter({
      name: `${prefix}partition_assignments_total`,
      help: 'Times a partition was given to this process: once each when the group is quiet, more with every rebalance.',
      labelNames: ['topic'],
      registers,
    });
  }

  /** A handler starts on the partition, for the first time or again after it failed. */
  begin(session: PartitionSession): void {
    const known = this.#held.get(key(session));
    // Each assignment has a signal of its own; a session may come in a wrapper anew with every start of its handler.
    if (known?.session.signal === session.signal) return;
    this.#assignments.inc({ topic: session.topic });
    this.#held.set(key(session), { session, oldestUs: undefined, doneUntilUs: this.#clock.nowUs(), idle: false });
  }

  /** Records are in hand, the first of them appended at `oldestUs`. */
  took(session: PartitionSession, oldestUs: number): void {
    const progress = this.#held.get(key(session));
    if (progress) progress.oldestUs ??= oldestUs;
  }

  /** All that was in hand is done, the last of it appended at `lastUs`. */
  done(session: PartitionSession, lastUs: number): void {
    this.#set(session, lastUs, false);
  }

  /** At `atUs` there was nothing left to read. */
  caughtUp(session: PartitionSession, atUs: number): void {
    this.#set(session, atUs, true);
  }

  #set(session: PartitionSession, doneUntilUs: number, idle: boolean): void {
    const progress = this.#held.get(key(session));
    if (progress) Object.assign(progress, { oldestUs: undefined, doneUntilUs, idle });
  }

  #lagUs({ oldestUs, doneUntilUs, idle }: Progress): number {
    const behindUs = Math.max(0, this.#clock.nowUs() - (oldestUs ?? doneUntilUs));
    return oldestUs === undefined && idle && behindUs <= FRESH_US ? 0 : behindUs;
  }

  *#current(): Iterable<Progress> {
    for (const [name, progress] of this.#held) {
      if (progress.session.signal.aborted) this.#held.delete(name);
      else yield progress;
    }
  }
}

const key = ({ topic, partition }: PartitionSession): string => `${topic}:${partition}`;
