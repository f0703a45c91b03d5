// Limits and hostile input: each gets its own connection an error or a close, is counted, and leaves other miners alone.
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { Random, systemClock, type Clock } from '@assay/kernel';
import { REJECT_CODE } from '@assay/mining';
import type { CloseReason } from '../gateway-tallies.ts';
import { WORKER, eventually, gatewayFixture } from '../testing/fixture.ts';
import type { TestMiner } from '../testing/test-miner.ts';

const gateway = gatewayFixture();

/** The system's clock, set forward by as much as a test wants. */
function adjustableClock(): Clock & { forward(seconds: number): void } {
  let aheadUs = 0;
  return { nowUs: () => systemClock.nowUs() + aheadUs, forward: (seconds) => void (aheadUs += seconds * 1e6) };
}

async function closedFor(reason: CloseReason, count = 1): Promise<void> {
  await eventually(() => gateway.running.gateway.tallies.closes[reason] >= count, `${count} closed for ${reason}`);
}

async function works(miner: TestMiner, worker = WORKER): Promise<void> {
  expect(await miner.submit(worker, miner.mine())).toMatchObject({ result: true });
}

describe('connections', () => {
  it('are closed beyond the limit, and taken again when there is room', async () => {
    await gateway.start({ maxConnections: 2 });
    const first = await gateway.ready();
    await gateway.ready();
    const third = await gateway.connect();
    await third.until(() => third.closed, 'the refusal');
    await closedFor('too_many_connections');
    await works(first);
    await first.close();
    await closedFor('closed');
    await works(await gateway.ready());
  });

  it('are closed beyond the limit per address', async () => {
    await gateway.start({ maxConnectionsPerAddress: 1 });
    const first = await gateway.ready();
    const second = await gateway.connect();
    await second.until(() => second.closed, 'the refusal');
    await closedFor('too_many_from_address');
    await works(first);
    await first.close();
    await closedFor('closed');
    await works(await gateway.ready());
  });

  it('are closed when one address opens them too fast', async () => {
    await gateway.start({ acceptsPerSecond: 1 });
    const first = await gateway.ready();
    for (let i = 0; i < 15; i++) await gateway.connect();
    await closedFor('accepts_too_fast', 3);
    await works(first);
  });

  it('are closed when the handshake takes too long, also by one half done', async () => {
    const clock = adjustableClock();
    await gateway.start({ handshakeSeconds: 5 }, { clock });
    const silent = await gateway.connect();
    const slow = await gateway.connect();
    await slow.subscribe();
    slow.send('{"id":2,"method":"mining.auth');
    const good = await gateway.ready();
    clock.forward(6);
    await closedFor('handshake_timeout', 2);
    expect([silent.closed, slow.closed, good.closed]).toEqual([true, true, false]);
  });

  it('are closed when silent for too long, and say so in the events', async () => {
    const clock = adjustableClock();
    const { events } = await gateway.start({ idleSeconds: 20 }, { clock });
    const [idle, busy] = [await gateway.ready('acme.idle'), await gateway.ready('acme.busy')];
    clock.forward(15);
    await busy.call('mining.ping', []);
    clock.forward(10);
    await idle.until(() => idle.closed, 'the close');
    expect(busy.closed).toBe(false);
    await eventually(async () => (await events()).some((event) => event.type === 'disconnected'), 'the event');
    expect((await events()).at(-1)).toMatchObject({ worker: 'acme.idle', reason: 'idle' });
  });

  it('are closed when the miner does not read', async () => {
    await gateway.start({ maxOutboundBytes: 16_384, submitsPerSecond: 1e6 });
    const deaf = await gateway.connect();
    deaf.socket.pause();
    const request = `{"id":"${'i'.repeat(120)}","method":"mining.ping","params":[]}\n`.repeat(2000);
    const other = await gateway.ready();
    await eventually(() => {
      if (!deaf.socket.destroyed && deaf.socket.writableLength < 4_000_000) deaf.send(request);
      return gateway.running.gateway.tallies.closes.slow_reader === 1;
    }, 'the close');
    await works(other);
  });

  it('are given work again before a miner would give up on a silent source', async () => {
    const clock = adjustableClock();
    await gateway.start({}, { clock });
    const miner = await gateway.ready();
    await works(miner);
    const [job] = miner.jobs;
    clock.forward(46);
    await miner.until(() => miner.jobs.some(({ id, ntime }) => id === job!.id && ntime > job!.ntime), 'the job again');
    await works(miner);
  });
});

