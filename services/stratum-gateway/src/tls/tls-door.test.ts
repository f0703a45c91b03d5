// Stratum over TLS, over real sockets: certificates of files and of our own, changed under way, clients with and without one, proxies in
// front, and those who only shake hands.
import { X509Certificate } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { systemClock, type Clock } from '@assay/kernel';
import type { GatewayConfig } from '../config.ts';
import type { CloseReason } from '../gateway-tallies.ts';
import { WORKER, eventually, gatewayFixture } from '../testing/fixture.ts';
import type { TestMiner } from '../testing/test-miner.ts';
import { makeCertificate } from './own-certificate.ts';

const gateway = gatewayFixture();
const root = mkdtempSync(join(tmpdir(), 'assay-tls-'));
afterAll(() => rmSync(root, { recursive: true }));
const testdata = (name: string): string => fileURLToPath(new URL(`../../testdata/tls/${name}`, import.meta.url));

const DAYS = 100;
let dirs = 0;

/** A certificate in files of its own, and the settings that name them. */
function certificateFiles(name = 'pool.example'): { certFile: string; keyFile: string; write(name: string): void } {
  const dir = join(root, String(++dirs));
  mkdirSync(dir);
  const [certFile, keyFile] = [join(dir, 'tls.crt'), join(dir, 'tls.key')];
  const write = (as: string): void => {
    const { certificatePem, keyPem } = makeCertificate([as], Date.now(), DAYS);
    writeFileSync(certFile, certificatePem);
    writeFileSync(keyFile, keyPem);
  };
  write(name);
  return { certFile, keyFile, write };
}

async function start(changes: Partial<GatewayConfig> = {}, clock: Clock = systemClock): Promise<void> {
  const { certFile, keyFile } = certificateFiles();
  const files = { stratumTlsCertFile: certFile, stratumTlsKeyFile: keyFile };
  await gateway.start(
    { ...(changes.stratumTls === 'self-signed' ? {} : files), stratumTlsPort: 0, ...changes },
    { clock },
  );
}

const port = (): number => gateway.running.gateway.ports['stratum-tls']!;
const closes = (reason: CloseReason): number => gateway.running.gateway.tallies.closes[reason];
const metrics = (): Promise<string> => gateway.running.registry.metrics();

function adjustableClock(): Clock & { forward(seconds: number): void } {
  let aheadUs = 0;
  return { nowUs: () => systemClock.nowUs() + aheadUs, forward: (seconds) => void (aheadUs += seconds * 1e6) };
}

/** Resolves once the handshake is done; rejects when it fails. */
function shakeHands(options: ConnectionOptions = {}): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ host: '127.0.0.1', port: port(), rejectUnauthorized: false, ...options }, () => {
      socket.off('error', reject);
      resolve(socket);
    });
    socket.on('error', reject);
  });
}

async function mines(miner: TestMiner): Promise<void> {
  await miner.subscribe();
  expect(await miner.call('mining.authorize', [WORKER, 'x'])).toMatchObject({ result: true });
  await miner.until(() => miner.jobs.length > 0, 'a job');
  for (let i = 0; i < 3; i++) expect(await miner.submit(WORKER, miner.mine())).toMatchObject({ result: true });
}

