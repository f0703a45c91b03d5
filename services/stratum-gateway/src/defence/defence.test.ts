// The gateway's defence over real sockets: each attacker meets its limit, and a good miner beside it notices nothing.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { systemClock, type Clock } from '@assay/kernel';
import { REJECT_CODE, type RejectReason } from '@assay/mining';
import type { CloseReason } from '../gateway-tallies.ts';
import { WORKER, eventually, gatewayFixture } from '../testing/fixture.ts';
import { heldLog } from '../testing/held-log.ts';
import { memoryLog } from '../testing/test-gateway.ts';
import type { TestMiner } from '../testing/test-miner.ts';
import { fastHash, formatSecretHash, slowHash } from '@assay/tenancy';

const gateway = gatewayFixture();
const dir = mkdtempSync(join(tmpdir(), 'assay-defence-'));
afterAll(() => rmSync(dir, { recursive: true }));

const ELSEWHERE = '127.0.0.9';

function adjustableClock(): Clock & { forward(seconds: number): void } {
  let aheadUs = 0;
  return { nowUs: () => systemClock.nowUs() + aheadUs, forward: (seconds) => void (aheadUs += seconds * 1e6) };
}

const closes = (reason: CloseReason): number => gateway.running.gateway.tallies.closes[reason];
const rejected = (reason: RejectReason): number => gateway.running.gateway.tallies.shares[REJECT_CODE[reason]]!;

async function works(miner: TestMiner, worker = WORKER): Promise<void> {
  expect(await miner.submit(worker, miner.mine())).toMatchObject({ result: true });
}

async function readyFrom(localAddress: string, worker = WORKER): Promise<TestMiner> {
  const miner = await gateway.connect(localAddress);
  await miner.subscribe();
  expect(await miner.call('mining.authorize', [worker, 'x'])).toMatchObject({ result: true });
  await miner.until(() => miner.jobs.length > 0, 'a job');
  return miner;
}

/** A share that is well formed and misses its target all but certainly. */
const invalidShare = ({ job, extranonce2Size }: TestMiner, nonce: number): string =>
  `${JSON.stringify({ id: 7, method: 'mining.submit', params: [WORKER, job.id, '00'.repeat(extranonce2Size), job.ntime, nonce.toString(16).padStart(8, '0')] })}\n`;

function workersFile(name: string, workers: readonly object[]): string {
  const path = join(dir, name);
  writeFileSync(path, JSON.stringify(workers));
  return path;
}

describe('lists', () => {
  it('keep out who is denied, and everybody who is not allowed', async () => {
    await gateway.start({ denyFrom: ['127.0.0.9/32'], allowFrom: ['127.0.0.0/28'] });
    for (const address of [ELSEWHERE, '127.0.1.1']) {
      const miner = await gateway.connect(address);
      await miner.until(() => miner.closed, 'the refusal');
    }
    await eventually(() => closes('not_allowed') === 2, 'two refusals');
    await works(await gateway.ready());
  });
});

