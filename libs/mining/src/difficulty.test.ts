// Difficulty, target and nbits on real blocks: what bitcoin's and litecoin's explorers show for them.
import { createHash, scryptSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { bytesFromHex, hexFromBytes } from '@assay/kernel';
import {
  difficultyFromHash,
  difficultyText,
  hashesForDifficulty,
  isNormalDifficulty,
  MAX_DIFFICULTY,
  MIN_DIFFICULTY,
  normalizeDifficulty,
} from './difficulty.ts';
import { difficultyFromNbits, nbitsFromTarget, targetFromNbits } from './nbits.ts';
import {
  integerFromTarget,
  meetsTarget,
  targetFromDifficulty,
  targetFromForeignDifficulty,
  targetFromInteger,
} from './target.ts';

const bytes = (hex: string): Uint8Array => bytesFromHex(hex)!;
/** From the way explorers print hashes and targets to header byte order. */
const reversed = (hex: string): Uint8Array => bytes(hex).reverse();
const big = (target: Uint8Array): string => hexFromBytes(Uint8Array.from(target).reverse());

const BITCOIN_GENESIS = bytes(
  '0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d1dac2b7c',
);
const BITCOIN_125552 = bytes(
  '0100000081cd02ab7e569e8bcd9317e2fe99f2de44d49ab2b8851ba4a308000000000000e320b6c2fffc8d750423db8b1eb942ae710e951ed797f7affc8892b0f1fc122bc7f5d74df2b9441a42a14695',
);
const LITECOIN_GENESIS = bytes(
  '010000000000000000000000000000000000000000000000000000000000000000000000d9ced4ed1130f7b7faad9be25323ffafa33232a17c3edf6cfd97bee6bafbdd97b9aa8e4ef0ff0f1ecd513f7c',
);
const sha256 = (data: Uint8Array): Buffer => createHash('sha256').update(data).digest();

describe('real blocks', () => {
  test.each([
    [
      'bitcoin genesis',
      BITCOIN_GENESIS,
      '000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f',
      0x1d00ffff,
      1,
      2536.4262984453103,
    ],
    [
      'bitcoin 125552',
      BITCOIN_125552,
      '00000000000000001e8d6829a8a21adc5d38d0a473b144b6765798e61f98bd1d',
      0x1a44b9f2,
      244112.48777434,
      35987218905.508736,
    ],
  ])('%s', (_name, header, hashHex, nbits, networkDifficulty, achieved) => {
    const hash = sha256(sha256(header));
    expect(big(hash)).toBe(hashHex);
    expect(difficultyFromNbits(nbits, 'sha256d')).toBeCloseTo(networkDifficulty, 7);
    expect(meetsTarget(hash, 0, targetFromNbits(nbits)!)).toBe(true);
    expect(difficultyFromHash(hash, 0, 'sha256d') / achieved).toBeCloseTo(1, 14);
  });

  test('litecoin genesis, in the convention of scrypt pools', () => {
    const hash = scryptSync(LITECOIN_GENESIS, LITECOIN_GENESIS, 32, { N: 1024, r: 1, p: 1 });
    expect(big(hash)).toBe('0000050c34a64b415b6b15b37f2216634b5b1669cb9a2e38d76f7213b0671e00');
    // Litecoin Core shows 0.000244 for this block, which is 16 shares of a pool's difficulty 1.
    expect(difficultyFromNbits(0x1e0ffff0, 'scrypt')).toBeCloseTo(16, 3);
    expect(difficultyFromNbits(0x1e0ffff0, 'sha256d')).toBeCloseTo(0.000244140625, 8);
    expect(meetsTarget(hash, 0, targetFromNbits(0x1e0ffff0)!)).toBe(true);
    expect(difficultyFromHash(hash, 0, 'scrypt')).toBeGreaterThan(16);
  });
});

describe('difficulty', () => {
  test('from nbits, the documented example', () => {
    expect(difficultyFromNbits(0x1b0404cb, 'sha256d')).toBe(16307.420938523983);
  });

  test('work: 2^32 hashes and a little more for bitcoin, 2^16 for scrypt', () => {
    expect(hashesForDifficulty(1, 'sha256d')).toBe(2 ** 48 / 65535);
    expect(hashesForDifficulty(2, 'scrypt')).toBe((2 * 2 ** 32) / 65535);
  });

  test.each([
    [1.9, 1],
    [65536, 65536],
    [0.5, 0.5],
    [0.00007, 0.00007],
    [0.123456789, 0.12345679],
    [1e-12, MIN_DIFFICULTY],
    [Infinity, MAX_DIFFICULTY],
  ])('%d is normalized to %d', (given, normal) => expect(normalizeDifficulty(given)).toBe(normal));

  test.each([0, -1, NaN, -Infinity])('%d is no difficulty', (given) =>
    expect(() => normalizeDifficulty(given)).toThrow(RangeError),
  );

  test('normalizing twice changes nothing, and the text reads back without an exponent', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-9, max: 1e15, noNaN: true }), (given) => {
        const normal = normalizeDifficulty(given);
        expect(isNormalDifficulty(normal)).toBe(true);
        expect(difficultyText(normal)).toMatch(/^\d+(\.\d{1,8})?$/);
        expect(Number(difficultyText(normal))).toBe(normal);
      }),
    );
  });
});

