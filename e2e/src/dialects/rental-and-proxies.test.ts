// Rental markets check a pool before they send it hash rate; proxies put many machines on one connection.
import { afterEach, describe, expect, it } from 'vitest';
import { DialectGateway } from './dialect-gateway.ts';
import { hex32, type Firmware } from './firmware.ts';

const NICEHASH_LEAST_DIFFICULTY = 500_000;
let pool: DialectGateway;
afterEach(() => pool.stop());

function submit(miner: Firmware, id: string, user: string, share = miner.share()): void {
  miner.say(
    `{"id":${id},"method":"mining.submit","params":["${user}","${share.jobId}","${share.extranonce2}","${share.ntime}","${hex32(share.nonce)}"]}`,
  );
}

describe('NiceHash and MiningRigRentals', () => {
  async function rented(password: string): Promise<Firmware> {
    const miner = await pool.connect();
    miner.say(
      '{"id":1,"method":"mining.subscribe","params":["NiceHash/1.0.0",1718000000,"5f4dcc3b5aa765d61d8327deb882cf995f4dcc3b5aa765d61d8327deb882cf99"]}',
    );
    expect(await miner.hear()).toMatchObject({ id: 1, error: null });
    miner.say(
      '{"id":2,"method":"mining.extranonce.subscribe","params":[]}',
      `{"id":3,"method":"mining.authorize","params":["acme.rented.order7","${password}"]}`,
    );
    expect(await miner.hear()).toMatchObject({ id: 2, result: true });
    expect(await miner.hear()).toMatchObject({ id: 3, result: true });
    await miner.firstJob();
    return miner;
  }

  it('find four bytes of extranonce2 or more, and the difficulty they asked for from the first job on', async () => {
    pool = await DialectGateway.start();
    const miner = await rented(`d=${NICEHASH_LEAST_DIFFICULTY}`);
    expect(miner.extranonce2Size).toBeGreaterThanOrEqual(4);
    expect(miner.extranonce2Size).toBeLessThanOrEqual(8);
    expect(miner.difficulty).toBe(NICEHASH_LEAST_DIFFICULTY);
  });

  it('get the code 23 for a share that is too easy', async () => {
    pool = await DialectGateway.start();
    const miner = await rented(`d=${NICEHASH_LEAST_DIFFICULTY}`);
    submit(miner, '4', 'acme.rented.order7', {
      jobId: miner.job[0] as string,
      extranonce2: '00'.repeat(miner.extranonce2Size),
      ntime: miner.job[7] as string,
      nonce: 1,
    });
    expect(await miner.answer()).toMatchObject({ id: 4, result: false, error: [23, expect.any(String), null] });
  });

  it('never see a job id twice, over difficulty changes, connections and a restart of the gateway', async () => {
    const ids: unknown[] = [];
    for (let run = 0; run < 2; run++) {
      pool = await DialectGateway.start();
      const miner = await rented('x');
      ids.push(miner.job[0]);
      for (let id = 10; id < 40; id++) {
        miner.say(`{"id":${id},"method":"mining.suggest_difficulty","params":[${id}]}`);
        await miner.firstJob();
        ids.push(miner.job[0]);
      }
      await pool.stop();
    }
    expect(new Set(ids).size).toBe(62);
  });

  it('two orders on one pool never search the same space', async () => {
    pool = await DialectGateway.start();
    const [one, two] = [await rented('x'), await rented('x')];
    expect(one.extranonce1).not.toBe(two.extranonce1);
  });
});