describe('an address that floods', () => {
  it('is banned for invalid shares, by itself, and for a while', async () => {
    const clock = adjustableClock();
    const { gateway: running } = await gateway.start(
      { banPoints: 50, startDifficulty: 1e6, minDifficulty: 1e6 },
      { clock },
    );
    const [good, bad] = [await gateway.ready(), await readyFrom(ELSEWHERE)];
    for (let nonce = 0; nonce < 60; nonce++) bad.send(invalidShare(bad, nonce));
    await bad.until(() => bad.closed, 'the close');
    await eventually(() => closes('banned') === 1, 'the ban');
    expect(running.tallies.bans).toBe(1);
    const again = await gateway.connect(ELSEWHERE);
    await again.until(() => again.closed, 'the refusal');
    expect(closes('banned')).toBe(2);
    expect((await good.call('mining.ping', [])).result).toBe('pong');
    expect(await gateway.running.registry.metrics()).toContain('assay_stratum_gateway_banned_addresses 1');
    clock.forward(61);
    await readyFrom(ELSEWHERE);
  });

  it('answers everything it took before it closes', async () => {
    await gateway.start({ banPoints: 50, startDifficulty: 1e6, minDifficulty: 1e6 });
    const bad = await readyFrom(ELSEWHERE);
    for (let nonce = 0; nonce < 50; nonce++) bad.send(invalidShare(bad, nonce));
    await bad.until(() => bad.closed, 'the close');
    expect(bad.messages.filter(({ id }) => id === 7)).toHaveLength(50);
  });

  it('of one broken machine among good ones is not banned', async () => {
    await gateway.start({ banPoints: 50, maxDifficulty: 1e-8 });
    const [good, bad] = [await gateway.ready(), await gateway.ready()];
    for (let round = 0; round < 10; round++) {
      for (let share = 0; share < 5; share++) await works(good);
      for (let i = 0; i < 10; i++) bad.send('{"id":1,"method":"mining.submit","params":[]}\n');
      await bad.call('mining.ping', []);
    }
    expect([rejected('malformed'), bad.closed, closes('banned')]).toEqual([100, false, 0]);
    await works(await gateway.ready());
  });

  it('is banned for connections that never ask anything, however they end', async () => {
    await gateway.start({ banPoints: 20 });
    const good = await gateway.ready();
    for (let i = 0; i < 20; i++) {
      const miner = await gateway.connect(ELSEWHERE);
      if (i % 2 === 0) miner.send('GET / HTTP/1.1\n');
      await miner.close();
    }
    await eventually(() => gateway.running.gateway.tallies.bans === 1, 'the ban');
    await works(good);
    await works(await gateway.ready());
  });

  it('is never banned where the setting says so, nor for shares of jobs nobody knows', async () => {
    await gateway.start({ banPoints: 10, neverBanFrom: ['127.0.0.9'] });
    const spared = await readyFrom(ELSEWHERE);
    for (let i = 0; i < 30; i++) spared.send('{"id":1,"method":"mining.submit","params":[]}\n');
    const late = await gateway.ready();
    for (let i = 0; i < 30; i++) late.send(invalidShare(late, i).replace(late.job.id, 'ffffff00'));
    await eventually(() => rejected('malformed') + rejected('unknown_job') === 60, 'all answers');
    await Promise.all([works(spared), works(late)]);
    expect(gateway.running.gateway.tallies.bans).toBe(0);
  });
});

describe('more than its share', () => {
  it.each([
    ['a worker', { submitsPerSecondPerWorker: 1 }, 'acme.other'],
    ['a tenant', { submitsPerSecondPerTenant: 1 }, 'other.machine'],
  ])('is refused to %s over all its connections, and may be sent again', async (_, limit, elsewhere) => {
    const clock = adjustableClock();
    await gateway.start(limit, { clock });
    const [one, two, other] = [await gateway.ready(), await gateway.ready(), await gateway.ready(elsewhere)];
    for (let i = 0; i < 2; i++) for (const miner of [one, two]) await works(miner);
    const share = two.mine();
    expect(await two.submit(WORKER, share)).toMatchObject({ error: [20, 'Too many submits', null] });
    expect(rejected('rate_limited')).toBe(1);
    await works(other, elsewhere);
    clock.forward(1);
    expect(await two.submit(WORKER, share)).toMatchObject({ result: true });
  });

  it('is refused to an address over all its connections, for whatever it asks', async () => {
    const clock = adjustableClock();
    await gateway.start({ submitsPerSecondPerAddress: 2 }, { clock });
    const [one, two] = [await gateway.ready(), await gateway.ready()];
    // Two handshakes of two requests; eight are there.
    for (const miner of [one, two]) for (let i = 0; i < 2; i++) await works(miner);
    expect(await one.submit(WORKER, one.mine())).toMatchObject({ error: [20, 'Too many submits', null] });
    expect(await two.call('mining.ping', [])).toMatchObject({ error: [20, 'Too many requests', null] });
    await works(await readyFrom(ELSEWHERE));
    clock.forward(1);
    await works(two);
  });
});

describe('a connection that sends thousands of shares at once', () => {
  it('is read as far as its answers are sent, so that others share the next block with it', async () => {
    const log = heldLog(await memoryLog(systemClock));
    await gateway.start({ banPoints: 0, submitsPerSecond: 1e6 }, { log });
    const [good, flooder] = [await gateway.ready(), await gateway.ready()];
    const { tallies } = gateway.running.gateway;
    log.hold();
    flooder.send('{"id":7,"method":"mining.submit","params":[]}\n'.repeat(20_000));
    await eventually(() => tallies.pendingShares > 256, 'the flood');
    const answer = good.submit(WORKER, good.mine());
    const last = good.call('mining.ping', []);
    // Two reads of 64 KB at most, one of them of the first shares, which are appended by themselves.
    await eventually(() => tallies.pendingReplies > 0, 'the good share and the request behind it');
    expect(tallies.pendingShares).toBeLessThan(4000);
    log.release();
    expect(await answer).toMatchObject({ result: true });
    expect((await last).result).toBe('pong');
    await flooder.until(() => flooder.messages.filter(({ id }) => id === 7).length === 20_000, 'all answers');
  });
});

