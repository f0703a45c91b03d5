// A member of a consumer group. A loop of its own joins, takes what it is given, says every heartbeatMs that it lives, and joins again when the group
// changes; handlers run beside it and are never waited for, except when a partition moves: then its handler may finish.
//
// Invariants: a partition is let go of only when its handler has returned and its commits are answered, or when it overstayed its grace and is
// fenced. A member that could not say that it lives for sessionTimeoutMs (it was frozen, or the coordinator is out of reach) holds nothing any more,
// and finds that out by itself before it commits or reads; so does one whose coordinator does not know it. What it is given afterwards are new sessions.
import {
  runHandler,
  type GroupMember,
  type PartitionSession,
  type Position,
  type TopicPartition,
} from '@assay/event-log';
import type { BrokerLink } from './broker-link.ts';
import { CommitQueue, type PartitionCommit } from './commit-queue.ts';
import { Deadline, pause, within } from './deadline.ts';
import {
  decodeAssignment,
  decodeClaim,
  encodeAssignment,
  encodeClaim,
  keyOf,
  planAssignment,
  PROTOCOL_NAME,
  PROTOCOL_TYPE,
} from './group-protocol.ts';
import { isCoordinatorMoving } from './kafka-cluster.ts';
import { check, describe, errorType, LinkError, MembershipLost, toLogError } from './kafka-errors.ts';
import { KafkaSession } from './kafka-session.ts';
import { kafkaRequest, unparsed } from './kafkajs-protocol.ts';
import type { LogCore } from './log-core.ts';

interface Joined {
  readonly errorCode: number;
  readonly generationId: number;
  readonly leaderId: string;
  readonly memberId: string;
  /** Of all members, to the leader; to others none. */
  readonly members: readonly { readonly memberId: string; readonly memberMetadata: Buffer }[];
}

