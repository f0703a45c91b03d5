// Several job sources and ports in one gateway, over real sockets: who works for which, and that changing it drops nobody and loses nothing.
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { targetFromDifficulty } from '@assay/mining';
import { systemClock } from '@assay/kernel';
import { WORKER, eventually, gatewayFixture } from '../testing/fixture.ts';
import { heldLog } from '../testing/held-log.ts';
import { ScriptedSource } from '../testing/scripted-source.ts';
import { memoryLog } from '../testing/test-gateway.ts';
import { TestMiner } from '../testing/test-miner.ts';

const gateway = gatewayFixture();
let dir = '';
beforeAll(() => void (dir = mkdtempSync(join(tmpdir(), 'assay-sources-'))));
afterAll(() => rmSync(dir, { recursive: true }));

function jobsFile(json: unknown): string {
  const path = join(dir, 'jobs.json');
  writeFileSync(path, JSON.stringify(json));
  return path;
}

const twoLocal = {
  sources: { main: { type: 'local' }, other: { type: 'local' }, ltc: { type: 'local', algorithm: 'scrypt' } },
  default: 'main',
  ports: [{ name: 'scrypt', port: 0, algorithm: 'scrypt', source: 'ltc' }],
  routes: { beta: 'other' },
};

async function control(command: unknown): Promise<void> {
  await gateway.running.log.append('control', [{ value: Buffer.from(JSON.stringify(command)) }]);
}

describe('with several sources', () => {
  it('each tenant gets the jobs of its own, on one port', async () => {
    await gateway.start({ jobsFile: jobsFile(twoLocal) });
    const [acme, acme2, beta] = [
      await gateway.ready('acme.m1'),
      await gateway.ready('acme.m2'),
      await gateway.ready('beta.m1'),
    ];
    expect(acme.job.coinbase1).toBe(acme2.job.coinbase1);
    expect(beta.job.coinbase1).not.toBe(acme.job.coinbase1);
    for (const [miner, worker] of [
      [acme, 'acme.m1'],
      [beta, 'beta.m1'],
    ] as const)
      expect(await miner.submit(worker, miner.mine())).toMatchObject({ result: true });
  });

  it('scrypt has a port of its own in the same gateway', async () => {
    const running = await gateway.start({ jobsFile: jobsFile(twoLocal) });
    const miner = await TestMiner.ready(running.gateway.ports['scrypt']!, 'acme.ltc1', 'd=0.1');
    // A share that sha256d would take, and that scrypt all but surely does not.
    expect(await miner.submit('acme.ltc1', miner.mine(miner.job, 1e-8))).toMatchObject({
      error: [23, expect.anything(), null],
    });
    const [block] = await running.blocks();
    expect(block!.jobs[0]!.algorithm).toBe('scrypt');
    await eventually(async () => (await running.events()).length === 2, 'the worker event');
    expect((await running.events()).at(-1)).toMatchObject({ type: 'authorized', algorithm: 'scrypt' });
    await miner.close();
  });

  it('a tenant is put to another source while its machines stay connected and lose nothing', async () => {
    await gateway.start({ jobsFile: jobsFile(twoLocal) });
    const [moved, stays] = [await gateway.ready('acme.m1'), await gateway.ready('gamma.m1')];
    const [before, jobsOfStays] = [moved.job, stays.jobs.length];
    const found = moved.mine();
    await control({ type: 'route', worker: 'acme', source: 'other' });
    await moved.until(() => moved.job.coinbase1 !== before.coinbase1, 'a job of the other source');
    expect(moved.job.clean).toBe(true);
    expect(await moved.submit('acme.m1', found)).toMatchObject({ result: true });
    expect(await moved.submit('acme.m1', found)).toMatchObject({ error: [22, expect.anything(), null] });
    expect(await moved.submit('acme.m1', moved.mine())).toMatchObject({ result: true });
    expect([stays.jobs.length, moved.closed]).toEqual([jobsOfStays, false]);

    await control({ type: 'route', worker: 'acme', source: null });
    await moved.until(() => moved.job.coinbase1 === before.coinbase1, 'a job of the first source');
    expect(await moved.submit('acme.m1', moved.mine())).toMatchObject({ result: true });
  });

  it('a route outlives the gateway that was told of it', async () => {
    const log = await memoryLog(systemClock);
    await log.append('control', [
      { value: Buffer.from('{"type":"route","worker":"acme","source":"other"}') },
      { value: Buffer.from('{"type":"route","port":"stratum","source":"nowhere"}') },
    ]);
    await gateway.start({ jobsFile: jobsFile(twoLocal) }, { log });
    const [acme, beta] = [await gateway.ready('acme.m1'), await gateway.ready('beta.m1')];
    await acme.until(() => acme.job.coinbase1 === beta.job.coinbase1, 'the job of the source it was put to');
  });
});

