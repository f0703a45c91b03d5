// scryptROMix for N = 1024, r = 1 (RFC 7914, sections 3 to 5): the memory-hard part of Litecoin's proof of work.
// A block is 128 bytes, two Salsa20 blocks. The SIMD build mixes two hashes side by side: one Salsa20/8 is a chain of
// dependent instructions that leaves half of the processor idle, two interleaved chains fill it.
import { SCRYPT_V, SCRYPT_V_SIZE } from './layout';

const N: u32 = 1024;
const BLOCK: usize = 128;

/**
 * Where each word of a Salsa20 block goes in the SIMD build: its four diagonals become four vectors, so that a column
 * round is four vector steps and a row round the same after rotating the vectors' lanes.
 */
const DIAGONALS: usize = memory.data<u8>([0, 5, 10, 15, 4, 9, 14, 3, 8, 13, 2, 7, 12, 1, 6, 11]);

function permute(block: usize, scratch: usize, inverse: bool): void {
  for (let half: usize = 0; half < BLOCK; half += 64) {
    memory.copy(scratch, block + half, 64);
    for (let i: usize = 0; i < 16; i++) {
      const word = <usize>load<u8>(DIAGONALS + i);
      const from = inverse ? i : word;
      const to = inverse ? word : i;
      store<u32>(block + half + (to << 2), load<u32>(scratch + (from << 2)));
    }
  }
}

@inline function rotateLeft(x: v128, bits: i32): v128 {
  return v128.xor(i32x4.shl(x, bits), i32x4.shr_u(x, 32 - bits));
}

@inline function step(target: v128, a: v128, b: v128, bits: i32): v128 {
  return v128.xor(target, rotateLeft(i32x4.add(a, b), bits));
}

@inline function lanesLeft1(x: v128): v128 {
  return i32x4.shuffle(x, x, 1, 2, 3, 0);
}

@inline function lanesLeft2(x: v128): v128 {
  return i32x4.shuffle(x, x, 2, 3, 0, 1);
}

@inline function lanesLeft3(x: v128): v128 {
  return i32x4.shuffle(x, x, 3, 0, 1, 2);
}

@inline function xorLoad(a: usize, b: usize, offset: usize): v128 {
  return v128.xor(v128.load(a + offset), v128.load(b + offset));
}

@inline function addStore(to: usize, offset: usize, start: v128, mixed: v128): void {
  v128.store(to + offset, i32x4.add(start, mixed));
}

/** For two hashes at once: left = Salsa20/8(left ^ right), 64 bytes each, in diagonal order. */
function mixPair(left: usize, right: usize, otherLeft: usize, otherRight: usize): void {
  let a0 = xorLoad(left, right, 0);
  let a1 = xorLoad(left, right, 16);
  let a2 = xorLoad(left, right, 32);
  let a3 = xorLoad(left, right, 48);
  let b0 = xorLoad(otherLeft, otherRight, 0);
  let b1 = xorLoad(otherLeft, otherRight, 16);
  let b2 = xorLoad(otherLeft, otherRight, 32);
  let b3 = xorLoad(otherLeft, otherRight, 48);
  // The starting value is added at the end; it waits in memory, not in registers.
  v128.store(left, a0);
  v128.store(left, a1, 16);
  v128.store(left, a2, 32);
  v128.store(left, a3, 48);
  v128.store(otherLeft, b0);
  v128.store(otherLeft, b1, 16);
  v128.store(otherLeft, b2, 32);
  v128.store(otherLeft, b3, 48);
  for (let doubleRound = 0; doubleRound < 4; doubleRound++) {
    a1 = step(a1, a0, a3, 7);
    b1 = step(b1, b0, b3, 7);
    a2 = step(a2, a1, a0, 9);
    b2 = step(b2, b1, b0, 9);
    a3 = step(a3, a2, a1, 13);
    b3 = step(b3, b2, b1, 13);
    a0 = step(a0, a3, a2, 18);
    b0 = step(b0, b3, b2, 18);
    a1 = lanesLeft3(a1);
    b1 = lanesLeft3(b1);
    a2 = lanesLeft2(a2);
    b2 = lanesLeft2(b2);
    a3 = lanesLeft1(a3);
    b3 = lanesLeft1(b3);
    a3 = step(a3, a0, a1, 7);
    b3 = step(b3, b0, b1, 7);
    a2 = step(a2, a3, a0, 9);
    b2 = step(b2, b3, b0, 9);
    a1 = step(a1, a2, a3, 13);
    b1 = step(b1, b2, b3, 13);
    a0 = step(a0, a1, a2, 18);
    b0 = step(b0, b1, b2, 18);
    a1 = lanesLeft1(a1);
    b1 = lanesLeft1(b1);
    a2 = lanesLeft2(a2);
    b2 = lanesLeft2(b2);
    a3 = lanesLeft3(a3);
    b3 = lanesLeft3(b3);
  }
  addStore(left, 0, v128.load(left), a0);
  addStore(left, 16, v128.load(left, 16), a1);
  addStore(left, 32, v128.load(left, 32), a2);
  addStore(left, 48, v128.load(left, 48), a3);
  addStore(otherLeft, 0, v128.load(otherLeft), b0);
  addStore(otherLeft, 16, v128.load(otherLeft, 16), b1);
  addStore(otherLeft, 32, v128.load(otherLeft, 32), b2);
  addStore(otherLeft, 48, v128.load(otherLeft, 48), b3);
}

