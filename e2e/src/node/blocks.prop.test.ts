// Blocks built by the gateway's code, checked by a reader and a checker that share nothing with it, and each way in which they can be wrong.
import { Random } from '@assay/kernel';
import { blockOfShare, parseBlockTemplate, workOnTemplate, type TemplateWork, type WorkPlan } from '@assay/mining';
import { hash256, NodeChain, NOT_A_TEMPLATE, readBlock, treeRoot } from '@assay/sim';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { mineBlock } from './block-mining.ts';

const NOW_SECONDS = 1_760_000_000;
const clock = { nowUs: () => NOW_SECONDS * 1e6 };
const PLAN: WorkPlan = {
  algorithm: 'sha256d',
  split: [{ script: Uint8Array.of(0x51), parts: 1_000_000 }],
  tag: '/assay/',
  extranonceSize: 8,
  jobNonce: new Uint8Array(8).fill(7),
};

function chainWith(transactions: number, height = 840_000): NodeChain {
  const chain = new NodeChain(clock, new Random(transactions), height, 'ab'.repeat(32));
  chain.addTransactions(transactions);
  return chain;
}

function work(chain: NodeChain, plan: Partial<WorkPlan> = {}, change: object = {}): TemplateWork {
  return workOnTemplate(parseBlockTemplate({ ...chain.template(), ...change }), { ...PLAN, ...plan });
}

function mined(found: TemplateWork, extranonceSize = 8): string {
  return blockOfShare(found, mineBlock(found.job, Buffer.alloc(4, 1), Buffer.alloc(extranonceSize - 4, 2))).hex;
}