describe('requests', () => {
  it('are a flood too when some are let through in between', async () => {
    const clock = adjustableClock();
    await gateway.start({ submitsPerSecond: 5 }, { clock });
    const miner = await gateway.ready();
    // Three times the rate: each second lets five through.
    for (let second = 0; second < 20 && !miner.closed; second++) {
      const answered = miner.messages.length + 15;
      for (let i = 0; i < 15; i++) miner.send(`{"id":${second * 15 + i},"method":"mining.submit","params":[]}\n`);
      await miner.until(() => miner.closed || miner.messages.length >= answered, 'the answers');
      clock.forward(1);
    }
    await closedFor('flood');
  });

  it('are refused when they come too fast, and a flood of them is closed', async () => {
    const { gateway: running } = await gateway.start({ submitsPerSecond: 5 });
    const other = await gateway.ready('acme.other');
    const miner = await gateway.ready();
    const { jobId, extranonce2, ntime } = miner.mine();
    for (let i = 0; i < 60; i++) {
      miner.send(
        `{"id":${500 + i},"method":"mining.submit","params":["${WORKER}","${jobId}","${extranonce2}","${ntime}","${i.toString(16)}"]}\n`,
      );
    }
    await closedFor('flood');
    await miner.until(() => miner.closed, 'the close');
    expect(running.tallies.pendingShares).toBe(0);
    expect(miner.messages.some(({ error }) => Array.isArray(error) && error[1] === 'Too many submits')).toBe(true);
    const refused = running.tallies.shares[REJECT_CODE.rate_limited]!;
    expect(refused).toBeGreaterThan(10);
    expect(refused).toBeLessThanOrEqual(20);
    await works(other, 'acme.other');
  });

  it('other than submits are refused as well', async () => {
    await gateway.start({ submitsPerSecond: 5 });
    const miner = await gateway.connect();
    miner.send('{"id":1,"method":"mining.ping"}\n'.repeat(25));
    await miner.until(() => miner.messages.some(({ error }) => Array.isArray(error)), 'a refusal');
    expect(miner.messages.find(({ error }) => Array.isArray(error))!.error).toEqual([20, 'Too many requests', null]);
    expect(gateway.running.gateway.tallies.refusedRequests).toBeGreaterThan(0);
  });

  it('of unknown methods are answered and counted', async () => {
    await gateway.start();
    const miner = await gateway.connect();
    for (const id of [0, 'x', null]) miner.send(`${JSON.stringify({ id, method: 'mining.teapot', params: [] })}\n`);
    await miner.until(() => miner.messages.length === 3, 'three answers');
    expect(miner.messages).toEqual(
      [0, 'x', null].map((id) => ({ id, result: null, error: [20, 'Unknown method', null] })),
    );
    expect(gateway.running.gateway.tallies.unknownMethods).toBe(3);
    expect(miner.closed).toBe(false);
  });
});

