// One gateway and its miners per test, stopped and closed whatever the test did.
import type { Socket } from 'node:net';
import { afterEach } from 'vitest';
import { startTestGateway, type TestGateway } from './test-gateway.ts';
import { TestMiner } from './test-miner.ts';

export const WORKER = 'acme.north.r1.m1';

export interface Fixture {
  start(...args: Parameters<typeof startTestGateway>): Promise<TestGateway>;
  /** Connected only. */
  connect(localAddress?: string): Promise<TestMiner>;
  /** On a connection of the test's own, which is closed after the test. */
  over(socket: Socket): TestMiner;
  /** With a first job. */
  ready(worker?: string, password?: string): Promise<TestMiner>;
  readonly running: TestGateway;
}

export function gatewayFixture(): Fixture {
  let running: TestGateway | undefined;
  const miners: TestMiner[] = [];
  afterEach(async () => {
    for (const miner of miners.splice(0)) await miner.close();
    await running?.stop();
    running = undefined;
  });
  const keep = (miner: TestMiner): TestMiner => {
    miners.push(miner);
    return miner;
  };
  return {
    get running() {
      return running!;
    },
    start: async (...args) => (running = await startTestGateway(...args)),
    connect: async (localAddress) => keep(await TestMiner.connect(running!.port, localAddress)),
    over: (socket) => keep(TestMiner.over(socket)),
    ready: async (worker = WORKER, password = 'x') => keep(await TestMiner.ready(running!.port, worker, password)),
  };
}

/** Waits for a condition nobody announces. */
export async function eventually(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
