// SHA-256's compression function (FIPS 180-4, section 6.2), generic in the lane type.
// It comes in two steps, the message schedule and the 64 rounds, because most blocks of a share do not need the whole
// schedule: the padding after a merkle pair and the end of the coinbase are the same for every share of a job, so that
// only their rounds are left; and where only the left half of a block varies, what the right half adds is precomputed.
// Keeping the steps apart also lets the rounds live in sixteen vector registers without a spill.
import { add, and, loadUniform, rotr, shr, xor } from './lanes';
import { INITIAL, ROUND_INPUTS, WORDS } from './layout';

/** Round constants, FIPS 180-4 section 4.2.2. */
const K: usize = memory.data<u32>([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
]);

/** Initial hash value, FIPS 180-4 section 5.3.3. */
const H: usize = memory.data<u32>([
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
]);

@inline function bigSigma0<T>(x: T): T {
  return xor<T>(xor<T>(rotr<T>(x, 2), rotr<T>(x, 13)), rotr<T>(x, 22));
}

@inline function bigSigma1<T>(x: T): T {
  return xor<T>(xor<T>(rotr<T>(x, 6), rotr<T>(x, 11)), rotr<T>(x, 25));
}

@inline function smallSigma0<T>(x: T): T {
  return xor<T>(xor<T>(rotr<T>(x, 7), rotr<T>(x, 18)), shr<T>(x, 3));
}

@inline function smallSigma1<T>(x: T): T {
  return xor<T>(xor<T>(rotr<T>(x, 17), rotr<T>(x, 19)), shr<T>(x, 10));
}

/** Puts the initial hash value into every lane of INITIAL; once, at creation. */
export function initialise<T>(): void {
  for (let i: usize = 0; i < 8; i++) store<T>(INITIAL + i * sizeof<T>(), loadUniform<T>(H, i << 2));
}

/** One step of the schedule: W[t] of sections 6.2.2, stored both bare and with K[t] added. */
@inline function scheduleStep<T>(words: usize, inputs: usize, k: usize, step: usize): void {
  const at = step * sizeof<T>();
  const near = add<T>(smallSigma1<T>(load<T>(words + at, 14 * sizeof<T>())), load<T>(words + at, 9 * sizeof<T>()));
  const far = add<T>(smallSigma0<T>(load<T>(words + at, sizeof<T>())), load<T>(words + at));
  const word = add<T>(near, far);
  store<T>(words + at, word, 16 * sizeof<T>());
  store<T>(inputs + at, add<T>(word, loadUniform<T>(k, step << 2)));
}

/** Steps first..63 of the schedule over WORDS, eight at a time; `first` is a multiple of eight. */
@inline function scheduleFrom<T>(first: usize, inputs: usize): void {
  let words = WORDS + (first - 16) * sizeof<T>();
  let k = K + (first << 2);
  let out = inputs + first * sizeof<T>();
  const end = K + 256;
  while (k < end) {
    scheduleStep<T>(words, out, k, 0);
    scheduleStep<T>(words, out, k, 1);
    scheduleStep<T>(words, out, k, 2);
    scheduleStep<T>(words, out, k, 3);
    scheduleStep<T>(words, out, k, 4);
    scheduleStep<T>(words, out, k, 5);
    scheduleStep<T>(words, out, k, 6);
    scheduleStep<T>(words, out, k, 7);
    words += 8 * sizeof<T>();
    out += 8 * sizeof<T>();
    k += 32;
  }
}

/** The whole schedule of the sixteen words in WORDS; writes K[t] + W[t] for all 64 rounds to `inputs`. */
export function schedule<T>(inputs: usize): void {
  for (let t: usize = 0; t < 16; t++) {
    store<T>(inputs + t * sizeof<T>(), add<T>(load<T>(WORDS + t * sizeof<T>()), loadUniform<T>(K, t << 2)));
  }
  scheduleFrom<T>(16, inputs);
}

/**
 * What the words 8..15 of a block, alike in every lane, add to its rounds and schedule.
 * Reads eight words from `right`; writes 24 u32: K[t] + W[t] for t = 8..15, then the known part of W[16..31].
 */
export function tabulateRightHalf(right: usize, table: usize): void {
  for (let t: u32 = 8; t < 16; t++) {
    store<u32>(table + ((t - 8) << 2), load<u32>(K + (t << 2)) + load<u32>(right + ((t - 8) << 2)));
  }
  for (let t: u32 = 16; t < 32; t++) {
    let known: u32 = 0;
    if (t - 2 < 16) known += smallSigma1<u32>(load<u32>(right + ((t - 10) << 2)));
    if (t - 7 < 16) known += load<u32>(right + ((t - 15) << 2));
    if (t - 15 >= 8 && t - 15 < 16) known += smallSigma0<u32>(load<u32>(right + ((t - 23) << 2)));
    if (t - 16 >= 8) known += load<u32>(right + ((t - 24) << 2));
    store<u32>(table + ((t - 8) << 2), known);
  }
}

