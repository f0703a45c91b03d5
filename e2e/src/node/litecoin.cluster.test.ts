// Work from real Litecoin nodes: machines mine scrypt through the whole path until the nodes' chain has grown by what they found.
import { scryptSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLitecoinNetwork, type LitecoinNetwork, type LitecoinNode } from '@assay/infra';
import { Farm, type MachineSpec } from '@assay/sim';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { freePorts, PoolProcess } from '../harness/pool-process.ts';
import { waitFor } from '../harness/wait-for.ts';
import { settledCandidates } from './block-ledger.ts';
import { SourceWatch } from './source-watch.ts';

const PATIENCE_MS = 60_000;
/** Of regtest, in litoshi. */
const SUBSIDY = 5_000_000_000;
const TAG = '/assay litecoin/';

let dir: string;
let network: LitecoinNetwork;
let pool: PoolProcess | undefined;
let farm: Farm | undefined;
let watched: SourceWatch | undefined;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'assay-litecoin-'));
  // A node gives no work without a peer: of three, one can be lost.
  network = await startLitecoinNetwork({ dir, nodes: 3 });
});

afterEach(async () => {
  farm?.stop();
  await watched?.source.stop();
  await pool?.dispose();
  await network.stop();
  rmSync(dir, { recursive: true, force: true });
});

interface Block {
  readonly hash: string;
  readonly height: number;
  readonly tx: readonly { readonly vin: { coinbase?: string }[]; readonly vout: { value: number; scriptPubKey: { hex: string } }[] }[]; // prettier-ignore
}

const heightOf = (node: LitecoinNode): Promise<number> => node.rpc<number>('getblockcount');

async function blocksFrom(node: LitecoinNode, first: number): Promise<Block[]> {
  const blocks: Block[] = [];
  const height = await heightOf(node);
  for (let at = first; at <= height; at++)
    blocks.push(await node.rpc('getblock', await node.rpc('getblockhash', at), 2));
  return blocks;
}

/** What a machine found to make this block, as `shares.hash` has it: Litecoin's blocks are named by another hash. */
async function proofOf(node: LitecoinNode, { hash }: Block): Promise<string> {
  const header = Buffer.from(await node.rpc<string>('getblockheader', hash, false), 'hex');
  return scryptSync(header, header, 32, { N: 1024, r: 1, p: 1 }).reverse().toString('hex');
}

function machine(algorithm: MachineSpec['algorithm'], username: string, hashRateHs: number): MachineSpec {
  return {
    algorithm,
    username,
    password: 'x',
    userAgent: 'litecoin-test/1.0',
    versionMask: 0,
    hashRateHs,
    ailment: { type: 'healthy' },
  };
}

