import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readCoinbase } from './coinbase-reading.ts';
import { coinbaseHalves } from './coinbase.ts';

const { blocks } = JSON.parse(readFileSync(new URL('testdata/testnet-blocks.json', import.meta.url), 'utf8')) as {
  readonly blocks: readonly { readonly height: number; readonly coinbase: string }[];
};

/** What the outputs of a whole coinbase are worth, read in the plain way: where its script ends is known. */
function outputsOf(coinbase: Uint8Array): bigint {
  const bytes = Buffer.from(coinbase);
  let at = 42 + bytes[41]! + 4;
  const count = bytes[at++]!;
  let sum = 0n;
  for (let i = 0; i < count; i++) {
    sum += bytes.readBigUInt64LE(at);
    at += 9 + bytes[at + 8]!;
  }
  expect(at + 4).toBe(bytes.length);
  return sum;
}

const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'));

describe('reading a coinbase', () => {
  it('finds height and value of what we make, whatever room the extranonces have', () => {
    const output = fc.record({
      value: fc.bigInt({ min: 0n, max: 21_000_000n * 100_000_000n }),
      script: fc.uint8Array({ maxLength: 40 }),
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 0x7fffffff }),
        fc.integer({ min: 2, max: 16 }),
        fc.array(output, { minLength: 1, maxLength: 5 }),
        (height, extranonceSize, outputs) => {
          const plan = { height, jobNonce: new Uint8Array(8).fill(7), extranonceSize, tag: 'assay', outputs };
          const { coinbase1, coinbase2 } = coinbaseHalves(plan);
          const read = readCoinbase(coinbase1, coinbase2);
          expect(read.height).toBe(height);
          // Where the bytes can be read in two ways, nothing is said; never something else.
          if (read.value !== undefined) expect(read.value).toBe(outputs.reduce((sum, { value }) => sum + value, 0n));
        },
      ),
    );
  });

  it('reads real ones, cut wherever a pool may have had its extranonces', () => {
    for (const { height, coinbase } of blocks) {
      const bytes = hex(coinbase);
      const outputs = outputsOf(bytes);
      for (let at = 42 + 4; at + 8 <= 42 + bytes[41]!; at++) {
        const read = readCoinbase(bytes.subarray(0, at), bytes.subarray(at + 8));
        expect(read, `cut at ${at}`).toEqual({ height, value: outputs });
      }
    }
    // 3.125 of subsidy and 0.00051300 of fees: the bytes 8427a112 of its first output, the others being worth nothing.
    expect(readCoinbase(hex(blocks[0]!.coinbase).subarray(0, 50), hex(blocks[0]!.coinbase).subarray(58)).value).toBe(
      312_551_300n,
    );
  });

  it('says nothing of what is no coinbase', () => {
    expect(readCoinbase(new Uint8Array(10), new Uint8Array(50))).toEqual({ height: undefined, value: undefined });
    const { coinbase1, coinbase2 } = coinbaseHalves({
      height: 900_000,
      jobNonce: new Uint8Array(8),
      extranonceSize: 8,
      tag: 'assay',
      outputs: [{ value: 312_500_000n, script: new Uint8Array(22) }],
    });
    expect(readCoinbase(coinbase1, coinbase2.subarray(0, -1)).value).toBeUndefined();
    expect(readCoinbase(coinbase1, new Uint8Array(0)).value).toBeUndefined();
  });
});
