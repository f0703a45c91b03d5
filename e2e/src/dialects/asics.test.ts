// ASIC firmware: version rolling, and what each family expects around it. Where a quirk is known from field reports and not from a
// vendor's source, the test names the quirk and not the vendor.
import { afterEach, describe, expect, it } from 'vitest';
import { DialectGateway } from './dialect-gateway.ts';
import { hex32, type Firmware, type Heard } from './firmware.ts';

const MASK = 0x1fffe000;
let pool: DialectGateway;
afterEach(() => pool.stop());

const methods = (heard: readonly Heard[]): (string | undefined)[] => heard.map(({ method }) => method);

/** The header's version when the firmware puts these bits into it. */
function rolled(miner: Firmware, bits: number): number {
  return ((parseInt(miner.job[5] as string, 16) & ~MASK) | (bits & MASK)) >>> 0;
}

describe('ESP-Miner (stratum_api.c)', () => {
  /** Sends the whole handshake at once, each message with a jsonrpc key; ids below 5 are set-up, all others shares. */
  async function started(suggested: string): Promise<{ miner: Firmware; heard: Heard[] }> {
    const miner = await pool.connect();
    miner.say(
      '{"jsonrpc": "2.0", "id": 1, "method": "mining.configure", "params": [["version-rolling"], {"version-rolling.mask": "ffffffff"}]}',
      '{"jsonrpc": "2.0", "id": 2, "method": "mining.subscribe", "params": ["bitaxe/BM1370/v2.9.0"]}',
      `{"jsonrpc": "2.0", "id": 3, "method": "mining.suggest_difficulty", "params": [${suggested}]}`,
      '{"jsonrpc": "2.0", "id": 4, "method": "mining.authorize", "params": ["acme.home.bitaxe", "x"]}',
    );
    return { miner, heard: await miner.firstJob() };
  }

  it('hears answers to all four, then mask, difficulty and job', async () => {
    pool = await DialectGateway.start();
    const { heard } = await started('1000');
    expect(heard.slice(0, 4).map(({ id }) => id)).toEqual([1, 2, 3, 4]);
    expect(heard[0]!.result).toMatchObject({ 'version-rolling.mask': '1fffe000' });
    expect(methods(heard.slice(4))).toEqual(['mining.set_version_mask', 'mining.set_difficulty', 'mining.notify']);
    expect(heard[5]!.params).toEqual([1000]);
  });

  it('reads difficulties as unsigned integers: those of 1 or more have no fraction', async () => {
    pool = await DialectGateway.start();
    const { miner } = await started('1500.75');
    expect(miner.difficulty).toBe(1500);
    for (const [at, wish] of ['2.5', '77777.7', '1.0000001'].entries()) {
      miner.say(`{"jsonrpc": "2.0", "id": ${5 + at}, "method": "mining.suggest_difficulty", "params": [${wish}]}`);
      await miner.firstJob();
      expect(miner.difficulty).toBe(Math.floor(Number(wish)));
    }
  });

  it("submits six params, the bits xor the job's version, with its jsonrpc key", async () => {
    pool = await DialectGateway.start();
    const { miner } = await started('0.00000001');
    for (const [at, bits] of [0, 0x2000, 0x1fffe000].entries()) {
      const { jobId, extranonce2, ntime, nonce } = miner.share(rolled(miner, bits));
      miner.say(
        `{"jsonrpc": "2.0", "id": ${5 + at}, "method": "mining.submit", "params": ["acme.home.bitaxe", "${jobId}", "${extranonce2}", "${ntime}", "${hex32(nonce)}", "${hex32(bits)}"]}`,
      );
      expect(await miner.answer()).toMatchObject({ id: 5 + at, result: true, error: null });
    }
  });
});