describe('a line', () => {
  it('that trickles closes its connection, one that comes in two parts does not', async () => {
    const clock = adjustableClock();
    await gateway.start({ lineSeconds: 10 }, { clock });
    const [good, slow] = [await gateway.ready(), await gateway.ready()];
    const { tallies } = gateway.running.gateway;
    const sendAndBeRead = async (miner: TestMiner, text: string): Promise<void> => {
      const bytes = tallies.receivedBytes + text.length;
      miner.send(text);
      await eventually(() => tallies.receivedBytes === bytes, 'the bytes to be read');
    };
    await sendAndBeRead(good, '{"id":77,"method":"mining.pi');
    await sendAndBeRead(slow, '{"id":77,');
    for (let second = 0; second < 8; second += 4) {
      clock.forward(4);
      await sendAndBeRead(slow, ' ');
    }
    good.send('ng","params":[]}\n{"id":78,');
    expect(await good.reply(77)).toMatchObject({ result: 'pong' });
    clock.forward(4);
    await eventually(() => closes('slow_line') === 1, 'the close');
    expect([slow.closed, good.closed]).toEqual([true, false]);
  });
});

describe('secrets', () => {
  it('that are guessed close the connection, then ban the address; one that is only wrong does not', async () => {
    await gateway.start({
      workersFile: workersFile('guessed.json', [{ worker: WORKER, secretHash: formatSecretHash(fastHash('right')) }]),
      banGuesses: 20,
    });
    const owner = await gateway.ready(WORKER, 'right');
    // A machine with a wrong password comes back all the time.
    for (let i = 0; i < 40; i++) {
      const miner = await gateway.connect();
      await miner.call('mining.authorize', [WORKER, 'wrong']);
      await miner.close();
    }
    expect(gateway.running.gateway.tallies).toMatchObject({ bans: 0, wrongSecrets: 40 });

    let tried = 0;
    while (gateway.running.gateway.tallies.bans === 0) {
      const guesser = await gateway.connect(ELSEWHERE);
      while (!guesser.closed) {
        guesser.send(`{"id":1,"method":"mining.authorize","params":["${WORKER}","guess ${tried++}"]}\n`);
        const answers = guesser.messages.length;
        await guesser.until(() => guesser.closed || guesser.messages.length > answers, 'an answer');
      }
    }
    expect(tried).toBeLessThan(30);
    expect([closes('wrong_secrets'), closes('banned')]).toEqual([2, 1]);
    await works(owner);
  });

  it('that people think of are checked without holding up the connection', async () => {
    const hash = formatSecretHash(slowHash('correct horse'));
    const workers = ['acme.a', 'acme.b'].map((worker) => ({ worker, secretHash: hash }));
    await gateway.start({ workersFile: workersFile('slow.json', workers) });
    const miner = await gateway.connect();
    await miner.subscribe();
    miner.send(
      '{"id":"a","method":"mining.authorize","params":["acme.a","wrong"]}\n' +
        '{"id":"b","method":"mining.authorize","params":["acme.a","correct horse,d=0.00001"]}\n' +
        '{"id":"c","method":"mining.ping","params":[]}\n',
    );
    expect(await miner.reply('a')).toMatchObject({ result: false, error: [24, 'Wrong password', null] });
    expect(await miner.reply('b')).toMatchObject({ result: true });
    expect(miner.messages.filter(({ id }) => typeof id === 'string').map(({ id }) => id)).toEqual(['c', 'a', 'b']);
    await miner.until(() => miner.jobs.length > 0, 'a job');
    await works(miner, 'acme.a');
    // The same hash for another worker is known by now.
    expect(await miner.call('mining.authorize', ['acme.b', 'correct horse'])).toMatchObject({ result: true });
    expect(await miner.call('mining.authorize', ['acme.b', 'correct horses'])).toMatchObject({ result: false });
  });

  it('may be under check when the connection goes', async () => {
    const hash = formatSecretHash(slowHash('right'));
    await gateway.start({ workersFile: workersFile('gone.json', [{ worker: 'acme.a', secretHash: hash }]) });
    const miner = await gateway.connect();
    await miner.subscribe();
    miner.send('{"id":"a","method":"mining.authorize","params":["acme.a","right"]}\n');
    expect((await miner.call('mining.ping', [])).result).toBe('pong');
    await miner.close();
    // Checks run one after the other.
    await gateway.ready('acme.a', 'right');
    await eventually(() => closes('closed') === 1, 'the close');
    expect(await gateway.running.registry.metrics()).toContain('assay_stratum_gateway_workers 1');
  });
});
