import { describe, expect, test } from 'vitest';
import { hexFromBytes } from '@assay/kernel';
import { parseBlockTemplate, TemplateError } from './block-template.ts';

// As Litecoin Core 0.21.2 gave it on regtest.
const LITECOIN = {
  capabilities: ['proposal'],
  version: 536870912,
  rules: ['csv', '!segwit', 'taproot'],
  vbavailable: {},
  vbrequired: 0,
  previousblockhash: 'ab3db9cbcdd574060a4a1ff18a63bb1470a15bd24837bad80dc1a8a3603c3b35',
  transactions: [],
  coinbaseaux: {},
  coinbasevalue: 5000000000,
  longpollid: 'ab3db9cbcdd574060a4a1ff18a63bb1470a15bd24837bad80dc1a8a3603c3b354',
  target: '7fffff0000000000000000000000000000000000000000000000000000000000',
  mintime: 1795651898,
  mutable: ['time', 'transactions', 'prevblock'],
  noncerange: '00000000ffffffff',
  sigoplimit: 80000,
  sizelimit: 4000000,
  weightlimit: 4000000,
  curtime: 1795651898,
  bits: '207fffff',
  height: 2,
  default_witness_commitment: '6a24aa21a9ede2f61c3f71d1defd3fa999dfa36953755c690689799962b48bebd836974e8cf9',
};
const TRANSACTION = { data: '0200', txid: '11'.repeat(32), hash: '22'.repeat(32), fee: 141, weight: 561 };
const TXID = { ...TRANSACTION, txid: `01${'00'.repeat(31)}` };

function refused(change: object): TemplateError {
  try {
    parseBlockTemplate({ ...LITECOIN, ...change });
  } catch (error) {
    if (error instanceof TemplateError) return error;
    throw error;
  }
  throw new Error('it was taken');
}

describe('a block template', () => {
  test('of Litecoin Core', () => {
    const template = parseBlockTemplate(LITECOIN);
    expect(template).toMatchObject({
      height: 2,
      version: 0x20000000,
      requiredVersionBits: 0,
      nbits: 0x207fffff,
      ntime: 1795651898,
      coinbaseValue: 5_000_000_000n,
      transactions: [],
      mweb: undefined,
      weightLimit: 4_000_000,
      longPollId: LITECOIN.longpollid,
    });
    expect(hexFromBytes(template.prevHash)).toBe('353b3c60a3a8c10dd8ba3748d25ba17014bb638af11f4a0a0674d5cdcbb93dab');
    expect(hexFromBytes(template.witnessCommitment!)).toBe(LITECOIN.default_witness_commitment);
  });

  test('with transactions, in hashed byte order', () => {
    const [first, old] = parseBlockTemplate({
      ...LITECOIN,
      transactions: [TXID, { data: '02', hash: TXID.txid }],
    }).transactions;
    expect(first!.txid[31]).toBe(1);
    expect(first).toMatchObject({ data: '0200', fee: 141n, weight: 561 });
    expect(hexFromBytes(first!.wtxid)).toBe('22'.repeat(32));
    // From before segwit: one hash, and no weight, of which one byte has four at most.
    expect(old).toMatchObject({ fee: undefined, weight: 4 });
    expect(old!.txid).toEqual(old!.wtxid);
  });

  test('with what the node wants in the coinbase, a version that is printed with a sign, and the earliest time a block may have', () => {
    const template = parseBlockTemplate({
      ...LITECOIN,
      coinbaseaux: { flags: '062f503253482f' },
      version: -0x60000000,
      vbrequired: 0x2000,
      mintime: LITECOIN.curtime + 5,
    });
    expect(hexFromBytes(template.coinbaseAux)).toBe('062f503253482f');
    expect(template).toMatchObject({ version: 0xa0000000, requiredVersionBits: 0x2000, ntime: LITECOIN.curtime + 5 });
  });

  test.each<[string, object]>([
    ['height', { height: -1 }],
    ['height', { height: '2' }],
    ['version', { version: 2 ** 33 }],
    ['bits', { bits: '207fff' }],
    ['bits', { bits: '00000000' }],
    ['previousblockhash', { previousblockhash: undefined }],
    ['previousblockhash', { previousblockhash: 'ab' }],
    ['curtime', { curtime: 1.5 }],
    ['coinbasevalue', { coinbasevalue: 84_000_000 * 1e8 + 1 }],
    ['coinbaseaux.flags', { coinbaseaux: { flags: 'x' } }],
    ['default_witness_commitment', { default_witness_commitment: '6a2' }],
    ['rules', { rules: ['csv', '!signet'] }],
    ['rules', { rules: 'csv' }],
    ['mweb', { mweb: 'zz', transactions: [TRANSACTION] }],
    ['mweb', { mweb: 'c0' }],
    ['transactions', { transactions: {} }],
    ['transactions', { transactions: new Array(16_384).fill(TRANSACTION) }],
    ['transactions.1', { transactions: [TRANSACTION, 7] }],
    ['transactions.0.data', { transactions: [{ ...TRANSACTION, data: '020' }] }],
    ['transactions.0.hash', { transactions: [{ ...TRANSACTION, hash: '22' }] }],
    ['transactions.1.fee', { transactions: [TRANSACTION, { ...TRANSACTION, fee: -1 }] }],
    ['longpollid', { longpollid: 7 }],
  ])('is refused for its %s', (field, change) => {
    const error = refused(change);
    expect(error.field).toBe(field);
    expect(error.message).toContain(`the block template's ${field} `);
  });

  test.each([undefined, null, 'x', []])('%o is none', (answer) =>
    expect(() => parseBlockTemplate(answer)).toThrow(TemplateError),
  );
});
