import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { eventually } from '../testing/fixture.ts';
import { UpstreamLab } from '../testing/upstream-lab.ts';
import { makeCertificate } from '../tls/own-certificate.ts';
import { readPoolUrl } from './pool-settings.ts';

let dir: string;
let lab: UpstreamLab;
const { certificatePem: cert, keyPem: key } = makeCertificate(['127.0.0.1'], Date.now(), 1);
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'assay-upstream-tls-'));
  writeFileSync(join(dir, 'ca.pem'), cert);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));
beforeEach(() => void (lab = new UpstreamLab()));
afterEach(() => lab.end());

async function begin(options: string): Promise<void> {
  const pool = await lab.pool({ tls: { key, cert } });
  lab.begin({ endpoints: [{ url: `stratum+ssl://127.0.0.1:${pool.port}${options}`, user: 'farm' }] });
}

it('mines over TLS with a certificate of its own file', async () => {
  await begin(`?ca=${encodeURIComponent(join(dir, 'ca.pem'))}`);
  await lab.job();
  expect((await lab.settled(lab.mine()))[0]).toMatchObject({ verdict: 'accepted' });
});

it('trusts nobody it does not know', async () => {
  await begin('');
  await eventually(() => lab.aways.length > 0, 'the refusal');
  expect(lab.aways[0]).toMatch(/self[- ]signed certificate/);
  expect(lab.pools[0]!.submits).toBe(0);
});

it('unless it is told to', async () => {
  await begin('?verify=no');
  await lab.job();
});

it('says which file cannot be read', async () => {
  await begin('?ca=/nowhere/ca.pem');
  await eventually(() => lab.aways.length > 0, 'the refusal');
  expect(lab.aways[0]).toContain('/nowhere/ca.pem');
});

it.each([
  ['stratum+tcp://pool.example:3333', { host: 'pool.example', port: 3333, tls: undefined }],
  ['stratum+tls://[::1]:3334', { host: '::1', port: 3334, tls: { verify: true, caFile: '' } }],
  ['ssl://pool.example:443/?verify=no', { host: 'pool.example', port: 443, tls: { verify: false, caFile: '' } }],
  ['http://pool.example:3333', 'must begin with stratum+tcp://, stratum+ssl:// or stratum+tls://'],
  ['stratum+tcp://pool.example', 'must name host and port'],
  ['stratum+tcp://me:x@pool.example:1', 'must not hold user or password: they have fields of their own'],
  ['stratum+tcp://pool.example:1?verify=no', 'has options of TLS but no TLS'],
  ['stratum+ssl://pool.example:1?verfy=no', 'has an option verfy, and only verify and ca are known'],
  ['stratum+ssl://pool.example:1?verify=maybe', 'has verify neither yes nor no'],
  ['pool', 'is no URL such as stratum+tcp://pool.example:3333'],
])('reads %s', (url, expected) => expect(readPoolUrl(url)).toEqual(expected));
