// Load on a pool that is killed at random moments, and the reckoning afterwards.
import { Random } from '@assay/kernel';
import { Farm } from '@assay/sim';
import { Ledger } from '../harness/ledger.ts';
import { loadFarm } from '../harness/load-farm.ts';
import { LOAD_SETTINGS, PoolProcess } from '../harness/pool-process.ts';
import { waitFor } from '../harness/wait-for.ts';
import { ackedBeyond, pause, say } from './progress.ts';

export interface KillsOptions {
  readonly seed: number;
  readonly kills: number;
  readonly machines: number;
  /** Of each machine, on average. */
  readonly sharesPerSecond: number;
  /** How long the load lasts at least. */
  readonly seconds: number;
}

export interface ChaosReport {
  readonly seed: number;
  readonly acked: number;
  readonly rows: number;
  readonly distinct: number;
  readonly rollupShares: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly kills: number;
}

const DRAIN_TIMEOUT_MS = 30_000;
/** Shares that must be acknowledged after the last kill, so that every run ends on a working pool. */
const LAST_SHARES = 100;

export async function runKills(options: KillsOptions): Promise<{ report: ChaosReport; failed: boolean }> {
  const { seed, kills, machines, sharesPerSecond, seconds } = options;
  const random = new Random(seed);
  say(`seed ${seed}, ${kills} kills, ${machines} machines at ${sharesPerSecond} shares/s each`);
  const pool = await PoolProcess.launch(LOAD_SETTINGS);
  const ledger = new Ledger();
  const farm = new Farm(loadFarm(machines, sharesPerSecond), { host: '127.0.0.1', port: pool.ports.stratum }, seed, {
    onAnswer: ledger.record,
  });
  const until = performance.now() + seconds * 1000;
  let failed = true;
  try {
    for (let kill = 1; kill <= kills; kill++) {
      // Some kills strike under full load, some while machines are still reconnecting, some while ClickHouse catches up.
      await ackedBeyond(ledger, random.below(500));
      await pause(random.below(1500));
      await pool.kill();
      say(`kill ${kill} at ${ledger.acked} acknowledged shares`);
      await pool.start();
    }
    await ackedBeyond(ledger, LAST_SHARES);
    await pause(Math.max(0, until - performance.now()));
    farm.halt();
    await waitFor('the last answers', DRAIN_TIMEOUT_MS, () => farm.unanswered === 0).catch(() => undefined);
    const { rejected, rollupsEqual, ...counts } = await ledger.reconcile(pool);
    say(`rejected: ${JSON.stringify(rejected)}; rollups equal raw shares: ${rollupsEqual}`);
    failed = counts.lost > 0 || counts.duplicated > 0 || counts.rows !== counts.rollupShares || !rollupsEqual;
    return { report: { seed, ...counts, kills }, failed };
  } finally {
    farm.stop();
    if (failed) say(`the pool's last output:\n${pool.output.slice(-4000)}`);
    await pool.dispose();
  }
}
