// The other algorithm, on the pool's port or beside sha256d on one of its own: scrypt shares are proved, and its own difficulty convention
// holds from the miner to the answers.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Farm, type MachineSpec } from '@assay/sim';
import { afterEach, expect, it } from 'vitest';
import { CpuMiner, type CpuMinerOptions } from './harness/cpu-miner.ts';
import { Ledger } from './harness/ledger.ts';
import { freePorts, PoolProcess } from './harness/pool-process.ts';
import { waitFor } from './harness/wait-for.ts';

/** 6.6 hashes a share: a difficulty of 1 is 65,537 hashes here, and 4,295,032,833 for sha256d. */
const DIFFICULTY = 0.0001;
const HASHES_PER_SHARE = DIFFICULTY * 65_537;
const RATE_HS = 100;
const SHARES = 200;
/** By miners that hash with node:crypto, at 85,901 hashes a share for sha256d. */
const SHARES_EACH = 6;

let pool: PoolProcess | undefined;
let farm: Farm | undefined;

afterEach(async () => {
  farm?.stop();
  await pool?.dispose();
});

it('takes, proves and measures scrypt shares', async () => {
  const difficulty = String(DIFFICULTY);
  pool = await PoolProcess.launch({
    ASSAY_ALGORITHM: 'scrypt',
    ASSAY_MIN_DIFFICULTY: difficulty,
    ASSAY_MAX_DIFFICULTY: difficulty,
  });
  const ledger = new Ledger();
  const machines = ['acme.north.s1', 'acme.north.s2'].map((username): MachineSpec => ({
    algorithm: 'scrypt',
    username,
    password: 'x',
    userAgent: 'scrypt/1.0',
    versionMask: 0,
    hashRateHs: RATE_HS,
    ailment: { type: 'healthy' },
  }));
  const beganMs = performance.now();
  farm = new Farm(machines, { host: '127.0.0.1', port: pool.ports.stratum }, 1, { onAnswer: ledger.record });
  const mining = farm;
  await waitFor('shares', 120_000, () => ledger.acked >= SHARES);
  const seconds = (performance.now() - beganMs) / 1000;
  mining.halt();
  await waitFor('the last answers', 30_000, () => mining.unanswered === 0);

  const { rejected, lost, duplicated, rollupsEqual, rows } = await ledger.reconcile(pool);
  expect({ rejected, lost, duplicated, rollupsEqual }).toEqual({ rejected: {}, lost: 0, duplicated: 0, rollupsEqual: true }); // prettier-ignore
  const [totals] = await pool.sql<{ work: number; algorithm: string }>(
    'SELECT toFloat64(sum(work)) AS work, toString(any(algorithm)) AS algorithm FROM assay.rollup_1m',
  );
  expect(totals).toEqual({ work: Number((rows * DIFFICULTY).toFixed(4)), algorithm: 'scrypt' });
  const { workers } = await pool.graphql<{ workers: { nodes: { hashRate: { low: number; high: number } }[] } }>(
    '{ workers { nodes { hashRate(window: H1) { low high } } } }',
  );
  // The miners may have had less of the processor than they wanted: what they did is known from the shares.
  const doneHs = (rows * HASHES_PER_SHARE) / machines.length / seconds;
  for (const { hashRate } of workers.nodes) {
    expect(hashRate.low).toBeLessThan(2 * doneHs);
    expect(hashRate.high).toBeGreaterThan(doneHs / 2);
  }
  expect(workers.nodes).toHaveLength(2);
});

it('takes scrypt and sha256d side by side, each on its port, by its own difficulty', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'assay-scrypt-'));
  const miners: CpuMiner[] = [];
  try {
    const [port] = (await freePorts(1)) as [number];
    const jobsFile = join(dir, 'jobs.json');
    writeFileSync(
      jobsFile,
      JSON.stringify({
        sources: { sha: { type: 'local' }, ltc: { type: 'local', algorithm: 'scrypt' } },
        default: 'sha',
        ports: [{ name: 'scrypt', port, algorithm: 'scrypt', source: 'ltc' }],
      }),
    );
    // One difficulty for both: 1.3 hashes a share by scrypt pools' convention, 85,901 by bitcoin's.
    const difficulty = 0.00002;
    const running = (pool = await PoolProcess.launch({
      ASSAY_JOBS_FILE: jobsFile,
      ASSAY_MIN_DIFFICULTY: String(difficulty),
      ASSAY_MAX_DIFFICULTY: String(difficulty),
    }));
    const mine = (options: Omit<CpuMinerOptions, 'submits' | 'password'>): CpuMiner => {
      const miner = new CpuMiner({ ...options, password: 'x', submits: SHARES_EACH });
      miners.push(miner);
      return miner;
    };
    const scrypt = mine({ port, algorithm: 'scrypt', user: 'acme.north.s1' });
    const sha256d = mine({ port: running.ports.stratum, user: 'acme.north.a1' });
    await waitFor('all answers', 120_000, () => miners.every(({ replies }) => replies.length === SHARES_EACH));
    expect(miners.map(({ accepted, rejected }) => [accepted, rejected])).toEqual([[SHARES_EACH, 0], [SHARES_EACH, 0]]); // prettier-ignore
    expect(miners.map((miner) => miner.difficulty)).toEqual([difficulty, difficulty]);
    expect(scrypt.hashes).toBeLessThan(SHARES_EACH * 1.3 * 8);
    expect(sha256d.hashes).toBeGreaterThan((SHARES_EACH * 85_901) / 20);
    const rows = await waitFor('the rows', 60_000, async () => {
      const found = await running.sql<{ shares: number }>(
        'SELECT worker, toString(algorithm) AS algorithm, toFloat64(sum(work)) AS work, toUInt32(sum(accepted)) AS shares FROM assay.rollup_1m GROUP BY worker, algorithm ORDER BY worker',
      );
      return found.reduce((sum, { shares }) => sum + shares, 0) === 2 * SHARES_EACH && found;
    });
    expect(rows).toEqual([
      {
        worker: 'acme.north.a1',
        algorithm: 'sha256d',
        work: Number((SHARES_EACH * difficulty).toFixed(8)),
        shares: SHARES_EACH,
      },
      {
        worker: 'acme.north.s1',
        algorithm: 'scrypt',
        work: Number((SHARES_EACH * difficulty).toFixed(8)),
        shares: SHARES_EACH,
      },
    ]);
  } finally {
    for (const miner of miners) miner.close();
    rmSync(dir, { recursive: true, force: true });
  }
});
