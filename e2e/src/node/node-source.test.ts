// Work from nodes: what machines get, what becomes of what they find, and what happens when nodes are lost. The nodes are stand-ins that
// check every block in full.
import { BitcoinNode, readBlock, type BitcoinNodeOptions } from '@assay/sim';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitFor } from '../harness/wait-for.ts';
import { SourceWatch } from './source-watch.ts';

const PATIENCE_MS = 10_000;
const nodes: BitcoinNode[] = [];
const watches: SourceWatch[] = [];

async function startNode(options: Partial<BitcoinNodeOptions> = {}): Promise<BitcoinNode> {
  const node = new BitcoinNode({ seed: nodes.length + 1, ...options });
  nodes.push(node);
  await node.start();
  return node;
}

function watch(settings: object): SourceWatch {
  const one = new SourceWatch(settings);
  watches.push(one);
  return one;
}

afterEach(async () => {
  await Promise.all(watches.splice(0).map(({ source }) => source.stop()));
  await Promise.all(nodes.splice(0).map((node) => node.kill()));
});

const printed = (hash: Uint8Array): string => Buffer.from(hash).reverse().toString('hex');
const pays = (node: BitcoinNode, byte: number, percent: number): object => ({
  address: node.address(Buffer.alloc(20, byte)),
  percent,
});