@inline function blockMixPair(a: usize, b: usize): void {
  mixPair(a, a + 64, b, b + 64);
  mixPair(a + 64, a, b + 64, b);
}

@inline function copyBlock(to: usize, from: usize): void {
  for (let i: usize = 0; i < BLOCK; i += 16) v128.store(to + i, v128.load(from + i));
}

@inline function xorBlock(block: usize, with_: usize): void {
  for (let i: usize = 0; i < BLOCK; i += 16) v128.store(block + i, xorLoad(block, with_, i));
}

/** ROMix of the two blocks at a and b, in place. `scratch` is 64 bytes. */
export function romixPair(a: usize, b: usize, scratch: usize): void {
  const va = SCRYPT_V;
  const vb = SCRYPT_V + SCRYPT_V_SIZE;
  permute(a, scratch, false);
  permute(b, scratch, false);
  for (let i: u32 = 0; i < N; i++) {
    copyBlock(va + <usize>i * BLOCK, a);
    copyBlock(vb + <usize>i * BLOCK, b);
    blockMixPair(a, b);
  }
  for (let i: u32 = 0; i < N; i++) {
    // Integerify: the first word of the second half, which the diagonal order leaves in its place.
    xorBlock(a, va + <usize>(load<u32>(a + 64) & (N - 1)) * BLOCK);
    xorBlock(b, vb + <usize>(load<u32>(b + 64) & (N - 1)) * BLOCK);
    blockMixPair(a, b);
  }
  permute(a, scratch, true);
  permute(b, scratch, true);
}

@inline function xorWord(left: usize, right: usize, word: usize): u32 {
  const sum = load<u32>(left + (word << 2)) ^ load<u32>(right + (word << 2));
  store<u32>(left + (word << 2), sum);
  return sum;
}

@inline function addWord(to: usize, word: usize, mixed: u32): void {
  store<u32>(to + (word << 2), load<u32>(to + (word << 2)) + mixed);
}