describe('a TLS port', () => {
  it('is there once there is a certificate, beside the plain one, and machines mine on it', async () => {
    await start();
    const miner = gateway.over(await shakeHands());
    await mines(miner);
    await mines(await gateway.connect());
    expect(await metrics()).toContain('assay_stratum_gateway_tls_handshakes_total 1');
    const { stratumTlsCertFile: _, ...none } = { stratumTlsCertFile: '' };
    await gateway.running.stop();
    await gateway.start(none);
    expect(Object.keys(gateway.running.gateway.ports)).toEqual(['stratum']);
  });

  it('takes lines of any size, many at once', async () => {
    await start();
    const miner = gateway.over(await shakeHands());
    const long = `{"id":1,"method":"mining.ping","params":["${'i'.repeat(6000)}"]}\n`;
    miner.send(long.repeat(50));
    await miner.until(() => miner.messages.filter(({ result }) => result === 'pong').length === 50, 'all answers');
  });

  it('makes a certificate of its own, which miners can trust, and keeps it', async () => {
    const stratumTlsDir = join(root, 'own');
    const settings: Partial<GatewayConfig> = {
      stratumTls: 'self-signed',
      stratumTlsDir,
      stratumTlsNames: ['pool.example', '127.0.0.1'],
    };
    await start(settings);
    const ca = readFileSync(join(stratumTlsDir, 'stratum.crt'));
    const socket = await shakeHands({ ca, rejectUnauthorized: true, servername: 'pool.example' });
    expect(socket.authorized).toBe(true);
    socket.destroy();
    expect(statSync(join(stratumTlsDir, 'stratum.key')).mode & 0o077).toBe(0);
    await gateway.running.stop();
    await start(settings);
    await mines(gateway.over(await shakeHands({ ca, rejectUnauthorized: true, servername: 'pool.example' })));
    await expect(shakeHands({ ca, rejectUnauthorized: true, servername: 'other.example' })).rejects.toThrow('altnames');
  });

  it('shows a new certificate without a restart, and keeps the old one while the new one is none', async () => {
    const { certFile, keyFile, write } = certificateFiles('first.example');
    await start({ stratumTlsCertFile: certFile, stratumTlsKeyFile: keyFile });
    const miner = gateway.over(await shakeHands());
    await mines(miner);
    const shows = async (): Promise<string> => {
      const socket = await shakeHands();
      const { CN } = socket.getPeerCertificate().subject;
      socket.destroy();
      return String(CN);
    };
    expect(await shows()).toBe('first.example');
    write('second.example');
    await eventually(async () => (await shows()) === 'second.example', 'the new certificate');
    const expires = Date.parse(new X509Certificate(readFileSync(certFile)).validTo) / 1000;
    expect(await metrics()).toContain(`assay_stratum_gateway_tls_certificate_expires_timestamp_seconds ${expires}`);

    writeFileSync(certFile, makeCertificate(['third.example'], Date.now(), DAYS).certificatePem);
    const trouble = async (): Promise<string | undefined> => (await gateway.running.gateway.ready()).checks['tls'];
    await eventually(async () => (await trouble()) !== undefined, 'the trouble');
    expect(await trouble()).toMatch(/^the new certificate cannot be used, .* is not the private key of /);
    expect((await gateway.running.gateway.ready()).ready).toBe(true);
    expect(await metrics()).toContain('assay_stratum_gateway_tls_certificate_not_taken 1');
    expect(await shows()).toBe('second.example');

    write('fourth.example');
    await eventually(async () => (await shows()) === 'fourth.example', 'the next certificate');
    expect(await trouble()).toBeUndefined();
    // The one that was there all along goes on.
    expect(await miner.submit(WORKER, miner.mine())).toMatchObject({ result: true });
  });

  it.each([
    [{ stratumTlsKeyFile: '' }, 'ASSAY_STRATUM_TLS_CERT_FILE needs ASSAY_STRATUM_TLS_KEY_FILE'],
    [{ stratumTlsCertFile: '/nowhere' }, 'The certificate of the TLS port cannot be used: ENOENT'],
    [{ stratumTlsClients: 'required' }, 'ASSAY_STRATUM_TLS_CLIENTS=required needs ASSAY_STRATUM_TLS_CLIENT_CA_FILE'],
    [{ stratumTlsCertFile: testdata('client.key') }, 'The certificate of the TLS port cannot be used'],
  ] as const)('does not start with %j', async (changes, problem) => {
    await expect(start(changes)).rejects.toThrow(problem);
  });
});

describe('a client', () => {
  const asks = (stratumTlsClients: 'optional' | 'required'): Partial<GatewayConfig> => ({
    stratumTlsClients,
    stratumTlsClientCaFile: testdata('client-ca.crt'),
  });
  const certified = { cert: readFileSync(testdata('client.crt')), key: readFileSync(testdata('client.key')) };

  it('must show a certificate of the authority where that is required', async () => {
    await start(asks('required'));
    await mines(gateway.over(await shakeHands(certified)));
    const { certificatePem, keyPem } = makeCertificate(['acme.north'], Date.now(), DAYS);
    for (const wrong of [{}, { cert: certificatePem, key: keyPem }]) {
      // In TLS 1.3 the client is done before it is refused.
      const socket = await shakeHands(wrong).catch(() => undefined);
      if (socket === undefined) continue;
      const miner = gateway.over(socket);
      miner.send('{"id":1,"method":"mining.ping","params":[]}\n');
      await miner.until(() => miner.closed, 'the close');
      expect(miner.messages).toEqual([]);
    }
    await eventually(() => closes('tls_failed') === 2, 'both to be counted');
  });

  it('may come without one where it is optional', async () => {
    await start(asks('optional'));
    await mines(gateway.over(await shakeHands(certified)));
    await mines(gateway.over(await shakeHands()));
  });
});

