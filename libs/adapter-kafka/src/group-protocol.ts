// What the members of a group tell each other through its coordinator, and how the leader of the group decides. The bytes are those of Kafka's
// consumer protocol, so that Kafka's own tools can show the group; what is ours stands in its user data.
//
// Hand-over is cooperative, in two steps: every member says what it holds; a partition that should move is first given to nobody, its holder lets go
// of it and joins again, and only then it is given to the other. So nobody waits for a partition that stays, and no two members hold one.
import { assignPartitions, type TopicPartition } from '@assay/event-log';
import { Decoder, Encoder } from './kafkajs-protocol.ts';

export const PROTOCOL_TYPE = 'consumer';
export const PROTOCOL_NAME = 'assay-cooperative';

export interface MemberClaim {
  readonly id: string;
  readonly topics: readonly string[];
  /** What the member holds, handlers that are still finishing included. */
  readonly held: readonly TopicPartition[];
  /** The generation it was given them in: with two claims to one partition the later one holds. */
  readonly generation: number;
}

/** @param counts partition counts as the member knows them: another count makes other bytes, which makes the coordinator rebalance. */
export function encodeClaim(claim: Omit<MemberClaim, 'id'>, counts: ReadonlyMap<string, number>): Buffer {
  const userData = {
    held: claim.held.map(({ topic, partition }) => [topic, partition]).sort(),
    generation: claim.generation,
    counts: [...counts].sort(),
  };
  return new Encoder()
    .writeInt16(0)
    .writeArray([...claim.topics].sort())
    .writeBytes(Buffer.from(JSON.stringify(userData))).buffer;
}

export function decodeClaim(id: string, bytes: Buffer): MemberClaim {
  const decoder = new Decoder(bytes);
  decoder.readInt16();
  const topics = decoder.readArray((each) => each.readString()!);
  const userData = JSON.parse((decoder.readBytes() ?? Buffer.from('{}')).toString()) as {
    held?: [string, number][];
    generation?: number;
  };
  return {
    id,
    topics,
    held: (userData.held ?? []).map(([topic, partition]) => ({ topic, partition })),
    generation: userData.generation ?? -1,
  };
}

export function encodeAssignment(partitions: readonly TopicPartition[]): Buffer {
  const byTopic = new Map<string, number[]>();
  for (const { topic, partition } of partitions) byTopic.set(topic, [...(byTopic.get(topic) ?? []), partition]);
  return new Encoder()
    .writeInt16(0)
    .writeArray([...byTopic].map(([topic, numbers]) => new Encoder().writeString(topic).writeArray(numbers)))
    .writeBytes(Buffer.alloc(0)).buffer;
}

export function decodeAssignment(bytes: Buffer): TopicPartition[] {
  // A member that is given nothing may get no bytes at all.
  if (bytes.length === 0) return [];
  const decoder = new Decoder(bytes);
  decoder.readInt16();
  return decoder
    .readArray((each) => {
      const topic = each.readString()!;
      return each.readArray((inner) => ({ topic, partition: inner.readInt32() }));
    })
    .flat();
}

/** What each member may hold now. A partition that is to move is missing until its holder has let go. */
export function planAssignment(
  claims: readonly MemberClaim[],
  counts: ReadonlyMap<string, number>,
): Map<string, TopicPartition[]> {
  const holders = new Map<string, MemberClaim>();
  for (const claim of claims) {
    for (const held of claim.held) {
      const other = holders.get(keyOf(held));
      if (other === undefined || other.generation < claim.generation) holders.set(keyOf(held), claim);
    }
  }
  const plan = new Map<string, TopicPartition[]>(claims.map((claim) => [claim.id, []]));
  const target = assignPartitions(claims, counts, (topic, partition) => holders.get(keyOf({ topic, partition }))?.id);
  for (const { topic, partition, member } of target) {
    const holder = holders.get(keyOf({ topic, partition }));
    if (holder === undefined || holder.id === member) plan.get(member)!.push({ topic, partition });
  }
  return plan;
}

export const keyOf = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;
