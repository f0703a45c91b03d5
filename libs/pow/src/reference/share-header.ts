// From a share to the 80-byte header whose hash it claims: coinbase, merkle root, header. Bitcoin and Litecoin alike.
import type { JobTemplate } from '@assay/mining';
import { doubleSha256 } from './sha256.ts';

/** Hash of the coinbase transaction with the extranonces in their place, 32 bytes in hashed order. */
export function coinbaseHash(coinbase1: Uint8Array, extranonce: Uint8Array, coinbase2: Uint8Array): Uint8Array {
  return doubleSha256(Uint8Array.of(...coinbase1, ...extranonce, ...coinbase2));
}

/** Merkle root over the coinbase, the leftmost leaf, and its branches, 32 bytes each. */
export function merkleRoot(coinbase: Uint8Array, branches: Uint8Array): Uint8Array {
  let root = coinbase;
  for (let at = 0; at < branches.length; at += 32) {
    root = doubleSha256(Uint8Array.of(...root, ...branches.subarray(at, at + 32)));
  }
  return root;
}

/** What the miner chose, besides the extranonces. Unsigned 32-bit each. */
export interface RolledFields {
  readonly version: number;
  readonly ntime: number;
  readonly nonce: number;
}

/** version, previous hash, merkle root, ntime, nbits, nonce; integers little-endian. */
export function shareHeader(job: JobTemplate, root: Uint8Array, rolled: RolledFields): Uint8Array {
  const header = new Uint8Array(80);
  const view = new DataView(header.buffer);
  view.setUint32(0, rolled.version, true);
  header.set(job.prevHash, 4);
  header.set(root, 36);
  view.setUint32(68, rolled.ntime, true);
  view.setUint32(72, job.nbits, true);
  view.setUint32(76, rolled.nonce, true);
  return header;
}
