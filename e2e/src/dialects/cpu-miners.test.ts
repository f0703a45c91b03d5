// Miners that hash on a CPU or a microcontroller, each played as its source reads the wire.
import { afterEach, describe, expect, it } from 'vitest';
import { DialectGateway } from './dialect-gateway.ts';
import { hex32, type Firmware } from './firmware.ts';

let pool: DialectGateway;
afterEach(() => pool.stop());

describe('cpuminer (util.c, stratum_subscribe to stratum_handle_response)', () => {
  /** Takes the next line for the answer to subscribe, and the next line without a method for that to authorize, whatever the ids. */
  async function handshake(miner: Firmware, user: string, sessionId?: string): Promise<string> {
    miner.say(
      `{"id": 1, "method": "mining.subscribe", "params": ["cpuminer/2.5.1"${sessionId === undefined ? '' : `, "${sessionId}"`}]}`,
    );
    const { result, error } = await miner.hear();
    expect(error).toBeNull();
    const [pairs, extranonce1, size] = result as [[string, string][], string, number];
    expect(extranonce1).toMatch(/^([0-9a-f]{2})+$/);
    expect(size).toBeGreaterThan(0);
    miner.say(`{"id": 2, "method": "mining.authorize", "params": ["${user}", "x"]}`);
    expect((await miner.answer()).result).toBe(true);
    return pairs.find(([name]) => name === 'mining.notify')![1];
  }

  it('mines with every submit under id 4: replies come in the order of the submits, the message at element 1', async () => {
    pool = await DialectGateway.start();
    const miner = await pool.connect();
    await handshake(miner, 'acme.north.cpu1');
    await miner.firstJob();
    const submit = ({ jobId, extranonce2, ntime, nonce }: ReturnType<Firmware['share']>): void =>
      miner.say(
        `{"method": "mining.submit", "params": ["acme.north.cpu1", "${jobId}", "${extranonce2}", "${ntime}", "${hex32(nonce)}"], "id":4}`,
      );
    const [first, second] = [miner.share(), miner.share()];
    for (const share of [first, first, second]) submit(share);
    expect(await miner.answer()).toMatchObject({ id: 4, result: true, error: null });
    expect(await miner.answer()).toMatchObject({ id: 4, result: false, error: [22, expect.any(String), null] });
    expect(await miner.answer()).toMatchObject({ id: 4, result: true, error: null });
    expect(await pool.shares()).toEqual({ 'acme.north.cpu1': { accepted: 2, rejected: 1 } });
  });

  it('comes back with the session id of the mining.notify pair as second param', async () => {
    pool = await DialectGateway.start();
    const session = await handshake(await pool.connect(), 'acme.north.cpu1');
    const again = await pool.connect();
    await handshake(again, 'acme.north.cpu1', session);
    await again.firstJob();
    const { jobId, extranonce2, ntime, nonce } = again.share();
    again.say(
      `{"method": "mining.submit", "params": ["acme.north.cpu1", "${jobId}", "${extranonce2}", "${ntime}", "${hex32(nonce)}"], "id":4}`,
    );
    expect(await again.answer()).toMatchObject({ id: 4, result: true });
  });

  it('answers client.get_version and client.show_message, which must not count against it', async () => {
    pool = await DialectGateway.start({ maxBadLines: 1 });
    const miner = await pool.connect();
    await handshake(miner, 'acme.north.cpu1');
    for (let i = 0; i < 5; i++)
      miner.say('{"id": 1, "error": null, "result": "cpuminer/2.5.1"}', '{"id": 2, "error": null, "result": true}');
    miner.say('{"id":9,"method":"mining.ping","params":[]}');
    expect((await miner.answer()).id).toBe(9);
  });

  it('takes a difficulty below 1 as a plain decimal and a later job as a new one by its id', async () => {
    pool = await DialectGateway.start({ startDifficulty: 0.00001 });
    const miner = await pool.ready('acme.north.cpu1');
    const before = miner.job[0];
    miner.say('{"id":3,"method":"mining.suggest_difficulty","params":[0.0000001]}');
    const [, announced] = await miner.firstJob();
    expect(announced!.raw).toContain('[0.0000001]');
    expect(miner.job[0]).not.toBe(before);
  });
});

describe('para (0.6.0) and others that keep a job until clean_jobs, but take a difficulty at once', () => {
  it.each([
    [1e-6, 1e-8],
    [1e-8, 1e-7],
  ])('have their shares accepted when the difficulty goes from %d to %d, at the new one', async (from, to) => {
    pool = await DialectGateway.start();
    const miner = await pool.ready('acme.lab.para', `d=${from.toFixed(8)}`);
    const kept = miner.job;
    miner.say(`{"id":3,"method":"mining.suggest_difficulty","params":[${to}]}`);
    await miner.firstJob();
    expect(miner.difficulty).toBe(to);
    if (miner.job[8] !== true) miner.job = kept;
    for (let id = 4; id < 9; id++) {
      const { jobId, extranonce2, ntime, nonce } = miner.share();
      miner.say(
        `{"id":${id},"method":"mining.submit","params":["acme.lab.para","${jobId}","${extranonce2}","${ntime}","${hex32(nonce)}"]}`,
      );
      expect(await miner.answer()).toMatchObject({ id, result: true });
    }
    expect(await pool.creditedDifficulties()).toEqual(Array.from({ length: 5 }, () => to));
  });
});

