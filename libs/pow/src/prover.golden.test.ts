// Real blocks, through every mode: their headers, and where the transactions are public the whole path from a coinbase
// cut into halves, through the merkle branches, to the block's own hash.
import { readFileSync } from 'node:fs';
import { hexFromBytes } from '@assay/kernel';
import type { Algorithm, Job } from '@assay/mining';
import { describe, expect, it } from 'vitest';
import { createProver, type PowMode } from './index.ts';
import { batchOf, type TestShare } from './test-batch.ts';

interface Block {
  readonly height: number | null;
  readonly header: string;
  readonly hash: string | null;
  readonly proof?: string;
  readonly coinbase?: string;
  readonly branches?: readonly string[];
}

function load(name: string): readonly Block[] {
  return (JSON.parse(readFileSync(new URL(`testdata/${name}`, import.meta.url), 'utf8')) as { blocks: Block[] }).blocks;
}

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));
const displayed = (hash: Uint8Array): string => hexFromBytes(Uint8Array.from(hash).reverse());

const BITCOIN = load('bitcoin-blocks.json');
const LITECOIN = load('litecoin-blocks.json');
const CHAINS: readonly { algorithm: Algorithm; blocks: readonly Block[] }[] = [
  { algorithm: 'sha256d', blocks: BITCOIN.map((block) => ({ ...block, proof: block.hash! })) },
  { algorithm: 'scrypt', blocks: LITECOIN },
];
const MODES: readonly PowMode[] = ['simd', 'scalar', 'reference'];

/** The block as a job and the share that solved it, its coinbase cut at the given places. */
function asShare(algorithm: Algorithm, block: Block, from: number, to: number): { job: Job; share: TestShare } {
  const coinbase = bytes(block.coinbase!);
  const header = Buffer.from(block.header, 'hex');
  const ntime = header.readUInt32LE(68);
  const version = header.readUInt32LE(0);
  const job: Job = {
    algorithm,
    prevHash: Uint8Array.from(header.subarray(4, 36)),
    coinbase1: coinbase.slice(0, from),
    coinbase2: coinbase.slice(to),
    merkleBranches: bytes(block.branches!.join('')),
    version,
    nbits: header.readUInt32LE(72),
    ntime,
    hash: `block-${block.height}-${from}-${to}`,
  };
  return {
    job,
    share: { job: 0, extranonce: coinbase.slice(from, to), version, ntime, nonce: header.readUInt32LE(76) },
  };
}

describe.each(CHAINS)('$algorithm', ({ algorithm, blocks }) => {
  it.each(MODES)('%s hashes the headers of real blocks', (mode) => {
    const headers = Buffer.from(blocks.map((block) => block.header).join(''), 'hex');
    const out = new Uint8Array(32 * blocks.length);
    createProver(algorithm, mode).hashHeaders(headers, out);
    const proofs = blocks.map((_, i) => displayed(out.subarray(32 * i, 32 * i + 32)));
    expect(proofs).toEqual(blocks.map((block) => block.proof));
  });

  const whole = blocks.filter((block) => block.coinbase !== undefined);
  it.each(MODES)('%s proves real blocks from their coinbase on', (mode) => {
    const prover = createProver(algorithm, mode);
    expect(whole.length).toBeGreaterThan(0);
    for (const block of whole) {
      // The extranonce at either end of a SHA-256 block, across its edge, and in the script where pools put it.
      for (const [from, to] of [
        [42, 50],
        [60, 68],
        [64, 72],
        [56, 64],
        [0, 4],
        [42, 42],
      ] as const) {
        const { job, share } = asShare(algorithm, block, from, to);
        const out = new Uint8Array(32);
        prover.hash(batchOf([job], [share]), out);
        expect(displayed(out), `block ${block.height} cut at ${from}..${to}`).toBe(block.proof);
      }
    }
  });
});

describe('the reference', () => {
  it('gives litecoin blocks their ids, double SHA-256 of the header', () => {
    const named = LITECOIN.filter((block) => block.hash !== null);
    const out = new Uint8Array(32 * named.length);
    createProver('sha256d', 'reference').hashHeaders(
      Buffer.from(named.map((block) => block.header).join(''), 'hex'),
      out,
    );
    expect(named.map((_, i) => displayed(out.subarray(32 * i, 32 * i + 32)))).toEqual(named.map((block) => block.hash));
  });
});
