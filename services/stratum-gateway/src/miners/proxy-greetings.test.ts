// The PROXY protocol at the stratum port: believed from trusted addresses, asked of them, and of nobody else.
import { describe, expect, it } from 'vitest';
import { systemClock, type Clock } from '@assay/kernel';
import { SettingsError, parseSettings } from '@assay/platform';
import { gatewaySettings } from '../config.ts';
import { WORKER, eventually, gatewayFixture } from '../testing/fixture.ts';
import { inNetworks } from './networks.ts';
import type { TestMiner } from '../testing/test-miner.ts';

const gateway = gatewayFixture();
const trusted = { proxyProtocolFrom: ['127.0.0.0/8'] };

async function throughProxy(header: string | Uint8Array): Promise<TestMiner> {
  const miner = await gateway.connect();
  miner.send(header);
  return miner;
}

async function mines(miner: TestMiner): Promise<void> {
  await miner.subscribe();
  expect(await miner.call('mining.authorize', [WORKER, 'x'])).toMatchObject({ result: true });
  await miner.until(() => miner.jobs.length > 0, 'a job');
  expect(await miner.submit(WORKER, miner.mine())).toMatchObject({ result: true });
}

/** Addresses of the miners that were authorized, as the events say. */
async function addresses(count: number): Promise<string[]> {
  const found = async (): Promise<string[]> =>
    (await gateway.running.events()).flatMap((event) => (event.type === 'authorized' ? [event.remoteAddress] : []));
  await eventually(async () => (await found()).length === count, 'the events');
  return found();
}

function binary(commandAndFamily: string, addressBytes: string): Buffer {
  const length = (addressBytes.length / 2).toString(16).padStart(4, '0');
  return Buffer.from(`0d0a0d0a000d0a515549540a${commandAndFamily}${length}${addressBytes}`, 'hex');
}

const closes = (): Record<string, number> => gateway.running.gateway.tallies.closes;

