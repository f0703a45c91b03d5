// Load on a cluster whose every part is killed, frozen or emptied in turn, and the reckoning afterwards.
import { Random } from '@assay/kernel';
import { Farm } from '@assay/sim';
import { ClusterProcesses } from '../../harness/cluster-process.ts';
import { Ledger } from '../../harness/ledger.ts';
import { loadFarm } from '../../harness/load-farm.ts';
import { LOAD_SETTINGS } from '../../harness/pool-process.ts';
import { waitFor } from '../../harness/wait-for.ts';
import type { ChaosReport, KillsOptions } from '../kills.ts';
import { ackedBeyond, pause, say } from '../progress.ts';
import { KILLED_KINDS, planBlows } from './blows.ts';
import { checkLiveState } from './live-check.ts';
import { Striker } from './strike.ts';

const DRAIN_TIMEOUT_MS = 60_000;
/** Shares that must be acknowledged after the last blow, so that every run ends on a working cluster. */
const LAST_SHARES = 100;
const KEY_PREFIX = 'assay:';

export async function runClusterKills(options: KillsOptions): Promise<{ report: ChaosReport; failed: boolean }> {
  const { seed, kills, machines, sharesPerSecond, seconds } = options;
  const random = new Random(seed);
  const blows = planBlows(random, kills);
  say(`seed ${seed}, ${kills} kills and more, ${machines} machines at ${sharesPerSecond} shares/s each`);
  const pool = await ClusterProcesses.launch({
    brokers: 3,
    settings: { gateway: LOAD_SETTINGS, graphql: { ASSAY_MIN_DIFFICULTY: LOAD_SETTINGS['ASSAY_MIN_DIFFICULTY']! } },
    onStep: say,
  });
  const { cluster } = pool;
  const ledger = new Ledger();
  const pools = cluster.stratumPorts.map((port) => ({ host: '127.0.0.1', port }));
  const farm = new Farm(loadFarm(machines, sharesPerSecond), pools, seed, { onAnswer: ledger.record });
  const striker = new Striker(cluster, random);
  const until = performance.now() + seconds * 1000;
  const wrong: string[] = [];
  let failed = true;
  try {
    for (const [i, blow] of blows.entries()) {
      // Some blows fall under full load, some while machines are still reconnecting and groups still rebalancing.
      await ackedBeyond(ledger, random.below(200));
      await pause(random.below(1500));
      say(`${i + 1} of ${blows.length}: ${await striker.strike(blow)}; ${ledger.acked} shares acknowledged`);
    }
    await striker.allAwake();
    await ackedBeyond(ledger, LAST_SHARES);
    await pause(Math.max(0, until - performance.now()));
    farm.halt();
    await waitFor('the last answers', DRAIN_TIMEOUT_MS, () => farm.unanswered === 0).catch(() => undefined);
    await cluster.untilReady().catch((error: Error) => wrong.push(error.message));
    const { rejected, rollupsEqual, ...counts } = await ledger.reconcile(pool);
    say(`rejected: ${JSON.stringify(rejected)}; kills: ${JSON.stringify(Object.fromEntries(striker.kills))}`);
    if (counts.lost > 0) wrong.push(`${counts.lost} acknowledged shares lost`);
    if (counts.duplicated > 0) wrong.push(`${counts.duplicated} shares counted twice`);
    if (counts.rows !== counts.rollupShares || !rollupsEqual) wrong.push('rollups do not equal raw shares');
    wrong.push(...(await checkLiveState(pool, cluster.redis.url, KEY_PREFIX, machines)));
    wrong.push(...KILLED_KINDS.filter((kind) => !striker.kills.has(kind)).map((kind) => `no ${kind} was killed`));
    for (const text of wrong) say(`WRONG: ${text}`);
    failed = wrong.length > 0;
    return { report: { seed, ...counts, kills: striker.totalKills }, failed };
  } finally {
    farm.stop();
    await striker.allAwake();
    if (failed) {
      sayOutputs(pool);
      say(`all that the services said is in ${await pool.disposeButLogs()}`);
    } else {
      const forced = await pool.dispose();
      if (forced.length > 0) say(`did not stop by themselves: ${forced.join(', ')}`);
    }
  }
}

/** What the services said last, for whoever has to find out why. */
function sayOutputs({ cluster }: ClusterProcesses): void {
  for (const { name, process } of cluster.services) say(`${name} said last:\n${process.output.slice(-3000)}`);
}
