// The whole gateway over real sockets, on a log in memory: what a miner sends, what it is answered, what is in the log.
import { afterEach, describe, expect, it } from 'vitest';
import { REJECT_CODE, meetsTarget, targetFromDifficulty } from '@assay/mining';
import { createProver } from '@assay/pow';
import { startTestGateway, type TestGateway } from './testing/test-gateway.ts';
import { TestMiner } from './testing/test-miner.ts';

const WORKER = 'acme.north.r1.m1';
let running: TestGateway | undefined;
const miners: TestMiner[] = [];

async function start(...args: Parameters<typeof startTestGateway>): Promise<TestGateway> {
  running = await startTestGateway(...args);
  return running;
}

async function ready(worker = WORKER, password = 'x'): Promise<TestMiner> {
  const miner = await TestMiner.ready(running!.port, worker, password);
  miners.push(miner);
  return miner;
}

afterEach(async () => {
  for (const miner of miners.splice(0)) await miner.close();
  await running?.stop();
  running = undefined;
});

describe('a share', () => {
  it('is accepted only with its block in the log, and can be proved again from it', async () => {
    const { blocks } = await start();
    const miner = await ready();
    const reply = await miner.submit(WORKER, miner.mine());
    expect(reply).toMatchObject({ result: true, error: null });
    const [block] = await blocks();
    expect(block).toMatchObject({ count: 1, gateway: 'gateway-1' });
    expect(block!.worker.values[block!.worker.codes[0]!]).toBe(WORKER);
    expect(block!.tenant.values[block!.tenant.codes[0]!]).toBe('acme');
    expect(block!.rejectCode[0]).toBe(REJECT_CODE['']);
    const hash = new Uint8Array(32);
    const extranonce = Buffer.concat([block!.extranonce1.bytes, block!.extranonce2.bytes]);
    createProver('sha256d', 'reference').hash(
      {
        count: 1,
        job: block!.job,
        jobs: block!.jobs,
        extranonce: { offsets: Int32Array.of(0, extranonce.length), bytes: extranonce },
        version: Uint32Array.of(block!.jobs[0]!.version),
        ntime: block!.ntime,
        nonce: block!.nonce,
      },
      hash,
    );
    expect(block!.difficulty[0]).toBe(miner.job.difficulty);
    expect(meetsTarget(hash, 0, targetFromDifficulty(block!.difficulty[0]!, 'sha256d'))).toBe(true);
  });
});