/** left = Salsa20/8(left ^ right), RFC 7914 section 3. */
function mixOne(left: usize, right: usize): void {
  let x0 = xorWord(left, right, 0);
  let x1 = xorWord(left, right, 1);
  let x2 = xorWord(left, right, 2);
  let x3 = xorWord(left, right, 3);
  let x4 = xorWord(left, right, 4);
  let x5 = xorWord(left, right, 5);
  let x6 = xorWord(left, right, 6);
  let x7 = xorWord(left, right, 7);
  let x8 = xorWord(left, right, 8);
  let x9 = xorWord(left, right, 9);
  let x10 = xorWord(left, right, 10);
  let x11 = xorWord(left, right, 11);
  let x12 = xorWord(left, right, 12);
  let x13 = xorWord(left, right, 13);
  let x14 = xorWord(left, right, 14);
  let x15 = xorWord(left, right, 15);
  for (let doubleRound = 0; doubleRound < 4; doubleRound++) {
    x4 ^= rotl<u32>(x0 + x12, 7);
    x8 ^= rotl<u32>(x4 + x0, 9);
    x12 ^= rotl<u32>(x8 + x4, 13);
    x0 ^= rotl<u32>(x12 + x8, 18);
    x9 ^= rotl<u32>(x5 + x1, 7);
    x13 ^= rotl<u32>(x9 + x5, 9);
    x1 ^= rotl<u32>(x13 + x9, 13);
    x5 ^= rotl<u32>(x1 + x13, 18);
    x14 ^= rotl<u32>(x10 + x6, 7);
    x2 ^= rotl<u32>(x14 + x10, 9);
    x6 ^= rotl<u32>(x2 + x14, 13);
    x10 ^= rotl<u32>(x6 + x2, 18);
    x3 ^= rotl<u32>(x15 + x11, 7);
    x7 ^= rotl<u32>(x3 + x15, 9);
    x11 ^= rotl<u32>(x7 + x3, 13);
    x15 ^= rotl<u32>(x11 + x7, 18);
    x1 ^= rotl<u32>(x0 + x3, 7);
    x2 ^= rotl<u32>(x1 + x0, 9);
    x3 ^= rotl<u32>(x2 + x1, 13);
    x0 ^= rotl<u32>(x3 + x2, 18);
    x6 ^= rotl<u32>(x5 + x4, 7);
    x7 ^= rotl<u32>(x6 + x5, 9);
    x4 ^= rotl<u32>(x7 + x6, 13);
    x5 ^= rotl<u32>(x4 + x7, 18);
    x11 ^= rotl<u32>(x10 + x9, 7);
    x8 ^= rotl<u32>(x11 + x10, 9);
    x9 ^= rotl<u32>(x8 + x11, 13);
    x10 ^= rotl<u32>(x9 + x8, 18);
    x12 ^= rotl<u32>(x15 + x14, 7);
    x13 ^= rotl<u32>(x12 + x15, 9);
    x14 ^= rotl<u32>(x13 + x12, 13);
    x15 ^= rotl<u32>(x14 + x13, 18);
  }
  addWord(left, 0, x0);
  addWord(left, 1, x1);
  addWord(left, 2, x2);
  addWord(left, 3, x3);
  addWord(left, 4, x4);
  addWord(left, 5, x5);
  addWord(left, 6, x6);
  addWord(left, 7, x7);
  addWord(left, 8, x8);
  addWord(left, 9, x9);
  addWord(left, 10, x10);
  addWord(left, 11, x11);
  addWord(left, 12, x12);
  addWord(left, 13, x13);
  addWord(left, 14, x14);
  addWord(left, 15, x15);
}

/** ROMix of one block, in place, without SIMD. */
export function romixOne(block: usize): void {
  for (let i: u32 = 0; i < N; i++) {
    const kept = SCRYPT_V + <usize>i * BLOCK;
    for (let at: usize = 0; at < BLOCK; at += 8) store<u64>(kept + at, load<u64>(block + at));
    mixOne(block, block + 64);
    mixOne(block + 64, block);
  }
  for (let i: u32 = 0; i < N; i++) {
    const chosen = SCRYPT_V + <usize>(load<u32>(block + 64) & (N - 1)) * BLOCK;
    for (let at: usize = 0; at < BLOCK; at += 8) {
      store<u64>(block + at, load<u64>(block + at) ^ load<u64>(chosen + at));
    }
    mixOne(block, block + 64);
    mixOne(block + 64, block);
  }
}