describe('target', () => {
  test('of difficulty 1, both conventions', () => {
    expect(big(targetFromDifficulty(1, 'sha256d'))).toBe('00000000ffff' + '0'.repeat(52));
    expect(big(targetFromDifficulty(1, 'scrypt'))).toBe('0000ffff' + '0'.repeat(56));
  });

  test('of fractions means multiples of 1e-8, and the easiest is within 256 bits', () => {
    expect(integerFromTarget(targetFromDifficulty(0.00001, 'sha256d'))).toBe((0xffffn << 208n) * 100_000n);
    expect(targetFromForeignDifficulty(8192, 'scrypt')).toEqual(targetFromDifficulty(8192, 'scrypt'));
    // A pool's difficulty has whatever decimals it likes: rounded to steps of ours it would be another one.
    expect(integerFromTarget(targetFromForeignDifficulty(0.75, 'sha256d'))).toBe(((0xffffn << 208n) * 4n) / 3n);
    const odd = 0.1234567894;
    const exact = integerFromTarget(targetFromForeignDifficulty(odd, 'sha256d'));
    expect(Number(exact) * odd).toBeCloseTo(65535 * 2 ** 208, -200);
    expect(exact).not.toBe(integerFromTarget(targetFromDifficulty(odd, 'sha256d')));
    for (const bad of [0, NaN, -1, Infinity, 1e-9])
      expect(() => targetFromForeignDifficulty(bad, 'sha256d')).toThrow(RangeError);
    expect(integerFromTarget(targetFromDifficulty(1e-8, 'sha256d'))).toBe((0xffffn << 208n) * 100_000_000n);
    expect(integerFromTarget(targetFromDifficulty(1e-8, 'scrypt'))).toBe((1n << 256n) - 1n);
  });

  test.each([0, NaN, -1, Infinity, 1e-9, 2 ** 51])('difficulty %d has none', (d) =>
    expect(() => targetFromDifficulty(d, 'sha256d')).toThrow(RangeError),
  );

  test('a hash at the target achieves the difficulty, one above it does not meet it', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.0001, max: 1e14, noNaN: true }),
        fc.constantFrom('sha256d' as const, 'scrypt' as const),
        (given, algorithm) => {
          const difficulty = normalizeDifficulty(given);
          const target = targetFromDifficulty(difficulty, algorithm);
          expect(meetsTarget(target, 0, target)).toBe(true);
          expect(difficultyFromHash(target, 0, algorithm) / difficulty).toBeCloseTo(1, 9);
          const above = targetFromInteger(integerFromTarget(target) + 1n);
          if (integerFromTarget(above) !== integerFromTarget(target)) expect(meetsTarget(above, 0, target)).toBe(false);
        },
      ),
    );
  });

  test('comparing bytes is comparing integers', () => {
    const hash = fc
      .tuple(fc.integer({ min: 0, max: 31 }), fc.uint8Array({ minLength: 32, maxLength: 32 }))
      .map(([zeroes, b]) => b.fill(0, 32 - zeroes));
    fc.assert(
      fc.property(hash, hash, (a, b) => {
        const padded = Uint8Array.of(9, ...a);
        expect(meetsTarget(padded, 1, b)).toBe(integerFromTarget(a) <= integerFromTarget(b));
        expect(meetsTarget(a, 0, a)).toBe(true);
      }),
    );
  });
});

describe('nbits', () => {
  // From bitcoin's arith_uint256_tests.cpp: what SetCompact makes of odd encodings.
  test.each([
    [0x01123456, '12'],
    [0x02123456, '1234'],
    [0x03123456, '123456'],
    [0x04123456, '12345600'],
    [0x20123456, '123456' + '0'.repeat(58)],
  ])('%s', (nbits, hex) => expect(integerFromTarget(targetFromNbits(nbits)!)).toBe(BigInt('0x' + hex)));

  test.each([0, 0x00123456, 0x01003456, 0x03000000, 0x04923456, 0x01fedcba, 0xff123456, 0x23000100])(
    '0x%s encodes no target',
    (nbits) => {
      expect(targetFromNbits(nbits)).toBeUndefined();
      expect(difficultyFromNbits(nbits, 'sha256d')).toBe(0);
    },
  );

  test('from a target and back, with the sign bit kept clear', () => {
    expect(nbitsFromTarget(reversed('00000000ffff' + '0'.repeat(52)))).toBe(0x1d00ffff);
    expect(nbitsFromTarget(targetFromInteger(0x80n))).toBe(0x02008000);
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 32 }), fc.integer({ min: 0x008000, max: 0x7fffff }), (length, mantissa) => {
        const nbits = ((length << 24) | mantissa) >>> 0;
        expect(nbitsFromTarget(targetFromNbits(nbits)!)).toBe(nbits);
        expect(
          difficultyFromNbits(nbits, 'sha256d') / difficultyFromHash(targetFromNbits(nbits)!, 0, 'sha256d'),
        ).toBeCloseTo(1, 12);
      }),
    );
  });
});
