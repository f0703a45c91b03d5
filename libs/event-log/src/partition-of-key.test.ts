import { expect, it } from 'vitest';
import { partitionOfKey } from './partition-of-key.ts';

it('stays where it is: stored logs depend on these', () => {
  expect(['', 'acme', 'acme.site1.rack2.m3', 'käse'].map((key) => partitionOfKey(key, 8))).toEqual([4, 5, 7, 3]);
});

it('spreads similar keys evenly over any number of partitions', () => {
  for (const partitions of [2, 3, 4, 7, 16]) {
    const counts = new Array<number>(partitions).fill(0);
    for (let i = 0; i < 10_000; i++) counts[partitionOfKey(`tenant.site.rack.machine-${i}`, partitions)]!++;
    for (const count of counts) expect(Math.abs(count / (10_000 / partitions) - 1)).toBeLessThan(0.1);
  }
});