describe('lines', () => {
  it.each([
    ['in one piece', [1_000_000]],
    ['in many pieces', new Array<number>(20).fill(1000)],
  ])('of a megabyte close their connection: %s', async (_, sizes) => {
    await gateway.start();
    const other = await gateway.ready();
    const miner = await gateway.connect();
    for (const size of sizes) miner.send('x'.repeat(size));
    await closedFor('line_too_long');
    await works(other);
  });

  it('too long are told so', async () => {
    await gateway.start({ maxLineBytes: 600 });
    const miner = await gateway.connect();
    miner.send('y'.repeat(601));
    await miner.until(() => miner.closed, 'the close');
    expect(miner.messages).toEqual([{ id: null, result: null, error: [20, 'Line longer than 600 bytes', null] }]);
  });

  it('that are no stratum are answered, then closed', async () => {
    await gateway.start({ maxBadLines: 5 });
    const other = await gateway.ready();
    const browser = await gateway.connect();
    browser.send(
      'GET / HTTP/1.1\r\nHost: pool\r\nAccept: */*\r\nAccept-Language: en\r\nCookie: a\r\nDNT: 1\r\nTE: x\r\n\r\n',
    );
    await closedFor('not_stratum');
    await browser.until(() => browser.closed, 'the close');
    expect(browser.messages).toHaveLength(6);
    expect(browser.messages[0]).toEqual({ id: null, result: null, error: [20, 'Not a JSON object', null] });
    expect(gateway.running.gateway.tallies.malformedLines).toBe(6);
    await works(other);
  });

  it('of noise do no harm', async () => {
    await gateway.start({ maxBadLines: 1_000_000 });
    const random = new Random(5);
    const noisy = await Promise.all(Array.from({ length: 5 }, () => gateway.connect()));
    const miner = await gateway.ready();
    for (let i = 0; i < 200; i++)
      for (const one of noisy) one.send(Buffer.concat([random.bytes(random.below(300)), Buffer.from('\n')]));
    await works(miner);
    await eventually(() => gateway.running.gateway.tallies.malformedLines > 500, 'the noise to be counted');
    await works(miner);
  });

  it('with a wrong type in every place are answered, whatever the place', async () => {
    const { gateway: running } = await gateway.start({ maxBadLines: 1_000_000, submitsPerSecond: 1e6 });
    const miner = await gateway.ready();
    const other = await gateway.ready('acme.other');
    const wrong = [null, true, -1, 1e300, '', 'x'.repeat(300), [], {}, [[]], { a: { b: 1 } }, '\u0000', '\u{1f4a3}'];
    const right: Readonly<Record<string, readonly unknown[]>> = {
      'mining.submit': [WORKER, miner.job.id, '00'.repeat(8), miner.job.ntime, '00000000', '00000000'],
      'mining.authorize': [WORKER, 'x'],
      'mining.subscribe': ['agent', 'session'],
      'mining.configure': [
        ['version-rolling', 'minimum-difficulty'],
        { 'version-rolling.mask': 'ffffffff', 'minimum-difficulty.value': 1e-8 },
      ],
      'mining.suggest_difficulty': [1e-8],
      'mining.suggest_target': ['f'.repeat(64)],
      'mining.extranonce.subscribe': [1],
      'mining.get_transactions': ['00'],
      'mining.ping': [1],
    };
    let sent = 0;
    for (const [method, params] of Object.entries(right)) {
      for (const value of wrong) {
        const messages: object[] = [
          { id: value, method, params },
          { id: 1, method, params: value },
          { id: 1, method: value, params },
        ];
        params.forEach((_, at) =>
          messages.push({ id: 1, method, params: params.map((param, i) => (i === at ? value : param)) }),
        );
        for (const message of messages) {
          miner.send(`${JSON.stringify(message)}\n`);
          sent++;
        }
      }
    }
    const before = miner.messages.length;
    await miner.until(
      () => miner.messages.slice(before).filter(({ method }) => method === undefined).length >= sent - 20,
      'the answers',
    );
    expect((await miner.call('mining.ping', [])).result).toBe('pong');
    await works(other, 'acme.other');
    expect(running.tallies.pendingShares).toBe(0);
  });

  it('of one share again and again are duplicates, and cost no memory', async () => {
    const { gateway: running } = await gateway.start({ submitsPerSecond: 1e6, banPoints: 0 });
    const miner = await gateway.ready();
    const { jobId, extranonce2, ntime, nonce } = miner.mine();
    const line = `{"id":9,"method":"mining.submit","params":["${WORKER}","${jobId}","${extranonce2}","${ntime}","${nonce}"]}\n`;
    for (let i = 0; i < 20; i++) miner.send(line.repeat(500));
    await eventually(() => running.tallies.shares[REJECT_CODE.duplicate] === 9999, 'all duplicates to be answered');
    expect(running.tallies.shares[REJECT_CODE['']]).toBe(1);
  });

  it('may stop in the middle, with the connection half open or reset', async () => {
    await gateway.start();
    for (const end of ['end', 'resetAndDestroy', 'destroy'] as const) {
      const socket = connect(gateway.running.port, '127.0.0.1');
      await new Promise<void>((resolve) => socket.once('connect', resolve));
      socket.on('error', () => undefined);
      await new Promise<void>((resolve) => socket.write('{"id":1,"method":"mining.subscr', () => resolve()));
      socket[end]();
    }
    await eventually(
      () => gateway.running.gateway.tallies.closes.closed + gateway.running.gateway.tallies.closes.error === 3,
      'the closes',
    );
    await works(await gateway.ready());
  });
});

describe('workers', () => {
  it('are refused beyond the limit of a connection', async () => {
    await gateway.start({ maxWorkersPerConnection: 2 });
    const miner = await gateway.ready('acme.a');
    expect(await miner.call('mining.authorize', ['acme.b', ''])).toMatchObject({ result: true });
    expect(await miner.call('mining.authorize', ['acme.c', ''])).toMatchObject({
      result: false,
      error: [24, 'Too many workers on this connection, at most 2', null],
    });
  });

  it('start from the last difficulty known of them', async () => {
    await gateway.start({}, { lastDifficulty: (worker) => (worker === 'acme.known' ? 4e-8 : undefined) });
    expect((await gateway.ready('acme.known')).difficulty).toBe(4e-8);
    expect((await gateway.ready('acme.unknown')).difficulty).toBe(1e-8);
  });
});
