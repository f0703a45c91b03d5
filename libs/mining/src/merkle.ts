// The merkle tree as a miner sees it: the coinbase is the leftmost leaf, so one hash per level, the branch, is enough to fold
// the coinbase's txid up to the root. All hashes are in header byte order. Plain node:crypto: this is for cold places; shares
// are folded in WASM.
import { hash } from 'node:crypto';
import { MAX_MERKLE_BRANCHES } from './job.ts';

/** SHA-256 applied twice. In one call each, which takes half as long as a hash object: 6 to 10 us for a pair, against 13 to 27. */
export function sha256d(bytes: Uint8Array): Uint8Array {
  return hash('sha256', hash('sha256', bytes, 'buffer'), 'buffer');
}

function hashPair(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256d(Buffer.concat([left, right]));
}

/**
 * The branches of a block's transactions.
 * @param txids the transactions after the coinbase, 32 bytes each, one after the other
 * @returns one 32-byte hash per level, one after the other, the lowest level first; empty for a block of the coinbase alone
 * Throws RangeError on a length that is no multiple of 32 or needs more than 14 branches.
 */
export function merkleBranches(txids: Uint8Array): Uint8Array {
  if (txids.length % 32 !== 0) throw new RangeError(`txids must be a multiple of 32 bytes, got ${txids.length}`);
  if (txids.length / 32 >= 2 ** MAX_MERKLE_BRANCHES)
    throw new RangeError(`at most ${2 ** MAX_MERKLE_BRANCHES - 1} txids, got ${txids.length / 32}`);
  const branches: Uint8Array[] = [];
  // The level without its leftmost node, which depends on the coinbase: one hash after the other, so that pairs need no copy.
  let level: Uint8Array = txids;
  while (level.length > 0) {
    branches.push(level.slice(0, 32));
    const rest = level.subarray(32);
    const above = new Uint8Array(32 * Math.ceil(rest.length / 64));
    for (let i = 0; i < rest.length; i += 64) {
      // Bitcoin pairs the last node of an odd level with itself.
      const last = rest.subarray(i, i + 64);
      above.set(last.length === 64 ? sha256d(last) : hashPair(last, last), i / 2);
    }
    level = above;
  }
  return new Uint8Array(Buffer.concat(branches));
}

/** The merkle root: the coinbase's txid folded over the branches. */
export function merkleRoot(coinbaseTxid: Uint8Array, branches: Uint8Array): Uint8Array {
  let root = coinbaseTxid;
  for (let i = 0; i < branches.length; i += 32) root = hashPair(root, branches.subarray(i, i + 32));
  return root;
}