@inline function bare<T>(t: usize): T {
  return load<T>(WORDS + t * sizeof<T>());
}

@inline function put<T>(t: usize, word: T): void {
  store<T>(WORDS + t * sizeof<T>(), word);
  store<T>(ROUND_INPUTS + t * sizeof<T>(), add<T>(word, loadUniform<T>(K, t << 2)));
}

@inline function known<T>(table: usize, t: usize): T {
  return loadUniform<T>(table, (t - 8) << 2);
}

/** s0(W[t-15]) + W[t-16], and s1(W[t-2]) + W[t-7]: the two halves of a step of the schedule. */
@inline function far<T>(t: usize): T {
  return add<T>(smallSigma0<T>(bare<T>(t - 15)), bare<T>(t - 16));
}

@inline function near<T>(t: usize): T {
  return add<T>(smallSigma1<T>(bare<T>(t - 2)), bare<T>(t - 7));
}

/** The schedule of a block whose words 0..7 are at `left` and whose words 8..15 are tabulated. Unrolled: 4 % of a share. */
@inline function scheduleHalf<T>(left: usize, table: usize): void {
  put<T>(0, load<T>(left, 0 * sizeof<T>()));
  put<T>(1, load<T>(left, 1 * sizeof<T>()));
  put<T>(2, load<T>(left, 2 * sizeof<T>()));
  put<T>(3, load<T>(left, 3 * sizeof<T>()));
  put<T>(4, load<T>(left, 4 * sizeof<T>()));
  put<T>(5, load<T>(left, 5 * sizeof<T>()));
  put<T>(6, load<T>(left, 6 * sizeof<T>()));
  put<T>(7, load<T>(left, 7 * sizeof<T>()));
  store<T>(ROUND_INPUTS + 8 * sizeof<T>(), known<T>(table, 8));
  store<T>(ROUND_INPUTS + 9 * sizeof<T>(), known<T>(table, 9));
  store<T>(ROUND_INPUTS + 10 * sizeof<T>(), known<T>(table, 10));
  store<T>(ROUND_INPUTS + 11 * sizeof<T>(), known<T>(table, 11));
  store<T>(ROUND_INPUTS + 12 * sizeof<T>(), known<T>(table, 12));
  store<T>(ROUND_INPUTS + 13 * sizeof<T>(), known<T>(table, 13));
  store<T>(ROUND_INPUTS + 14 * sizeof<T>(), known<T>(table, 14));
  store<T>(ROUND_INPUTS + 15 * sizeof<T>(), known<T>(table, 15));
  // W[t] = s1(W[t-2]) + W[t-7] + s0(W[t-15]) + W[t-16], without what is in the table.
  put<T>(16, add<T>(known<T>(table, 16), far<T>(16)));
  put<T>(17, add<T>(known<T>(table, 17), far<T>(17)));
  put<T>(18, add<T>(add<T>(known<T>(table, 18), far<T>(18)), smallSigma1<T>(bare<T>(16))));
  put<T>(19, add<T>(add<T>(known<T>(table, 19), far<T>(19)), smallSigma1<T>(bare<T>(17))));
  put<T>(20, add<T>(add<T>(known<T>(table, 20), far<T>(20)), smallSigma1<T>(bare<T>(18))));
  put<T>(21, add<T>(add<T>(known<T>(table, 21), far<T>(21)), smallSigma1<T>(bare<T>(19))));
  put<T>(22, add<T>(add<T>(known<T>(table, 22), far<T>(22)), smallSigma1<T>(bare<T>(20))));
  put<T>(23, add<T>(add<T>(known<T>(table, 23), bare<T>(7)), near<T>(23)));
  put<T>(24, add<T>(known<T>(table, 24), near<T>(24)));
  put<T>(25, add<T>(known<T>(table, 25), near<T>(25)));
  put<T>(26, add<T>(known<T>(table, 26), near<T>(26)));
  put<T>(27, add<T>(known<T>(table, 27), near<T>(27)));
  put<T>(28, add<T>(known<T>(table, 28), near<T>(28)));
  put<T>(29, add<T>(known<T>(table, 29), near<T>(29)));
  put<T>(30, add<T>(known<T>(table, 30), near<T>(30)));
  put<T>(31, add<T>(add<T>(known<T>(table, 31), smallSigma0<T>(bare<T>(16))), near<T>(31)));
  scheduleFrom<T>(32, ROUND_INPUTS);
}

@inline function roundInput<T>(inputs: usize, round: usize, uniform: bool): T {
  if (uniform) return loadUniform<T>(inputs, round << 2);
  else return load<T>(inputs + round * sizeof<T>());
}