const MEMBER_ID_REQUIRED = 79;
/** How much longer than the rebalance timeout a JoinGroup may take to be answered. */
const JOIN_MARGIN_MS = 5_000;
const LEAVE_TIMEOUT_MS = 3_000;
/** What setTimeout can wait: 24 days. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
/** The coordinator says it does not know us, or not in this generation. */
const EXPELLED = new Set(['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'FENCED_INSTANCE_ID']);

let members = 0;

export class KafkaMember implements GroupMember {
  readonly #core: LogCore;
  /** Stands before the names of group and topics in Kafka; everything here goes by Kafka's names. */
  readonly #prefix: string;
  readonly #group: string;
  readonly #topics: readonly string[];
  readonly #handle: (session: PartitionSession) => Promise<void>;
  readonly #onError: (error: unknown) => void;
  readonly #commits = new CommitQueue((commits) => this.#sendCommits(commits));
  /** Its own lane to the coordinator: a JoinGroup occupies a connection until the whole group has joined. */
  readonly #lane = `member ${++members}`;

  /** Held partitions by name, those being let go of included. */
  readonly #sessions = new Map<string, KafkaSession>();
  readonly #releasing = new Set<Promise<void>>();
  /** What the group has given to this member, whether its session has begun or not. */
  #assigned = new Map<string, TopicPartition>();
  #counts = new Map<string, number>();
  #memberId = '';
  #generation = -1;
  /** When the coordinator last heard of us for sure, monotonic milliseconds. */
  #heardAtMs = -Infinity;
  #joining = true;
  #rejoin = false;
  #wake: () => void = () => undefined;
  /** Those who wait for the group to settle, one way or the other. */
  #settling: (() => void)[] = [];
  #closing: Promise<void> | undefined;
  #stopped = false;
  #running: Promise<void> = Promise.resolve();

  constructor(
    core: LogCore,
    prefix: string,
    group: string,
    topics: readonly string[],
    handle: (session: PartitionSession) => Promise<void>,
    onError: (error: unknown) => void,
  ) {
    this.#core = core;
    this.#prefix = prefix;
    this.#group = prefix + group;
    this.#topics = topics.map((topic) => prefix + topic);
    this.#handle = handle;
    this.#onError = onError;
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
    // While it waits for the group to join, the coordinator keeps it however long that takes; what it then says decides.
    if (this.#joining || performance.now() - this.#heardAtMs <= this.#core.limits.sessionTimeoutMs) return;
    this.#lose(new MembershipLost(`nothing was heard of the coordinator for ${this.#core.limits.sessionTimeoutMs} ms`));
  }

  async commit(session: KafkaSession, position: Position): Promise<void> {
    this.checkMembership();
    if (session.fenced) throw session.fencedError();
    await session.whileCommitting(this.#commits.commit(session, position));
  }

  async #run(): Promise<void> {
    let pauseMs = this.#core.limits.retryPauseMs;
    while (!this.#stopped) {
      try {
        await this.#join();
        pauseMs = this.#core.limits.retryPauseMs;
        await this.#stay();
      } catch (error) {
        if (this.#stopped) break;
        if (error instanceof MembershipLost || EXPELLED.has(errorType(error) ?? '')) this.#lose(error);
        else if (errorType(error) !== 'REBALANCE_IN_PROGRESS') {
          this.#core.cluster.forgetCoordinator(this.#group);
          if (!isCoordinatorMoving(error)) this.#onError(toLogError(`joining group ${this.#group}`, error));
          this.#checkSilence();
          await pause(pauseMs * (0.5 + Math.random()));
          pauseMs = Math.min(1_000, pauseMs * 2);
        }
      }
    }
  }

  /** Between two attempts to join nobody keeps a place for us: the session timeout counts. */
  #checkSilence(): void {
    if (this.#sessions.size === 0 || this.#memberId === '') return;
    if (performance.now() - this.#heardAtMs > this.#core.limits.sessionTimeoutMs)
      this.#lose(new MembershipLost('the coordinator could not be reached for too long'));
  }

  async #join(): Promise<void> {
    this.#joining = true;
    this.#rejoin = false;
    const link = await this.#coordinator();
    this.#counts = await this.#partitionCounts(this.#topics);
    const joined = await this.#askToJoin(link);
    this.#memberId = joined.memberId;
    const plan =
      joined.leaderId === joined.memberId ? await this.#plan(joined) : new Map<string, readonly TopicPartition[]>();
    const sentAtMs = performance.now();
    const { errorCode, memberAssignment } = await link.send(
      unparsed(
        kafkaRequest<{ errorCode: number; memberAssignment: Buffer | null }>('SyncGroup', {
          groupId: this.#group,
          generationId: joined.generationId,
          memberId: this.#memberId,
          groupAssignment: [...plan].map(([memberId, partitions]) => ({
            memberId,
            memberAssignment: encodeAssignment(partitions),
          })),
        }),
      ),
      this.#core.limits.sessionTimeoutMs,
    );
    check(errorCode);
    this.#heardAtMs = sentAtMs;
    this.#generation = joined.generationId;
    this.#joining = false;
    this.#core.counts.rebalances++;
    this.#take(decodeAssignment(memberAssignment ?? Buffer.alloc(0)));
    this.#settled();
  }

  async #askToJoin(link: BrokerLink): Promise<Joined> {
    const { sessionTimeoutMs, revokeGraceMs } = this.#core.limits;
    // Members let go of partitions between two joins, not during one, so a join waits for nobody's handler; the margin is for slow members.
    const rebalanceTimeout = Math.max(sessionTimeoutMs, Math.min(revokeGraceMs, 60_000));
    const ask = (): Promise<Joined> =>
      link.send(
        unparsed(
          kafkaRequest<Joined>('JoinGroup', {
            groupId: this.#group,
            sessionTimeout: sessionTimeoutMs,
            rebalanceTimeout,
            memberId: this.#memberId,
            protocolType: PROTOCOL_TYPE,
            groupProtocols: [{ name: PROTOCOL_NAME, metadata: this.#claim() }],
          }),
        ),
        rebalanceTimeout + JOIN_MARGIN_MS,
      );
    let joined = await ask();
    if (joined.errorCode === MEMBER_ID_REQUIRED) {
      this.#memberId = joined.memberId;
      if (this.#stopped) throw new LinkError('the member has left');
      joined = await ask();
    }
    check(joined.errorCode);
    return joined;
  }

  #claim(): Buffer {
    const held = [...this.#sessions.values()].map(({ kafkaTopic, partition }) => ({ topic: kafkaTopic, partition }));
    // A member that is leaving wants nothing more, but says what its handlers are still finishing.
    const topics = this.#closing === undefined ? this.#topics : [];
    return encodeClaim({ topics, held, generation: this.#generation }, this.#counts);
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

  /** Until the group must be joined again. Throws MembershipLost, or what the coordinator says when it is not one any more. */
  async #stay(): Promise<void> {
    const { heartbeatMs, retryPauseMs } = this.#core.limits;
    let waitMs = heartbeatMs;
    while (!this.#stopped && !this.#rejoin) {
      await this.#nap(waitMs);
      if (this.#stopped || this.#rejoin) return;
      this.checkMembership();
      if (this.#joining) return;
      try {
        if (!(await this.#beat())) return;
        waitMs = heartbeatMs;
        if (await this.#topicsGrew()) return;
      } catch (error) {
        if (!isCoordinatorMoving(error)) throw error;
        this.#core.cluster.forgetCoordinator(this.#group);
        waitMs = Math.min(heartbeatMs, retryPauseMs * 2);
      }
    }
  }

  /** Says that this member lives. False when the group is being joined anew. */
  async #beat(): Promise<boolean> {
    const link = await this.#coordinator();
    const sentAtMs = performance.now();
    const { errorCode } = await link.send(
      unparsed(
        kafkaRequest<{ errorCode: number }>('Heartbeat', {
          groupId: this.#group,
          groupGenerationId: this.#generation,
          memberId: this.#memberId,
          groupInstanceId: null,
        }),
      ),
      this.#core.limits.connectTimeoutMs,
    );
    try {
      check(errorCode);
    } catch (error) {
      if (errorType(error) !== 'REBALANCE_IN_PROGRESS') throw error;
      this.#heardAtMs = sentAtMs;
      return false;
    }
    this.#heardAtMs = sentAtMs;
    return true;
  }

  async #topicsGrew(): Promise<boolean> {
    const counts = await this.#partitionCounts(this.#topics);
    return this.#topics.some((topic) => counts.get(topic) !== this.#counts.get(topic));
  }

  async #coordinator(): Promise<BrokerLink> {
    const { cluster } = this.#core;
    const link = await cluster.link(await cluster.coordinator(this.#group), this.#lane);
    if (this.#stopped) throw new LinkError('the member has left');
    return link;
  }

  /** Waits, or until something asks for attention. */
  async #nap(ms: number): Promise<void> {
    const wake = new AbortController();
    this.#wake = () => wake.abort();
    await pause(ms, wake.signal);
  }

  #take(assignment: readonly TopicPartition[]): void {
    this.#assigned = new Map(assignment.map((each) => [keyOf(each), each]));
    for (const [key, session] of this.#sessions)
      if (!this.#assigned.has(key)) this.#release(session, this.#core.limits.revokeGraceMs);
    for (const each of assignment) this.#begin(each);
  }

  #begin({ topic, partition }: TopicPartition): void {
    const key = keyOf({ topic, partition });
    if (this.#closing !== undefined || this.#sessions.has(key)) return;
    const session = new KafkaSession(this.#core, this, this.#group, topic.slice(this.#prefix.length), topic, partition);
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

  /** Lets go of a partition once its handler is done. */
  #release(session: KafkaSession, graceMs: number): void {
    if (session.signal.aborted) return;
    session.revoke();
    const releasing = this.#whenHandled(session, graceMs).finally(() => this.#releasing.delete(releasing));
    this.#releasing.add(releasing);
  }

  async #whenHandled(session: KafkaSession, graceMs: number): Promise<void> {
    if (!(await within(graceMs, session.handled)) && !session.fenced) {
      session.fence();
      this.#core.warn(
        `${keyOf(session)}: the handler of group ${this.#group} did not return in time and is left behind, fenced`,
      );
    }
    await session.commitsAnswered();
    const key = keyOf({ topic: session.kafkaTopic, partition: session.partition });
    // A session that was fenced is gone already, and its place may be taken by a new one.
    if (this.#sessions.get(key) !== session) return;
    this.#sessions.delete(key);
    const again = this.#assigned.get(key);
    if (again !== undefined) return this.#begin(again);
    this.#rejoin = true;
    this.#wake();
  }

  /** Nothing is held any more: what handlers still commit is refused. */
  #lose(error: unknown): void {
    if (this.#sessions.size > 0) {
      this.#core.counts.membershipsLost++;
      this.#core.warn(
        `group ${this.#group}: membership lost, ${this.#sessions.size} partitions are given up: ${describe(error)}`,
      );
    }
    for (const session of this.#sessions.values()) session.fence();
    this.#sessions.clear();
    this.#assigned.clear();
    // One that lost its place by its own judgement gives it up, else the others would wait for it.
    if (error instanceof MembershipLost && this.#memberId !== '') void this.#sayGoodbye(this.#memberId);
    this.#memberId = '';
    this.#generation = -1;
    this.#joining = true;
    this.#rejoin = true;
    this.#settled();
    this.#wake();
  }

  #settled(): void {
    for (const each of this.#settling.splice(0)) each();
  }

  async #sendCommits(commits: readonly PartitionCommit[]): Promise<readonly PartitionCommit[]> {
    const { cluster, limits } = this.#core;
    const deadline = new Deadline(limits.callTimeoutMs);
    return cluster.retrying(`committing for group ${this.#group}`, deadline, async () => {
      const generation = this.#generation;
      try {
        return await this.#sendCommit(commits, generation);
      } catch (error) {
        const type = errorType(error) ?? '';
        if (isCoordinatorMoving(error)) cluster.forgetCoordinator(this.#group);
        if (type === 'REBALANCE_IN_PROGRESS') await this.#untilSettled(deadline);
        else if (EXPELLED.has(type)) {
          // While it joins, the group may be in a generation this member does not know of yet: the answer to its join will say.
          if (this.#joining) await this.#untilSettled(deadline);
          else if (generation === this.#generation) this.#lose(error);
        }
        throw error;
      }
    });
  }

  async #sendCommit(commits: readonly PartitionCommit[], generation: number): Promise<readonly PartitionCommit[]> {
    const { cluster, limits } = this.#core;
    const link = await cluster.link(await cluster.coordinator(this.#group), 'main');
    const held = commits.filter(({ session }) => !session.fenced);
    if (held.length === 0) return [];
    const byTopic = new Map<string, { partition: number; offset: string; metadata: string }[]>();
    for (const { session, position } of held) {
      const partitions = byTopic.get(session.kafkaTopic) ?? [];
      partitions.push({
        partition: session.partition,
        offset: String(position.offset),
        metadata: position.metadata,
      });
      byTopic.set(session.kafkaTopic, partitions);
    }
    const { responses } = await link.send(
      unparsed(
        kafkaRequest<{ responses: readonly { partitions: readonly { errorCode: number }[] }[] }>('OffsetCommit', {
          groupId: this.#group,
          groupGenerationId: generation,
          memberId: this.#memberId,
          topics: [...byTopic].map(([topic, partitions]) => ({ topic, partitions })),
        }),
      ),
      limits.connectTimeoutMs,
    );
    for (const { errorCode } of responses.flatMap((response) => response.partitions)) check(errorCode);
    return held;
  }

  /** Resolves when the group has settled or this member was thrown out, at the latest when the time is up. */
  async #untilSettled(deadline: Deadline): Promise<void> {
    // The coordinator knows of a rebalance before this member does: the next heartbeat tells it.
    if (!this.#joining) return this.#wake();
    await within(deadline.leftMs, new Promise<void>((resolve) => this.#settling.push(resolve)));
  }

  async #leave(drainMs: number | undefined): Promise<void> {
    const handled = Promise.all([...this.#sessions.values()].map((session) => session.handled));
    // Heartbeats go on meanwhile, so that handlers may commit what they finish.
    for (const session of this.#sessions.values()) this.#release(session, drainMs ?? LONGEST_TIMER_MS);
    const drained = Promise.all([handled, ...this.#releasing]);
    await (drainMs === undefined ? drained : within(drainMs, drained));
    const left = [...this.#sessions.values()];
    for (const session of left) session.fence();
    await Promise.all(left.map((session) => session.commitsAnswered()));
    this.#stopped = true;
    this.#wake();
    this.#settled();
    await this.#core.cluster.closeLane(this.#lane);
    await this.#running;
    if (this.#memberId !== '') await this.#sayGoodbye(this.#memberId);
  }

  /** So that the others need not wait for the session timeout. A coordinator that cannot be told finds out by that. */
  async #sayGoodbye(memberId: string): Promise<void> {
    const { cluster } = this.#core;
    try {
      const link = await cluster.link(await cluster.coordinator(this.#group), 'main');
      await link.send(kafkaRequest('LeaveGroup', { groupId: this.#group, memberId }), LEAVE_TIMEOUT_MS);
    } catch (error) {
      if (!EXPELLED.has(errorType(error) ?? ''))
        this.#core.warn(`group ${this.#group}: could not say goodbye: ${describe(error)}`);
    }
  }
}
