import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { hexFromBytes } from '@assay/kernel';
import { DuplicateFilter } from './duplicate-filter.ts';
import { Extranonce1Space } from './extranonce.ts';
import { ntimeInRange } from './ntime.ts';
import { checkShare, type OpenJob, type ShareSession, type SubmittedShare } from './share-check.ts';
import { bitsOutsideMask, rolledVersion, VERSION_ROLLING_MASK } from './version-rolling.ts';

const SHARE: SubmittedShare = { extranonce2: new Uint8Array(8), ntime: 1000, nonce: 1, versionBits: 0 };
const SESSION: ShareSession = {
  subscribed: true,
  authorized: true,
  extranonce2Bytes: 8,
  versionMask: VERSION_ROLLING_MASK,
};
const job = (change: Partial<OpenJob> = {}): OpenJob => ({
  ntime: 1000,
  stale: false,
  duplicates: new DuplicateFilter(8),
  ...change,
});

describe('checkShare', () => {
  test('a good share may be hashed, and is a duplicate the second time', () => {
    const open = job();
    expect(checkShare(SHARE, SESSION, open)).toBe('');
    expect(checkShare(SHARE, SESSION, open)).toBe('duplicate');
    expect(checkShare({ ...SHARE, versionBits: 0x2000 }, SESSION, open)).toBe('');
  });

  test('the first check that fails names the reason', () => {
    // Everything is wrong with this share; each step puts one thing right.
    const share = { extranonce2: new Uint8Array(7), ntime: 999, nonce: 1, versionBits: 1 };
    const whole = { ...share, extranonce2: new Uint8Array(8) };
    const none = { ...SESSION, subscribed: false, authorized: false };
    const known = job({ stale: true });
    expect(checkShare(share, none, undefined)).toBe('malformed');
    expect(checkShare(whole, none, undefined)).toBe('not_subscribed');
    expect(checkShare(whole, { ...none, subscribed: true }, undefined)).toBe('unauthorized');
    expect(checkShare(whole, SESSION, undefined)).toBe('unknown_job');
    expect(checkShare(whole, SESSION, known)).toBe('stale');
    const open = job();
    expect(checkShare(whole, SESSION, open)).toBe('ntime_out_of_range');
    expect(checkShare(whole, SESSION, open)).toBe('duplicate');
    expect(checkShare({ ...whole, ntime: 1000 }, SESSION, open)).toBe('version_bits');
    expect(checkShare({ ...whole, ntime: 1000, versionBits: 0 }, SESSION, open)).toBe('');
  });

  test('shares beyond what can be remembered are refused, known ones still named', () => {
    const open = job({ duplicates: new DuplicateFilter(8, 3) });
    const share = (nonce: number): SubmittedShare => ({ ...SHARE, nonce });
    expect([1, 2, 3, 4, 2].map((nonce) => checkShare(share(nonce), SESSION, open))).toEqual([
      '',
      '',
      '',
      'rate_limited',
      'duplicate',
    ]);
  });
});

describe('DuplicateFilter', () => {
  test('answers as a set of canonical bytes does, whatever the seed and whatever is forgotten', () => {
    const share = fc.tuple(
      fc.boolean(),
      fc.uint8Array({ minLength: 5, maxLength: 5, max: 1 }),
      fc.nat(2),
      fc.nat(2),
      fc.constantFrom(0, 0x2000, 0xffffffff),
    );
    fc.assert(
      fc.property(
        fc.array(share, { maxLength: 400 }),
        fc.integer(),
        fc.integer({ min: 1, max: 60 }),
        (shares, seed, capacity) => {
          const filter = new DuplicateFilter(5, capacity, seed);
          const known = new Set<string>();
          for (const [forget, extranonce2, ntime, nonce, bits] of shares) {
            const key = `${hexFromBytes(extranonce2)} ${ntime} ${nonce} ${bits}`;
            if (forget) {
              filter.forget(extranonce2, ntime, nonce, bits);
              known.delete(key);
              continue;
            }
            const expected = known.has(key) ? 'duplicate' : known.size === capacity ? 'full' : 'new';
            expect(filter.add(extranonce2, ntime, nonce, bits)).toBe(expected);
            if (expected === 'new') known.add(key);
          }
          expect(filter.count).toBe(known.size);
        },
      ),
    );
  });

  test('holds its whole capacity', () => {
    const filter = new DuplicateFilter(4, 5000);
    const extranonce2 = new Uint8Array(4);
    for (let nonce = 0; nonce < 5000; nonce++) expect(filter.add(extranonce2, 0, nonce, 0)).toBe('new');
    for (let nonce = 0; nonce < 5000; nonce++) expect(filter.add(extranonce2, 0, nonce, 0)).toBe('duplicate');
    expect(filter.add(extranonce2, 0, 5000, 0)).toBe('full');
  });

  test('an extranonce2 of another length is a bug of the caller', () => {
    expect(() => new DuplicateFilter(4).add(new Uint8Array(8), 0, 0, 0)).toThrow(RangeError);
  });
});

test('ntime may run from the job’s own to 7000 s ahead', () => {
  expect([999, 1000, 8000, 8001].map((ntime) => ntimeInRange(ntime, 1000))).toEqual([false, true, true, false]);
  expect(ntimeInRange(1011, 1000, 10)).toBe(false);
});

test('version rolling replaces the bits under the mask and nothing else', () => {
  fc.assert(
    fc.property(fc.nat(0xffffffff), fc.nat(0xffffffff), fc.nat(0xffffffff), (version, mask, bits) => {
      const rolled = rolledVersion(version, mask, bits);
      expect((rolled & mask) >>> 0).toBe((bits & mask) >>> 0);
      expect((rolled & ~mask) >>> 0).toBe((version & ~mask) >>> 0);
      expect(rolled).toBeGreaterThanOrEqual(0);
      expect(bitsOutsideMask(bits, mask)).toBe((BigInt(bits) & ~BigInt(mask) & 0xffffffffn) !== 0n);
    }),
  );
});

describe('Extranonce1Space', () => {
  test('no two holders share a value, all are used, and what is given back is handed out again', () => {
    const space = new Extranonce1Space(Uint8Array.of(0xaa, 0xbb), 3, 250);
    const held = new Map<string, Uint8Array>();
    for (let i = 0; i < 256; i++) {
      const value = space.acquire()!;
      expect(hexFromBytes(value)).toMatch(/^aabb..$/);
      held.set(hexFromBytes(value), value);
    }
    expect(held.size).toBe(256);
    expect(space.acquire()).toBeUndefined();
    space.release(held.get('aabb07')!);
    expect(space.held).toBe(255);
    expect(hexFromBytes(space.acquire()!)).toBe('aabb07');
  });

  test('begins where told', () => {
    expect(hexFromBytes(new Extranonce1Space(new Uint8Array(0), 4, 0x01020304).acquire()!)).toBe('01020304');
  });

  test('a size that leaves no room for the counter is refused', () => {
    for (const size of [2, 1, 7, 2.5])
      expect(() => new Extranonce1Space(new Uint8Array(2), size, 0)).toThrow(RangeError);
  });
});
