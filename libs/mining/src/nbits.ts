// nbits: the network target in bitcoin's compact form, a base-256 floating point number: the top byte is the length of the
// integer in bytes, the low 23 bits its first three bytes, bit 23 a sign that no valid target has set.
// Source: bitcoin's arith_uint256::SetCompact and GetCompact.
import type { Algorithm } from './algorithm.ts';
import { difficultyOne } from './difficulty.ts';
import { integerFromTarget, targetFromInteger } from './target.ts';

/** The target as 32 little-endian bytes, or undefined when nbits encodes no valid target (zero, negative, over 256 bits). */
export function targetFromNbits(nbits: number): Uint8Array | undefined {
  const length = nbits >>> 24;
  const mantissa = nbits & 0x7fffff;
  if ((nbits & 0x800000) !== 0) return undefined;
  const value = length <= 3 ? BigInt(mantissa >>> (8 * (3 - length))) : BigInt(mantissa) << BigInt(8 * (length - 3));
  if (value === 0n || value >> 256n !== 0n) return undefined;
  return targetFromInteger(value);
}

/**
 * Network difficulty in the algorithm's own convention, comparable with share difficulties: work of one block is this many
 * difficulty-1 shares. (Litecoin Core's getdifficulty speaks bitcoin's convention, 2^16 lower than scrypt pools'.)
 * 0 when nbits encodes no valid target.
 */
export function difficultyFromNbits(nbits: number, algorithm: Algorithm): number {
  if (targetFromNbits(nbits) === undefined) return 0;
  const length = nbits >>> 24;
  const mantissa = length <= 3 ? (nbits & 0x7fffff) >>> (8 * (3 - length)) : nbits & 0x7fffff;
  // Dividing by the mantissa first and scaling by a power of two after keeps the result correctly rounded.
  return (difficultyOne(algorithm) / 2 ** 208 / mantissa) * 2 ** (208 - 8 * Math.max(0, length - 3));
}

/** The compact form of a target, its low bits cut off as bitcoin does. */
export function nbitsFromTarget(target: Uint8Array): number {
  let length = 32;
  while (length > 0 && target[length - 1] === 0) length--;
  const integer = integerFromTarget(target);
  let mantissa = Number(length <= 3 ? integer << BigInt(8 * (3 - length)) : integer >> BigInt(8 * (length - 3)));
  // A first byte of 0x80 or more would read as a sign: move one byte down.
  if ((mantissa & 0x800000) !== 0) {
    mantissa >>>= 8;
    length++;
  }
  return ((length << 24) | mantissa) >>> 0;
}