describe('a share that its source wants', () => {
  it('is handed over at once, whatever the log does, and only when it meets the target', async () => {
    const source = new ScriptedSource();
    const log = heldLog(await memoryLog(systemClock));
    await gateway.start({}, { log, jobSources: new Map([['local', source]]) });
    source.give(true, { difficulty: 2e-7, target: targetFromDifficulty(2e-7, 'sha256d') });
    const miner = await gateway.ready();
    log.hold();
    const { job } = miner;
    miner.send(line(101, miner.mine()));
    await eventually(() => log.waiting === 1, 'the append to begin');
    const wanted = miner.mine(job, 2e-7);
    miner.send(line(102, wanted));
    await eventually(() => source.found.some(({ nonce }) => nonce === parseInt(wanted.nonce, 16)), 'the share');
    expect(miner.messages.some(({ id }) => id === 102)).toBe(false);
    log.release();
    expect(await miner.reply(102)).toMatchObject({ result: true });
    const share = source.found.at(-1)!;
    expect(share).toMatchObject({
      worker: { worker: WORKER },
      ntime: parseInt(job.ntime, 16),
      versionBits: undefined,
      blockCandidate: false,
    });
    expect(Buffer.from(share.extranonce1).toString('hex')).toBe(miner.extranonce1);
    for (const { hash } of source.found)
      expect(
        Buffer.from(hash)
          .reverse()
          .compare(Buffer.from(targetFromDifficulty(2e-7, 'sha256d')).reverse()),
      ).toBeLessThan(1);
  });

  it('reaches it late as well when it may be a block, and only then', async () => {
    // One hash in 256 is a block here, and a share is one in 43.
    const source = new ScriptedSource(1, 'sha256d', 8, 0x2000ffff);
    await gateway.start({}, { jobSources: new Map([['local', source]]) });
    const wanted = { difficulty: 1e-8, target: targetFromDifficulty(1e-8, 'sha256d') };
    source.give(true, wanted);
    const miner = await gateway.ready();
    const old = miner.job;
    const [share, block] = [onlyAShare(miner), miner.mine(old, 6e-8)];
    source.give(true, wanted);
    await miner.until(() => miner.job !== old, 'the clean job');
    expect(await miner.submit(WORKER, share)).toMatchObject({ error: [21, expect.anything(), null] });
    expect(await miner.submit(WORKER, block)).toMatchObject({ error: [21, expect.anything(), null] });
    expect(source.found.map(({ nonce, blockCandidate }) => [nonce, blockCandidate])).toEqual([
      [parseInt(block.nonce, 16), true],
    ]);
  });

  it('is never held back by a difficulty above what the source pays for', async () => {
    const source = new ScriptedSource();
    await gateway.start({ startDifficulty: 1e-6 }, { jobSources: new Map([['local', source]]) });
    source.give(true, { difficulty: 1e-7, target: targetFromDifficulty(1e-7, 'sha256d') });
    const miner = await gateway.ready(WORKER, 'd=1');
    expect(miner.difficulty).toBe(1e-7);
    expect(await miner.submit(WORKER, miner.mine())).toMatchObject({ result: true });
    expect(source.found).toHaveLength(1);
  });
});

describe('a source that is lost', () => {
  it('lets its machines go, and refuses them until it is back', async () => {
    const source = new ScriptedSource();
    const node = {
      type: 'node',
      coin: 'bitcoin',
      urls: ['http://127.0.0.1:1'],
      payouts: [{ script: '51', percent: 100 }],
    };
    const lossy = { sources: { main: { ...node, onLoss: 'disconnect', lossSeconds: 0 } } };
    await gateway.start({ jobsFile: jobsFile(lossy) }, { jobSources: new Map([['main', source]]) });
    source.give(true);
    const miner = await gateway.ready();
    source.lose('pool is gone');
    await miner.until(() => miner.closed, 'the connection to be closed');
    expect(miner.messages.at(-1)).toMatchObject({ method: 'client.reconnect' });
    expect(gateway.running.gateway.tallies.closes.no_work).toBe(1);
    expect((await gateway.running.gateway.ready()).checks).toMatchObject({ jobs: 'no work: pool is gone' });
    const again = await gateway.connect();
    await again.subscribe();
    expect(await again.call('mining.authorize', [WORKER, 'x'])).toMatchObject({
      result: false,
      error: [24, expect.stringMatching(/No work/), null],
    });
    source.give(false);
    expect(await again.call('mining.authorize', [WORKER, 'x'])).toMatchObject({ result: true });
    await again.until(() => again.jobs.length === 1, 'work');
  });
});

/** A share that is no block by a margin. */
function onlyAShare(miner: TestMiner): ReturnType<TestMiner['mine']> {
  for (;;) {
    const share = miner.mine();
    const header = miner.header(miner.job, share.extranonce2);
    header.writeUInt32LE(parseInt(share.nonce, 16), 76);
    const once = createHash('sha256').update(header).digest();
    if (createHash('sha256').update(once).digest()[31]! > 1) return share;
  }
}

function line(id: number, { jobId, extranonce2, ntime, nonce }: ReturnType<TestMiner['mine']>): string {
  return `${JSON.stringify({ id, method: 'mining.submit', params: [WORKER, jobId, extranonce2, ntime, nonce] })}\n`;
}
