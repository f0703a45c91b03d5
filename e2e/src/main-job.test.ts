// The main job, end to end, on the built pool: a miner that shares no code with it mines, and a person sees it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CpuMiner } from './harness/cpu-miner.ts';
import { PoolProcess } from './harness/pool-process.ts';
import { waitFor } from './harness/wait-for.ts';

const USER = 'acme.north.r1.cpu-1';
const SUBMITS = 15;

interface WorkerRow {
  name: string;
  tenant: string;
  site: string;
  status: string;
  userAgent: string;
  expectedHashRate: number | null;
  shares: { accepted: number; rejected: number; invalidFraction: number | null };
  uptime: number | null;
  hashRate: { hashRate: number; low: number; high: number } | null;
}

const WORKER = `query ($name: String!) { worker(name: $name) {
  name tenant site status userAgent expectedHashRate uptime hashRate(window: M1) { hashRate low high }
  shares { accepted rejected invalidFraction }
} }`;

describe('a miner nobody here wrote', () => {
  let pool: PoolProcess;
  let miner: CpuMiner;

  beforeAll(async () => {
    pool = await PoolProcess.launch();
    miner = new CpuMiner({
      port: pool.ports.stratum,
      user: USER,
      password: 'x,d=0.00001,rate=40k',
      submits: SUBMITS,
      hashRateHs: 200_000,
    });
  });
  afterAll(async () => {
    miner.close();
    await pool.dispose();
  });

  it('has every share accepted', async () => {
    await waitFor('every submit to be answered', 60_000, () => miner.accepted + miner.rejected === SUBMITS);
    expect(miner.replies).toEqual(Array.from({ length: SUBMITS }, () => ({ id: 4, result: true, error: null })));
    expect(miner.difficulty).toBeGreaterThanOrEqual(0.00001);
  });

  it('stands in the table within five seconds, with what its password said', async () => {
    const since = performance.now();
    const worker = await waitFor('the worker and its shares in GraphQL', 10_000, async () => {
      const { worker } = await pool.graphql<{ worker: WorkerRow | null }>(WORKER, { name: USER });
      return worker && worker.shares.accepted === SUBMITS ? worker : undefined;
    });
    expect(performance.now() - since).toBeLessThan(5_000);
    expect(worker).toMatchObject({
      name: USER,
      tenant: 'acme',
      site: 'north',
      status: 'ONLINE',
      userAgent: 'cpuminer/2.5.1',
      expectedHashRate: 40_000,
    });
    expect(worker.shares).toMatchObject({ rejected: 0, invalidFraction: 0 });
  });

  it('has every share in ClickHouse, proved, exactly once, and the rollup agrees', async () => {
    const rows = await pool.sql<{ verdict: string; hash: string; difficulty: number; share_difficulty: number }>(
      'SELECT verdict, hash, difficulty, share_difficulty FROM assay.shares WHERE worker = {worker:String}',
      { worker: USER },
    );
    expect(rows).toHaveLength(SUBMITS);
    expect(new Set(rows.map((row) => row.hash)).size).toBe(SUBMITS);
    for (const row of rows) {
      expect(row.verdict).toBe('accepted');
      expect(row.share_difficulty).toBeGreaterThanOrEqual(row.difficulty);
    }
    const [rolled] = await pool.sql<{ accepted: string }>(
      'SELECT sum(accepted) AS accepted FROM assay.rollup_1m WHERE worker = {worker:String}',
      { worker: USER },
    );
    expect(Number(rolled?.accepted)).toBe(SUBMITS);
  });

  it('is found again after a clean stop and a second start', async () => {
    expect(await pool.stop()).toBe(0);
    await pool.start();
    const { worker } = await pool.graphql<{ worker: WorkerRow | null }>(WORKER, { name: USER });
    expect(worker).toMatchObject({ name: USER, status: 'OFFLINE', shares: { accepted: SUBMITS, rejected: 0 } });
  });
});