describe('behind a proxy', () => {
  const trusted = { proxyProtocolFrom: ['127.0.0.0/8'] };
  const header = 'PROXY TCP4 192.0.2.55 192.0.2.1 4001 3334\r\n';

  /** What a TLS client says first. */
  async function clientHello(): Promise<Uint8Array> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const heard = new Promise<Uint8Array>((resolve) =>
      server.on('connection', (socket) => {
        socket.on('error', () => undefined);
        socket.once('data', (bytes) => {
          socket.destroy();
          resolve(bytes);
        });
      }),
    );
    connectTls({ host: '127.0.0.1', port: (server.address() as AddressInfo).port }).on('error', () => undefined);
    const bytes = await heard;
    server.close();
    return bytes;
  }

  async function plain(): Promise<Socket> {
    const socket = connect({ host: '127.0.0.1', port: port(), noDelay: true });
    socket.on('error', () => undefined);
    await new Promise<void>((resolve) => socket.once('connect', resolve));
    return socket;
  }

  it('the header comes before the handshake', async () => {
    await start(trusted);
    const socket = await plain();
    socket.write(header);
    await mines(gateway.over(await shakeHands({ socket })));
    await eventually(async () => (await gateway.running.events()).length > 1, 'the event');
    expect((await gateway.running.events()).at(-1)).toMatchObject({ remoteAddress: '192.0.2.55' });
  });

  it('the header may come in one piece with the first bytes of TLS, or without any', async () => {
    await start(trusted);
    const hello = await clientHello();
    const socket = await plain();
    socket.write(Buffer.concat([Buffer.from(header), hello]));
    const [answer] = await new Promise<Buffer>((resolve) => socket.once('data', resolve));
    expect(answer).toBe(22); // A handshake record.
    socket.destroy();
    await expect(shakeHands()).rejects.toThrow();
    await eventually(() => closes('no_proxy_header') === 1, 'the close');
  });
});

describe('those who only shake hands', () => {
  it('are closed when they say nothing, no TLS, or half of it', async () => {
    const clock = adjustableClock();
    await start({ tlsHandshakeSeconds: 1 }, clock);
    const sockets = ['', 'GET / HTTP/1.1\r\n\r\n', '\x16\x03\x01'].map((text) => {
      const socket = connect({ host: '127.0.0.1', port: port() });
      socket.on('error', () => undefined);
      socket.resume();
      if (text !== '') socket.write(text, 'latin1');
      return socket;
    });
    await eventually(() => closes('tls_failed') === 1, 'the one that is no TLS');
    clock.forward(2);
    await eventually(() => closes('tls_timeout') === 2, 'the others');
    await eventually(() => sockets.every(({ closed }) => closed), 'the close');
    expect(await metrics()).toContain('assay_stratum_gateway_tls_waiting 0');
    await mines(gateway.over(await shakeHands()));
  });

  it('wait for their turn, are all served, and are refused beyond the bound', async () => {
    await start({ tlsHandshakesPerSecond: 50, maxTlsHandshakes: 5 });
    const began = performance.now();
    const sockets = await Promise.all(Array.from({ length: 5 }, () => shakeHands()));
    // Four of them waited, each 20 ms longer than the one before.
    expect(performance.now() - began).toBeGreaterThan(70);
    for (const socket of sockets) gateway.over(socket);
    const silent = Array.from({ length: 6 }, () => connect({ host: '127.0.0.1', port: port() }));
    for (const socket of silent) socket.on('error', () => undefined);
    await eventually(() => closes('too_many_tls_handshakes') === 1, 'the refusal');
    for (const socket of silent) socket.destroy();
    await eventually(async () => (await metrics()).includes('tls_waiting 0'), 'the others to be gone');
    await mines(gateway.over(await shakeHands()));
  });

  it('and never finish take the turns of others, for a while', async () => {
    let nowUs = systemClock.nowUs();
    await start({ tlsHandshakesPerSecond: 50 }, { nowUs: () => nowUs });
    const nonsense = connect({ host: '127.0.0.1', port: port() });
    nonsense.on('error', () => undefined);
    nonsense.write('GET / HTTP/1.1\r\n\r\n');
    await eventually(() => closes('tls_failed') === 1, 'the failure');
    const good = shakeHands();
    await eventually(async () => (await metrics()).includes('tls_waiting 1'), 'the connection');
    // Four turns and its own, of 20 ms each.
    nowUs += 90_000;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await metrics()).toContain('tls_waiting 1');
    nowUs += 20_000;
    await mines(gateway.over(await good));
  });

  it('are banned when they go on', async () => {
    await start({ banPoints: 10 });
    for (let i = 0; i < 10; i++) {
      const socket = connect({ host: '127.0.0.1', port: port(), localAddress: '127.0.0.9' });
      socket.on('error', () => undefined);
      socket.write('nonsense\n');
    }
    await eventually(() => gateway.running.gateway.tallies.bans === 1, 'the ban');
    await mines(gateway.over(await shakeHands()));
  });

  it('are closed when the gateway stops', async () => {
    await start();
    const silent = connect({ host: '127.0.0.1', port: port() });
    silent.on('error', () => undefined);
    silent.resume();
    await eventually(async () => (await metrics()).includes('tls_waiting 1'), 'the connection');
    await gateway.running.stop();
    await eventually(() => silent.closed, 'the close');
    expect(closes('shutdown')).toBe(1);
  });
});
