// Members that join, leave and let go at any time: no partition is ever given to one while another holds it, and when nobody comes or goes any more,
// every partition is held, evenly, after as many rebalances as a hand-over takes.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { TopicPartition } from '@assay/event-log';
import {
  decodeAssignment,
  decodeClaim,
  encodeAssignment,
  encodeClaim,
  keyOf,
  planAssignment,
  type MemberClaim,
} from './group-protocol.ts';

const COUNTS = new Map([
  ['a', 5],
  ['b', 2],
]);
const ALL = [...COUNTS].flatMap(([topic, count]) =>
  Array.from({ length: count }, (_, partition): TopicPartition => ({ topic, partition })),
);

class Group {
  readonly members = new Map<string, { held: Map<string, TopicPartition>; mayHold: Set<string>; generation: number }>();
  #generation = 0;

  join(id: string): void {
    if (!this.members.has(id)) this.members.set(id, { held: new Map(), mayHold: new Set(), generation: -1 });
  }

  /** What a rebalance does: claims and assignments travel as bytes. */
  rebalance(): void {
    this.#generation++;
    const claims = [...this.members].map(([id, { held, generation }]): MemberClaim => {
      const claim = { topics: ['a', 'b'], held: [...held.values()], generation };
      return decodeClaim(id, encodeClaim(claim, COUNTS));
    });
    const plan = planAssignment(claims, COUNTS);
    const given = [...plan.values()].flat().map(keyOf);
    expect(new Set(given).size).toBe(given.length);
    for (const [id, partitions] of plan) {
      const member = this.members.get(id)!;
      const assignment = decodeAssignment(encodeAssignment(partitions));
      expect(assignment.map(keyOf).sort()).toEqual(partitions.map(keyOf).sort());
      for (const each of assignment) {
        for (const [other, { held }] of this.members) if (other !== id) expect(held.has(keyOf(each))).toBe(false);
        member.held.set(keyOf(each), each);
      }
      member.mayHold = new Set(assignment.map(keyOf));
      member.generation = this.#generation;
    }
  }

  /** The handlers of what was revoked return. */
  letGo(id: string): void {
    const member = this.members.get(id);
    for (const key of member?.held.keys() ?? []) if (!member!.mayHold.has(key)) member!.held.delete(key);
  }
}

const id = fc.constantFrom('m1', 'm2', 'm3', 'm4');
const step = fc.oneof(
  fc.record({ do: fc.constant('join' as const), id }),
  fc.record({ do: fc.constant('leave' as const), id }),
  fc.record({ do: fc.constant('letGo' as const), id }),
  fc.record({ do: fc.constant('rebalance' as const), id }),
);

it('never gives a partition to two, and hands everything over in two rebalances', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const group = new Group();
      for (const each of steps) {
        if (each.do === 'join') group.join(each.id);
        if (each.do === 'leave') group.members.delete(each.id);
        if (each.do === 'letGo') group.letGo(each.id);
        if (each.do === 'rebalance') group.rebalance();
      }
      group.join('m1');
      for (let round = 0; round < 2; round++) {
        group.rebalance();
        for (const member of group.members.keys()) group.letGo(member);
      }
      group.rebalance();
      const loads = [...group.members.values()].map(({ held }) => held.size);
      expect(loads.reduce((sum, load) => sum + load, 0)).toBe(ALL.length);
      // Each topic evenly, and what is left over of one to those with less of another.
      expect(Math.max(...loads) - Math.min(...loads)).toBeLessThanOrEqual(2);
      const before = [...group.members.values()].map(({ held }) => [...held.keys()].sort());
      group.rebalance();
      expect([...group.members.values()].map(({ held }) => [...held.keys()].sort())).toEqual(before);
    }),
  );
});

it('believes the later of two claims to one partition', () => {
  const held = [{ topic: 'a', partition: 0 }];
  const plan = planAssignment(
    [
      { id: 'old', topics: ['a'], held, generation: 3 },
      { id: 'new', topics: ['a'], held, generation: 4 },
    ],
    new Map([['a', 1]]),
  );
  expect(plan.get('new')).toEqual(held);
  expect(plan.get('old')).toEqual([]);
});