describe('cpuminer-multi, cpuminer-opt', () => {
  it('takes the reply to extranonce.subscribe (id 3) among jobs and goes on', async () => {
    pool = await DialectGateway.start();
    const miner = await pool.connect();
    miner.say('{"id": 1, "method": "mining.subscribe", "params": ["cpuminer-opt/24.5-x64L"]}');
    expect((await miner.hear()).id).toBe(1);
    miner.say(
      '{"id": 2, "method": "mining.authorize", "params": ["acme.north.cpu2", ""]}',
      '{"id": 3, "method": "mining.extranonce.subscribe", "params": []}',
    );
    expect((await miner.answer()).id).toBe(2);
    expect(await miner.answer()).toMatchObject({ id: 3, error: null });
    const { jobId, extranonce2, ntime, nonce } = miner.share();
    miner.say(
      `{"method": "mining.submit", "params": ["acme.north.cpu2", "${jobId}", "${extranonce2}", "${ntime}", "${hex32(nonce)}"], "id":4}`,
    );
    expect(await miner.answer()).toMatchObject({ id: 4, result: true });
  });
});

describe('NerdMiner (stratum.cpp)', () => {
  async function started(): Promise<Firmware> {
    const miner = await pool.connect();
    miner.say('{"id": 1, "method": "mining.subscribe", "params": ["NerdMinerV2"]}');
    // It reads one line and takes it for the answer; the session id from the first pair, its length unchecked.
    const subscribed = await miner.hear();
    expect(subscribed.id).toBe(1);
    expect((subscribed.result as [[string, string][]])[0][0]![1]).toMatch(/^[0-9a-f]+$/);
    miner.say(
      '{"params": ["acme.home.nerd", "x"], "id": 2, "method": "mining.authorize"}',
      '{"id": 3, "method": "mining.suggest_difficulty", "params": [1e-08]}',
    );
    await miner.firstJob();
    return miner;
  }

  it('has nonces without leading zeroes accepted', async () => {
    pool = await DialectGateway.start();
    const miner = await started();
    const { jobId, extranonce2, ntime, nonce } = miner.share();
    expect(nonce.toString(16).length).toBeLessThan(8);
    miner.say(
      `{"id": 4, "method": "mining.submit", "params": ["acme.home.nerd","${jobId}","${extranonce2}","${ntime}","${nonce.toString(16)}"]}`,
    );
    expect((await miner.hearUntil(({ id }) => id === 4)).at(-1)).toMatchObject({ result: true, error: null });
  });

  it('suggests its difficulty again as a keepalive, and gets an answer but no new job', async () => {
    pool = await DialectGateway.start();
    const miner = await started();
    for (let id = 4; id < 24; id++)
      miner.say(`{"id": ${id}, "method": "mining.suggest_difficulty", "params": [1e-08]}`);
    const heard = await miner.hearUntil(({ id }) => id === 23);
    expect(heard.filter(({ method }) => method === 'mining.notify')).toEqual([]);
  });
});

describe('clients with ids of their own kind', () => {
  it('stratum-client of npm: ids are the names of the methods, subscribe has no params', async () => {
    pool = await DialectGateway.start();
    const miner = await pool.connect();
    miner.say('{"id": "mining.subscribe", "method": "mining.subscribe", "params": []}');
    expect((await miner.hear()).id).toBe('mining.subscribe');
    miner.say('{"id":"mining.authorize","method":"mining.authorize","params":["acme.lab.npm1","x"]}');
    expect(await miner.hear()).toMatchObject({ id: 'mining.authorize', result: true });
    await miner.firstJob();
    const { jobId, extranonce2, ntime, nonce } = miner.share();
    miner.say(
      `{"params": ["acme.lab.npm1", "${jobId}", "${extranonce2}", "${ntime}", "${hex32(nonce)}"], "id": "mining.submit", "method": "mining.submit"}`,
    );
    expect(await miner.answer()).toMatchObject({ id: 'mining.submit', result: true, error: null });
  });

  it('NightMiner and others with four bytes of extranonce2 built in mine where the pool is set to four', async () => {
    pool = await DialectGateway.start({ extranonce2Bytes: 4 });
    const miner = await pool.ready('acme.lab.night');
    expect(miner.extranonce2Size).toBe(4);
    const { jobId, extranonce2, ntime, nonce } = miner.share();
    expect(extranonce2).toHaveLength(8);
    miner.say(
      `{"id": 3, "method": "mining.submit", "params": ["acme.lab.night", "${jobId}", "${extranonce2}", "${ntime}", "${hex32(nonce)}"]}`,
    );
    expect(await miner.answer()).toMatchObject({ id: 3, result: true });
  });

  it.each(['0', 'null', '-1', '18446744073709551615', '"auth"', '""', '1.5'])(
    'an id of %s comes back as it was, also for a submit',
    async (id) => {
      pool = await DialectGateway.start();
      const miner = await pool.ready('acme.lab.ids');
      miner.say(`{"id":${id},"method":"client.get_version","params":[]}`);
      expect((await miner.answer()).raw).toContain(`{"id":${id},`);
      const { jobId, extranonce2, ntime, nonce } = miner.share();
      miner.say(
        `{"id":${id},"method":"mining.submit","params":["acme.lab.ids","${jobId}","${extranonce2}","${ntime}","${hex32(nonce)}"]}`,
      );
      const reply = await miner.answer();
      expect(reply.raw).toContain(`{"id":${id},`);
      expect(reply.result).toBe(true);
    },
  );
});
