// Nothing is kept back: of machines that mine through the gateway a pool credits the same as of machines that mine at it directly, each
// under its own name, and every share they find that the pool pays for, to the share.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createHash } from 'node:crypto';
import { ALGORITHMS, difficultyFromHash } from '@assay/mining';
import { CountingPool, Farm, type MachineEvents, type MachineSpec } from '@assay/sim';
import { PoolProcess } from '../harness/pool-process.ts';
import { waitFor } from '../harness/wait-for.ts';

const MACHINES = 20;
const SECONDS = 25;
const POOL_DIFFICULTY = 2e-7;
const SHARES_PER_SECOND = 4;
/** A chance of one in 150,000 for a machine that is treated as it should be. */
const SIGMAS = 4.5;

let pool: CountingPool;
let gateway: PoolProcess;
let dir: string;

beforeAll(async () => {
  pool = new CountingPool({ difficulty: POOL_DIFFICULTY });
  await pool.start();
  dir = mkdtempSync(join(tmpdir(), 'assay-no-skim-'));
  const endpoint = { url: `stratum+tcp://127.0.0.1:${pool.port}`, user: '{worker}', baseUser: 'farm' };
  writeFileSync(join(dir, 'jobs.json'), JSON.stringify({ sources: { main: { type: 'pool', endpoints: [endpoint] } } }));
  gateway = await PoolProcess.launch({
    ASSAY_JOBS_FILE: join(dir, 'jobs.json'),
    ASSAY_MIN_DIFFICULTY: '0.00000001',
    // Well below what the pool asks for, so that most shares are ours alone.
    ASSAY_START_DIFFICULTY: '0.00000005',
    ASSAY_START_DIFFICULTY_ROLLING: '0.00000005',
    ASSAY_SHARES_PER_MINUTE: '600',
  });
});

afterAll(async () => {
  await gateway?.dispose();
  await pool?.stop();
  rmSync(dir, { recursive: true, force: true });
});

it('of a machine behind the gateway the pool credits what it credits of one at its own door', async () => {
  const found = new Map<string, string>();
  const events: MachineEvents = {
    onAnswer: ({ work, nonce, username, accepted }) => {
      const { hash, difficulty } = proof(work.header, nonce);
      if (accepted && difficulty >= POOL_DIFFICULTY) found.set(hash, username);
    },
  };
  const direct = new Farm(specs('direct'), { host: '127.0.0.1', port: pool.port }, 5);
  const proxied = new Farm(specs('proxied'), { host: '127.0.0.1', port: gateway.ports.stratum }, 6, events);
  await new Promise((resolve) => setTimeout(resolve, SECONDS * 1000));
  direct.halt();
  proxied.halt();
  await waitFor('all answers', 10_000, async () => direct.unanswered + proxied.unanswered === 0);

  const credits = new Map<string, number>();
  for (const { account } of pool.credited.values()) credits.set(account, (credits.get(account) ?? 0) + 1);
  direct.stop();
  proxied.stop();

  // To the share, and under the name of the machine that found it.
  const proxiedCredits = [...pool.credited.values()].filter(({ account }) => account.startsWith('proxied.'));
  expect(new Map(proxiedCredits.map(({ hash, account }) => [hash, account]))).toEqual(found);
  expect(pool.faults).toBe(0);

  // And as much as at the pool's own door, machine by machine, within what chance allows two machines of one rate.
  let [sumDirect, sumProxied] = [0, 0];
  for (let i = 0; i < MACHINES; i++) {
    const [one, other] = [credits.get(nameOf('direct', i)) ?? 0, credits.get(nameOf('proxied', i)) ?? 0];
    expect(Math.abs(one - other), `machine ${i}: ${one} directly, ${other} through the gateway`).toBeLessThanOrEqual(
      SIGMAS * Math.sqrt(one + other),
    );
    sumDirect += one;
    sumProxied += other;
  }
  expect(Math.abs(sumDirect - sumProxied)).toBeLessThanOrEqual(SIGMAS * Math.sqrt(sumDirect + sumProxied));
  expect(sumProxied).toBeGreaterThan((MACHINES * SECONDS * SHARES_PER_SECOND) / 2);
});

function nameOf(tenant: string, i: number): string {
  return `${tenant}.site.m${i}`;
}

function specs(tenant: string): MachineSpec[] {
  const hashRateHs = POOL_DIFFICULTY * ALGORITHMS.sha256d.hashesPerDifficulty * SHARES_PER_SECOND;
  return Array.from({ length: MACHINES }, (_, i) => ({
    algorithm: 'sha256d',
    username: nameOf(tenant, i),
    password: 'x',
    userAgent: 'no-skim/1.0',
    versionMask: i % 2 === 0 ? 0x1fffe000 : 0,
    hashRateHs,
    ailment: { type: 'healthy' },
  }));
}

function proof(header: Uint8Array, nonce: number): { readonly hash: string; readonly difficulty: number } {
  const full = Buffer.from(header);
  full.writeUInt32LE(nonce >>> 0, 76);
  const once = createHash('sha256').update(full).digest();
  const hash = createHash('sha256').update(once).digest();
  return { hash: Buffer.from(hash).reverse().toString('hex'), difficulty: difficultyFromHash(hash, 0, 'sha256d') };
}