describe('a block of the gateway', () => {
  it('is taken, whatever its height, transactions, payouts, tag and extranonces', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.integer({ min: 17, max: 300 }), fc.integer({ min: 30_000, max: 2 ** 24 + 10 })),
        fc.nat(40),
        fc.integer({ min: 1, max: 50 }),
        fc.nat(40),
        fc.integer({ min: 5, max: 32 }),
        (height, transactions, payouts, tagBytes, extranonceSize) => {
          const chain = chainWith(transactions, height);
          const parts = Math.floor(1_000_000 / payouts);
          const split = Array.from({ length: payouts }, (_, i) => ({
            script: Buffer.concat([Buffer.of(0x00, 0x14), Buffer.alloc(20, i)]),
            parts: i === 0 ? 1_000_000 - parts * (payouts - 1) : parts,
          }));
          const found = work(chain, { split, tag: 'x'.repeat(tagBytes), extranonceSize });
          expect(chain.submit(mined(found, extranonceSize))).toBeNull();
          const { transactions: mine } = chain.tip.block!;
          expect(mine).toHaveLength(transactions + 1);
          // Subsidy and fees to the last unit, and the commitment, which takes nothing.
          const paid = mine[0]!.outputs.map(({ value }) => value);
          expect(paid).toHaveLength(payouts + 1);
          expect(paid.reduce((a, b) => a + b, 0n)).toBe(found.template.coinbaseValue);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('follows another one', () => {
    const chain = chainWith(3);
    for (let i = 0; i < 3; i++) {
      expect(chain.submit(mined(work(chain)))).toBeNull();
      chain.addTransactions(2);
    }
    expect(chain.tip.height).toBe(840_003);
    expect(chain.waiting).toHaveLength(2);
  });
});

describe('a node that checks refuses', () => {
  const flip = (hex: string, byte: number): string => {
    const bytes = Buffer.from(hex, 'hex');
    bytes[byte]! ^= 1;
    return bytes.toString('hex');
  };

  it('a block that it has, one beside its chain, and one of which it does not know what comes before', () => {
    const chain = chainWith(2);
    const [first, second] = [work(chain, { jobNonce: new Uint8Array(8) }), work(chain)].map((found) => mined(found));
    expect(chain.submit(first!)).toBeNull();
    expect(chain.submit(first!)).toBe('duplicate');
    expect(chain.submit(second!)).toBe('inconclusive');
    expect(chain.submit(mined(work(chain, {}, { previousblockhash: '77'.repeat(32) })))).toBe('prev-blk-not-found');
  });

  it.each<[string, object]>([
    ['bad-cb-height', { height: 840_002 }],
    ['bad-cb-amount', { coinbasevalue: 312_500_000 + 100_000_000 }],
    ['bad-witness-merkle-match', { default_witness_commitment: `6a24aa21a9ed${'00'.repeat(32)}` }],
    ['unexpected-witness', { default_witness_commitment: undefined }],
    ['bad-diffbits', { bits: '207ffffe' }],
    ['time-too-old', { curtime: NOW_SECONDS - 700, mintime: 0 }],
    ['time-too-new', { curtime: NOW_SECONDS + 7300 }],
    ['bad-version', { version: 3 }],
  ])('%s', (reason, change) => {
    const chain = chainWith(3);
    expect(chain.submit(mined(work(chain, {}, change)))).toBe(reason);
    expect(chain.tip.height).toBe(840_000);
  });

  it('transactions that are not those of its root, that spend what is not there, and that no template named', () => {
    const chain = chainWith(3);
    const { transactions } = chain.template() as { transactions: { data: string }[] };
    const data = flip(transactions[0]!.data, 50);
    const changed = [{ ...transactions[0], data }, ...transactions.slice(1)];
    expect(chain.submit(mined(work(chain, {}, { transactions: changed })))).toBe('bad-txnmrklroot');

    const other = chainWith(4);
    const foreign = mined(work(other, {}, { coinbasevalue: 312_500_000 }));
    expect(chainWith(0).submit(foreign)).toBe('bad-txns-inputs-missingorspent');
    const fewer = chainWith(3);
    fewer.template();
    const reduced = work(fewer, {}, { weightlimit: 2000 });
    expect(reduced.template.transactions.length).toBeLessThan(3);
    expect(fewer.submit(mined(reduced))).toBe(NOT_A_TEMPLATE);
  });

  it('a hash that misses the target, and bytes that are no block', () => {
    const chain = chainWith(1);
    const good = mined(work(chain));
    const hash = (hex: string): Buffer => hash256(Buffer.from(hex.slice(0, 160), 'hex'));
    let missing = good;
    for (let byte = 76; hash(missing)[31]! < 0x80; byte = 76 + ((byte + 1) % 4)) missing = flip(missing, byte);
    expect(chain.submit(missing)).toBe('high-hash');
    expect(() => chain.submit(good.slice(0, -2))).toThrow(RangeError);
    expect(() => chain.submit(`${good}00`)).toThrow(RangeError);
    expect(chain.submit(flip(good, Buffer.from(good, 'hex').length - 1))).not.toBeNull();
    expect(chain.submit(good)).toBeNull();
  });

  it('a coinbase without its reserved value', () => {
    const chain = chainWith(1);
    const good = mined(work(chain));
    const reserved = `0120${'00'.repeat(32)}`;
    expect(good.split(reserved)).toHaveLength(2);
    expect(chain.submit(good.replace(reserved, `0120${'00'.repeat(31)}01`))).toBe('bad-witness-merkle-match');
    expect(chain.submit(good.replace(reserved, `011f${'00'.repeat(31)}`))).toBe('bad-witness-nonce-size');
    expect(chain.submit(good)).toBeNull();
  });
});

describe('the reader of blocks', () => {
  const { blocks } = JSON.parse(
    readFileSync(new URL('../../../libs/mining/src/testdata/testnet-blocks.json', import.meta.url), 'utf8'),
  ) as { blocks: { height: number; hash: string; block: string; transactions: { txid: string; hash: string }[] }[] };
  const printed = (hash: Buffer): string => Buffer.from(hash).reverse().toString('hex');

  it.each(blocks)('reads block $height of testnet, and finds its roots', ({ hash, block, transactions }) => {
    const read = readBlock(Buffer.from(block, 'hex'));
    expect(printed(read.hash)).toBe(hash);
    expect(
      read.transactions.slice(1).map(({ txid, wtxid }) => ({ txid: printed(txid), hash: printed(wtxid) })),
    ).toEqual(transactions.map(({ txid, hash: wtxid }) => ({ txid, hash: wtxid })));
    expect(treeRoot(read.transactions.map(({ txid }) => txid))).toEqual(read.merkleRoot);
    const leaves = [Buffer.alloc(32), ...read.transactions.slice(1).map(({ wtxid }) => wtxid)];
    const commitment = hash256(treeRoot(leaves), Buffer.alloc(32));
    expect(read.transactions[0]!.outputs[1]!.script).toEqual(Buffer.concat([Buffer.from('6a24aa21a9ed', 'hex'), commitment])); // prettier-ignore
    expect(read.weight).toBe(4 * 80 + 4 + read.transactions.reduce((sum, { weight }) => sum + weight, 0));
  });
});
