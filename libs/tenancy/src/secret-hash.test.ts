import { scryptSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { assert } from '@assay/kernel';
import {
  drawSecret,
  fastHash,
  formatSecretHash,
  matchesFast,
  matchesSlow,
  parseSecretHash,
  slowHash,
  type DeriveKey,
} from './secret-hash.ts';

const derive: DeriveKey = async (...asked) => scryptSync(...asked);

describe('a hash', () => {
  it('survives being written down, and tells the right secret from others', async () => {
    const fast = parseSecretHash(formatSecretHash(fastHash('s3cret')));
    assert(fast?.kind === 'sha256', 'a fast hash');
    expect([matchesFast(fast, 's3cret'), matchesFast(fast, 's3cres'), matchesFast(fast, '')]).toEqual([
      true,
      false,
      false,
    ]);
    const slow = parseSecretHash(formatSecretHash(slowHash('s3cret')));
    assert(slow?.kind === 'scrypt', 'a slow hash');
    expect(await Promise.all([matchesSlow(slow, 's3cret', derive), matchesSlow(slow, 's3cres', derive)])).toEqual([
      true,
      false,
    ]);
  });

  it('is another every time', () => {
    expect(formatSecretHash(fastHash('s'))).not.toBe(formatSecretHash(fastHash('s')));
    expect(drawSecret()).not.toBe(drawSecret());
    expect(drawSecret()).toMatch(/^[\w-]{22}$/);
  });

  // RFC 7914, section 12, third vector, cut to the 32 bytes we keep: the first bytes of PBKDF2's output do not depend on its length.
  it('is the scrypt of the standard', async () => {
    const digest = Buffer.from('7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2', 'hex');
    const salt = Buffer.from('SodiumChloride');
    const hash = { kind: 'scrypt', log2Cost: 14, blockSize: 8, parallelism: 1, salt, digest } as const;
    expect(await matchesSlow(hash, 'pleaseletmein', derive)).toBe(true);
    expect(await matchesSlow(hash, 'pleaseletmeim', derive)).toBe(false);
  });

  const [salt, digest] = ['a'.repeat(22), 'b'.repeat(43)];
  it.each([
    '',
    'plain',
    `md5$${salt}$${digest}`,
    `sha256$${salt}$short`,
    `sha256$$${digest}`,
    // 16 GiB, 128 MiB, nothing at all, and parallel beyond measure.
    `scrypt$24$8$1$${salt}$${digest}`,
    `scrypt$17$8$1$${salt}$${digest}`,
    `scrypt$0$8$1$${salt}$${digest}`,
    `scrypt$14$8$99$${salt}$${digest}`,
  ])('is refused when it is %j', (text) => expect(parseSecretHash(text)).toBeUndefined());
});
