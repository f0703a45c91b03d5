import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LogError, type LogRecord } from '@assay/event-log';
import type { Compression } from './compression.ts';
import { decodeBatch, encodeRecords, sealBatch, splitBatches } from './record-batch.ts';
import { COMPRESSIONS } from './testing/compressions.ts';

const STAMP = { producerId: 2n ** 40n, epoch: 3, sequence: 17 };
const text = fc.string({ unit: 'grapheme', maxLength: 12 });
const record: fc.Arbitrary<LogRecord> = fc.record(
  {
    key: text,
    value: fc.uint8Array({ maxLength: 3000 }),
    headers: fc.dictionary(text, text, { minKeys: 1, maxKeys: 4, noNullPrototype: true }),
  },
  { requiredKeys: ['value'] },
);
const records = fc.array(record, { minLength: 1, maxLength: 20 });

async function batchOf(from: readonly LogRecord[], timestampMs: number, compression: Compression): Promise<Buffer> {
  return sealBatch(await encodeRecords(from, timestampMs, compression), STAMP);
}

describe.each(COMPRESSIONS)('a batch with compression %s', (compression) => {
  it('gives back what it was given', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(records, { minLength: 1, maxLength: 3 }),
        fc.nat({ max: 2 ** 31 - 1 }),
        async (batches, seconds) => {
          const encoded = await Promise.all(batches.map((each) => batchOf(each, seconds * 1000, compression)));
          // The broker numbers the records; the checksum does not cover that.
          encoded.forEach((bytes, i) => bytes.writeBigInt64BE(BigInt(1000 * i), 0));
          // A broker cuts its answer off where its limit is.
          const answer = Buffer.concat([...encoded, encoded[0]!.subarray(0, -1)]);
          const split = splitBatches(answer);
          expect(split.map((batch) => [batch.baseOffset, batch.lastOffset])).toEqual(
            batches.map((each, i) => [1000 * i, 1000 * i + each.length - 1]),
          );
          for (const [i, batch] of split.entries()) {
            const decoded = await decodeBatch(batch, 't/0');
            expect(decoded).toEqual(
              batches[i]!.map((each, n) => ({
                ...each,
                offset: 1000 * i + n,
                timestampUs: seconds * 1_000_000,
              })),
            );
            expect(decoded.every(({ value }) => value.byteOffset % 8 === 0)).toBe(true);
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  it('is corrupt when any of its bytes but the offset and the leader epoch is another', async () => {
    await fc.assert(
      fc.asyncProperty(records, fc.nat(), fc.integer({ min: 1, max: 255 }), async (some, where, flip) => {
        const bytes = await batchOf(some, 1_700_000_000_000, compression);
        const [intact] = splitBatches(bytes);
        const at = 16 + (where % (bytes.length - 16));
        bytes[at] = bytes[at]! ^ flip;
        const error: unknown = await decodeBatch(intact!, 'shares/3').catch((reason: unknown) => reason);
        expect(error).toBeInstanceOf(LogError);
        expect(error).toMatchObject({ code: 'corrupt', retriable: false });
        expect((error as Error).message).toContain('shares/3: the batch at offset 0');
      }),
      { numRuns: 100 },
    );
  });
});
