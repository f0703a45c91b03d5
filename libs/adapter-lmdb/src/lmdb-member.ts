// A member of a consumer group. There is no leader: each member looks at the living members and the leases every groupPollMs, computes the same
// assignment as everybody else, and moves towards it, taking what is free or whose holder is dead, and giving up what belongs to another.
//
// Invariant: a partition is given up only after its handler returned (or overstayed its grace), and taken only by a
// compare-and-set on the lease, so two members never both hold one. A handler keeps its right to commit until its lease is given up.
import { setTimeout as sleep } from 'node:timers/promises';
import { assignPartitions, runHandler, type GroupMember, type PartitionSession } from '@assay/event-log';
import { LmdbSession } from './lmdb-session.ts';
import type { LogCore } from './log-core.ts';
import { Membership } from './membership.ts';
import { leaseKey } from './store.ts';

const FULL_LOOK_MS = 500;

interface Lease {
  readonly owner: string;
}

export class LmdbMember implements GroupMember {
  readonly #core: LogCore;
  readonly #group: string;
  readonly #topics: readonly string[];
  readonly #handle: (session: PartitionSession) => Promise<void>;
  readonly #onError: (error: unknown) => void;
  readonly #membership: Membership;
  readonly #sessions = new Map<number, LmdbSession>();
  readonly #releasing = new Set<Promise<void>>();
  #round: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closing: Promise<void> | undefined;
  #seenRevision: number | undefined;
  #lookedAtMs = -Infinity;

