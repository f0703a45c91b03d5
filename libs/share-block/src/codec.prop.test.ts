import { expect, test } from 'vitest';
import fc from 'fast-check';
import { decodeSubmitted, decodeVerified } from './decode-block.ts';
import { encodeSubmitted, encodeVerified } from './encode-block.ts';
import { arbitraryRows, arbitraryVerified, blockOf, HAND_ROWS, handVerified } from './testing/sample-blocks.ts';
import { ShareBlockError } from './share-block-error.ts';
import type { VerifiedBlock } from './columns.ts';

test('a submitted block comes back as it was', () => {
  fc.assert(
    fc.property(arbitraryRows, fc.string({ maxLength: 30 }), (rows, gateway) => {
      expect(decodeSubmitted(encodeSubmitted(blockOf(rows, gateway)))).toEqual(blockOf(rows, gateway));
    }),
  );
});

test('a verified block comes back as it was', () => {
  fc.assert(
    fc.property(arbitraryVerified, (block) => {
      expect(decodeVerified(encodeVerified(block))).toEqual(block);
    }),
  );
});

/** Walks a block as its users do; throws where an index leads nowhere. */
function useAll(block: VerifiedBlock): number {
  let sum = block.gateway.length;
  for (let i = 0; i < block.count; i++) {
    sum += block.tenant.values[block.tenant.codes[i]!]!.length + block.worker.values[block.worker.codes[i]!]!.length;
    if (block.job[i] !== -1) sum += block.jobs[block.job[i]!]!.coinbase1.length;
    for (const column of [block.extranonce1, block.extranonce2]) {
      const [start, end] = [column.offsets[i]!, column.offsets[i + 1]!];
      expect(start <= end && end <= column.bytes.length).toBe(true);
    }
    sum +=
      block.difficulty[i]! +
      block.shareDifficulty[i]! +
      block.submittedAtUs[i]! +
      block.ntime[i]! +
      block.hashes[32 * i + 31]!;
  }
  return sum;
}

test('bytes changed anywhere either decode to a block that is safe to use, or fail with ShareBlockError', () => {
  const valid = encodeVerified(handVerified());
  const change = fc.tuple(
    fc.nat(valid.length - 4),
    fc.oneof(fc.nat(255), fc.constantFrom(0x7f, 0x80, 0xff)),
    fc.integer({ min: 1, max: 4 }),
  );
  let refused = 0;
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
      const bytes = valid.slice();
      for (const [at, value, width] of changes) bytes.fill(value, at, at + width);
      let block: VerifiedBlock;
      try {
        block = decodeVerified(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(ShareBlockError);
        refused++;
        return;
      }
      expect(useAll(block)).toBeGreaterThan(0);
    }),
    { numRuns: 5000 },
  );
  expect(refused).toBeGreaterThan(100);
});

test('every single byte of the frame after the schema, set to its worst, is survived', () => {
  const valid = encodeSubmitted(blockOf(HAND_ROWS));
  for (let at = 0; at < valid.length; at++) {
    for (const value of [0, 1, 0x7f, 0x80, 0xff]) {
      const bytes = valid.slice();
      bytes[at] = value;
      try {
        decodeSubmitted(bytes);
      } catch (error) {
        if (!(error instanceof ShareBlockError)) throw new Error(`byte ${at} = ${value}`, { cause: error });
      }
    }
  }
});
