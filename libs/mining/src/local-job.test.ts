import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { hexFromBytes } from '@assay/kernel';
import { sealJob } from './job.ts';
import { heightPush } from './coinbase.ts';
import { createLocalJobMaker } from './local-job.ts';

const SETTINGS = {
  algorithm: 'sha256d',
  seed: 7,
  branches: 12,
  nbits: 0x1d00ffff,
  extranonceSize: 12,
  tag: '/assay/',
} as const;

/** A strict reader of a transaction without witness; throws when anything is left over or missing. */
function parseCoinbase(tx: Uint8Array): {
  script: Uint8Array;
  outputs: { value: bigint; script: Uint8Array }[];
  lockTime: number;
} {
  const view = new DataView(tx.buffer, tx.byteOffset, tx.byteLength);
  let at = 0;
  const take = (n: number): Uint8Array => {
    if (at + n > tx.length) throw new Error(`cut at ${at}`);
    return tx.subarray(at, (at += n));
  };
  const small = (): number => {
    const n = take(1)[0]!;
    if (n >= 0xfd) throw new Error('a length of more than one byte');
    return n;
  };
  if (view.getInt32(0, true) !== 1) throw new Error('transaction version');
  take(4);
  if (small() !== 1) throw new Error('inputs');
  if (take(32).some((b) => b !== 0) || take(4).some((b) => b !== 0xff)) throw new Error('the input spends something');
  const script = take(small());
  take(4);
  const outputs = Array.from({ length: small() }, () => ({
    value: Buffer.from(take(8)).readBigUInt64LE(),
    script: take(small()),
  }));
  const lockTime = view.getUint32(at, true);
  take(4);
  if (at !== tx.length) throw new Error('junk after the transaction');
  return { script, outputs, lockTime };
}

/** Splits a script into its pushes; throws when one reaches beyond the end. */
function pushes(script: Uint8Array): Uint8Array[] {
  const out: Uint8Array[] = [];
  for (let at = 0; at < script.length;) {
    const length = script[at]!;
    if (length > 75 || at + 1 + length > script.length) throw new Error(`bad push at ${at}`);
    out.push(script.subarray(at + 1, at + 1 + length));
    at += 1 + length;
  }
  return out;
}

describe('local jobs', () => {
  test('the coinbase is a valid transaction with any extranonces, of any allowed settings', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 32 }),
        fc.integer({ min: 0, max: 40 }),
        fc.nat(14),
        (extranonceSize, tagBytes, branches) => {
          const job = createLocalJobMaker({ ...SETTINGS, extranonceSize, tag: 'x'.repeat(tagBytes), branches }).next({
            nowSeconds: 1_760_000_000,
            newBlock: false,
          });
          const extranonces = new Uint8Array(extranonceSize).fill(0x5a);
          const coinbase = parseCoinbase(Buffer.concat([job.coinbase1, extranonces, job.coinbase2]));
          expect(coinbase.script.length).toBeLessThanOrEqual(100);
          const [height, , placed, tag] = pushes(coinbase.script);
          expect(Buffer.from(height!).readUIntLE(0, height!.length)).toBe(900_000);
          expect(hexFromBytes(placed!)).toBe('5a'.repeat(extranonceSize));
          expect(new TextDecoder().decode(tag)).toBe('x'.repeat(tagBytes));
          expect(coinbase.outputs).toHaveLength(1);
          expect(coinbase.outputs[0]!.value).toBe(0n);
          expect(coinbase.lockTime).toBe(0);
          expect(job.merkleBranches.length).toBe(32 * branches);
        },
      ),
    );
  });

  test('the same seed gives the same jobs, another seed others', () => {
    const three = (seed: number): string[] => {
      const maker = createLocalJobMaker({ ...SETTINGS, seed });
      return [1, 2, 3].map((n) => sealJob(maker.next({ nowSeconds: 100 * n, newBlock: n === 2 })).hash);
    };
    expect(three(1)).toEqual(three(1));
    expect(new Set([...three(1), ...three(2)]).size).toBe(6);
  });

  test('jobs of the same second without branches still differ; a new block changes the previous hash and the height', () => {
    const maker = createLocalJobMaker({ ...SETTINGS, branches: 0 });
    const [a, b, c] = [false, false, true].map((newBlock) => maker.next({ nowSeconds: 5, newBlock }));
    expect(sealJob(a!).hash).not.toBe(sealJob(b!).hash);
    expect(a!.prevHash).toEqual(b!.prevHash);
    expect(c!.prevHash).not.toEqual(b!.prevHash);
    expect(hexFromBytes(c!.coinbase1)).toContain(hexFromBytes(heightPush(900_001)));
    expect(a!).toMatchObject({ version: 0x20000000, nbits: 0x1d00ffff, ntime: 5 });
  });

  // BIP34's own example and the script-number edges.
  test.each([
    [0, '00'],
    [1, '51'],
    [16, '60'],
    [17, '0111'],
    [127, '017f'],
    [128, '028000'],
    [227_836, '03fc7903'],
    [0x800000, '0400008000'],
  ])('height %d is pushed as %s', (height, hex) => expect(hexFromBytes(heightPush(height))).toBe(hex));

  test.each([
    { branches: 15 },
    { branches: -1 },
    { extranonceSize: 0 },
    { extranonceSize: 33 },
    { tag: 'x'.repeat(41) },
  ])('%o is refused', (change) => expect(() => createLocalJobMaker({ ...SETTINGS, ...change })).toThrow(RangeError));
});
