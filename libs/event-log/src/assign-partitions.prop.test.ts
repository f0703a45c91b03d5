import fc from 'fast-check';
import { expect, it } from 'vitest';
import { assignPartitions, type Assignment, type MemberTopics } from './assign-partitions.ts';

const TOPICS = ['a', 'b', 'c'];
const members = fc.uniqueArray(
  fc.record({ id: fc.string({ minLength: 1, maxLength: 3 }), topics: fc.subarray(TOPICS) }),
  {
    selector: (member) => member.id,
    maxLength: 6,
  },
);
const counts = fc
  .tuple(fc.nat({ max: 12 }), fc.nat({ max: 12 }), fc.nat({ max: 12 }))
  .map((sizes) => new Map(TOPICS.map((topic, i) => [topic, sizes[i]!])));

const ownerIn = (assigned: readonly Assignment[]) => (topic: string, partition: number) =>
  assigned.find((each) => each.topic === topic && each.partition === partition)?.member;
const nobody = (): undefined => undefined;
const loads = (assigned: readonly Assignment[], topic: string, readers: readonly MemberTopics[]): number[] =>
  readers.map((reader) => assigned.filter((each) => each.topic === topic && each.member === reader.id).length);

it('gives every partition that somebody reads to exactly one of its readers, evenly', () => {
  fc.assert(
    fc.property(members, counts, (all, sizes) => {
      const assigned = assignPartitions(all, sizes, nobody);
      for (const topic of TOPICS) {
        const readers = all.filter((member) => member.topics.includes(topic));
        const mine = assigned.filter((each) => each.topic === topic);
        expect(mine.map((each) => each.partition)).toEqual(
          readers.length === 0 ? [] : Array.from({ length: sizes.get(topic)! }, (_, i) => i),
        );
        expect(mine.every((each) => readers.some((reader) => reader.id === each.member))).toBe(true);
        const spread = loads(assigned, topic, readers);
        if (readers.length > 0) expect(Math.max(...spread) - Math.min(...spread)).toBeLessThanOrEqual(1);
      }
    }),
  );
});

it('does not depend on the order of the members, and moves nothing when nobody came or went', () => {
  fc.assert(
    fc.property(members, members, counts, (before, after, sizes) => {
      const owner = ownerIn(assignPartitions(before, sizes, nobody));
      const assigned = assignPartitions(after, sizes, owner);
      expect(assignPartitions([...after].reverse(), sizes, owner)).toEqual(assigned);
      expect(assignPartitions(after, sizes, ownerIn(assigned))).toEqual(assigned);
    }),
  );
});

it('moves only what balance asks for when a member joins or leaves', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 24 }), (readers, partitions) => {
      const all = Array.from({ length: readers + 1 }, (_, i) => ({ id: `m${i}`, topics: ['a'] }));
      const sizes = new Map([['a', partitions]]);
      const few = assignPartitions(all.slice(1), sizes, nobody);
      const many = assignPartitions(all, sizes, ownerIn(few));
      const moved = many.filter((each) => ownerIn(few)('a', each.partition) !== each.member);
      expect(moved.every((each) => each.member === 'm0')).toBe(true);
      const fewAgain = assignPartitions(all.slice(1), sizes, ownerIn(many));
      const movedBack = fewAgain.filter((each) => ownerIn(many)('a', each.partition) !== each.member);
      expect(movedBack.every((each) => ownerIn(many)('a', each.partition) === 'm0')).toBe(true);
    }),
  );
});

it('gives the partitions of several small topics to different members', () => {
  const all = ['x', 'y', 'z'].map((id) => ({ id, topics: TOPICS }));
  const assigned = assignPartitions(all, new Map(TOPICS.map((topic) => [topic, 1])), nobody);
  expect(new Set(assigned.map((each) => each.member)).size).toBe(3);
});
