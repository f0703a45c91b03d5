// A gateway that stops sends its miners elsewhere first: nobody's share goes unanswered meanwhile.
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { WORKER, eventually, gatewayFixture } from '../testing/fixture.ts';
import type { TestMiner } from '../testing/test-miner.ts';

const gateway = gatewayFixture();
const asked = (miner: TestMiner): boolean => miner.messages.some(({ method }) => method === 'client.reconnect');
const works = async (miner: TestMiner): Promise<void> =>
  expect(await miner.submit(WORKER, miner.mine())).toMatchObject({ result: true });

const refused = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('error', () => resolve(true));
    socket.once('connect', () => {
      socket.destroy();
      resolve(false);
    });
  });

describe('a gateway that stops', () => {
  it('asks miners to reconnect, serves them while they go, and is done when the last has gone', async () => {
    await gateway.start({ drainMinersSeconds: 60, reconnectsPerSecond: 1000 });
    const { port, gateway: running } = gateway.running;
    const [quick, slow] = [await gateway.ready(), await gateway.ready()];
    await works(slow);
    const stopped = gateway.running.stop();
    await eventually(() => asked(quick) && asked(slow), 'both to be asked');
    expect(slow.messages.find(({ method }) => method === 'client.reconnect')!.params).toEqual([]);
    expect(await running.ready()).toEqual({ ready: false, checks: { gateway: 'the gateway is stopping' } });
    expect(await refused(port)).toBe(true);
    await quick.close();
    await works(slow);
    await works(slow);
    await slow.close();
    await stopped;
    expect((await gateway.running.blocks()).reduce((sum, { count }) => sum + count, 0)).toBe(3);
    expect(running.tallies.closes).toMatchObject({ closed: 2, shutdown: 0 });
  });

  it('closes those who stay when the time is up, with every share answered', async () => {
    await gateway.start({ drainMinersSeconds: 1, reconnectsPerSecond: 1000, maxDifficulty: 1e-8 });
    const stubborn = await gateway.ready();
    let acked = 0;
    const stopped = gateway.running.stop();
    const load = (async () => {
      while (!stubborn.closed) {
        const answer = await stubborn.submit(WORKER, stubborn.mine()).catch(() => undefined);
        if (answer !== undefined) expect(answer).toMatchObject({ result: true });
        if (answer !== undefined) acked++;
      }
    })();
    await Promise.all([stopped, load]);
    expect(asked(stubborn)).toBe(true);
    expect(acked).toBeGreaterThan(0);
    expect((await gateway.running.blocks()).reduce((sum, { count }) => sum + count, 0)).toBe(acked);
    expect(gateway.running.gateway.tallies.closes.shutdown).toBe(1);
  });

  it('asks them some at a time', async () => {
    await gateway.start({ drainMinersSeconds: 60, reconnectsPerSecond: 10 });
    const miners = await Promise.all(Array.from({ length: 6 }, () => gateway.ready()));
    const stopped = gateway.running.stop();
    let most = 0;
    await eventually(() => {
      const now = miners.filter(asked).length;
      most = Math.max(most, now === 6 ? 0 : now);
      return now === 6;
    }, 'all to be asked');
    // Between the first and the last there is half a second, in which some are asked and others are not.
    expect(most).toBeGreaterThan(0);
    for (const miner of miners) await miner.close();
    await stopped;
  });

  it('asks all of them in time, however slow the rate', async () => {
    await gateway.start({ drainMinersSeconds: 1, reconnectsPerSecond: 1 });
    const miners = await Promise.all(Array.from({ length: 30 }, () => gateway.ready()));
    await gateway.running.stop();
    expect(miners.every(asked)).toBe(true);
  });

  it('closes them at once where it is part of another process', async () => {
    await gateway.start();
    const miner = await gateway.ready();
    await gateway.running.stop();
    await miner.until(() => miner.closed, 'the close');
    expect(asked(miner)).toBe(false);
  });
});