describe('one node', () => {
  it('gives a job, takes what is found on it, pays as configured, and the next job follows at once', async () => {
    const node = await startNode({ transactions: 12 });
    const before = node.chain.tip;
    const watched = watch({ urls: [node.url], payouts: [pays(node, 1, 97.5), pays(node, 2, 2), { script: '51', percent: 0.5 }], pollSeconds: 60 }); // prettier-ignore
    await waitFor('a job', PATIENCE_MS, () => watched.jobs.length === 1);
    const { job, cleanJobs, versionMask, wanted } = watched.job;
    expect({ cleanJobs, versionMask, difficulty: wanted!.difficulty }).toEqual({ cleanJobs: true, versionMask: 0x1fffe000, difficulty: 1e-8 }); // prettier-ignore
    expect(printed(job.prevHash)).toBe(before.hash);
    expect(watched.source.state).toBe('ok');
    expect(watched.records).toMatchObject([{ type: 'job', gateway: 'g1', source: 'node', endpoint: node.endpoint, jobHash: job.hash, upstreamJobId: '' }]); // prettier-ignore

    watched.find();
    await waitFor('the next job', PATIENCE_MS, () => watched.jobs.length === 2);
    expect(node.received).toMatchObject([{ answer: null }]);
    expect(node.chain.tip.height).toBe(before.height + 1);
    expect(watched.job).toMatchObject({ cleanJobs: true });
    expect(printed(watched.job.job.prevHash)).toBe(node.chain.tip.hash);

    const { transactions } = readBlock(Buffer.from(node.received[0]!.hex, 'hex'));
    expect(transactions).toHaveLength(13);
    const reward = transactions[0]!.outputs.reduce((sum, { value }) => sum + value, 0n);
    expect(reward).toBeGreaterThan(312_500_000n);
    const [first, second, third, commitment] = transactions[0]!.outputs;
    expect(second!.value).toBe((reward * 2n) / 100n);
    expect(third!.value).toBe((reward * 5n) / 1000n);
    expect(first!.value).toBe(reward - second!.value - third!.value);
    expect(first!.script.toString('hex')).toBe(`0014${'01'.repeat(20)}`);
    expect(third!.script.toString('hex')).toBe('51');
    expect(commitment!.value).toBe(0n);

    const [share] = watched.shares;
    expect(share).toMatchObject({ endpoint: node.endpoint, jobHash: job.hash, tenant: 'acme', worker: 'acme.north.a1', account: '', verdict: 'accepted', reason: '', attempts: 1, blockCandidate: true, submittedAtUs: 1 }); // prettier-ignore
    expect(share!.hash).toBe(node.chain.tip.hash);
    expect(share!.answeredAtUs).toBeGreaterThanOrEqual(share!.sentAtUs);
    expect(share!.sentAtUs).toBeGreaterThan(0);
  });

  it.each([
    ['by its long poll', true, 60],
    ['by asking for its best block, where it has no long poll', false, 0.05],
  ])('tells of a new block %s', async (_how, longPolls, pollSeconds) => {
    const node = await startNode();
    node.longPolls = longPolls;
    const watched = watch({ urls: [node.url], payouts: [{ script: '51', percent: 100 }], pollSeconds });
    await waitFor('a job', PATIENCE_MS, () => watched.jobs.length === 1);
    if (longPolls) await waitFor('the long poll', PATIENCE_MS, () => node.calls.get('getblocktemplate') === 2);
    node.foreignBlock();
    await waitFor('the next job', PATIENCE_MS, () => watched.jobs.length > 1);
    expect(watched.jobs[1]!.cleanJobs).toBe(true);
    expect(printed(watched.jobs[1]!.job.prevHash)).toBe(node.chain.tip.hash);
  });

  it('gives jobs with the transactions of the moment, which leave the earlier ones good', async () => {
    const node = await startNode({ transactions: 1 });
    const watched = watch({ urls: [node.url], payouts: [{ script: '51', percent: 100 }], refreshSeconds: 1 });
    await waitFor('a job', PATIENCE_MS, () => watched.jobs.length === 1);
    node.addTransactions(5);
    await waitFor('a better job', PATIENCE_MS, () => watched.jobs.length === 2);
    const [early, late] = watched.jobs as [SourceWatch['job'], SourceWatch['job']];
    expect(late.cleanJobs).toBe(false);
    expect([early, late].map(({ job }) => job.merkleBranches.length / 32)).toEqual([1, 3]);
    watched.find(early);
    await waitFor('the answer', PATIENCE_MS, () => watched.shares.length === 1);
    expect(watched.shares[0]).toMatchObject({ verdict: 'accepted', jobHash: early.job.hash });
  });

  it('never gives the same work twice, also on demand', async () => {
    const node = await startNode();
    const one = watch({ urls: [node.url], payouts: [{ script: '51', percent: 100 }] });
    const two = watch({ urls: [node.url], payouts: [{ script: '51', percent: 100 }] });
    await waitFor('jobs', PATIENCE_MS, () => one.jobs.length === 1 && two.jobs.length === 1);
    one.source.refresh(false);
    await waitFor('the job asked for', PATIENCE_MS, () => one.jobs.length === 2);
    one.source.refresh(true);
    await waitFor('the clean job', PATIENCE_MS, () => one.jobs.length === 3);
    expect(one.jobs.map(({ cleanJobs }) => cleanJobs)).toEqual([true, false, true]);
    const coinbases = [...one.jobs, ...two.jobs].map(({ job }) => Buffer.from(job.coinbase1).toString('hex'));
    expect(new Set(coinbases).size).toBe(4);
  });

  it('refuses what is found too late, and that is on record with its word for it', async () => {
    const node = await startNode();
    const watched = watch({ urls: [node.url], payouts: [{ script: '51', percent: 100 }] });
    await waitFor('a job', PATIENCE_MS, () => watched.jobs.length === 1);
    node.foreignBlock();
    watched.find(watched.jobs[0]);
    await waitFor('the answer', PATIENCE_MS, () => watched.shares.length === 1);
    expect(watched.shares[0]).toMatchObject({ verdict: 'rejected', reason: 'inconclusive' });
    expect(watched.source.tallies.blocks).toMatchObject({ accepted: 0, rejected: 1 });
  });

  it('that does not know a payout address gives no work, and the address is named', async () => {
    const node = await startNode();
    const wrong = 'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4';
    const watched = watch({ urls: [node.url], payouts: [{ address: wrong, percent: 100 }] });
    await waitFor('the reason', PATIENCE_MS, () => watched.away.length === 1);
    expect(watched.away).toEqual([`the payout address ${wrong} is not valid on the network of ${node.endpoint}`]);
    expect(watched.source.state).toContain(wrong);
    expect(watched.jobs).toEqual([]);
  });

  it('of the other coin gives no work', async () => {
    const node = await startNode();
    const watched = watch({ coin: 'litecoin', urls: [node.url], payouts: [{ script: '51', percent: 100 }] });
    await waitFor('the reason', PATIENCE_MS, () => watched.away.length === 1);
    expect(watched.away).toEqual([`${node.endpoint} is a node of bitcoin, not of litecoin`]);
  });

  it('that refuses the password gives no work, and the password is not repeated', async () => {
    const node = await startNode();
    const watched = watch({ urls: [node.url.replace('stand-in', 'hush')], payouts: [{ script: '51', percent: 100 }] });
    await waitFor('the reason', PATIENCE_MS, () => watched.away.length === 1);
    expect(watched.away).toEqual([`${node.endpoint} refuses user and password`]);
  });
});

