// A member of a consumer group. A loop of its own joins, takes what it is given, says every heartbeatMs that it lives, and joins again when the group
// changes; handlers run beside it and are never waited for, except when a partition moves: then its handler may finish (held-partitions.ts).
//
// Invariant: a member that could not say that it lives for sessionTimeoutMs (it was frozen, or the coordinator is out of reach) holds nothing any
// more, and finds that out by itself before it commits or reads; so does one whose coordinator does not know it. What it is given afterwards are
// new sessions.
import type { GroupMember, PartitionSession, Position, TopicPartition } from '@assay/event-log';
import { CommitQueue, type PartitionCommit } from './commit-queue.ts';
import { Deadline, pause, within } from './deadline.ts';
import { GroupCoordinator, type Joined, type Membership } from './group-coordinator.ts';
import { decodeClaim, encodeClaim, planAssignment } from './group-protocol.ts';
import { HeldPartitions } from './held-partitions.ts';
import { isCoordinatorMoving } from './kafka-cluster.ts';
import { describe, errorType, LinkError, MembershipLost, toLogError } from './kafka-errors.ts';
import { KafkaSession } from './kafka-session.ts';
import type { LogCore } from './log-core.ts';

/** The coordinator says it does not know us, or not in this generation. */
const EXPELLED = new Set(['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'FENCED_INSTANCE_ID']);
const NOBODY: Membership = { memberId: '', generation: -1 };

export class KafkaMember implements GroupMember {
  readonly #core: LogCore;
  readonly #coordinator: GroupCoordinator;
  /** In Kafka's names. */
  readonly #topics: readonly string[];
  readonly #onError: (error: unknown) => void;
  readonly #held: HeldPartitions;
  readonly #commits = new CommitQueue((commits) => this.#sendCommits(commits));
  /** Partitions of each topic, as this member last told the group. */
  #counts = new Map<string, number>();
  #membership = NOBODY;
  /** When the coordinator last heard of us for sure, monotonic milliseconds. */
  #heardAtMs = -Infinity;
  #joining = true;
  /** Something changed here that the group must be told of by joining again. */
  #rejoin = false;
  #wake: () => void = () => undefined;
  /** Those who wait for the group to settle, one way or the other. */
  readonly #settling: (() => void)[] = [];
  #closing: Promise<void> | undefined;
  #stopped = false;
  #running: Promise<void> = Promise.resolve();

  /** @param prefix stands before the names of group and topics in Kafka */
  constructor(
    core: LogCore,
    prefix: string,
    group: string,
    topics: readonly string[],
    handle: (session: PartitionSession) => Promise<void>,
    onError: (error: unknown) => void,
  ) {
    this.#core = core;
    this.#coordinator = new GroupCoordinator(core, prefix + group);
    this.#topics = topics.map((topic) => prefix + topic);
    this.#onError = onError;
    const open = ({ topic, partition }: TopicPartition): KafkaSession =>
      new KafkaSession(core, this, prefix + group, topic.slice(prefix.length), topic, partition);
    this.#held = new HeldPartitions(core, open, handle, onError, () => this.#joinAgain());
  }

  start(): void {
    this.#running = this.#run();
  }

  close(drainMs?: number): Promise<void> {
    this.#closing ??= this.#leave(drainMs);
    return this.#closing;
  }

  /** Fences everything when this member has been silent for too long, as it has when its process was frozen. */
  checkMembership(): void {
    // While the group joins, the coordinator keeps our place however long that takes; what it then says decides.
    if (!this.#joining && this.#isSilent()) this.#lose(this.#silence());
  }

  async commit(session: KafkaSession, position: Position): Promise<void> {
    this.checkMembership();
    if (session.fenced) throw session.fencedError();
    await session.whileCommitting(this.#commits.commit(session, position));
  }

  async #run(): Promise<void> {
    const { retryPauseMs } = this.#core.limits;
    let pauseMs = retryPauseMs;
    while (!this.#stopped) {
      try {
        await this.#join();
        pauseMs = retryPauseMs;
        await this.#stay();
      } catch (error) {
        if (this.#stopped) return;
        const type = errorType(error) ?? '';
        if (type === 'REBALANCE_IN_PROGRESS') continue;
        if (EXPELLED.has(type)) {
          this.#lose(error);
          continue;
        }
        this.#coordinator.forget();
        if (!isCoordinatorMoving(error)) this.#onError(toLogError(`joining group ${this.#coordinator.group}`, error));
        // Between two attempts to join nobody keeps our place.
        if (this.#held.size > 0 && this.#isSilent()) this.#lose(this.#silence());
        await pause(pauseMs * (0.5 + Math.random()));
        pauseMs = Math.min(1_000, pauseMs * 2);
      }
    }
  }

  async #join(): Promise<void> {
    this.#joining = true;
    this.#rejoin = false;
    this.#counts = await this.#partitionCounts(this.#topics);
    const joined = await this.#coordinator.join(
      this.#membership.memberId,
      () => this.#claim(),
      (memberId) => void (this.#membership = { memberId, generation: -1 }),
    );
    const membership = { memberId: joined.memberId, generation: joined.generationId };
    const plan = joined.leaderId === joined.memberId ? await this.#plan(joined) : new Map<string, TopicPartition[]>();
    const sentAtMs = performance.now();
    const assignment = await this.#coordinator.sync(membership, plan);
    this.#heardAtMs = sentAtMs;
    this.#membership = membership;
    this.#joining = false;
    this.#core.counts.rebalances++;
    this.#held.take(assignment);
    this.#settled();
  }

  /** Made right before it is sent. */
  #claim(): Buffer {
    if (this.#stopped) throw new LinkError('the member has left');
    // A member that is leaving wants nothing more, but says what its handlers are still finishing.
    const topics = this.#closing === undefined ? this.#topics : [];
    return encodeClaim({ topics, held: this.#held.list(), generation: this.#membership.generation }, this.#counts);
  }

  async #plan(joined: Joined): Promise<Map<string, TopicPartition[]>> {
    const claims = joined.members.map(({ memberId, memberMetadata }) => decodeClaim(memberId, memberMetadata));
    return planAssignment(claims, await this.#partitionCounts([...new Set(claims.flatMap((claim) => claim.topics))]));
  }

  /** How many partitions each topic has; one that does not exist is missing. */
  async #partitionCounts(topics: readonly string[]): Promise<Map<string, number>> {
    const counts = new Map<string, number>();
    for (const topic of topics) {
      try {
        counts.set(topic, (await this.#core.cluster.partitions(topic)).length);
      } catch (error) {
        if ((error as { code?: unknown }).code !== 'unknown_topic') throw error;
      }
    }
    return counts;
  }

  /** Until the group must be joined again. Throws what the coordinator says when it does not know us any more. */
  async #stay(): Promise<void> {
    const { heartbeatMs, retryPauseMs } = this.#core.limits;
    let waitMs = heartbeatMs;
    for (;;) {
      if (this.#stopped || this.#rejoin) return;
      await this.#nap(waitMs);
      this.checkMembership();
      if (this.#stopped || this.#rejoin) return;
      try {
        const sentAtMs = performance.now();
        const isSettled = await this.#coordinator.beat(this.#membership);
        this.#heardAtMs = sentAtMs;
        if (!isSettled || (await this.#topicsGrew())) return;
        waitMs = heartbeatMs;
      } catch (error) {
        if (!isCoordinatorMoving(error)) throw error;
        this.#coordinator.forget();
        waitMs = Math.min(heartbeatMs, retryPauseMs * 2);
      }
    }
  }

  async #topicsGrew(): Promise<boolean> {
    const counts = await this.#partitionCounts(this.#topics);
    return this.#topics.some((topic) => counts.get(topic) !== this.#counts.get(topic));
  }

  /** Waits, or until something asks for attention. */
  async #nap(ms: number): Promise<void> {
    const wake = new AbortController();
    this.#wake = () => wake.abort();
    await pause(ms, wake.signal);
  }

  #joinAgain(): void {
    this.#rejoin = true;
    this.#wake();
  }

  #isSilent(): boolean {
    return performance.now() - this.#heardAtMs > this.#core.limits.sessionTimeoutMs;
  }

  #silence(): MembershipLost {
    return new MembershipLost(`the coordinator was not reached for ${this.#core.limits.sessionTimeoutMs} ms`);
  }

  /** Nothing is held any more. */
  #lose(error: unknown): void {
    const { memberId } = this.#membership;
    if (this.#held.size > 0) {
      this.#core.counts.membershipsLost++;
      this.#core.warn(
        `group ${this.#coordinator.group}: ${this.#held.size} partitions are given up: ${describe(error)}`,
      );
    }
    this.#held.fenceAll();
    this.#membership = NOBODY;
    this.#joining = true;
    this.#settled();
    this.#joinAgain();
    // One that lost its place by its own judgement gives it up, else the others would wait for it.
    if (error instanceof MembershipLost && memberId !== '') void this.#sayGoodbye(memberId);
  }

  #settled(): void {
    for (const each of this.#settling.splice(0)) each();
  }

  /** Commits those whose session is not fenced, and returns them. */
  async #sendCommits(commits: readonly PartitionCommit[]): Promise<readonly PartitionCommit[]> {
    const deadline = new Deadline(this.#core.limits.callTimeoutMs);
    return this.#core.cluster.retrying(`committing for group ${this.#coordinator.group}`, deadline, async () => {
      let sentAs = this.#membership;
      let held: readonly PartitionCommit[] = [];
      try {
        await this.#coordinator.commit(() => {
          sentAs = this.#membership;
          held = commits.filter(({ session }) => !session.fenced);
          const positions = held.map(({ session: { kafkaTopic, partition }, position }) => ({
            topic: kafkaTopic,
            partition,
            position,
          }));
          return { ...sentAs, positions };
        });
        return held;
      } catch (error) {
        await this.#afterRefusedCommit(errorType(error), sentAs, deadline);
        throw error;
      }
    });
  }

  /** Sees to it that trying again makes sense, or that the sessions are fenced. */
  async #afterRefusedCommit(type: string | undefined, sentAs: Membership, deadline: Deadline): Promise<void> {
    if (type === 'REBALANCE_IN_PROGRESS') {
      // The coordinator knows of a rebalance before this member does: the next heartbeat tells it.
      if (this.#joining) await this.#untilSettled(deadline);
      else this.#wake();
    } else if (type !== undefined && EXPELLED.has(type)) {
      // While it joins, the group may be in a generation this member does not know of yet: the answer to its join will say.
      if (this.#joining) await this.#untilSettled(deadline);
      else if (sentAs === this.#membership) this.#lose(new Error(type));
    } else {
      this.#coordinator.forget();
    }
  }

  /** Resolves when the group has settled or this member was thrown out, at the latest when the time is up. */
  async #untilSettled(deadline: Deadline): Promise<void> {
    await within(deadline.leftMs, new Promise<void>((resolve) => this.#settling.push(resolve)));
  }

  async #leave(drainMs: number | undefined): Promise<void> {
    // Heartbeats go on meanwhile, so that handlers may commit what they finish.
    await this.#held.close(drainMs);
    this.#stopped = true;
    this.#wake();
    this.#settled();
    await this.#coordinator.hangUp();
    await this.#running;
    await this.#coordinator.hangUp();
    if (this.#membership.memberId !== '') await this.#sayGoodbye(this.#membership.memberId);
  }

  async #sayGoodbye(memberId: string): Promise<void> {
    try {
      await this.#coordinator.leave(memberId);
    } catch (error) {
      if (!EXPELLED.has(errorType(error) ?? ''))
        this.#core.warn(`group ${this.#coordinator.group}: could not say goodbye: ${describe(error)}`);
    }
  }
}
