import { expect, it } from 'vitest';
import { Turns } from './turns.ts';

it('come to each group in turn, and to none that left', () => {
  const turns = new Turns<string, number>();
  for (const item of [1, 2, 3, 4]) turns.add('many', item);
  turns.add('one', 5);
  turns.remove('many', 2);
  turns.remove('many', 99);
  turns.add('gone', 6);
  turns.remove('gone', 6);
  expect(turns.length).toBe(4);
  expect(Array.from({ length: 5 }, () => turns.take())).toEqual([1, 5, 3, 4, undefined]);
  expect(turns.length).toBe(0);
});

it('are taken back from the group that has most', () => {
  const turns = new Turns<string, number>();
  for (const item of [1, 2, 3]) turns.add('many', item);
  for (const item of [4, 5]) turns.add('few', item);
  expect([turns.takeBack(), turns.length]).toEqual([3, 4]);
  expect(Array.from({ length: 3 }, () => turns.takeBack())).toEqual([2, 5, 1]);
  expect([turns.takeBack(), turns.takeBack(), turns.length]).toEqual([4, undefined, 0]);
});
