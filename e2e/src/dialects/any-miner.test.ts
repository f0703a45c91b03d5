// What every miner may rely on, whichever it is: an answer to everything, errors in full, jobs that keep coming.
import { parseSettings } from '@assay/platform';
import { gatewaySettings } from '@assay/stratum-gateway';
import { afterEach, describe, expect, it } from 'vitest';
import { DialectGateway } from './dialect-gateway.ts';

/** cgminer and its children call a pool dead after 60 s without a job (or 90 s); the issue of the pool is to be well below. */
const LONGEST_SILENCE_S = 30;

let pool: DialectGateway | undefined;
afterEach(async () => {
  await pool?.stop();
  pool = undefined;
});

describe('answers', () => {
  it('go to every request, known or not, with its id, and the miner mines on', async () => {
    pool = await DialectGateway.start();
    const miner = await pool.ready('acme.any.m1');
    const strangers = [
      'mining.multi_version',
      'mining.get_algo',
      'eth_submitHashrate',
      'login',
      'getwork',
      'mining.extranonce.unsubscribe',
      '',
      'toString',
      '__proto__',
      'm'.repeat(500),
    ];
    for (const [at, method] of strangers.entries()) {
      miner.say(`{"id":${100 + at},"method":${JSON.stringify(method)},"params":[]}`);
      const reply = await miner.answer();
      expect(reply).toMatchObject({ id: 100 + at, result: null, error: [20, expect.any(String), null] });
    }
    const share = miner.share();
    miner.say(
      `{"id":200,"method":"mining.submit","params":["acme.any.m1","${share.jobId}","${share.extranonce2}","${share.ntime}","${share.nonce.toString(16)}"]}`,
    );
    expect(await miner.answer()).toMatchObject({ id: 200, result: true });
  });

  it('to what is wrong are errors in full: code, message, null', async () => {
    pool = await DialectGateway.start();
    const miner = await pool.ready('acme.any.m1');
    const [job, ntime] = [miner.job[0] as string, miner.job[7] as string];
    const nothing = '0'.repeat(8);
    const wrong: [string, number][] = [
      [`["acme.any.m1","ffffffff","${nothing}","${ntime}","00000000"]`, 21],
      [`["acme.any.m2","${job}","${nothing}","${ntime}","00000000"]`, 24],
      [`["acme.any.m1","${job}","00","${ntime}","00000000"]`, 20],
      [`["acme.any.m1","${job}","${nothing}","00000000","00000000"]`, 20],
      [`["acme.any.m1","${job}","${nothing}","${ntime}","zzzzzzzz"]`, 20],
      ['["acme.any.m1"]', 20],
      ['[]', 20],
      ['{}', 20],
    ];
    for (const [at, [params, code]] of wrong.entries()) {
      miner.say(`{"id":${10 + at},"method":"mining.submit","params":${params}}`);
      const { id, result, error } = await miner.answer();
      expect({ id, error }).toEqual({ id: 10 + at, error: [code, expect.stringMatching(/^[\x20-\x7e]{3,}$/), null] });
      expect([false, null]).toContain(result);
    }
  });

  it('come before the handshake too, and never a close', async () => {
    pool = await DialectGateway.start();
    const miner = await pool.connect();
    miner.say('{"id":1,"method":"mining.submit","params":["a.b","00000000","00000000","00000000","00000000"]}');
    expect(await miner.hear()).toMatchObject({ id: 1, error: [25, expect.any(String), null] });
    miner.say(
      '{"id":2,"method":"mining.get_transactions","params":["x"]}',
      '{"id":3,"method":"mining.subscribe","params":[]}',
    );
    expect((await miner.hear()).id).toBe(2);
    expect(await miner.hear()).toMatchObject({ id: 3, error: null });
  });
});

describe('jobs', () => {
  it('come of themselves, the difficulty before the first and none needed after', async () => {
    pool = await DialectGateway.start({ jobSeconds: 1 });
    const miner = await pool.ready('acme.any.m1');
    const before = miner.job;
    const heard = await miner.firstJob();
    expect(heard.map(({ method }) => method)).toEqual(['mining.notify']);
    expect(miner.job[0]).not.toBe(before[0]);
    expect(miner.job[8]).toBe(false);
    expect(parseInt(miner.job[7] as string, 16)).toBeGreaterThan(parseInt(before[7] as string, 16));
    // The share of the job before is good all the same, since nothing said it was not.
    miner.job = before;
    const share = miner.share();
    miner.say(
      `{"id":3,"method":"mining.submit","params":["acme.any.m1","${share.jobId}","${share.extranonce2}","${share.ntime}","${share.nonce.toString(16)}"]}`,
    );
    expect(await miner.answer()).toMatchObject({ id: 3, result: true });
  });

  it('come as often as the most impatient firmware wants, where nothing is set', () => {
    expect(parseSettings(gatewaySettings, {}).jobSeconds).toBeLessThanOrEqual(LONGEST_SILENCE_S);
  });

  it('have nine params, hex of full length, and no more branches than firmware holds', async () => {
    pool = await DialectGateway.start();
    const { job } = await pool.ready('acme.any.m1');
    expect(job).toHaveLength(9);
    const [id, prevHash, coinbase1, coinbase2, branches, version, nbits, ntime] = job as [
      string,
      string,
      string,
      string,
      string[],
      string,
      string,
      string,
    ];
    for (const word of [id, version, nbits, ntime]) expect(word).toMatch(/^[0-9a-f]{8}$/);
    for (const hash of [prevHash, ...branches]) expect(hash).toMatch(/^[0-9a-f]{64}$/);
    for (const half of [coinbase1, coinbase2]) expect(half).toMatch(/^([0-9a-f]{2})+$/);
    expect(branches.length).toBeLessThanOrEqual(32);
    // NerdMiner and its like hold a line of at most 4096 characters.
    expect(JSON.stringify(job).length).toBeLessThan(4000);
  });
});
