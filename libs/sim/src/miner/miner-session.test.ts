import { hexFromBytes, hexFromUint32 } from '@assay/kernel';
import { meetsTarget, sealJob, targetFromDifficulty } from '@assay/mining';
import { createProver } from '@assay/pow';
import { describe, expect, it } from 'vitest';
import { MinerSession } from './miner-session.ts';
import { NonceSearch } from './nonce-search.ts';

const IDENTITY = {
  username: 't.s.m',
  password: 'x',
  userAgent: 'miner/1',
  algorithm: 'sha256d',
  versionMask: 0x1fffe000,
} as const;
const DIFFICULTY = 0.000001;

const job = sealJob({
  algorithm: 'sha256d',
  prevHash: Uint8Array.from({ length: 32 }, (_, i) => i),
  coinbase1: new Uint8Array(90).fill(7),
  coinbase2: new Uint8Array(60).fill(9),
  merkleBranches: new Uint8Array(64).fill(3),
  version: 0x20000000,
  nbits: 0x1d00ffff,
  ntime: 1_700_000_000,
});

/** The notify a pool sends for the job: previous hash with every word swapped. */
function notify(clean: boolean): string {
  const prevHash = Buffer.from(job.prevHash).swap32().toString('hex');
  const branches = [job.merkleBranches.subarray(0, 32), job.merkleBranches.subarray(32)].map(hexFromBytes);
  const params = [
    'j1',
    prevHash,
    hexFromBytes(job.coinbase1),
    hexFromBytes(job.coinbase2),
    branches,
    '20000000',
    '1d00ffff',
    hexFromUint32(job.ntime),
    clean,
  ];
  return JSON.stringify({ id: null, method: 'mining.notify', params });
}

function connected(): MinerSession {
  const session = new MinerSession(IDENTITY);
  session.open();
  session.receive('{"id":1,"result":{"version-rolling":true,"version-rolling.mask":"1fffe000"},"error":null}');
  session.receive('{"id":2,"result":[[["mining.notify","s"]],"0a0b0c0d",8],"error":null}');
  session.receive(`{"id":null,"method":"mining.set_difficulty","params":[${DIFFICULTY}]}`);
  return session;
}

describe('miner session', () => {
  it('asks for version rolling, subscribes and authorizes', () => {
    const sent = new MinerSession(IDENTITY)
      .open()
      .map((line) => JSON.parse(line) as { method: string; params: unknown[] });
    expect(sent.map(({ method }) => method)).toEqual(['mining.configure', 'mining.subscribe', 'mining.authorize']);
    expect(sent[2]!.params).toEqual(['t.s.m', 'x']);
  });

  it('has no work before the first job', () => {
    expect(connected().work()).toBeUndefined();
  });

  it('finds shares that the reference proves from the submitted fields alone', () => {
    const session = connected();
    expect(session.receive(notify(true)).news).toEqual([{ type: 'job', clean: true }]);
    const work = session.work()!;
    let found = -1;
    const spent = new NonceSearch(createProver('sha256d')).search(
      work.header,
      work.target,
      0xfffffff0,
      100_000,
      (nonce) => {
        found = nonce;
        return false;
      },
    );
    expect(spent).toBeLessThan(100_000);
    const line = JSON.parse(session.submit(work, found)!) as { id: number; params: string[] };
    const [, , extranonce2, ntime, nonce, bits] = line.params as [string, string, string, string, string, string];
    const extranonce = Buffer.from('0a0b0c0d' + extranonce2, 'hex');
    const hash = new Uint8Array(32);
    createProver('sha256d', 'reference').hash(
      {
        count: 1,
        job: Int32Array.of(0),
        jobs: [job],
        extranonce: { offsets: Int32Array.of(0, extranonce.length), bytes: extranonce },
        version: Uint32Array.of((job.version & ~0x1fffe000) | Number.parseInt(bits, 16)),
        ntime: Uint32Array.of(Number.parseInt(ntime, 16)),
        nonce: Uint32Array.of(Number.parseInt(nonce, 16)),
      },
      hash,
    );
    expect(meetsTarget(hash, 0, targetFromDifficulty(DIFFICULTY, 'sha256d'))).toBe(true);
    const { news } = session.receive(`{"id":${line.id},"result":true,"error":null}`);
    expect(news).toMatchObject([{ type: 'answer', answer: { accepted: true, nonce: found, username: 't.s.m' } }]);
    expect(() => session.receive(`{"id":${line.id},"result":true,"error":null}`)).toThrow('twice');
  });

  it('keeps the error of a rejected share', () => {
    const session = connected();
    session.receive(notify(true));
    const line = JSON.parse(session.submit(session.work()!, 1)!) as { id: number };
    const { news } = session.receive(`{"id":${line.id},"result":null,"error":[23,"low difficulty",null]}`);
    expect(news).toMatchObject([{ type: 'answer', answer: { accepted: false, error: '[23,"low difficulty",null]' } }]);
  });

  it('answers get_version and ping', () => {
    const session = connected();
    expect(session.receive('{"id":9,"method":"client.get_version","params":[]}').send).toEqual([
      '{"id":9,"result":"miner/1","error":null}\n',
    ]);
    expect(session.receive('{"id":10,"method":"mining.ping","params":[]}').send).toEqual([
      '{"id":10,"result":"pong","error":null}\n',
    ]);
  });
});
