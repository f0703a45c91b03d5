// What the gateway does while the log is slow or away: nothing is acknowledged that is not logged, order is kept, memory is bounded.
import { describe, expect, it } from 'vitest';
import { systemClock } from '@assay/kernel';
import { WORKER, eventually, gatewayFixture } from '../testing/fixture.ts';
import { heldLog, type HeldLog } from '../testing/held-log.ts';
import { memoryLog } from '../testing/test-gateway.ts';
import type { TestMiner } from '../testing/test-miner.ts';

const gateway = gatewayFixture();

async function startHeld(changes: Parameters<typeof gateway.start>[0] = {}): Promise<HeldLog> {
  const log = heldLog(await memoryLog(systemClock));
  await gateway.start(changes, { log });
  return log;
}

function sendShare(miner: TestMiner, id: number): void {
  const { jobId, extranonce2, ntime, nonce } = miner.mine();
  miner.send(
    `${JSON.stringify({ id, method: 'mining.submit', params: [WORKER, jobId, extranonce2, ntime, nonce] })}\n`,
  );
}

describe('while the log is slow', () => {
  it('answers a connection in the order it asked, and others meanwhile', async () => {
    const log = await startHeld();
    const [miner, other] = [await gateway.ready(), await gateway.ready('acme.other')];
    const linesBefore = miner.lines.length;
    log.hold();
    sendShare(miner, 101);
    miner.send('{"id":102,"method":"mining.ping","params":[]}\n');
    miner.send('{"id":103,"method":"mining.submit","params":["acme.nobody","00","00","00","00"]}\n');
    miner.send('{"id":104,"method":"no.such","params":[]}\nnonsense\n');
    expect(await other.call('mining.ping', [])).toMatchObject({ result: 'pong' });
    await eventually(() => log.waiting === 1, 'the append to begin');
    expect(miner.lines.length).toBe(linesBefore);
    log.release();
    await miner.until(() => miner.lines.length >= linesBefore + 5, 'five replies');
    expect(miner.messages.slice(linesBefore).map(({ id }) => id)).toEqual([101, 102, 103, 104, null]);
    expect(miner.messages.slice(linesBefore).map(({ result }) => result)).toEqual([true, 'pong', false, null, null]);
  });

  it('lets jobs through at once, but none before a difficulty that waits its turn', async () => {
    const log = await startHeld();
    const [miner, other] = [await gateway.ready(), await gateway.ready('acme.other')];
    log.hold();
    for (const one of [miner, other]) sendShare(one, 101);
    miner.send('{"id":102,"method":"mining.suggest_difficulty","params":[0.5]}\n');
    await eventually(() => gateway.running.gateway.tallies.pendingReplies === 1, 'the suggestion to wait');
    const [jobs, otherJobs] = [miner.jobs.length, other.jobs.length];
    await log.append('control', [{ value: Buffer.from('{"type":"job_refresh"}') }]);
    await other.until(() => other.jobs.length > otherJobs, 'the new job');
    expect(miner.jobs.length).toBe(jobs);
    log.release();
    await miner.until(() => miner.jobs.length === jobs + 2, 'both jobs');
    expect(miner.jobs.slice(jobs).map(({ difficulty }) => difficulty)).toEqual([0.5, 0.5]);
    expect(miner.jobs.at(-1)!.id).toBe(other.job.id);
  });

  it('puts what arrives meanwhile into one more block', async () => {
    const log = await startHeld();
    const miner = await gateway.ready();
    log.hold();
    sendShare(miner, 1000);
    await eventually(() => log.waiting === 1, 'the append to begin');
    for (let id = 1001; id < 1031; id++) sendShare(miner, id);
    await eventually(() => gateway.running.gateway.tallies.pendingShares === 31, 'all to arrive');
    log.release();
    await miner.reply(1030);
    expect((await gateway.running.blocks()).map(({ count }) => count).sort((a, b) => a - b)).toEqual([1, 30]);
  });
});

describe('lingering', () => {
  it('is for crowds only: a lone share is appended at once', async () => {
    const log = await startHeld({ lingerMs: 1000 });
    const miner = await gateway.ready();
    const { tallies } = gateway.running.gateway;
    for (let lone = 0; lone < 3; lone++)
      expect(await miner.submit(WORKER, miner.mine())).toMatchObject({ result: true });
    expect(tallies.latency.sum).toBeLessThan(tallies.latency.count);
    // A crowd: the first goes at once, the rest share the next block, and after that one waits for company again.
    log.hold();
    for (let id = 400; id < 410; id++) sendShare(miner, id);
    await eventually(() => tallies.pendingShares === 10, 'all to arrive');
    log.release();
    await miner.reply(409);
    const blocks = (await gateway.running.blocks()).length;
    sendShare(miner, 500);
    sendShare(miner, 501);
    await miner.reply(501);
    expect((await gateway.running.blocks()).length).toBe(blocks + 1);
  });

  it('is over for a share that has waited for the append before it as long', async () => {
    const lingerMs = 1000;
    const log = await startHeld({ lingerMs });
    const miner = await gateway.ready();
    log.hold();
    for (let id = 400; id < 410; id++) sendShare(miner, id);
    await eventually(() => gateway.running.gateway.tallies.pendingShares === 10, 'the crowd to arrive');
    log.release();
    await miner.reply(409);
    log.hold();
    sendShare(miner, 500);
    await eventually(() => log.waiting === 1, 'the append to begin');
    sendShare(miner, 501);
    await new Promise((resolve) => setTimeout(resolve, lingerMs + 100));
    const released = performance.now();
    log.release();
    await miner.reply(501);
    expect(performance.now() - released).toBeLessThan(lingerMs - 100);
  });
});

