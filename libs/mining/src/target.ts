// Targets: the 256-bit integer a hash must not exceed. A target is 32 bytes in header byte order (a little-endian integer),
// just as hashes are, so that the two compare byte by byte. Invariant: targets are exact integers, rounded down once.
import { ALGORITHMS, type Algorithm } from './algorithm.ts';
import { DIFFICULTY_STEPS_PER_UNIT, isDifficultyInRange } from './difficulty.ts';

const BDIFF_ONE = 0xffffn << 208n;
const LARGEST = (1n << 256n) - 1n;

/** Little-endian 32 bytes of a non-negative integer; what exceeds 256 bits becomes the largest target. */
export function targetFromInteger(value: bigint): Uint8Array {
  let rest = value > LARGEST ? LARGEST : value;
  const out = new Uint8Array(32);
  const view = new DataView(out.buffer);
  for (let i = 0; i < 32; i += 8) {
    view.setBigUint64(i, rest & 0xffffffffffffffffn, true);
    rest >>= 64n;
  }
  return out;
}

/** The integer in 32 little-endian bytes. For cold places: it makes a bigint. */
export function integerFromTarget(target: Uint8Array, offset = 0): bigint {
  const view = new DataView(target.buffer, target.byteOffset + offset, 32);
  let value = 0n;
  for (let i = 24; i >= 0; i -= 8) value = (value << 64n) | view.getBigUint64(i, true);
  return value;
}

/**
 * The target of a difficulty: floor(difficulty-1 target / difficulty), by exact division. A difficulty that is no integer means
 * the nearest multiple of 1e-8. Costs a microsecond: remember it per distinct difficulty.
 * Throws RangeError when the difficulty is outside MIN_DIFFICULTY to MAX_DIFFICULTY.
 */
export function targetFromDifficulty(difficulty: number, algorithm: Algorithm): Uint8Array {
  if (!isDifficultyInRange(difficulty)) throw new RangeError(`difficulty out of range: ${difficulty}`);
  const unit = BigInt(DIFFICULTY_STEPS_PER_UNIT);
  const steps = Number.isInteger(difficulty)
    ? BigInt(difficulty) * unit
    : BigInt(Math.round(difficulty * DIFFICULTY_STEPS_PER_UNIT));
  return targetFromInteger(((BDIFF_ONE << BigInt(ALGORITHMS[algorithm].difficultyOneShift)) * unit) / steps);
}

/**
 * The target of a difficulty that somebody else assigned: floor(difficulty-1 target / difficulty), whatever decimals it has. Every double
 * is a whole number over a power of two, so the division is exact. Throws RangeError when it is out of range.
 */
export function targetFromForeignDifficulty(difficulty: number, algorithm: Algorithm): Uint8Array {
  if (!isDifficultyInRange(difficulty)) throw new RangeError(`difficulty out of range: ${difficulty}`);
  let [whole, shift] = [difficulty, ALGORITHMS[algorithm].difficultyOneShift];
  for (; !Number.isInteger(whole); shift++) whole *= 2;
  return targetFromInteger((BDIFF_ONE << BigInt(shift)) / BigInt(whole));
}

/**
 * Whether the 32-byte hash at `offset` is at most the target, both as little-endian integers.
 * Most hashes differ from the target within its first non-zero bytes, so this looks at some ten bytes.
 */
export function meetsTarget(hashes: Uint8Array, offset: number, target: Uint8Array): boolean {
  for (let i = 31; i >= 0; i--) {
    const difference = hashes[offset + i]! - target[i]!;
    if (difference !== 0) return difference < 0;
  }
  return true;
}