describe('behind a trusted proxy', () => {
  it('miners have the address that the proxy says, in either version', async () => {
    await gateway.start(trusted);
    await mines(await throughProxy('PROXY TCP4 203.0.113.7 10.0.0.1 4711 3333\r\n'));
    await mines(await throughProxy(binary('2111', 'c633640a0a000001126f0d05')));
    await mines(await throughProxy(binary('2121', `20010db8${'00'.repeat(11)}01${'11'.repeat(16)}126f0d05`)));
    expect(await addresses(3)).toEqual(['203.0.113.7', '198.51.100.10', '2001:db8::1']);
  });

  it('a header may come in pieces, and with the first request behind it', async () => {
    await gateway.start(trusted);
    const pieces = await gateway.connect();
    const header = 'PROXY TCP4 203.0.113.7 10.0.0.1 4711 3333\r\n';
    for (const byte of header) {
      pieces.send(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await mines(pieces);
    const together = await throughProxy(
      `${header}{"id":90,"method":"mining.ping","params":[]}\n{"id":91,"method":"mining.ping","params":[]}\n`,
    );
    expect(await together.reply(90)).toMatchObject({ result: 'pong' });
    expect(await together.reply(91)).toMatchObject({ result: 'pong' });
    await mines(together);
  });

  it('a connection of the proxy itself, or of nobody it knows, has its own address', async () => {
    await gateway.start(trusted);
    await mines(await throughProxy('PROXY UNKNOWN\r\n'));
    await mines(await throughProxy(binary('2000', '')));
    expect(await addresses(2)).toEqual(['127.0.0.1', '127.0.0.1']);
  });

  it('limits are those of the miner’s address, not of the proxy’s', async () => {
    await gateway.start({ ...trusted, maxConnectionsPerAddress: 2 });
    const from = (address: string): Promise<TestMiner> => throughProxy(`PROXY TCP4 ${address} 10.0.0.1 1 2\r\n`);
    const [first, second] = [await from('203.0.113.1'), await from('203.0.113.1')];
    await mines(first);
    await mines(second);
    const third = await from('203.0.113.1');
    await third.until(() => third.closed, 'the close');
    expect(closes()['too_many_from_address']).toBe(1);
    await mines(await from('203.0.113.2'));
    await first.close();
    await eventually(() => gateway.running.gateway.tallies.closes.closed === 1, 'the close to be seen');
    await mines(await from('203.0.113.1'));
  });

  it('what begins with anything else is closed and counted', async () => {
    await gateway.start(trusted);
    const bad = [
      '{"id":1,"method":"mining.subscribe","params":[]}\n',
      'PROXY TCP4 203.0.113.7 10.0.0.1 4711\r\n',
      binary('2211', 'c633640a0a000001126f0d05'),
      `PROXY ${'1'.repeat(200)}`,
    ];
    for (const [i, bytes] of bad.entries()) {
      const miner = await throughProxy(bytes);
      await miner.until(() => miner.closed, 'the close');
      expect(miner.lines).toEqual([]);
      expect(closes()['no_proxy_header']).toBe(i + 1);
    }
    await mines(await throughProxy('PROXY TCP4 203.0.113.7 10.0.0.1 4711 3333\r\n'));
  });

  it('what says nothing is closed after some seconds, and takes a place until then', async () => {
    let aheadUs = 0;
    const clock: Clock = { nowUs: () => systemClock.nowUs() + aheadUs };
    await gateway.start({ ...trusted, maxConnections: 2 }, { clock });
    const [silent, half] = [await gateway.connect(), await throughProxy('PROXY TCP4 1.2')];
    const third = await gateway.connect();
    await third.until(() => third.closed, 'the close of the third');
    expect(closes()['too_many_connections']).toBe(1);
    aheadUs = 6_000_000;
    await silent.until(() => silent.closed && half.closed, 'both to be closed');
    expect(closes()['no_proxy_header']).toBe(2);
    await mines(await throughProxy('PROXY TCP4 203.0.113.7 10.0.0.1 4711 3333\r\n'));
  });

  it('one that leaves before its header gives its place back, and a stop closes the others', async () => {
    await gateway.start({ ...trusted, maxConnections: 1 });
    const gone = await throughProxy('PROXY TCP4 1.2');
    await gone.close();
    const tryAgain = async (): Promise<boolean> => {
      const miner = await throughProxy('PROXY TCP4 203.0.113.7 10.0.0.1 4711 3333\r\n');
      miner.send('{"id":7,"method":"mining.ping","params":[]}\n');
      await miner.until(() => miner.closed || miner.messages.length > 0, 'an answer or the close');
      const open = !miner.closed;
      await miner.close();
      return open;
    };
    await eventually(tryAgain, 'the place to be free');
    await eventually(() => closes()['closed']! > 0, 'the close to be seen');
    const silent = await gateway.connect();
    await gateway.running.stop();
    await silent.until(() => silent.closed, 'the close');
    expect(closes()['shutdown']).toBe(1);
  });
});

describe('from anybody else', () => {
  it('a header is a line like any other that is no stratum', async () => {
    await gateway.start({ proxyProtocolFrom: ['10.0.0.0/8', '::1'] });
    const miner = await throughProxy('PROXY TCP4 203.0.113.7 10.0.0.1 4711 3333\r\n');
    await mines(miner);
    expect(await addresses(1)).toEqual(['127.0.0.1']);
    expect(gateway.running.gateway.tallies.malformedLines).toBe(1);
  });
});

describe('trusted proxies', () => {
  it('are those in one of the networks, of either family, also where IPv4 comes in as IPv6', () => {
    const isTrusted = inNetworks(['10.0.0.0/8', '192.0.2.1', 'fd00::/8'])!;
    const yes = ['10.1.2.3', '::ffff:10.1.2.3', '192.0.2.1', 'fd12::1'];
    const no = ['11.0.0.1', '::ffff:11.0.0.1', '192.0.2.2', 'fe80::1', '::1'];
    expect([yes.map(isTrusted), no.map(isTrusted)]).toEqual([yes.map(() => true), no.map(() => false)]);
    expect(inNetworks([])).toBeUndefined();
  });
});

describe('ASSAY_PROXY_PROTOCOL_FROM', () => {
  const parsed = (text: string): readonly string[] =>
    parseSettings(gatewaySettings, { ASSAY_PROXY_PROTOCOL_FROM: text }).proxyProtocolFrom;

  it('takes addresses and networks of either family', () => {
    expect(parsed('')).toEqual([]);
    expect(parsed(' 10.0.0.0/8, 192.0.2.1,fd00::/8 ,::1')).toEqual(['10.0.0.0/8', '192.0.2.1', 'fd00::/8', '::1']);
  });

  it.each(['10.0.0.0/33', '10.0.0/8', 'fd00::/129', 'proxy.example', '10.0.0.0/', '10.0.0.0/8 10.1.0.0/16'])(
    'refuses %j',
    (text) => expect(() => parsed(text)).toThrow(SettingsError),
  );
});