describe('while the log is away', () => {
  it('tries again and acknowledges only then', async () => {
    const log = await startHeld();
    const miner = await gateway.ready();
    log.fail(true);
    sendShare(miner, 101);
    await eventually(() => log.failures >= 3, 'several attempts');
    expect(miner.messages.some(({ id }) => id === 101)).toBe(false);
    const { ready } = gateway.running.gateway;
    expect(await ready()).toEqual({ ready: false, checks: { jobs: 'ok', log: 'the log is away' } });
    log.release();
    expect(await miner.reply(101)).toMatchObject({ result: true });
    expect(await ready()).toMatchObject({ ready: true });
    expect(await gateway.running.blocks()).toHaveLength(1);
  });

  it('refuses what cannot be logged at all', async () => {
    const log = await startHeld();
    const miner = await gateway.ready();
    log.fail(false);
    sendShare(miner, 101);
    expect(await miner.reply(101)).toMatchObject({ result: false, error: [20, 'share log unavailable', null] });
    log.release();
    sendShare(miner, 102);
    expect(await miner.reply(102)).toMatchObject({ result: true });
    expect(gateway.running.gateway.tallies.unavailable).toBe(1);
  });

  it('takes a share again that it refused after its checks, unless that may stand in the log', async () => {
    const log = await startHeld();
    const miner = await gateway.ready();
    const counted = miner.mine();
    const [certain, uncertain] = [miner.mine(), miner.mine()];
    const answer = async (share: typeof certain): Promise<unknown> => {
      const { result, error } = await miner.submit(WORKER, share);
      return result === true || (error as [number, string])[1];
    };
    expect(await answer(counted)).toBe(true);
    log.fail(false, 'full');
    expect(await answer(certain)).toBe('share log unavailable');
    // A repeat of a share that counted is refused for the log as well, and stays a repeat.
    expect(await answer(counted)).toBe('share log unavailable');
    log.fail(false, 'unavailable');
    expect(await answer(uncertain)).toBe('share log unavailable');
    log.release();
    expect(await answer(certain)).toBe(true);
    expect(await answer(certain)).toBe('Duplicate share');
    expect(await answer(counted)).toBe('Duplicate share');
    expect(await answer(uncertain)).toBe('Duplicate share');
  });

  it('refuses new shares at the bound, keeps the connection, and is not ready', async () => {
    const log = await startHeld({ maxPendingShares: 10 });
    const { gateway: running } = gateway.running;
    const miner = await gateway.ready();
    log.hold();
    for (let id = 200; id < 210; id++) sendShare(miner, id);
    await eventually(() => running.tallies.pendingShares === 10, 'the bound');
    expect(await running.ready()).toMatchObject({ ready: false, checks: { log: 'too many shares wait for the log' } });
    const refused = miner.mine();
    expect(await miner.submit(WORKER, refused)).toMatchObject({
      result: false,
      error: [20, 'share log unavailable', null],
    });
    expect(running.tallies.pendingShares).toBe(10);
    log.release();
    expect(await miner.reply(209)).toMatchObject({ result: true });
    // The refused one was never taken, so it is no duplicate now.
    expect(await miner.submit(WORKER, refused)).toMatchObject({ result: true });
    expect(await running.ready()).toMatchObject({ ready: true });
  });
});

describe('stopping', () => {
  it('answers every share taken before it closes', async () => {
    const log = await startHeld();
    const miner = await gateway.ready();
    const before = miner.lines.length;
    log.hold();
    for (let id = 300; id < 320; id++) sendShare(miner, id);
    await eventually(() => gateway.running.gateway.tallies.pendingShares === 20, 'all to arrive');
    const stopped = gateway.running.stop();
    await eventually(() => log.waiting === 1, 'the append to begin');
    expect(miner.closed).toBe(false);
    log.release();
    await stopped;
    await miner.until(() => miner.closed, 'the close');
    const replies = miner.messages.slice(before).filter(({ method }) => method === undefined);
    expect(replies.map(({ id, result }) => [id, result])).toEqual(
      Array.from({ length: 20 }, (_, i) => [300 + i, true]),
    );
    expect(log.waiting).toBe(0);
  });
});
