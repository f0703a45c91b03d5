// scrypt as RFC 7914 writes it, for any parameters that fit memory, for reading and for checking the kernel against.
import { sha256 } from './sha256.ts';

const rotl = (x: number, n: number): number => (x << n) | (x >>> (32 - n));

/** Section 3: the Salsa20/8 core. 16 little-endian words, changed in place. */
export function salsa208(block: Uint32Array): void {
  const x = Uint32Array.from(block);
  const step = (to: number, a: number, b: number, n: number): void => {
    x[to]! ^= rotl(x[a]! + x[b]!, n);
  };
  const quarterRound = (a: number, b: number, c: number, d: number): void => {
    step(b, a, d, 7);
    step(c, b, a, 9);
    step(d, c, b, 13);
    step(a, d, c, 18);
  };
  for (let round = 0; round < 8; round += 2) {
    quarterRound(0, 4, 8, 12);
    quarterRound(5, 9, 13, 1);
    quarterRound(10, 14, 2, 6);
    quarterRound(15, 3, 7, 11);
    quarterRound(0, 1, 2, 3);
    quarterRound(5, 6, 7, 4);
    quarterRound(10, 11, 8, 9);
    quarterRound(15, 12, 13, 14);
  }
  x.forEach((word, i) => (block[i]! += word));
}

function xorInto(to: Uint32Array, from: Uint32Array): void {
  from.forEach((word, i) => (to[i]! ^= word));
}

/** Section 4: scryptBlockMix over 2r chunks of 16 words; returns the mixed block. */
export function blockMix(block: Uint32Array, r: number): Uint32Array {
  const mixed = new Uint32Array(32 * r);
  const x = block.slice(-16);
  for (let i = 0; i < 2 * r; i++) {
    xorInto(x, block.subarray(16 * i, 16 * i + 16));
    salsa208(x);
    // Even chunks come first, then the odd ones.
    mixed.set(x, 16 * (i % 2 === 0 ? i / 2 : r + (i - 1) / 2));
  }
  return mixed;
}

/** Section 5: scryptROMix. Integerify takes the last chunk's first word; N is a power of two up to 2^32. */
export function romix(block: Uint32Array, N: number, r: number): Uint32Array {
  let x = Uint32Array.from(block);
  const v: Uint32Array[] = [];
  for (let i = 0; i < N; i++) {
    v.push(x);
    x = blockMix(x, r) as Uint32Array<ArrayBuffer>;
  }
  for (let i = 0; i < N; i++) {
    const mixed = Uint32Array.from(x);
    xorInto(mixed, v[(mixed[16 * (2 * r - 1)]! & (N - 1)) >>> 0]!);
    x = blockMix(mixed, r) as Uint32Array<ArrayBuffer>;
  }
  return x;
}

function concat(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** HMAC-SHA-256, RFC 2104. */
export function hmacSha256(key: Uint8Array, message: Uint8Array): Uint8Array {
  const block = new Uint8Array(64);
  block.set(key.length > 64 ? sha256(key) : key);
  const inner = sha256(
    concat(
      block.map((byte) => byte ^ 0x36),
      message,
    ),
  );
  return sha256(
    concat(
      block.map((byte) => byte ^ 0x5c),
      inner,
    ),
  );
}

/** PBKDF2-HMAC-SHA-256 with one iteration, which is all scrypt asks of it (RFC 8018, section 5.2). */
export function pbkdf2(password: Uint8Array, salt: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(Math.ceil(length / 32) * 32);
  for (let i = 0; 32 * i < length; i++) {
    const counter = new Uint8Array(4);
    new DataView(counter.buffer).setUint32(0, i + 1);
    out.set(hmacSha256(password, concat(salt, counter)), 32 * i);
  }
  return out.subarray(0, length);
}

/** Little-endian words of the bytes, and back. */
function wordsOf(bytes: Uint8Array): Uint32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Uint32Array.from({ length: bytes.length / 4 }, (_, i) => view.getUint32(4 * i, true));
}

function bytesOf(words: Uint32Array): Uint8Array {
  const view = new DataView(new ArrayBuffer(words.length * 4));
  words.forEach((word, i) => view.setUint32(4 * i, word, true));
  return new Uint8Array(view.buffer);
}

export interface ScryptParameters {
  readonly N: number;
  readonly r: number;
  readonly p: number;
  /** Bytes to derive. */
  readonly length: number;
}

/** Section 6. */
export function scrypt(password: Uint8Array, salt: Uint8Array, { N, r, p, length }: ScryptParameters): Uint8Array {
  const blocks = pbkdf2(password, salt, 128 * r * p);
  for (let i = 0; i < p; i++) {
    const block = blocks.subarray(128 * r * i, 128 * r * (i + 1));
    block.set(bytesOf(romix(wordsOf(block), N, r)));
  }
  return pbkdf2(password, blocks, length);
}