describe('two nodes', () => {
  let first: BitcoinNode;
  let second: BitcoinNode;
  beforeEach(async () => {
    [first, second] = [await startNode({ transactions: 4 }), await startNode()];
    first.neighbours.push(second);
    second.neighbours.push(first);
    first.addTransactions(1);
  });

  async function working(settings: object = {}): Promise<SourceWatch> {
    const watched = watch({ urls: [first.url, second.url], payouts: [pays(first, 1, 100)], ...settings });
    await waitFor('a job of the first', PATIENCE_MS, () => watched.source.active?.client.endpoint === first.endpoint && watched.jobs.length > 0); // prettier-ignore
    await waitFor('word of the second', PATIENCE_MS, () => watched.source.nodes[1]!.inOrderSinceMs !== undefined);
    return watched;
  }
  const inUse = (watched: SourceWatch, node: BitcoinNode): Promise<boolean> =>
    waitFor(`${node.endpoint} to be in use`, PATIENCE_MS, () => watched.source.active?.client.endpoint === node.endpoint); // prettier-ignore

  // Before, a block may go out on a connection that was open to it.
  const noticed = (watched: SourceWatch): Promise<boolean> =>
    waitFor('both to be missed', PATIENCE_MS, () =>
      watched.source.nodes.every(({ trouble }) => trouble.includes('ECONNREFUSED')),
    );

  it('both get a found block at once, and one record has the best of their answers', async () => {
    const watched = await working();
    watched.find();
    await waitFor('both answers', PATIENCE_MS, () => first.received.length === 1 && second.received.length === 1);
    await waitFor('the next job', PATIENCE_MS, () => watched.jobs.length > 1);
    expect([first, second].map(({ received }) => received[0]!.answer).sort()).toEqual(['duplicate', null].sort());
    expect(watched.shares).toHaveLength(1);
    expect(watched.shares[0]).toMatchObject({ verdict: 'accepted' });
    expect(second.chain.tip.hash).toBe(first.chain.tip.hash);
  });

  it('the second takes over within a second when the first is gone, and the first comes back only after a while', async () => {
    const watched = await working();
    const jobs = watched.jobs.length;
    const goneAtMs = performance.now();
    await first.kill();
    await waitFor('a job of the second', PATIENCE_MS, () => watched.jobs.length > jobs);
    expect(performance.now() - goneAtMs).toBeLessThan(1000);
    expect(watched.records.filter(({ type }) => type === 'job').at(-1)).toMatchObject({ endpoint: second.endpoint });
    // The same block is to be found: what machines work on stays good, and so does what they find on it.
    expect(watched.job.cleanJobs).toBe(false);
    watched.find(watched.jobs[0]);
    await waitFor('the answer', PATIENCE_MS, () => watched.shares.length === 1);
    expect(watched.shares[0]).toMatchObject({ verdict: 'accepted', endpoint: second.endpoint });
    expect(watched.away).toEqual([]);

    await first.start();
    const backAtMs = performance.now();
    // It has not heard of the block, until the block is offered to it once more.
    await inUse(watched, first);
    expect(performance.now() - backAtMs).toBeGreaterThan(300);
    expect(first.chain.tip.hash).toBe(second.chain.tip.hash);
    expect(watched.source.tallies.failovers).toBe(2);
  });

  it.each<[string, (node: BitcoinNode) => void, (node: BitcoinNode) => void]>([
    ['is downloading the chain', (node) => (node.downloading = true), (node) => (node.downloading = false)],
    ['has no peers', (node) => (node.peers = 0), (node) => (node.peers = 8)],
    ['does not answer', (node) => node.freeze(), (node) => node.thaw()],
  ])('the second gives the work while the first %s', async (_what, spoil, mend) => {
    const watched = await working({ timeoutSeconds: 0.3 });
    spoil(first);
    await inUse(watched, second);
    mend(first);
    await inUse(watched, first);
    expect(watched.away).toEqual([]);
  });

  it('the second gives the work while the first refuses templates, and the first is not tried for it with machines waiting', async () => {
    const watched = await working();
    first.refusesTemplates = true;
    first.longPolls = false;
    watched.source.refresh(false);
    await inUse(watched, second);
    const asked = first.calls.get('getblocktemplate')!;
    await waitFor('it to be asked beside', PATIENCE_MS, () => first.calls.get('getblocktemplate')! > asked + 5);
    expect(watched.source.active?.client.endpoint).toBe(second.endpoint);
    expect(watched.source.nodes[0]!.trouble).toContain('no templates here');
    first.refusesTemplates = false;
    await inUse(watched, first);
  });

  it('one that is behind the other for long is left', async () => {
    const watched = await working({ behindSeconds: 0.2 });
    first.behind = true;
    second.foreignBlock();
    await inUse(watched, second);
    expect(watched.source.nodes[0]!.trouble).toMatch(/is at block 840000, another node at 840001/);
    await waitFor('work on the new block', PATIENCE_MS, () => printed(watched.job.job.prevHash) === second.chain.tip.hash); // prettier-ignore
    expect(watched.job.cleanJobs).toBe(true);
  });

  it('with both away work goes on for a while, a block found then is kept, and taken by the first that is back', async () => {
    const watched = await working({ awaySeconds: 0.4 });
    const held = watched.job;
    await Promise.all([first.kill(), second.kill()]);
    await noticed(watched);
    watched.find(held);
    await waitFor('the loss to be told', PATIENCE_MS, () => watched.away.length === 1);
    expect(watched.source.waitingBlocks).toBe(1);
    expect(watched.source.state).toContain(first.endpoint);
    expect(watched.shares).toEqual([]);
    await second.start();
    await waitFor('the block to be taken', PATIENCE_MS, () => watched.shares.length === 1);
    expect(watched.shares[0]).toMatchObject({ verdict: 'accepted', endpoint: second.endpoint, attempts: 1 });
    await waitFor('work again', PATIENCE_MS, () => watched.source.state === 'ok');
    expect(printed(watched.job.job.prevHash)).toBe(second.chain.tip.hash);
    expect(second.chain.tip.height).toBe(840_001);
    expect(watched.away).toHaveLength(1);
  });

  it('a refusal is on record though the other node is away', async () => {
    const watched = await working();
    const held = watched.job;
    await first.kill();
    await inUse(watched, second);
    second.foreignBlock();
    watched.find(held);
    await waitFor('the record', PATIENCE_MS, () => watched.shares.length === 1);
    expect(watched.shares[0]).toMatchObject({ verdict: 'rejected', reason: 'inconclusive', endpoint: second.endpoint });
    expect(watched.source.waitingBlocks).toBe(1);
    // It is behind, so that for it the block is the next one.
    await first.start();
    await waitFor('the better answer', PATIENCE_MS, () => watched.shares.length === 2);
    expect(watched.shares[1]).toMatchObject({ verdict: 'accepted', endpoint: first.endpoint, hash: watched.shares[0]!.hash }); // prettier-ignore
    expect(watched.shares[1]!.answeredAtUs).toBeGreaterThan(watched.shares[0]!.answeredAtUs);
  });

  it('with both away machines get the work they have once more, with the time of now, so that none takes the pool for dead', async () => {
    const watched = await working({ refreshSeconds: 1 });
    await Promise.all([first.kill(), second.kill()]);
    await noticed(watched);
    const { job } = watched.job;
    const before = watched.jobs.length;
    await waitFor('the job once more', PATIENCE_MS, () => watched.jobs.length > before + 1);
    const renewed = watched.job;
    expect(renewed.cleanJobs).toBe(false);
    expect(renewed.job.prevHash).toEqual(job.prevHash);
    expect(renewed.job.ntime).toBeGreaterThan(job.ntime);
    expect(renewed.job.hash).not.toBe(job.hash);
    watched.find(renewed);
    await first.start();
    await waitFor('the block to be taken', PATIENCE_MS, () => watched.shares.length === 1);
    expect(watched.shares[0]).toMatchObject({ verdict: 'accepted', jobHash: renewed.job.hash });
    expect(watched.away).toEqual([]);
  });

  it('a block that nobody takes in time is on record as not sent', async () => {
    const watched = await working({ submitSeconds: 1 });
    await Promise.all([first.kill(), second.kill()]);
    await noticed(watched);
    watched.find();
    await waitFor('the record', PATIENCE_MS, () => watched.shares.length === 1);
    expect(watched.shares[0]).toMatchObject({ verdict: 'unsent', sentAtUs: 0, answeredAtUs: 0, attempts: 0 });
    expect(watched.shares[0]!.reason).toContain('ECONNREFUSED');
  });
});

it('a node that is not there yet is worked with as soon as it is', async () => {
  const node = await startNode();
  await node.kill();
  const watched = watch({ urls: [node.url], payouts: [{ script: '51', percent: 100 }] });
  await waitFor('the reason', PATIENCE_MS, () => watched.away.length === 1);
  expect(watched.away[0]).toContain('ECONNREFUSED');
  await node.start();
  await waitFor('a job', PATIENCE_MS, () => watched.jobs.length > 0);
  expect(watched.source.state).toBe('ok');
});
