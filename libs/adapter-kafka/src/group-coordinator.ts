// What a member asks of its group's coordinator. Joining has a connection of its own, because a JoinGroup occupies one until the whole group has
// joined. Errors are thrown as Kafka's; where the coordinator is gets looked up anew after `forget`.
import type { Position, TopicPartition } from '@assay/event-log';
import type { BrokerLink } from './broker-link.ts';
import { decodeAssignment, encodeAssignment, PROTOCOL_NAME, PROTOCOL_TYPE } from './group-protocol.ts';
import { check, errorType } from './kafka-errors.ts';
import { kafkaRequest, unparsed } from './kafkajs-protocol.ts';
import type { LogCore } from './log-core.ts';

export interface Joined {
  readonly errorCode: number;
  readonly generationId: number;
  readonly leaderId: string;
  readonly memberId: string;
  /** Of all members, to the leader; to others none. */
  readonly members: readonly { readonly memberId: string; readonly memberMetadata: Buffer }[];
}

export interface Membership {
  readonly memberId: string;
  readonly generation: number;
}

export interface PositionOf extends TopicPartition {
  readonly position: Position;
}

const MEMBER_ID_REQUIRED = 79;
/** How much longer than the rebalance timeout a JoinGroup may take to be answered. */
const JOIN_MARGIN_MS = 5_000;
const LEAVE_TIMEOUT_MS = 3_000;
const LONGEST_REBALANCE_MS = 60_000;

let coordinators = 0;

export class GroupCoordinator {
  readonly group: string;
  readonly #core: LogCore;
  readonly #lane = `member ${++coordinators}`;

  constructor(core: LogCore, group: string) {
    this.#core = core;
    this.group = group;
  }

  forget(): void {
    this.#core.cluster.forgetCoordinator(this.group);
  }

  /** Ends a join that waits for others. */
  async hangUp(): Promise<void> {
    await this.#core.cluster.closeLane(this.#lane);
  }

  /**
   * Resolves when the whole group has joined. The first time the coordinator makes up an id, which is given to `onNamed` before it counts.
   * @param claim the member's part of the group protocol, made when it is needed
   */
  async join(memberId: string, claim: () => Buffer, onNamed: (memberId: string) => void): Promise<Joined> {
    const link = await this.#link(this.#lane);
    const joined = await this.#askToJoin(link, memberId, claim());
    if (joined.errorCode !== MEMBER_ID_REQUIRED) return checked(joined);
    onNamed(joined.memberId);
    return checked(await this.#askToJoin(link, joined.memberId, claim()));
  }

  /** What the member may hold. The leader brings the plan for all, by member id; the others bring nothing. */
  async sync(
    { memberId, generation }: Membership,
    plan: ReadonlyMap<string, readonly TopicPartition[]>,
  ): Promise<TopicPartition[]> {
    const link = await this.#link(this.#lane);
    const request = kafkaRequest<{ errorCode: number; memberAssignment: Buffer | null }>('SyncGroup', {
      groupId: this.group,
      generationId: generation,
      memberId,
      groupAssignment: [...plan].map(([id, partitions]) => ({
        memberId: id,
        memberAssignment: encodeAssignment(partitions),
      })),
    });
    const answer = checked(await link.send(unparsed(request), this.#core.limits.sessionTimeoutMs));
    return decodeAssignment(answer.memberAssignment ?? Buffer.alloc(0));
  }

  /** Says that the member lives. False when the group is being joined anew. */
  async beat({ memberId, generation }: Membership): Promise<boolean> {
    const link = await this.#link(this.#lane);
    const request = kafkaRequest<{ errorCode: number }>('Heartbeat', {
      groupId: this.group,
      groupGenerationId: generation,
      memberId,
      groupInstanceId: null,
    });
    const answer = await link.send(unparsed(request), this.#core.limits.connectTimeoutMs);
    try {
      checked(answer);
      return true;
    } catch (error) {
      if (errorType(error) === 'REBALANCE_IN_PROGRESS') return false;
      throw error;
    }
  }

  /** @param choose what to commit and as whom, asked when the connection is there, in the turn in which it is sent. */
  async commit(choose: () => Membership & { readonly positions: readonly PositionOf[] }): Promise<void> {
    const link = await this.#link('main');
    const { memberId, generation, positions } = choose();
    if (positions.length === 0) return;
    const topics = new Map<string, { partition: number; offset: string; metadata: string }[]>();
    for (const { topic, partition, position } of positions) {
      const entry = { partition, offset: String(position.offset), metadata: position.metadata };
      topics.set(topic, [...(topics.get(topic) ?? []), entry]);
    }
    const request = kafkaRequest<{ responses: readonly { partitions: readonly { errorCode: number }[] }[] }>(
      'OffsetCommit',
      {
        groupId: this.group,
        groupGenerationId: generation,
        memberId,
        topics: [...topics].map(([topic, partitions]) => ({ topic, partitions })),
      },
    );
    const { responses } = await link.send(unparsed(request), this.#core.limits.connectTimeoutMs);
    for (const { errorCode } of responses.flatMap((response) => response.partitions)) check(errorCode);
  }

  /** So that the others need not wait for the session timeout. */
  async leave(memberId: string): Promise<void> {
    const link = await this.#link('main');
    await link.send(kafkaRequest('LeaveGroup', { groupId: this.group, memberId }), LEAVE_TIMEOUT_MS);
  }

  async #askToJoin(link: BrokerLink, memberId: string, metadata: Buffer): Promise<Joined> {
    const { sessionTimeoutMs, revokeGraceMs } = this.#core.limits;
    // Members let go of partitions between two joins, not during one, so a join waits for nobody's handler: the time is for slow members.
    const rebalanceTimeout = Math.max(sessionTimeoutMs, Math.min(revokeGraceMs, LONGEST_REBALANCE_MS));
    const request = kafkaRequest<Joined>('JoinGroup', {
      groupId: this.group,
      sessionTimeout: sessionTimeoutMs,
      rebalanceTimeout,
      memberId,
      protocolType: PROTOCOL_TYPE,
      groupProtocols: [{ name: PROTOCOL_NAME, metadata }],
    });
    return link.send(unparsed(request), rebalanceTimeout + JOIN_MARGIN_MS);
  }

  async #link(lane: string): Promise<BrokerLink> {
    return this.#core.cluster.link(await this.#core.cluster.coordinator(this.group), lane);
  }
}

function checked<Answer extends { readonly errorCode: number }>(answer: Answer): Answer {
  check(answer.errorCode);
  return answer;
}
