import { expect, test } from 'vitest';
import fc from 'fast-check';
import { sealJob } from '@assay/mining';
import { arbitraryRows, HAND_JOB, HAND_ROWS } from './testing/sample-blocks.ts';
import { ShareColumnsBuilder } from './share-columns-builder.ts';

test('the columns hold the rows, flush after flush', () => {
  fc.assert(
    fc.property(fc.array(arbitraryRows, { minLength: 1, maxLength: 3 }), (flushes) => {
      const builder = new ShareColumnsBuilder('gw', { capacity: 100, maxJobBytes: 1e9 });
      for (const rows of flushes) {
        for (const row of rows) expect(builder.append(row)).toBe(true);
        const block = builder.build();
        expect(block.count).toBe(rows.length);
        rows.forEach((row, i) => {
          expect(block.tenant.values[block.tenant.codes[i]!]).toBe(row.tenant);
          expect(block.worker.values[block.worker.codes[i]!]).toBe(row.worker);
          expect(block.job[i] === -1 ? undefined : block.jobs[block.job[i]!]!.hash).toBe(row.job?.hash);
          expect(block.extranonce1.bytes.slice(block.extranonce1.offsets[i], block.extranonce1.offsets[i + 1])).toEqual(
            row.extranonce1,
          );
          expect(block.extranonce2.bytes.slice(block.extranonce2.offsets[i], block.extranonce2.offsets[i + 1])).toEqual(
            row.extranonce2,
          );
          expect([block.ntime[i], block.nonce[i], block.versionBits[i], block.versionMask[i]]).toEqual([
            row.ntime,
            row.nonce,
            row.versionBits,
            row.versionMask,
          ]);
          expect([block.submittedAtUs[i], block.difficulty[i], block.rejectCode[i]]).toEqual([
            row.submittedAtUs,
            row.difficulty,
            row.rejectCode,
          ]);
        });
        expect(new Set(block.jobs.map((job) => job.hash)).size).toBe(block.jobs.length);
        expect(block.tenant.values.length).toBe(new Set(rows.map((row) => row.tenant)).size);
        builder.reset();
      }
    }),
  );
});

test('a full builder refuses, and takes shares again after a reset', () => {
  const builder = new ShareColumnsBuilder('gw', { capacity: 2, maxJobBytes: 1e9 });
  const row = HAND_ROWS[0]!;
  expect([builder.append(row), builder.append(row), builder.append(row)]).toEqual([true, true, false]);
  expect(builder.count).toBe(2);
  builder.reset();
  expect(builder.append(row)).toBe(true);
  expect(builder.build().count).toBe(1);
});

test('a job that does not fit the bytes is refused, unless it is the first; known jobs and none still fit', () => {
  const builder = new ShareColumnsBuilder('gw', { capacity: 10, maxJobBytes: 200 });
  const row = HAND_ROWS[0]!;
  const other = sealJob({ ...HAND_JOB, ntime: 5 });
  const huge = sealJob({ ...HAND_JOB, coinbase1: new Uint8Array(5000) });
  expect(builder.append(row)).toBe(true);
  expect(builder.append({ ...row, job: other })).toBe(false);
  expect(builder.append(row)).toBe(true);
  expect(builder.append({ ...row, job: undefined })).toBe(true);
  builder.reset();
  expect(builder.append({ ...row, job: huge })).toBe(true);
});

test('a capacity out of bounds is refused', () => {
  for (const capacity of [0, 1.5, 16_385])
    expect(() => new ShareColumnsBuilder('gw', { capacity, maxJobBytes: 1 })).toThrow(RangeError);
});
