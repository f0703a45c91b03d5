// Spreads the partitions of a group's topics over its members. Every member computes this from the same facts and gets the
// same answer, so no member has to lead. Invariants: every partition of a topic that somebody reads has exactly one member;
// the loads of a topic's readers differ by at most one; no partition moves that does not have to.

export interface MemberTopics {
  readonly id: string;
  readonly topics: readonly string[];
}

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

export interface Assignment extends TopicPartition {
  readonly member: string;
}

/**
 * @param members in any order; ids are unique.
 * @param partitions partition count by topic; a topic that is missing here is left out.
 * @param ownerOf who holds a partition now, if anybody.
 */
export function assignPartitions(
  members: readonly MemberTopics[],
  partitions: ReadonlyMap<string, number>,
  ownerOf: (topic: string, partition: number) => string | undefined,
): Assignment[] {
  const load = new Map(members.map((member) => [member.id, 0]));
  const assigned: Assignment[] = [];
  for (const topic of [...partitions.keys()].sort()) {
    const readers = members.filter((member) => member.topics.includes(topic)).map((member) => member.id);
    if (readers.length === 0) continue;
    for (const [partition, member] of spread(topic, partitions.get(topic)!, readers.sort(), load, ownerOf).entries()) {
      assigned.push({ topic, partition, member });
      load.set(member, load.get(member)! + 1);
    }
  }
  return assigned;
}

/** The member of each partition of one topic. `readers` is sorted and not empty; `load` counts what each was given of earlier topics. */
function spread(
  topic: string,
  count: number,
  readers: readonly string[],
  load: ReadonlyMap<string, number>,
  ownerOf: (topic: string, partition: number) => string | undefined,
): string[] {
  const held = new Map<string, number[]>(readers.map((id) => [id, []]));
  for (let partition = 0; partition < count; partition++) held.get(ownerOf(topic, partition) ?? '')?.push(partition);

  // The remainder goes to those who hold most already (nothing moves), then to those with least work from other topics.
  const floor = Math.floor(count / readers.length);
  const byClaim = [...readers].sort(
    (a, b) => held.get(b)!.length - held.get(a)!.length || load.get(a)! - load.get(b)! || (a < b ? -1 : 1),
  );
  const quota = new Map(byClaim.map((id, rank) => [id, rank < count % readers.length ? floor + 1 : floor]));

  const owners = new Array<string | undefined>(count);
  for (const id of readers) for (const partition of held.get(id)!.slice(0, quota.get(id)!)) owners[partition] = id;
  const room = byClaim.flatMap((id) => new Array<string>(Math.max(0, quota.get(id)! - held.get(id)!.length)).fill(id));
  let next = 0;
  return Array.from(owners, (owner) => owner ?? room[next++]!);
}
