// A consumer group of the memory log. Invariant: a partition has at most one holder; it changes hands only after the old
// holder's handler returned, or overstayed its grace, or its process is gone.
import { assignPartitions, type MemberTopics } from '@assay/event-log';

export interface GroupSeat extends MemberTopics {
  /** The partition is this member's now. */
  take(topic: string, partition: number): void;
  /** The partition belongs to another member; call `release` once the handler is done with it. */
  giveUp(topic: string, partition: number): void;
}

export class MemoryGroup {
  readonly #seats = new Map<string, GroupSeat>();
  /** Holder of each partition, by `topic/partition`. */
  readonly #holders = new Map<string, string>();
  readonly #partitionsOf: (topic: string) => number;
  #nextSeat = 1;
  #rebalancing = false;
  #stale = false;

  constructor(partitionsOf: (topic: string) => number) {
    this.#partitionsOf = partitionsOf;
  }

  /** A fresh member id; ids sort in the order of joining. */
  newId(): string {
    return String(this.#nextSeat++).padStart(9, '0');
  }

  join(seat: GroupSeat): void {
    this.#seats.set(seat.id, seat);
    this.rebalance();
  }

  /** Takes the member out together with everything it still holds. */
  leave(id: string): void {
    if (!this.#seats.delete(id)) return;
    for (const [key, holder] of this.#holders) if (holder === id) this.#holders.delete(key);
    this.rebalance();
  }

  holds(id: string, topic: string, partition: number): boolean {
    return this.#holders.get(`${topic}/${partition}`) === id;
  }

  release(id: string, topic: string, partition: number): void {
    if (!this.holds(id, topic, partition)) return;
    this.#holders.delete(`${topic}/${partition}`);
    this.rebalance();
  }

  /** What a member does with a partition may make another leave, or itself: what was worked out before is then worked out anew. */
  rebalance(): void {
    this.#stale = true;
    if (this.#rebalancing) return;
    this.#rebalancing = true;
    while (this.#stale) this.#assign();
    this.#rebalancing = false;
  }

  #assign(): void {
    this.#stale = false;
    const members = [...this.#seats.values()];
    const counts = new Map(
      members.flatMap((member) => member.topics).map((topic) => [topic, this.#partitionsOf(topic)]),
    );
    for (const { topic, partition, member } of assignPartitions(members, counts, (t, p) =>
      this.#holders.get(`${t}/${p}`),
    )) {
      const key = `${topic}/${partition}`;
      const holder = this.#holders.get(key);
      if (holder === undefined) {
        this.#holders.set(key, member);
        this.#seats.get(member)!.take(topic, partition);
      } else if (holder !== member) {
        this.#seats.get(holder)!.giveUp(topic, partition);
      }
      if (this.#stale) return;
    }
  }
}
