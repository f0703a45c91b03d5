import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import type { lookup } from 'node:dns';
import { afterEach, describe, expect, it } from 'vitest';
import { HttpReceiver } from '../testing/http-receiver.ts';
import { isPublicAddress } from './outbound-policy.ts';
import { MAX_ANSWER_BYTES, postJson, type PostOptions } from './post-json.ts';

const never = new AbortController().signal;
const OPEN: PostOptions = { allowPrivate: true, timeoutMs: 5000 };
const CLOSED: PostOptions = { allowPrivate: false, timeoutMs: 5000 };
const testdata = (file: string): string =>
  readFileSync(new URL(`../testing/testdata/${file}`, import.meta.url), 'utf8');

const stop: (() => unknown)[] = [];
afterEach(async () => {
  for (const each of stop.splice(0)) await each();
});

/** A resolver that answers as a name server under somebody else's control might. */
function resolver(...addresses: readonly string[]): typeof lookup {
  const answer = (_host: string, _options: object, callback: (...result: unknown[]) => void): void =>
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  return answer as unknown as typeof lookup;
}

describe('addresses', () => {
  it('are public or not', () => {
    const no =
      '127.0.0.1 127.255.0.3 0.0.0.0 10.1.2.3 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 100.64.0.1 ' +
      '192.0.2.1 198.18.0.1 224.0.0.1 255.255.255.255 ::1 :: ::ffff:127.0.0.1 ::ffff:8.8.8.8 fe80::1 fd00::1 ' +
      'ff02::1 2002:7f00:1::1 2001:0:1::1 2001:db8::1 64:ff9b::7f00:1 100::1 nonsense';
    for (const address of no.split(' ')) expect([address, isPublicAddress(address)]).toEqual([address, false]);
    for (const address of ['8.8.8.8', '172.32.0.1', '192.169.0.1', '2606:4700::1111', '2a00:1450:4001::1']) {
      expect([address, isPublicAddress(address)]).toEqual([address, true]);
    }
  });
});

describe('a request to somebody else', () => {
  it('does not reach this machine, however its address is written', async () => {
    const inside = await HttpReceiver.start(() => ({ status: 200 }));
    stop.push(() => inside.close());
    const { port } = inside;
    for (const host of ['127.0.0.1', 'localhost', '[::1]', '2130706433', '0x7f.1', '[::ffff:127.0.0.1]', '0.0.0.0']) {
      const outcome = await postJson(`https://${host}:${port}/`, '{}', {}, CLOSED, never);
      expect([host, outcome.type]).toEqual([host, 'forbidden']);
    }
    expect(inside.received).toEqual([]);
    expect((await postJson(inside.url('/'), '{}', {}, OPEN, never)).type).toBe('answered');
  });

  it('goes to an address that was checked, though the name has others', async () => {
    const rebinding = { ...CLOSED, resolveName: resolver('169.254.169.254', '10.0.0.1') };
    expect(await postJson('https://metadata.example/', '{}', {}, rebinding, never)).toEqual({
      type: 'forbidden',
      reason: 'metadata.example has no public address (169.254.169.254, 10.0.0.1)',
    });
  });

  it('needs https, and holds no login', async () => {
    expect((await postJson('http://hooks.example/', '{}', {}, CLOSED, never)).type).toBe('forbidden');
    expect((await postJson('https://user:pass@hooks.example/', '{}', {}, CLOSED, never)).type).toBe('forbidden');
    expect((await postJson('ftp://hooks.example/', '{}', {}, OPEN, never)).type).toBe('forbidden');
    expect((await postJson('not a URL', '{}', {}, OPEN, never)).type).toBe('forbidden');
  });

  it('checks the certificate', async () => {
    const tls = { key: testdata('localhost.key'), cert: testdata('localhost.crt') };
    const receiver = await HttpReceiver.start(() => ({ status: 204 }), tls);
    stop.push(() => receiver.close());
    const url = receiver.url('/', 'localhost');
    expect(await postJson(url, '{}', {}, { ...OPEN, ca: tls.cert }, never)).toMatchObject({ status: 204 });
    expect(await postJson(url, '{}', {}, OPEN, never)).toEqual({
      type: 'failed',
      reason: `localhost:${receiver.port}: DEPTH_ZERO_SELF_SIGNED_CERT`,
    });
  });

  it('follows no redirect', async () => {
    const inside = await HttpReceiver.start(() => ({ status: 200 }));
    const outside = await HttpReceiver.start(() => ({ status: 307, headers: { location: inside.url('/') } }));
    stop.push(
      () => inside.close(),
      () => outside.close(),
    );
    expect(await postJson(outside.url('/'), '{}', {}, OPEN, never)).toMatchObject({ type: 'answered', status: 307 });
    expect(inside.received).toEqual([]);
  });

  it('bounds the time and the size of an answer', async () => {
    const silent = await HttpReceiver.start(() => undefined);
    stop.push(() => silent.close());
    expect(await postJson(silent.url('/'), '{}', {}, { ...OPEN, timeoutMs: 100 }, never)).toEqual({
      type: 'failed',
      reason: `127.0.0.1:${silent.port}: no answer within 100 ms`,
    });

    // Answers for ever.
    const endless = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      const more = (): void => {
        if (!socket.destroyed) socket.write('x'.repeat(16_384), more);
      };
      more();
    });
    await new Promise<void>((resolve) => endless.listen(0, '127.0.0.1', resolve));
    stop.push(() => endless.close());
    const { port } = endless.address() as AddressInfo;
    const outcome = await postJson(`http://127.0.0.1:${port}/`, '{}', {}, OPEN, never);
    expect(outcome).toMatchObject({ type: 'answered', status: 200 });
    expect(outcome.type === 'answered' && outcome.body.length).toBe(MAX_ANSWER_BYTES);
  });

  it('stops when it is told to', async () => {
    const silent = await HttpReceiver.start(() => undefined);
    stop.push(() => silent.close());
    const abort = new AbortController();
    const outcome = postJson(silent.url('/'), '{}', {}, OPEN, abort.signal);
    abort.abort();
    expect((await outcome).type).toBe('failed');
  });
});
