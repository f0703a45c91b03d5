// A whole block, as submitblock takes it: header, transactions, and Litecoin's extension block where there is one.
import { hexFromBytes } from '@assay/kernel';
import type { BlockTemplate } from './block-template.ts';
import { coinbaseWithWitness } from './coinbase.ts';
import { compactSize, uint32Bytes } from './wire-integers.ts';

export interface HeaderFields {
  readonly version: number;
  readonly prevHash: Uint8Array;
  readonly merkleRoot: Uint8Array;
  readonly ntime: number;
  readonly nbits: number;
  readonly nonce: number;
}

/** The 80 bytes that are hashed. Hashes in header byte order. */
export function headerBytes(fields: HeaderFields): Uint8Array {
  const { version, prevHash, merkleRoot, ntime, nbits, nonce } = fields;
  return new Uint8Array(
    Buffer.concat([
      uint32Bytes(version),
      prevHash,
      merkleRoot,
      uint32Bytes(ntime),
      uint32Bytes(nbits),
      uint32Bytes(nonce),
    ]),
  );
}

/**
 * The block in hex.
 * @param coinbase without witness, as it was hashed
 * @param template the one the coinbase was made for: its transactions follow in their order
 */
export function blockHex(header: Uint8Array, coinbase: Uint8Array, template: BlockTemplate): string {
  const { transactions, witnessCommitment, mweb } = template;
  const first = witnessCommitment === undefined ? coinbase : coinbaseWithWitness(coinbase);
  return [
    hexFromBytes(header),
    hexFromBytes(compactSize(transactions.length + 1)),
    hexFromBytes(first),
    ...transactions.map(({ data }) => data),
    // An optional value in Litecoin Core's serialisation: a byte that says it is there, and the value (LIP2).
    ...(mweb === undefined ? [] : ['01', mweb]),
  ].join('');
}
