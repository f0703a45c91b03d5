import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { bytesFromHex, hexFromBytes } from '@assay/kernel';
import { blockHex, headerBytes } from './block-bytes.ts';
import type { BlockTemplate } from './block-template.ts';
import { merkleBranches, merkleRoot, sha256d } from './merkle.ts';

interface RealBlock {
  height: number;
  hash: string;
  header: string;
  coinbase: string;
  transactions: { data: string; txid: string; hash: string }[];
  block: string;
}

const { blocks } = JSON.parse(readFileSync(new URL('testdata/testnet-blocks.json', import.meta.url), 'utf8')) as {
  blocks: RealBlock[];
};
const reversed = (hex: string): Uint8Array => bytesFromHex(hex)!.reverse();

function templateOf({ height, transactions }: RealBlock, changes: Partial<BlockTemplate> = {}): BlockTemplate {
  return {
    height,
    version: 0x20000000,
    requiredVersionBits: 0,
    prevHash: new Uint8Array(32),
    nbits: 0x1d00ffff,
    ntime: 0,
    coinbaseValue: 0n,
    coinbaseAux: new Uint8Array(0),
    transactions: transactions.map(({ data, txid, hash }) => ({
      data,
      txid: reversed(txid),
      wtxid: reversed(hash),
      fee: undefined,
      weight: 0,
    })),
    witnessCommitment: new Uint8Array(38),
    mweb: undefined,
    weightLimit: undefined,
    longPollId: undefined,
    ...changes,
  };
}

test.each(blocks)('block $height of testnet is put together as it was', (real) => {
  const coinbase = bytesFromHex(real.coinbase)!;
  const txids = Buffer.concat(real.transactions.map(({ txid }) => reversed(txid)));
  const old = Buffer.from(real.header, 'hex');
  const header = headerBytes({
    version: old.readUInt32LE(0),
    prevHash: old.subarray(4, 36),
    merkleRoot: merkleRoot(sha256d(coinbase), merkleBranches(txids)),
    ntime: old.readUInt32LE(68),
    nbits: old.readUInt32LE(72),
    nonce: old.readUInt32LE(76),
  });
  expect(hexFromBytes(sha256d(header).reverse())).toBe(real.hash);
  expect(blockHex(header, coinbase, templateOf(real))).toBe(real.block);
});

test('without a commitment the coinbase has no witness, and an extension block stands behind the transactions', () => {
  const real = blocks[1]!;
  const template = templateOf(real, { witnessCommitment: undefined, mweb: 'c0ffee' });
  const hex = blockHex(bytesFromHex(real.header)!, bytesFromHex(real.coinbase)!, template);
  expect(hex).toBe(`${real.header}02${real.coinbase}${real.transactions[0]!.data}01c0ffee`);
});
