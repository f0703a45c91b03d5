// Whether the blocks are such as a node takes is shown by those that check them: e2e/src/node.
import { describe, expect, test } from 'vitest';
import { hexFromBytes } from '@assay/kernel';
import { parseBlockTemplate, type BlockTemplate } from './block-template.ts';
import { coinbaseHalves, coinbaseWithWitness } from './coinbase.ts';
import { MIN_DIFFICULTY } from './difficulty.ts';
import { sha256d } from './merkle.ts';
import { blockOfShare, workOnTemplate, type WorkPlan } from './template-work.ts';

const PLAN: WorkPlan = {
  algorithm: 'sha256d',
  split: [{ script: Uint8Array.of(0x51), parts: 1_000_000 }],
  tag: '/assay/',
  extranonceSize: 8,
  jobNonce: new Uint8Array(8).fill(7),
};

const FEES = [500, 400, 300];

function template(changes: object = {}): BlockTemplate {
  return parseBlockTemplate({
    version: 0x20000000,
    previousblockhash: 'ab'.repeat(32),
    transactions: FEES.map((fee, i) => ({
      data: `0${i}`,
      txid: `${i}1`.repeat(32),
      hash: `${i}2`.repeat(32),
      fee,
      weight: 1000,
    })),
    coinbasevalue: 312_500_000 + 1200,
    curtime: 1_760_000_000,
    bits: '1d00ffff',
    height: 840_000,
    weightlimit: 4_000_000,
    default_witness_commitment: `6a24aa21a9ed${'00'.repeat(32)}`,
    ...changes,
  });
}

/** Value of the first output: its eight bytes come after tag, sequence and count. */
function firstValue(coinbase2: Uint8Array): bigint {
  return Buffer.from(coinbase2).readBigUInt64LE(1 + PLAN.tag.length + 4 + 1);
}

describe('work on a template', () => {
  test('is a job for its block, with the whole reward', () => {
    const { job, difficulty, template: used } = workOnTemplate(template(), PLAN);
    expect(job).toMatchObject({ algorithm: 'sha256d', version: 0x20000000, nbits: 0x1d00ffff, ntime: 1_760_000_000 });
    expect(job.merkleBranches.length).toBe(64);
    expect(firstValue(job.coinbase2)).toBe(312_501_200n);
    expect(hexFromBytes(job.coinbase1)).toContain('0340d10c080707070707070707');
    expect(used.transactions).toHaveLength(3);
    expect(difficulty).toBe(1);
  });

  test('leaves out the last transactions where the coinbase has no room, with their fees, and commits to the rest', () => {
    const { job, template: used } = workOnTemplate(template({ weightlimit: 3500 }), PLAN);
    expect(used.transactions.map(({ fee }) => fee)).toEqual([500n, 400n]);
    expect(firstValue(job.coinbase2)).toBe(312_500_900n);
    expect(job.merkleBranches.length).toBe(64);
    const [first, second] = ['02', '12'].map((pair) => Buffer.from(pair.repeat(32), 'hex'));
    const zeroes = new Uint8Array(32);
    const left = sha256d(Buffer.concat([zeroes, first!]));
    const root = sha256d(Buffer.concat([left, sha256d(Buffer.concat([second!, second!]))]));
    const commitment = hexFromBytes(sha256d(Buffer.concat([root, zeroes])));
    expect(hexFromBytes(job.coinbase2)).toContain(`266a24aa21a9ed${commitment}`);
  });

  test.each<[string, object]>([
    ['less than the coinbase itself', { weightlimit: 800 }],
    ['an extension block, whose last transaction must stay', { weightlimit: 3500, mweb: 'c0' }],
    ['fees nobody knows', { weightlimit: 3500, transactions: [{ data: '00', hash: '22'.repeat(32), weight: 3000 }] }],
  ])('is refused when there is room for %s', (_what, changes) => {
    expect(() => workOnTemplate(template(changes), PLAN)).toThrow(/the coinbase needs \d+ weight more/);
  });

  test.each([
    ['1d00ffff', 1],
    ['17021a91', 133_793_147_307_542],
    ['207fffff', MIN_DIFFICULTY],
    ['1e0ffff0', 0.00024414],
  ])('of target %s asks machines for no more than difficulty %d', (bits, difficulty) => {
    expect(workOnTemplate(template({ bits }), PLAN).difficulty).toBe(difficulty);
  });

  test('a share of it makes a block with its own extranonces, time, nonce and version', () => {
    const work = workOnTemplate(template(), PLAN);
    const share = {
      extranonce1: Uint8Array.of(1, 2, 3, 4),
      extranonce2: Uint8Array.of(5, 6, 7, 8),
      ntime: 1_760_000_009,
      nonce: 0xdeadbeef,
      version: 0x20002000,
    };
    const { hex, id, height } = blockOfShare(work, share);
    expect(height).toBe(840_000);
    expect(hex.slice(0, 8)).toBe('00200020');
    expect(hex.slice(136, 160)).toBe('0978e768' + 'ffff001d' + 'efbeadde');
    expect(hexFromBytes(sha256d(Buffer.from(hex.slice(0, 160), 'hex')).reverse())).toBe(id);
    expect(hex.slice(160, 162)).toBe('04');
    expect(hex).toContain('080102030405060708');
    expect(hex.endsWith('00000000000102')).toBe(true);
  });
});

describe('a coinbase', () => {
  const plan = { height: 840_000, jobNonce: new Uint8Array(8), extranonceSize: 8, tag: '/t/', outputs: [{ value: 1n, script: Uint8Array.of(0x51) }] }; // prettier-ignore

  test('gets its witness around what is hashed', () => {
    const { coinbase1, coinbase2 } = coinbaseHalves(plan);
    const bare = hexFromBytes(Buffer.concat([coinbase1, new Uint8Array(8), coinbase2]));
    const whole = hexFromBytes(coinbaseWithWitness(Buffer.from(bare, 'hex')));
    expect(whole).toBe(`01000000` + `0001` + bare.slice(8, -8) + `0120${'00'.repeat(32)}` + `00000000`);
  });

  test.each([
    ['no output', { outputs: [] }, 'at least one output'],
    ['a long tag', { tag: 'x'.repeat(41) }, 'tag must be at most 40 bytes'],
    ['a short nonce', { jobNonce: new Uint8Array(7) }, 'jobNonce must be 8 bytes'],
    ['much that the node wants', { aux: new Uint8Array(80) }, 'holds at most 100 bytes, this needs 106'],
  ])('with %s is refused', (_what, change, message) => {
    expect(() => coinbaseHalves({ ...plan, ...change })).toThrow(message);
  });
});