  constructor(
    core: LogCore,
    group: string,
    topics: readonly string[],
    handle: (session: PartitionSession) => Promise<void>,
    onError: (error: unknown) => void,
  ) {
    this.#core = core;
    this.#group = group;
    this.#topics = topics;
    this.#handle = handle;
    this.#onError = onError;
    this.#membership = new Membership(
      core.store,
      core.writer,
      group,
      topics,
      core.limits.heartbeatMs,
      core.limits.memberTimeoutMs,
    );
  }

  /** Enters the group; rejects when that could not be written. */
  async start(): Promise<void> {
    await this.#membership.beat(performance.now());
    this.nudge();
  }

  /** Something may have changed in the group: look soon instead of at the next poll. */
  nudge(): void {
    if (this.#closing !== undefined || this.#round !== undefined) return;
    clearTimeout(this.#timer);
    let pauseMs = this.#core.limits.groupPollMs;
    this.#round = this.#balance()
      .catch((error: unknown) => {
        // The log cannot be written just now; saying so at every poll would help nobody.
        pauseMs = this.#core.limits.heartbeatMs;
        this.#onError(error);
      })
      .finally(() => {
        this.#round = undefined;
        if (this.#closing === undefined) this.#timer = setTimeout(() => this.nudge(), pauseMs);
      });
  }

  close(drainMs?: number): Promise<void> {
    this.#closing ??= this.#leave(drainMs);
    return this.#closing;
  }

  async #leave(drainMs: number | undefined): Promise<void> {
    clearTimeout(this.#timer);
    for (const session of this.#sessions.values()) session.revoke();
    await this.#round;
    for (const session of this.#sessions.values()) session.revoke();
    const handled = Promise.all([...this.#sessions.values()].map((session) => session.handled));
    const drained = Promise.all([handled, ...this.#releasing]);
    await (drainMs === undefined ? drained : within(drainMs, drained));
    // A handler that overstayed is fenced by the release of its lease.
    await Promise.all([...this.#sessions.values()].map((session) => this.#release(session)));
    await this.#membership.leave();
  }

  async #balance(): Promise<void> {
    const nowMs = performance.now();
    this.#core.store.refresh();
    // Most polls end here. A member that died says nothing, so now and then a round looks at everybody all the same.
    const revision = this.#core.store.groupRevision(this.#group);
    const { heartbeatMs } = this.#core.limits;
    if (revision === this.#seenRevision && nowMs - this.#lookedAtMs < Math.min(FULL_LOOK_MS, heartbeatMs)) return;
    await this.#membership.beat(nowMs);
    this.#core.store.refresh();
    const living = await this.#membership.living(nowMs);
    const alive = new Set(living.map((member) => member.id));
    this.#core.store.refresh();
    this.#dropLostSessions();

    const counts = new Map(
      living.flatMap((member) => member.topics).map((topic) => [topic, this.#core.catalogue.topic(topic).partitions]),
    );
    const assignment = assignPartitions(living, counts, (topic, partition) =>
      this.#ownerOf(this.#core.catalogue.partitionId(topic, partition)),
    );
    const takes: Promise<void>[] = [];
    for (const { topic, partition, member } of assignment) {
      const partitionId = this.#core.catalogue.partitionId(topic, partition);
      const session = this.#sessions.get(partitionId);
      if (session !== undefined && member !== this.#membership.id) this.#giveUp(session);
      if (session === undefined && member === this.#membership.id)
        takes.push(this.#take(topic, partition, partitionId, alive));
    }
    await Promise.all(takes);
    this.#seenRevision = revision;
    this.#lookedAtMs = nowMs;
  }

  #ownerOf(partitionId: number): string | undefined {
    return this.#core.store.value<Lease>(leaseKey(this.#group, partitionId))?.owner;
  }

  /** Another member declared this one dead and took over: what the handlers still commit will be fenced. */
  #dropLostSessions(): void {
    for (const session of this.#sessions.values()) {
      if (this.#core.store.entry(leaseKey(this.#group, session.partitionId))?.version === session.epoch) continue;
      session.revoke();
      this.#sessions.delete(session.partitionId);
    }
  }

  async #take(topic: string, partition: number, partitionId: number, alive: ReadonlySet<string>): Promise<void> {
    if (this.#closing !== undefined) return;
    const key = leaseKey(this.#group, partitionId);
    const lease = this.#core.store.entry<Lease>(key);
    if (lease !== undefined && lease.value.owner !== '' && alive.has(lease.value.owner)) return;
    const epoch = (lease?.version ?? 0) + 1;
    const owner = this.#membership.id;
    const taken = await this.#core.writer.guarded(key, lease?.version ?? null, () =>
      this.#putLease(partitionId, owner, epoch),
    );
    if (!taken) return;
    this.#core.counts.partitionsAssigned++;
    const session = new LmdbSession(this.#core, this.#group, topic, partition, partitionId, epoch);
    this.#sessions.set(partitionId, session);
    const { restartPauseMs, longestRestartPauseMs } = this.#core.limits;
    session.handled = runHandler(session, this.#handle, this.#onError, {
      firstMs: restartPauseMs,
      longestMs: longestRestartPauseMs,
      random: this.#core.random,
      pause: (pauseMs, signal) => sleep(pauseMs, undefined, { signal }).catch(() => undefined),
    });
  }

  #giveUp(session: LmdbSession): void {
    if (session.signal.aborted) return;
    session.revoke();
    const releasing = this.#releaseAfterGrace(session)
      .catch(this.#onError)
      .finally(() => this.#releasing.delete(releasing));
    this.#releasing.add(releasing);
  }

  async #releaseAfterGrace(session: LmdbSession): Promise<void> {
    const inTime = await within(this.#core.limits.revokeGraceMs, session.handled);
    if (!inTime) {
      const { topic, partition } = session;
      this.#core.warn(
        `${topic}/${partition}: the handler of group ${this.#group} did not return in time and is left behind, fenced`,
      );
    }
    await this.#release(session);
  }

  async #release(session: LmdbSession): Promise<void> {
    const key = leaseKey(this.#group, session.partitionId);
    if (this.#sessions.get(session.partitionId) === session) this.#sessions.delete(session.partitionId);
    await this.#core.writer.guarded(key, session.epoch, () =>
      this.#putLease(session.partitionId, '', session.epoch + 1),
    );
  }

  #putLease(partitionId: number, owner: string, epoch: number): void {
    const lease: Lease = { owner };
    this.#core.store.put(leaseKey(this.#group, partitionId), lease, epoch);
    this.#core.store.touchGroup(this.#group);
  }
}

/** Whether the work came to its end within so many milliseconds. */
async function within(ms: number, work: Promise<unknown>): Promise<boolean> {
  const stop = new AbortController();
  const late = sleep(ms, false, { signal: stop.signal }).catch(() => false);
  const inTime = await Promise.race([work.then(() => true), late]);
  stop.abort();
  return inTime;
}