it('machines mine blocks that the nodes take, through the loss of one node, and are paid as configured', async () => {
  const [first, second] = network.nodes as [LitecoinNode, LitecoinNode, LitecoinNode];
  const [scryptPort] = (await freePorts(1)) as [number];
  const other = await first.rpc<string>('getnewaddress');
  const jobsFile = join(dir, 'jobs.json');
  writeFileSync(
    jobsFile,
    JSON.stringify({
      sources: {
        own: { type: 'local' },
        litecoin: {
          type: 'node',
          coin: 'litecoin',
          urls: [first.url, { url: `http://${second.endpoint}`, cookieFile: second.cookieFile }],
          payouts: [
            { address: network.address, percent: 98.7654 },
            { address: other, percent: 1.2346 },
          ],
          tag: TAG,
          pollSeconds: 0.2,
          failBackSeconds: 600,
        },
      },
      default: 'own',
      ports: [{ name: 'scrypt', port: scryptPort, algorithm: 'scrypt', source: 'litecoin' }],
    }),
  );
  pool = await PoolProcess.launch({
    ASSAY_JOBS_FILE: jobsFile,
    ASSAY_MIN_DIFFICULTY: '0.00000001',
    ASSAY_START_DIFFICULTY: '0.0000001',
  });
  const host = '127.0.0.1';
  // Every second hash is a block here: slow machines, so that the chain stays below the height at which Litecoin's extension blocks begin.
  farm = new Farm(['north.s1', 'north.s2', 'south.s1'].map((path) => machine('scrypt', `acme.${path}`, 2)), { host, port: scryptPort }, 7); // prettier-ignore
  const other256 = new Farm([machine('sha256d', 'acme.north.a1', 2000)], { host, port: pool.ports.stratum }, 8);
  try {
    await waitFor('fifteen blocks', PATIENCE_MS, async () => (await heightOf(first)) >= 16);
    await first.process.kill();
    const atLoss = await heightOf(second);
    await waitFor('ten more at the other node', PATIENCE_MS, async () => (await heightOf(second)) >= atLoss + 10);
  } finally {
    farm.halt();
    other256.stop();
  }
  const halted = farm;
  await waitFor('the last answers', PATIENCE_MS, () => halted.unanswered === 0);
  // The node that was lost has every block, too, once it is back.
  await first.process.start();
  await first.rpc('addnode', `127.0.0.1:${second.p2pPort}`, 'onetry');
  const height = await heightOf(second);
  await waitFor('both nodes to agree', PATIENCE_MS, async () => (await heightOf(first)) === height);

  const blocks = await blocksFrom(first, 2);
  expect(blocks.length).toBeGreaterThanOrEqual(25);
  const scripts = await Promise.all(
    [network.address, other].map(async (address) => (await first.rpc<{ scriptPubKey: string }>('validateaddress', address)).scriptPubKey), // prettier-ignore
  );
  const second256 = Math.floor((SUBSIDY * 12_346) / 1_000_000);
  for (const { tx, height: at } of blocks) {
    const [coinbase] = tx as [Block['tx'][number]];
    expect(Buffer.from(coinbase.vin[0]!.coinbase!, 'hex').toString('latin1')).toContain(TAG);
    const paid = coinbase.vout
      .slice(0, 2)
      .map(({ value, scriptPubKey }) => [Math.round(value * 1e8), scriptPubKey.hex]);
    expect(paid, `block ${at}`).toEqual([[SUBSIDY - second256, scripts[0]], [second256, scripts[1]]]); // prettier-ignore
  }

  // Each block is a share that was logged, proved, stored, and put on record as taken; none that a node would have taken was kept back.
  const proofs = await Promise.all(blocks.map((block) => proofOf(first, block)));
  const running = pool;
  const ledger = await waitFor('every block in the ledger', PATIENCE_MS, () => settledCandidates(running, ['litecoin'], proofs)); // prettier-ignore
  expect(ledger.filter(({ standing }) => standing === 'credited')).toHaveLength(blocks.length);
  expect(ledger.filter(({ standing }) => !['credited', 'rejected', 'not_verified'].includes(standing))).toEqual([]);
  // The second node answered for itself once the first was gone.
  expect(new Set(ledger.map(({ endpoint }) => endpoint)).has(second.endpoint)).toBe(true);
  const algorithms = await pool.sql<{ algorithm: string; work: number }>(
    'SELECT toString(algorithm) AS algorithm, toFloat64(sum(work)) AS work FROM assay.rollup_1m GROUP BY algorithm ORDER BY algorithm',
  );
  expect(algorithms.map(({ algorithm }) => algorithm)).toEqual(['scrypt', 'sha256d']);
  expect(Math.min(...algorithms.map(({ work }) => work))).toBeGreaterThan(0);
});

it('a block with an extension block is taken', async () => {
  const [first, second] = network.nodes as [LitecoinNode, LitecoinNode, LitecoinNode];
  await first.rpc('generatetoaddress', 430, network.address);
  await waitFor('the other node', PATIENCE_MS, async () => (await heightOf(second)) === 431);
  // The first block with one needs a payment into it.
  const hidden = await first.rpc<string>('getnewaddress', '', 'mweb');
  await first.rpc('sendtoaddress', hidden, 1);
  watched = new SourceWatch({ coin: 'litecoin', urls: [first.url, second.url], payouts: [{ address: network.address, percent: 100 }] }); // prettier-ignore
  const { jobs, shares } = await found(watched, 0);
  expect(jobs.length).toBeGreaterThan(0);
  expect(shares[0]).toMatchObject({ verdict: 'accepted' });
  expect(await heightOf(first)).toBe(432);
  const block = await first.rpc<Block & { mweb: object }>('getblock', await first.rpc('getbestblockhash'), 2);
  expect(block.mweb).toMatchObject({ height: 432, num_kernels: 1 });
  // And one after it, with one more.
  await first.rpc('sendtoaddress', hidden, 0.25);
  watched.source.refresh(false);
  expect((await found(watched, 1)).shares[1]).toMatchObject({ verdict: 'accepted' });
  await waitFor('both nodes to agree', PATIENCE_MS, async () => (await heightOf(second)) === 433);
});

it('an MWEB address is refused as a payout', async () => {
  const hidden = await network.nodes[0]!.rpc<string>('getnewaddress', '', 'mweb');
  watched = new SourceWatch({ coin: 'litecoin', urls: [network.nodes[0]!.url], payouts: [{ address: hidden, percent: 100 }] }); // prettier-ignore
  const { away } = watched;
  await waitFor('the reason', PATIENCE_MS, () => away.length === 1);
  expect(away[0]).toBe(`the payout address ${hidden} is an MWEB address, which no coinbase can pay`);
});

/** Finds a block on the newest job, and waits for the answer that comes after `before` others. */
async function found(one: SourceWatch, before: number): Promise<SourceWatch> {
  await waitFor('a job', PATIENCE_MS, () => one.jobs.length > before);
  one.find();
  await waitFor('the answer', PATIENCE_MS, () => one.shares.length > before);
  return one;
}
