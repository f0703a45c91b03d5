// A pool of the other algorithm: scrypt shares are proved, and its own difficulty convention holds from the miner to the answers.
import { Farm, type MachineSpec } from '@assay/sim';
import { afterEach, expect, it } from 'vitest';
import { Ledger } from './harness/ledger.ts';
import { PoolProcess } from './harness/pool-process.ts';
import { waitFor } from './harness/wait-for.ts';

/** 6.6 hashes a share: a difficulty of 1 is 65,537 hashes here, and 4,295,032,833 for sha256d. */
const DIFFICULTY = 0.0001;
const HASHES_PER_SHARE = DIFFICULTY * 65_537;
const RATE_HS = 100;
const SHARES = 200;

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
