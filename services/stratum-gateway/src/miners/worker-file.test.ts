import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { assert } from '@assay/kernel';
import { fastHash, formatSecretHash, matchesFast, parseSecretHash } from '@assay/tenancy';
import { gatewayFixture } from '../testing/fixture.ts';
import { parseWorkerFile, readWorkerFile } from './worker-file.ts';

const dir = mkdtempSync(join(tmpdir(), 'assay-workers-'));
afterAll(() => rmSync(dir, { recursive: true }));

describe('parseWorkerFile', () => {
  it('reads workers with rates and secrets', () => {
    const known = parseWorkerFile(
      'w.json',
      '[{"worker":"a.b.c","expectedHashRate":"100TH/s"},{"worker":"a.d","secret":"s"}]',
    );
    expect(known.get('a.b.c')).toEqual({ expectedHashRateHs: 100e12, secret: undefined });
    const { secret } = known.get('a.d')!;
    assert(secret?.kind === 'sha256', 'a plain secret is kept hashed');
    expect([matchesFast(secret, 's'), matchesFast(secret, 't')]).toEqual([true, false]);
  });

  it('reads hashes, one object for all workers that share one', () => {
    const text = formatSecretHash(fastHash('s'));
    const known = parseWorkerFile(
      'w.json',
      JSON.stringify([
        { worker: 'a.b', secretHash: text },
        { worker: 'a.c', secretHash: text },
      ]),
    );
    expect(known.get('a.b')!.secret).toEqual(parseSecretHash(text));
    expect(known.get('a.b')!.secret).toBe(known.get('a.c')!.secret);
  });

  it.each([
    ['{', 'is not JSON'],
    ['{}', 'the file: Invalid input'],
    ['[{"worker":"a b"}]', '0.worker: is no worker name'],
    ['[{"worker":"a","expectedHashRate":"fast"}]', '0.expectedHashRate: is no hash rate such as 100T'],
    ['[{"worker":"a","colour":"red"}]', '0: Unrecognized key: "colour"'],
    ['[{"worker":"a"},{"worker":"a"}]', 'names a twice'],
    ['[{"worker":"a","secretHash":"md5$x$y"}]', '0.secretHash: is no hash that npm run hash-secret prints'],
    [
      `[{"worker":"a","secret":"s","secretHash":"sha256$${'a'.repeat(22)}$${'a'.repeat(43)}"}]`,
      'has both a secret and',
    ],
  ])('says of %s: %s', (text, problem) => {
    expect(() => parseWorkerFile('w.json', text)).toThrow(problem);
    expect(() => parseWorkerFile('w.json', text)).toThrow('ASSAY_WORKERS_FILE=w.json');
  });

  it('names a file that is not there', () => {
    expect(() => readWorkerFile(join(dir, 'none.json'))).toThrow(/ASSAY_WORKERS_FILE=.*none.json cannot be read/);
    expect(readWorkerFile('').size).toBe(0);
  });
});

describe('a worker with a secret', () => {
  const gateway = gatewayFixture();

  it('must give it, besides its options', async () => {
    const workersFile = join(dir, 'workers.json');
    writeFileSync(workersFile, '[{"worker":"acme.safe","secret":"s3,cret","expectedHashRate":"5G"}]');
    const { events } = await gateway.start({ workersFile });
    const miner = await gateway.connect();
    await miner.subscribe();
    for (const password of ['x', '', 's3', 's3,cret2']) {
      expect(await miner.call('mining.authorize', ['acme.safe', password])).toMatchObject({
        result: false,
        error: [24, 'Wrong password', null],
      });
    }
    expect(await miner.call('mining.authorize', ['acme.safe', 's3,d=1,cret'])).toMatchObject({ result: true });
    expect(await miner.call('mining.authorize', ['acme.other', 'anything'])).toMatchObject({ result: true });
    await gateway.running.stop();
    expect(await events()).toContainEqual(
      expect.objectContaining({ type: 'authorized', worker: 'acme.safe', expectedHashRateHs: 5e9 }),
    );
  });

  it('stops the start when the file is bad, with nothing left running', async () => {
    const workersFile = join(dir, 'bad.json');
    writeFileSync(workersFile, '[{"worker":""}]');
    await expect(gateway.start({ workersFile })).rejects.toThrow('0.worker: is no worker name');
  });
});
