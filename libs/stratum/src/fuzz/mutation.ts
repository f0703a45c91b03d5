// Makes inputs of seeds: several in a row, often whole, since broken ones go no deeper than the parser, and else changed in a few places.
import type { Random } from '@assay/kernel';
import type { FuzzTarget } from './fuzz-target.ts';

const MAX_INPUT_BYTES = 8192;
const MAX_MUTATIONS = 7;
const LINE_FEED = Buffer.from('\n');

export function mutated(seeds: readonly Uint8Array[], { tokens, pieces }: FuzzTarget, random: Random): Uint8Array {
  const parts: Uint8Array[] = [];
  if (pieces === 1) parts.push(random.pick(seeds));
  else for (let left = 1 + random.below(pieces); left > 0; left--) parts.push(random.pick(seeds), LINE_FEED);
  let bytes: Uint8Array = Buffer.concat(parts);
  for (let left = random.below(MAX_MUTATIONS); left > 0; left--) bytes = mutation(bytes, seeds, tokens, random);
  return bytes.subarray(0, MAX_INPUT_BYTES);
}

function mutation(
  bytes: Uint8Array,
  seeds: readonly Uint8Array[],
  tokens: readonly Uint8Array[],
  random: Random,
): Uint8Array {
  const at = random.below(bytes.length + 1);
  const head = bytes.subarray(0, at);
  switch (random.below(6)) {
    case 0: {
      const changed = Buffer.from(bytes);
      if (at < changed.length) changed[at]! ^= 1 << random.below(8);
      return changed;
    }
    case 1:
      return Buffer.concat([head, random.bytes(1 + random.below(4)), bytes.subarray(at)]);
    case 2:
      return Buffer.concat([head, bytes.subarray(Math.min(bytes.length, at + 1 + random.below(16)))]);
    case 3:
      return Buffer.concat([head, random.pick(tokens), bytes.subarray(at)]);
    case 4: {
      const other = random.pick(seeds);
      return Buffer.concat([head, other.subarray(random.below(other.length)), bytes.subarray(at)]);
    }
    default: {
      const piece = bytes.subarray(at, at + random.below(64));
      return Buffer.concat([head, ...new Array<Uint8Array>(1 + random.below(8)).fill(piece), bytes.subarray(at)]);
    }
  }
}

/** The smallest input found that still breaks the target: pieces are left out, ever smaller ones. */
export function minimized(input: Uint8Array, breaks: (input: Uint8Array) => boolean): Uint8Array {
  let smallest = input;
  for (let size = smallest.length >> 1; size >= 1; size >>= 1) {
    for (let at = 0; at + size <= smallest.length;) {
      const shorter = Buffer.concat([smallest.subarray(0, at), smallest.subarray(at + size)]);
      if (breaks(shorter)) smallest = shorter;
      else at += size;
    }
  }
  return smallest;
}
