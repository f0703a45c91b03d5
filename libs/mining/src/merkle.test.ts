import { expect, test } from 'vitest';
import fc from 'fast-check';
import { bytesFromHex, hexFromBytes } from '@assay/kernel';
import { merkleBranches, merkleRoot, sha256d } from './merkle.ts';

const reversed = (hex: string): Uint8Array => bytesFromHex(hex)!.reverse();

// Bitcoin block 100,000.
const TXIDS = [
  '8c14f0db3df150123e6f3dbbf30f8b955a8249b62ac1d1ff16284aefa3d06d87',
  'fff2525b8931402dd09222c50775608f75787bd2b87e56995a7bdd30f79702c4',
  '6359f0868171b1d194cbee1af2f16ea598ae8fad666d9b012c8ed2b79a236ec4',
  'e9a66845e05d5abc0ad04ec80f774a7e585c6e8db975962d069a522137b80c1d',
].map(reversed);
const ROOT = 'f3e94742aca4b5ef85488dc37c06c3282295ffec960994b2c0d5ac2a25a95766';

/** The whole tree, as a node computes it. */
function rootOfAll(txids: Uint8Array[]): Uint8Array {
  let level = txids;
  while (level.length > 1) {
    const next: Uint8Array[] = [];
    for (let i = 0; i < level.length; i += 2) next.push(sha256d(Buffer.concat([level[i]!, level[i + 1] ?? level[i]!])));
    level = next;
  }
  return level[0]!;
}

test('block 100,000 folds to its merkle root', () => {
  const branches = merkleBranches(Buffer.concat(TXIDS.slice(1)));
  expect(branches.length).toBe(64);
  expect(hexFromBytes(merkleRoot(TXIDS[0]!, branches).reverse())).toBe(ROOT);
});

test('a block of the coinbase alone has no branches', () => {
  expect(merkleBranches(new Uint8Array(0)).length).toBe(0);
  expect(merkleRoot(TXIDS[0]!, new Uint8Array(0))).toBe(TXIDS[0]);
});

test('branches fold to the root of the whole tree', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), { minLength: 1, maxLength: 40 }), (txids) => {
      const root = merkleRoot(txids[0]!, merkleBranches(Buffer.concat(txids.slice(1))));
      expect(Buffer.from(root)).toEqual(Buffer.from(rootOfAll(txids)));
    }),
  );
});

test('what is no list of txids is refused', () => {
  expect(() => merkleBranches(new Uint8Array(33))).toThrow(RangeError);
  expect(() => merkleBranches(new Uint8Array(32 * 2 ** 14))).toThrow(RangeError);
  expect(merkleBranches(new Uint8Array(32 * (2 ** 14 - 1))).length).toBe(14 * 32);
});
