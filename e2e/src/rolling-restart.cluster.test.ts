// An update of every service, one process after the other, under load: what an orchestrator does with a new version. Miners are asked to
// reconnect and are told nothing worse; no share is lost, none counts twice.
import { Farm } from '@assay/sim';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ackedBeyond } from './chaos/progress.ts';
import { ClusterProcesses } from './harness/cluster-process.ts';
import { Ledger } from './harness/ledger.ts';
import { loadFarm } from './harness/load-farm.ts';
import { LOAD_SETTINGS } from './harness/pool-process.ts';
import { waitFor } from './harness/wait-for.ts';

const MACHINES = 30;
const SHARES_PER_SECOND = 5;
const SHARES_BETWEEN = 100;
const DRAIN_TIMEOUT_MS = 30_000;

describe('a rolling restart', () => {
  let pool: ClusterProcesses;
  beforeAll(async () => {
    const graphql = { ASSAY_MIN_DIFFICULTY: LOAD_SETTINGS['ASSAY_MIN_DIFFICULTY']! };
    pool = await ClusterProcesses.launch({ settings: { gateway: LOAD_SETTINGS, graphql } });
  });
  afterAll(() => pool.dispose());

  it('shows miners a reconnect at most, and loses nothing', { timeout: 300_000 }, async () => {
    const ledger = new Ledger();
    const pools = pool.cluster.stratumPorts.map((port) => ({ host: '127.0.0.1', port }));
    const farm = new Farm(loadFarm(MACHINES, SHARES_PER_SECOND), pools, 1, { onAnswer: ledger.record });
    try {
      for (const { name, process } of pool.cluster.services) {
        await ackedBeyond(ledger, SHARES_BETWEEN);
        expect([name, await process.stop()]).toEqual([name, true]);
        expect([name, process.ended]).toEqual([name, 0]);
        await process.start();
        await pool.cluster.untilReady();
      }
      await ackedBeyond(ledger, SHARES_BETWEEN);
      farm.halt();
      await waitFor('the last answers', DRAIN_TIMEOUT_MS, () => farm.unanswered === 0);
      const { acked, rows, distinct, rollupShares, lost, duplicated, rejected, rollupsEqual } =
        await ledger.reconcile(pool);
      expect({ lost, duplicated, rejected, rollupsEqual }).toEqual({
        lost: 0,
        duplicated: 0,
        rejected: {},
        rollupsEqual: true,
      });
      expect(acked).toBeGreaterThan(SHARES_BETWEEN * pool.cluster.services.length);
      expect(rows).toBeGreaterThanOrEqual(acked);
      expect([distinct, rollupShares]).toEqual([rows, rows]);
    } finally {
      farm.stop();
    }
  });
});
