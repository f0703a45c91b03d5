import { hexFromBytes } from '@assay/kernel';
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { doubleSha256, sha256 } from './sha256.ts';

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('the SHA-256 reference', () => {
  it.each([
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    [
      'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
      '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    ],
  ])('hashes the standard example %j', (message, expected) => {
    expect(hexFromBytes(sha256(ascii(message)))).toBe(expected);
  });

  it('agrees with node:crypto at every length around the padding edges', () => {
    for (let length = 0; length < 200; length++) {
      const message = Uint8Array.from({ length }, (_, i) => i * 31 + length);
      const once = createHash('sha256').update(message).digest();
      expect(hexFromBytes(sha256(message))).toBe(once.toString('hex'));
      expect(hexFromBytes(doubleSha256(message))).toBe(createHash('sha256').update(once).digest('hex'));
    }
  });
});