/** h + Sigma1(e) + Ch(e, f, g) + K[t] + W[t]. */
@inline function t1<T>(h: T, e: T, f: T, g: T, input: T): T {
  return add<T>(add<T>(add<T>(h, input), xor<T>(g, and<T>(e, xor<T>(f, g)))), bigSigma1<T>(e));
}

/** t1 + Sigma0(a) + Maj(a, b, c), with a^b and b^c given: Maj = b ^ ((a^b) & (b^c)), and this a^b is the next b^c. */
@inline function t2<T>(t1: T, a: T, b: T, ab: T, bc: T): T {
  return add<T>(add<T>(t1, bigSigma0<T>(a)), xor<T>(b, and<T>(ab, bc)));
}

/** The 64 rounds over prepared inputs, and the final addition: to = from + rounds(from). */
@inline function rounds<T>(from: usize, inputs: usize, to: usize, uniform: bool): void {
  let a = load<T>(from);
  let b = load<T>(from, 1 * sizeof<T>());
  let c = load<T>(from, 2 * sizeof<T>());
  let d = load<T>(from, 3 * sizeof<T>());
  let e = load<T>(from, 4 * sizeof<T>());
  let f = load<T>(from, 5 * sizeof<T>());
  let g = load<T>(from, 6 * sizeof<T>());
  let h = load<T>(from, 7 * sizeof<T>());
  let x: T;
  let y = xor<T>(b, c);
  let t: T;
  const stride: usize = uniform ? 4 : sizeof<T>();
  const end = inputs + 64 * stride;
  while (inputs < end) {
    t = t1<T>(h, e, f, g, roundInput<T>(inputs, 0, uniform));
    d = add<T>(d, t);
    x = xor<T>(a, b);
    h = t2<T>(t, a, b, x, y);

    t = t1<T>(g, d, e, f, roundInput<T>(inputs, 1, uniform));
    c = add<T>(c, t);
    y = xor<T>(h, a);
    g = t2<T>(t, h, a, y, x);

    t = t1<T>(f, c, d, e, roundInput<T>(inputs, 2, uniform));
    b = add<T>(b, t);
    x = xor<T>(g, h);
    f = t2<T>(t, g, h, x, y);

    t = t1<T>(e, b, c, d, roundInput<T>(inputs, 3, uniform));
    a = add<T>(a, t);
    y = xor<T>(f, g);
    e = t2<T>(t, f, g, y, x);

    t = t1<T>(d, a, b, c, roundInput<T>(inputs, 4, uniform));
    h = add<T>(h, t);
    x = xor<T>(e, f);
    d = t2<T>(t, e, f, x, y);

    t = t1<T>(c, h, a, b, roundInput<T>(inputs, 5, uniform));
    g = add<T>(g, t);
    y = xor<T>(d, e);
    c = t2<T>(t, d, e, y, x);

    t = t1<T>(b, g, h, a, roundInput<T>(inputs, 6, uniform));
    f = add<T>(f, t);
    x = xor<T>(c, d);
    b = t2<T>(t, c, d, x, y);

    t = t1<T>(a, f, g, h, roundInput<T>(inputs, 7, uniform));
    e = add<T>(e, t);
    y = xor<T>(b, c);
    a = t2<T>(t, b, c, y, x);

    inputs += 8 * stride;
  }
  store<T>(to, add<T>(load<T>(from), a));
  store<T>(to, add<T>(load<T>(from, 1 * sizeof<T>()), b), 1 * sizeof<T>());
  store<T>(to, add<T>(load<T>(from, 2 * sizeof<T>()), c), 2 * sizeof<T>());
  store<T>(to, add<T>(load<T>(from, 3 * sizeof<T>()), d), 3 * sizeof<T>());
  store<T>(to, add<T>(load<T>(from, 4 * sizeof<T>()), e), 4 * sizeof<T>());
  store<T>(to, add<T>(load<T>(from, 5 * sizeof<T>()), f), 5 * sizeof<T>());
  store<T>(to, add<T>(load<T>(from, 6 * sizeof<T>()), g), 6 * sizeof<T>());
  store<T>(to, add<T>(load<T>(from, 7 * sizeof<T>()), h), 7 * sizeof<T>());
}

/** Compresses the block in WORDS. `from` and `to` are chaining values of eight lane words and may be the same. */
export function compress<T>(from: usize, to: usize): void {
  schedule<T>(ROUND_INPUTS);
  rounds<T>(from, ROUND_INPUTS, to, false);
}

/** Compresses a block that is the same in every lane, from its 64 precomputed u32 K[t] + W[t]. */
export function compressUniform<T>(from: usize, inputs: usize, to: usize): void {
  rounds<T>(from, inputs, to, true);
}

/** Compresses, from the initial hash value, a block whose left half is at `left` and whose right half is tabulated. */
export function compressHalf<T>(left: usize, table: usize, to: usize): void {
  scheduleHalf<T>(left, table);
  rounds<T>(INITIAL, ROUND_INPUTS, to, false);
}
