// The 32-bit operations of SHA-256, over one lane (u32) or four at once (v128). Every algorithm here is written once
// against these, generic in the lane type, so that the SIMD and the scalar build cannot drift apart.

/** How many hashes a value of the lane type carries side by side: 4 for v128, 1 for u32. */
@inline export function lanesOf<T>(): u32 {
  return <u32>(sizeof<T>() >> 2);
}

@inline export function add<T>(a: T, b: T): T {
  if (isVector<T>()) return i32x4.add(a, b);
  else return a + b;
}

@inline export function xor<T>(a: T, b: T): T {
  if (isVector<T>()) return v128.xor(a, b);
  else return a ^ b;
}

@inline export function and<T>(a: T, b: T): T {
  if (isVector<T>()) return v128.and(a, b);
  else return a & b;
}

/** Logical shift right. */
@inline export function shr<T>(a: T, bits: i32): T {
  if (isVector<T>()) return i32x4.shr_u(a, bits);
  else return a >> bits;
}

/** Rotate right. 128-bit SIMD has no rotate, two shifts and a xor stand for it. */
@inline export function rotr<T>(a: T, bits: i32): T {
  if (isVector<T>()) return v128.xor(i32x4.shr_u(a, bits), i32x4.shl(a, 32 - bits));
  else return <T>rotr32(<u32>a, <u32>bits);
}

@inline function rotr32(a: u32, bits: u32): u32 {
  return (a >> bits) | (a << (32 - bits));
}

/** Reads one 32-bit word and puts it into every lane. */
@inline export function loadUniform<T>(address: usize, offset: usize): T {
  if (isVector<T>()) return v128.load_splat<u32>(address + offset);
  else return load<T>(address + offset);
}

/** Copies a few lane words. A plain loop: for so little, the engine's memory.copy costs more in the call than in the copy. */
@inline export function copyWords<T>(from: usize, to: usize, count: usize): void {
  for (let at: usize = 0; at < count * sizeof<T>(); at += sizeof<T>()) store<T>(to + at, load<T>(from + at));
}

/** A value in every lane. */
@inline export function splat<T>(value: u32): T {
  if (isVector<T>()) return i32x4.splat(value);
  else return <T>value;
}

@inline export function storeUniform<T>(base: usize, word: usize, value: u32): void {
  store<T>(base + word * sizeof<T>(), splat<T>(value));
}

/** Stores one lane of a word. */
@inline export function storeLane<T>(base: usize, word: u32, lane: u32, value: u32): void {
  store<u32>(base + <usize>word * sizeof<T>() + (<usize>lane << 2), value);
}

@inline export function loadLane<T>(base: usize, word: u32, lane: u32): u32 {
  return load<u32>(base + <usize>word * sizeof<T>() + (<usize>lane << 2));
}
