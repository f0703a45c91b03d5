// Bitcoin blocks through the whole pool: machines of two tenants with coinbase splits of their own mine at regtest difficulty on stand-in
// nodes that check each block in full, one of which is lost in the middle.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BitcoinNode, Farm, readBlock, type MachineSpec } from '@assay/sim';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { PoolProcess } from '../harness/pool-process.ts';
import { waitFor } from '../harness/wait-for.ts';
import { settledCandidates } from './block-ledger.ts';

const PATIENCE_MS = 60_000;
const SPLITS = { acme: [['11', 90], ['22', 10]], globex: [['33', 100]] } as const; // prettier-ignore

let dir: string;
let first: BitcoinNode;
let second: BitcoinNode;
let pool: PoolProcess | undefined;
let farm: Farm | undefined;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'assay-bitcoin-'));
  [first, second] = [new BitcoinNode({ seed: 1 }), new BitcoinNode({ seed: 2 })];
  first.neighbours.push(second);
  second.neighbours.push(first);
  await Promise.all([first.start(), second.start()]);
  first.addTransactions(25);
});

afterEach(async () => {
  farm?.stop();
  await pool?.dispose();
  await Promise.all([first.kill(), second.kill()]);
  rmSync(dir, { recursive: true, force: true });
});

function source(tenant: keyof typeof SPLITS): object {
  const payouts = SPLITS[tenant].map(([byte, percent]) => ({
    address: first.address(Buffer.from(byte.repeat(20), 'hex')),
    percent,
  }));
  return {
    type: 'node',
    coin: 'bitcoin',
    urls: [first.url, second.url],
    payouts,
    tag: `/${tenant}/`,
    pollSeconds: 0.1,
  };
}

const machine = (username: string): MachineSpec => ({
  algorithm: 'sha256d',
  username,
  password: 'x',
  userAgent: 'bitcoin-test/1.0',
  versionMask: 0x1fffe000,
  // At a difficulty of 1e-8 a share takes 43 hashes, and nearly each is a block.
  hashRateHs: 100,
  ailment: { type: 'healthy' },
});

it('each tenant mines blocks that pay as its own split says, and no block is lost with a node', async () => {
  const jobsFile = join(dir, 'jobs.json');
  writeFileSync(
    jobsFile,
    JSON.stringify({
      sources: { acme: source('acme'), globex: source('globex') },
      default: 'acme',
      routes: { globex: 'globex' },
    }),
  );
  pool = await PoolProcess.launch({
    ASSAY_JOBS_FILE: jobsFile,
    ASSAY_MIN_DIFFICULTY: '0.00000001',
    ASSAY_START_DIFFICULTY_ROLLING: '0.00000001',
  });
  farm = new Farm(['acme.a1', 'globex.g1'].map(machine), { host: '127.0.0.1', port: pool.ports.stratum }, 5);
  const base = first.chain.tip.height;
  await waitFor('ten blocks', PATIENCE_MS, () => first.chain.tip.height >= base + 10);
  await first.kill();
  const atLoss = second.chain.tip.height;
  await waitFor('ten more at the other node', PATIENCE_MS, () => second.chain.tip.height >= atLoss + 10);
  farm.halt();
  const halted = farm;
  await waitFor('the last answers', PATIENCE_MS, () => halted.unanswered === 0);

  const chain = second.chain.blocks.slice(1);
  expect(chain.length).toBeGreaterThanOrEqual(20);
  const finders = new Set<string>();
  for (const { hex } of chain) {
    const [coinbase] = readBlock(Buffer.from(hex, 'hex')).transactions as [ReturnType<typeof readBlock>['transactions'][number]]; // prettier-ignore
    const tag = coinbase.inputs[0]!.script.toString('latin1');
    const tenant = (['acme', 'globex'] as const).find((name) => tag.includes(`/${name}/`))!;
    finders.add(tenant);
    const paid = coinbase.outputs.slice(0, -1);
    expect(paid.map(({ script }) => script.toString('hex'))).toEqual(SPLITS[tenant].map(([byte]) => `0014${byte.repeat(20)}`)); // prettier-ignore
    const reward = paid.reduce((sum, { value }) => sum + value, 0n);
    expect(reward).toBeGreaterThanOrEqual(312_500_000n);
    if (tenant === 'acme') expect(paid[1]!.value).toBe(reward / 10n);
  }
  expect([...finders].sort()).toEqual(['acme', 'globex']);
  expect(readBlock(Buffer.from(chain[0]!.hex, 'hex')).transactions).toHaveLength(26);
  // What was refused came too late, and for no other reason.
  const answers = new Set([...first.received, ...second.received].map(({ answer }) => answer));
  expect([...answers].filter((answer) => answer !== null && answer !== 'duplicate' && answer !== 'inconclusive')).toEqual([]); // prettier-ignore

  // Each block is a share that was logged, proved, stored, and put on record as taken; none that a node would have taken was kept back.
  const running = pool;
  const hashes = chain.map(({ hash }) => hash);
  const ledger = await waitFor('every block in the ledger', PATIENCE_MS, () => settledCandidates(running, ['acme', 'globex'], hashes)); // prettier-ignore
  const others = ledger.filter(({ standing }) => standing !== 'credited').map(({ standing, reason }) => `${standing}: ${reason}`); // prettier-ignore
  expect(others.filter((one) => one !== 'rejected: inconclusive' && one !== 'not_verified: inconclusive')).toEqual([]);
  let metrics = '';
  const value = (name: string): number => Number(new RegExp(`^assay_stratum_gateway_node_${name} (.+)$`, 'm').exec(metrics)?.[1]); // prettier-ignore
  await waitFor('every block among the accepted ones', PATIENCE_MS, async () => {
    metrics = await (await fetch(`${running.url}/metrics`)).text();
    const taken = ['acme', 'globex'].map((name) => value(`blocks_total\\{source="${name}",verdict="accepted"\\}`));
    return taken[0]! + taken[1]! === second.chain.blocks.length - 1;
  });
  expect(value(`in_order\\{source="acme",node="${first.endpoint}"\\}`)).toBe(0);
  expect(value(`in_use\\{source="acme",node="${second.endpoint}"\\}`)).toBe(1);
  expect(value(`height\\{source="globex",node="${second.endpoint}"\\}`)).toBe(second.chain.tip.height);
});
