// Difficulty: how hard a share was to find, in its algorithm's own convention. It serves display, vardiff and the accounting
// of work; whether a hash is good enough is decided by comparing integers (target.ts), never by comparing difficulties.
// Invariant: an assigned difficulty is an integer when it is 1 or more, else a multiple of 1e-8, so that sums of assigned
// difficulties are exact as Decimal(38, 8) and `mining.set_difficulty` prints clean numbers.
import { ALGORITHMS, type Algorithm } from './algorithm.ts';

/** Steps of an assigned difficulty in one unit of it. */
export const DIFFICULTY_STEPS_PER_UNIT = 100_000_000;
/** The easiest difficulty that can be assigned. */
export const MIN_DIFFICULTY = 1 / DIFFICULTY_STEPS_PER_UNIT;
/** The hardest: some eight times bitcoin's network difficulty of 2026, and still an exact double. */
export const MAX_DIFFICULTY = 2 ** 50;

/** Difficulty 1 of bitcoin (bdiff) as a number: 0x00000000FFFF0000..., 65535 * 2^208. */
const BDIFF_ONE = 65535 * 2 ** 208;

/** The algorithm's difficulty-1 target as a double (it has 16 significant bits, so it is exact). */
export function difficultyOne(algorithm: Algorithm): number {
  return BDIFF_ONE * 2 ** ALGORITHMS[algorithm].difficultyOneShift;
}

/**
 * The difficulty a hash achieved: difficulty-1 target over the hash.
 * @param hashes bytes holding 32-byte hashes in header byte order, that is as little-endian 256-bit integers
 * @param offset where the hash begins
 * @returns a finite double, right to about 15 digits; a hash of 0 counts as 1.
 */
export function difficultyFromHash(hashes: Uint8Array, offset: number, algorithm: Algorithm): number {
  let value = 0;
  for (let i = offset + 28; i >= offset; i -= 4) {
    const word = (hashes[i]! | (hashes[i + 1]! << 8) | (hashes[i + 2]! << 16) | (hashes[i + 3]! << 24)) >>> 0;
    value = value * 4294967296 + word;
  }
  return difficultyOne(algorithm) / (value === 0 ? 1 : value);
}

/** Whether a difficulty can be assigned: a finite number within bounds. NaN, infinities, zero and negatives cannot. */
export function isDifficultyInRange(difficulty: number): boolean {
  return difficulty >= MIN_DIFFICULTY && difficulty <= MAX_DIFFICULTY;
}

/**
 * The nearest assignable difficulty that is not harder than asked by more than half a step: the integer below when it is 1 or
 * more, else the nearest multiple of 1e-8; brought into bounds. Throws RangeError on what is no positive number.
 */
export function normalizeDifficulty(difficulty: number): number {
  if (!(difficulty > 0)) throw new RangeError(`difficulty must be a positive number, got ${difficulty}`);
  if (difficulty >= MAX_DIFFICULTY) return MAX_DIFFICULTY;
  if (difficulty >= 1) return Math.floor(difficulty);
  return Math.max(1, Math.round(difficulty * DIFFICULTY_STEPS_PER_UNIT)) / DIFFICULTY_STEPS_PER_UNIT;
}

/**
 * The hardest assignable difficulty that is no harder than asked; MIN_DIFFICULTY when all are harder. Throws RangeError on what is
 * no positive number.
 */
export function floorDifficulty(difficulty: number): number {
  const nearest = normalizeDifficulty(difficulty);
  return nearest <= difficulty || nearest === MIN_DIFFICULTY
    ? nearest
    : Math.round(nearest * DIFFICULTY_STEPS_PER_UNIT - 1) / DIFFICULTY_STEPS_PER_UNIT;
}

/** True when normalizing would change nothing. */
export function isNormalDifficulty(difficulty: number): boolean {
  return isDifficultyInRange(difficulty) && normalizeDifficulty(difficulty) === difficulty;
}

/** A normal difficulty in plain decimals, as JSON: some miners do not read `1e-7`. */
export function difficultyText(difficulty: number): string {
  return difficulty >= 1e-6 ? String(difficulty) : difficulty.toFixed(8).replace(/0+$/, '');
}

/** Hashes expected for work of this difficulty. */
export function hashesForDifficulty(difficulty: number, algorithm: Algorithm): number {
  return difficulty * ALGORITHMS[algorithm].hashesPerDifficulty;
}
