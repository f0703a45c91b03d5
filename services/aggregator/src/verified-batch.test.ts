import type { StoredRecord } from '@assay/event-log';
import { Random } from '@assay/kernel';
import { encodeVerified, sourceHeader } from '@assay/share-block';
import type { VerifiedBlock } from '@assay/share-block';
// eslint-disable-next-line @nx/enforce-module-boundaries -- seeded blocks, in tests only
import { randomBlocks } from '@assay/sim';
import { describe, expect, it } from 'vitest';
import { VerifiedBatch } from './verified-batch.ts';

const DAY = 86_400e6;
const NOW = 20_000 * DAY;
const blocks = randomBlocks({
  random: new Random(1),
  gateway: 'g',
  workers: ['a.b'],
  rejected: 0,
  late: 0,
  latestUs: 0,
});
const onDays = (...days: number[]): VerifiedBlock => ({
  ...blocks.next(NOW, days.length),
  submittedAtUs: Float64Array.from(days, (day) => day * DAY),
});
const record = (offset: number, block: VerifiedBlock, source?: [number, number]): StoredRecord => ({
  offset,
  timestampUs: NOW,
  value: encodeVerified(block),
  ...(source === undefined ? {} : { headers: sourceHeader(...source) }),
});
const daysFrom = (first: number, count: number): number[] => Array.from({ length: count }, (_, i) => first + i);

describe('verified batch', () => {
  it('takes each source once, judged by the marks before it, and leaves those marks alone', () => {
    const marks = { 0: 4 };
    const batch = new VerifiedBatch(0, 10, marks);
    batch.add(record(10, onDays(100), [0, 4]));
    batch.add(record(11, onDays(100), [0, 6]));
    batch.add(record(12, onDays(100), [0, 6]));
    // Put back by hand: taken as a record of its own.
    batch.add({ ...record(13, onDays(100)), headers: { 'replayed-from': 'shares.verified:0:2' } });
    expect([batch.from, batch.to, batch.shares, batch.duplicates]).toEqual([10, 14, 2, 2]);
    expect(batch.blocks.map(({ offset }) => offset)).toEqual([11, 13]);
    expect(batch.marks).toEqual({ 0: 6 });
    expect(marks).toEqual({ 0: 4 });
  });

  it('sets aside what names no source of its partition, and lets it move no mark', () => {
    const batch = new VerifiedBatch(0, 10, { 0: 4 });
    const headers = [undefined, {}, { trace: 'x' }, { source: '1:9' }, { source: '0:9x' }, { source: `0:${10 ** 16}` }];
    for (const [n, given] of headers.entries())
      batch.add({ ...record(10 + n, onDays(100)), ...(given && { headers: given as Record<string, string> }) });
    expect(batch.dead.map(({ reason }) => reason)).toEqual([
      ...Array<string>(3).fill('no_source'),
      ...Array<string>(3).fill('bad_source'),
    ]);
    expect([batch.to, batch.shares, batch.marks]).toEqual([16, 0, { 0: 4 }]);
  });

  it('notes sources that leap, for somebody to look whether they can be', () => {
    const batch = new VerifiedBatch(0, 10, { 0: 4 });
    for (const [n, source] of [260, 261, 518, 2 ** 53 - 1].entries())
      batch.add(record(10 + n, onDays(100), [0, source]));
    expect(batch.leaps.map(({ record: { offset }, source }) => [offset, source])).toEqual([
      [12, 518],
      [13, 2 ** 53 - 1],
    ]);
  });

  it('sets aside a block that shows the workers of one tenant to another', () => {
    const batch = new VerifiedBatch(0, 10, {});
    const block = onDays(100);
    batch.add(record(10, { ...block, tenant: { ...block.tenant, values: ['b'] } }, [0, 0]));
    expect(batch.dead.map(({ reason }) => reason)).toEqual(['bad_tenant']);
  });

  it('counts records that were gone before they were read', () => {
    const batch = new VerifiedBatch(0, 10, {});
    batch.add(record(15, onDays(100), [0, 0]));
    expect([batch.expired, batch.to]).toEqual([5, 16]);
  });

  it('leaves a record to the next batch that would spread it over more days than one insert may touch', () => {
    const batch = new VerifiedBatch(0, 0, {});
    expect(batch.add(record(0, onDays(...daysFrom(100, 60)), [0, 0]))).toBe(true);
    expect(batch.add(record(1, onDays(...daysFrom(130, 61)), [0, 1]))).toBe(false);
    expect([batch.to, batch.shares, batch.marks]).toEqual([1, 60, { 0: 0 }]);
    expect(batch.add(record(1, onDays(...daysFrom(130, 60)), [0, 1]))).toBe(true);
  });

  it('sets aside a block that no insert could hold, and times beyond what the tables store', () => {
    const batch = new VerifiedBatch(0, 0, {});
    batch.add(record(0, onDays(...daysFrom(100, 91)), [0, 0]));
    batch.add(record(1, onDays(60_000), [0, 1]));
    expect(batch.dead.map(({ reason }) => reason)).toEqual(['bad_time', 'bad_time']);
    expect(batch.dead[0]!.message).toContain('91 days');
    expect([batch.shares, batch.to, batch.marks]).toEqual([0, 2, { 0: 1 }]);
  });
});