describe('Antminer, bmminer and cgminer', () => {
  it('configures after authorize and gets the mask again at once', async () => {
    pool = await DialectGateway.start();
    const miner = await pool.ready('acme.north.s19');
    miner.say(
      '{"id": 3, "method": "mining.configure", "params": [["version-rolling"], {"version-rolling.mask": "1fffe000", "version-rolling.min-bit-count": 2}]}',
    );
    const heard = await miner.hearUntil(({ method }) => method === 'mining.set_version_mask');
    expect(heard[0]).toMatchObject({ id: 3, result: { 'version-rolling': true, 'version-rolling.mask': '1fffe000' } });
    expect(heard.at(-1)!.params).toEqual(['1fffe000']);
    const { jobId, extranonce2, ntime, nonce } = miner.share(rolled(miner, 0x00c00000));
    miner.say(
      `{"id": 4, "method": "mining.submit", "params": ["acme.north.s19", "${jobId}", "${extranonce2}", "${ntime}", "${hex32(nonce)}", "00c00000"]}`,
    );
    expect(await miner.answer()).toMatchObject({ id: 4, result: true });
  });

  it('sends five params though rolling was agreed: the share has the version of its job', async () => {
    pool = await DialectGateway.start();
    const miner = await pool.connect();
    miner.say(
      '{"id": 0, "method": "mining.configure", "params": [["version-rolling"], {"version-rolling.mask": "1fffe000"}]}',
      '{"id": 1, "method": "mining.subscribe", "params": ["bmminer/2.0.0/Antminer S19", "1d00ffff"]}',
      '{"id": 2, "method": "mining.authorize", "params": ["acme.north.s19", "x"]}',
    );
    await miner.firstJob();
    const { jobId, extranonce2, ntime, nonce } = miner.share();
    miner.say(
      `{"id": 3, "method": "mining.submit", "params": ["acme.north.s19", "${jobId}", "${extranonce2}", "${ntime}", "${hex32(nonce)}"]}`,
    );
    expect(await miner.answer()).toMatchObject({ id: 3, result: true });
  });

  it('is told which bits it may not roll', async () => {
    pool = await DialectGateway.start();
    const miner = await pool.connect();
    miner.say(
      '{"id": 0, "method": "mining.configure", "params": [["version-rolling"], {"version-rolling.mask": "00c00000"}]}',
      '{"id": 1, "method": "mining.subscribe", "params": ["cgminer/4.11.1"]}',
      '{"id": 2, "method": "mining.authorize", "params": ["acme.north.s9", "x"]}',
    );
    const heard = await miner.firstJob();
    expect(heard[0]!.result).toMatchObject({ 'version-rolling.mask': '00c00000' });
    const { jobId, extranonce2, ntime, nonce } = miner.share();
    miner.say(
      `{"id": 3, "method": "mining.submit", "params": ["acme.north.s9", "${jobId}", "${extranonce2}", "${ntime}", "${hex32(nonce)}", "00002000"]}`,
    );
    expect(await miner.answer()).toMatchObject({
      id: 3,
      result: false,
      error: [20, expect.stringMatching(/version/i), null],
    });
  });
});

describe('firmware that is strict about set_version_mask', () => {
  const CONFIGURE =
    '{"id": 1, "method": "mining.configure", "params": [["version-rolling"], {"version-rolling.mask": "1fffe000"}]}';
  const SUBSCRIBE = '{"id": 2, "method": "mining.subscribe", "params": ["strict/1"]}';
  const AUTHORIZE = '{"id": 3, "method": "mining.authorize", "params": ["acme.north.strict", "x"]}';

  it.each([
    ['configure, subscribe, authorize', [CONFIGURE, SUBSCRIBE, AUTHORIZE]],
    ['subscribe, configure, authorize', [SUBSCRIBE, CONFIGURE, AUTHORIZE]],
    ['configure, authorize, subscribe', [CONFIGURE, AUTHORIZE, SUBSCRIBE]],
    ['authorize, configure, subscribe', [AUTHORIZE, CONFIGURE, SUBSCRIBE]],
  ])('%s: the mask comes after all answers and before the first job', async (_, lines) => {
    pool = await DialectGateway.start();
    const miner = await pool.connect();
    const heard: Heard[] = [];
    // One at a time, as a blocking handshake does: nothing but the answer may come before the last one.
    for (const line of lines) {
      miner.say(line);
      heard.push(await miner.hear());
    }
    expect(methods(heard)).toEqual([undefined, undefined, undefined]);
    expect(methods(await miner.firstJob())).toEqual([
      'mining.set_version_mask',
      'mining.set_difficulty',
      'mining.notify',
    ]);
  });

  it('never hears of a mask when it did not ask', async () => {
    pool = await DialectGateway.start();
    const miner = await pool.connect();
    miner.say(SUBSCRIBE, AUTHORIZE);
    expect(methods(await miner.firstJob())).toEqual([undefined, undefined, 'mining.set_difficulty', 'mining.notify']);
  });
});

describe('spellings', () => {
  it('upper-case hex is the same share as lower-case, and so a duplicate', async () => {
    pool = await DialectGateway.start();
    const miner = await pool.ready('acme.north.upper');
    let share = miner.share();
    // One with a letter in it, or there would be nothing to spell.
    while (!/[a-f]/.test(hex32(share.nonce))) share = miner.share();
    const { jobId, extranonce2, ntime, nonce } = share;
    const submit = (id: number, spell: (text: string) => string): void =>
      miner.say(
        `{"id":${id},"method":"mining.submit","params":["acme.north.upper","${spell(jobId)}","${spell(extranonce2)}","${spell(ntime)}","${spell(hex32(nonce))}"]}`,
      );
    submit(3, (text) => text.toUpperCase());
    submit(4, (text) => text);
    submit(5, (text) => text.replace(/^0+(?=.)/, (zeroes) => (text === extranonce2 ? zeroes : '')));
    expect(await miner.answer()).toMatchObject({ id: 3, result: true });
    expect(await miner.answer()).toMatchObject({ id: 4, error: [22, expect.any(String), null] });
    expect(await miner.answer()).toMatchObject({ id: 5, error: [22, expect.any(String), null] });
  });

  it('lines end in CRLF, come in pieces, or several at once with blanks between', async () => {
    pool = await DialectGateway.start();
    const miner = await pool.connect();
    miner.say(
      '{"id":1,"method":"mining.subscribe","params":["crlf/1"]}\r',
      '',
      '\r',
      ' {"id":2 , "method" : "mining.authorize", "params" : [ "acme.north.crlf" , "x" ] } \r',
    );
    expect((await miner.firstJob()).slice(0, 2).map(({ id }) => id)).toEqual([1, 2]);
  });
});
