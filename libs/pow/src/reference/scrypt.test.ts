// RFC 7914's vectors (sections 8 to 12) and node:crypto.
import { hexFromBytes } from '@assay/kernel';
import { pbkdf2Sync, scryptSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { blockMix, pbkdf2, romix, salsa208, scrypt } from './scrypt.ts';

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

function words(hex: string): Uint32Array {
  const bytes = Buffer.from(hex, 'hex');
  return Uint32Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readUInt32LE(4 * i));
}

function hexOfWords(block: Uint32Array): string {
  const bytes = Buffer.alloc(block.length * 4);
  block.forEach((word, i) => bytes.writeUInt32LE(word, 4 * i));
  return bytes.toString('hex');
}

const BLOCK_MIX_IN =
  'f7ce0b653d2d72a4108cf5abe912ffdd777616dbbb27a70e8204f3ae2d0f6fad89f68f4811d1e87bcc3bd7400a9ffd29094f0184639574f39ae5a1315217bcd7' +
  '894991447213bb226c25b54da86370fbcd984380374666bb8ffcb5bf40c254b067d27c51ce4ad5fed829c90b505a571b7f4d1cad6a523cda770e67bceaaf7e89';

describe('the scrypt reference', () => {
  it('Salsa20/8, section 8', () => {
    const block = words(
      '7e879a214f3ec9867ca940e641718f26baee555b8c61c1b50df846116dcd3b1dee24f319df9b3d8514121e4b5ac5aa3276021d2909c74829edebc68db8b8c25e',
    );
    salsa208(block);
    expect(hexOfWords(block)).toBe(
      'a41f859c6608cc993b81cacb020cef05044b2181a2fd337dfd7b1c6396682f29b4393168e3c9e6bcfe6bc5b7a06d96bae424cc102c91745c24ad673dc7618f81',
    );
  });

  it('scryptBlockMix, section 9', () => {
    expect(hexOfWords(blockMix(words(BLOCK_MIX_IN), 1))).toBe(
      'a41f859c6608cc993b81cacb020cef05044b2181a2fd337dfd7b1c6396682f29b4393168e3c9e6bcfe6bc5b7a06d96bae424cc102c91745c24ad673dc7618f81' +
        '20edc975323881a80540f64c162dcd3c21077cfe5f8d5fe2b1a4168f953678b77d3b3d803b60e4ab920996e59b4d53b65d2a225877d5edf5842cb9f14eefe425',
    );
  });

  it('scryptROMix, section 10', () => {
    expect(hexOfWords(romix(words(BLOCK_MIX_IN), 16, 1))).toBe(
      '79ccc193629debca047f0b70604bf6b62ce3dd4a9626e355fafc6198e6ea2b46d58413673b99b029d665c357601fb426a0b2f4bba200ee9f0a43d19b571a9c71' +
        'ef1142e65d5a266fddca832ce59faa7cac0b9cf1be2bffca300d01ee387619c4ae12fd4438f203a0e4e1c47ec314861f4e9087cb33396a6873e8f9d2539a4b8e',
    );
  });

  it.each([
    [
      16,
      1,
      1,
      '',
      '',
      '77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906',
    ],
    [
      1024,
      8,
      16,
      'password',
      'NaCl',
      'fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640',
    ],
    [
      16384,
      8,
      1,
      'pleaseletmein',
      'SodiumChloride',
      '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887',
    ],
  ] as const)('scrypt N=%i r=%i p=%i, section 12', (N, r, p, password, salt, expected) => {
    expect(hexFromBytes(scrypt(ascii(password), ascii(salt), { N, r, p, length: 64 }))).toBe(expected);
  });

  it('agrees with node:crypto where the password is longer than a block', () => {
    const header = Uint8Array.from({ length: 80 }, (_, i) => 7 * i);
    expect(hexFromBytes(pbkdf2(header, header, 130))).toBe(
      pbkdf2Sync(header, header, 1, 130, 'sha256').toString('hex'),
    );
    const options = { N: 64, r: 2, p: 3 };
    expect(hexFromBytes(scrypt(header, header, { ...options, length: 40 }))).toBe(
      scryptSync(header, header, 40, options).toString('hex'),
    );
  });
});
