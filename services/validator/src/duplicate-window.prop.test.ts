import { expect, test } from 'vitest';
import fc from 'fast-check';
import { DuplicateWindow } from './duplicate-window.ts';

/** A hash whose low bytes are chosen; few of them, so that they repeat and collide in the table. */
function hashOf(key: number): Uint8Array {
  const hash = new Uint8Array(32);
  // Equal first words put different keys into one slot.
  hash[0] = key & 3;
  hash[12] = key;
  hash[13] = key >> 8;
  return hash;
}

test('answers as a list of the last proven shares does', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(40), fc.nat(2)), { maxLength: 300 }),
      fc.integer({ min: 1, max: 30 }),
      fc.nat(20),
      (shares, size, records) => {
        const window = new DuplicateWindow(size, records);
        const list: { key: number; offset: number }[] = [];
        let offset = 0;
        for (const [key, step] of shares) {
          offset += step;
          const known = list.slice(Math.max(0, list.length - size + 1)).findLast((share) => share.key === key);
          expect(window.mark(hashOf(key), 0, offset)).toBe(known !== undefined && offset - known.offset <= records);
          list.push({ key, offset });
        }
        expect(window.count).toBe(Math.min(size, shares.length));
      },
    ),
    { numRuns: 500 },
  );
});

test('a window filled with the last shares only answers as the one that saw all', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(60), { minLength: 1, maxLength: 200 }),
      fc.integer({ min: 1, max: 30 }),
      fc.nat(199),
      (keys, size, at) => {
        const whole = new DuplicateWindow(size, 50);
        const cut = Math.min(at, keys.length - 1);
        keys.slice(0, cut).forEach((key, offset) => whole.mark(hashOf(key), 0, offset));
        const resumed = new DuplicateWindow(size, 50);
        for (let offset = Math.max(0, cut - Math.max(size, 50)); offset < cut; offset++)
          resumed.mark(hashOf(keys[offset]!), 0, offset);
        keys
          .slice(cut)
          .forEach((key, i) => expect(resumed.mark(hashOf(key), 0, cut + i)).toBe(whole.mark(hashOf(key), 0, cut + i)));
      },
    ),
  );
});

test('keys that differ in any of their 16 bytes are different shares', () => {
  const window = new DuplicateWindow(100, 0);
  for (let byte = 0; byte < 16; byte++)
    expect(window.mark(new Uint8Array(40).fill(1, 8 + byte, 9 + byte), 8, 0)).toBe(false);
  for (let byte = 0; byte < 16; byte++)
    expect(window.mark(new Uint8Array(40).fill(1, 8 + byte, 9 + byte), 8, 0)).toBe(true);
});