describe("a farm's proxy", () => {
  it("puts several workers on one connection: each share is the worker's whose name it bears", async () => {
    pool = await DialectGateway.start();
    const miner = await pool.ready('acme.north.r1.m1');
    miner.say(
      '{"id":3,"method":"mining.authorize","params":["acme.north.r1.m2","x"]}',
      '{"id":4,"method":"mining.authorize","params":["beta.south.m1","x"]}',
    );
    expect(await miner.answer()).toMatchObject({ id: 3, result: true });
    expect(await miner.answer()).toMatchObject({ id: 4, result: true });
    const users = ['acme.north.r1.m2', 'beta.south.m1', 'acme.north.r1.m1', 'acme.north.r1.m2', 'acme.north.r1.nobody'];
    for (const [at, user] of users.entries()) submit(miner, String(10 + at), user);
    for (let at = 0; at < 4; at++) expect(await miner.answer()).toMatchObject({ id: 10 + at, result: true });
    expect(await miner.answer()).toMatchObject({ id: 14, result: false, error: [24, expect.any(String), null] });
    expect(await pool.shares()).toMatchObject({
      'acme.north.r1.m1': { accepted: 1, rejected: 0 },
      'acme.north.r1.m2': { accepted: 2, rejected: 0 },
      'beta.south.m1': { accepted: 1, rejected: 0 },
    });
  });

  it('authorizes again, with another password, without a new job and without a second worker', async () => {
    pool = await DialectGateway.start();
    const miner = await pool.ready('acme.north.r1.m1');
    miner.say(
      '{"id":3,"method":"mining.authorize","params":["acme.north.r1.m1","rate=100T"]}',
      '{"id":4,"method":"mining.ping","params":[]}',
    );
    const heard = await miner.hearUntil(({ id }) => id === 4);
    expect(heard.map(({ id }) => id)).toEqual([3, 4]);
    submit(miner, '5', 'acme.north.r1.m1');
    expect(await miner.answer()).toMatchObject({ id: 5, result: true });
    expect((await pool.eventsAtEnd()).filter(({ type }) => type === 'authorized')).toHaveLength(1);
  });

  it.each([
    ['percent-encoded', 'acme%2Enorth%2Em%31', 'acme.north.m1'],
    ['as long as a name may be', `acme.${'n'.repeat(122)}`, `acme.${'n'.repeat(122)}`],
    [
      'a bitcoin address with a worker',
      'bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq.rig_1',
      'bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq.rig_1',
    ],
    ['an address for mail', 'me@example.com.worker-1', 'me@example.com.worker-1'],
  ])('a name %s is the same worker in authorize and in submit', async (_, sent, worker) => {
    pool = await DialectGateway.start();
    const miner = await pool.ready(sent);
    submit(miner, '3', sent);
    expect(await miner.answer()).toMatchObject({ id: 3, result: true });
    submit(miner, '4', worker);
    expect(await miner.answer()).toMatchObject({ id: 4, result: true });
    expect(await pool.shares()).toEqual({ [worker]: { accepted: 2, rejected: 0 } });
  });

  it.each([
    '["acme.north.m1"]',
    '["acme.north.m1",null]',
    '["acme.north.m1",""]',
    '["acme.north.m1",123]',
    '["acme.north.m1","x","extra"]',
  ])('authorizes with params %s', async (params) => {
    pool = await DialectGateway.start();
    const miner = await pool.connect();
    miner.say('{"id":1,"method":"mining.subscribe"}', `{"id":2,"method":"mining.authorize","params":${params}}`);
    await miner.firstJob();
    submit(miner, '3', 'acme.north.m1');
    expect(await miner.answer()).toMatchObject({ id: 3, result: true });
  });

  it.each(['[]', 'null', '[null]', '[null,null]', '["a/1",null,"pool.example.com",3333]', '[["nested"]]', '[{}]'])(
    'subscribes with params %s',
    async (params) => {
      pool = await DialectGateway.start();
      const miner = await pool.connect();
      miner.say(`{"id":1,"method":"mining.subscribe","params":${params}}`);
      expect(await miner.hear()).toMatchObject({
        id: 1,
        error: null,
        result: [
          [
            ['mining.set_difficulty', expect.any(String)],
            ['mining.notify', expect.any(String)],
          ],
          expect.any(String),
          4,
        ],
      });
    },
  );
});
