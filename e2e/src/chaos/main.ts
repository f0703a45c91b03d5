// npm run chaos -- [--seed N] [--kills N] [--json]: kills the pool (-9) again and again in the middle of load and then compares
// every acknowledged share with ClickHouse. Ends with status 1 when one is lost or counted twice.
import { parseArgs } from 'node:util';
import { Random } from '@assay/kernel';
import { Farm } from '@assay/sim';
import { Ledger } from '../harness/ledger.ts';
import { loadFarm } from '../harness/load-farm.ts';
import { LOAD_SETTINGS, PoolProcess } from '../harness/pool-process.ts';
import { waitFor } from '../harness/wait-for.ts';

const MACHINES = 60;
const SHARES_PER_SECOND = 10;
const DRAIN_TIMEOUT_MS = 30_000;

const { values } = parseArgs({
  options: { seed: { type: 'string', default: '1' }, kills: { type: 'string', default: '20' }, json: { type: 'boolean', default: false } },
});
const seed = Number(values.seed);
const kills = Number(values.kills);
if (!Number.isInteger(seed) || !Number.isInteger(kills) || kills < 0) throw new Error('--seed and --kills take whole numbers');

const random = new Random(seed);
const say = (text: string): void => void process.stderr.write(`chaos: ${text}\n`);
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

say(`seed ${seed}, ${kills} kills, ${MACHINES} machines at ${SHARES_PER_SECOND} shares/s each`);
const pool = await PoolProcess.launch(LOAD_SETTINGS);
const ledger = new Ledger();
const farm = new Farm(loadFarm(MACHINES, SHARES_PER_SECOND), { host: '127.0.0.1', port: pool.ports.stratum }, seed, { onAnswer: ledger.record });
let failed = true;
try {
  for (let kill = 1; kill <= kills; kill++) {
    const acked = ledger.acked;
    // Some kills strike under full load, some while machines are still reconnecting, some while ClickHouse catches up.
    await waitFor('acknowledged shares', 60_000, () => ledger.acked > acked + random.below(500));
    await pause(random.below(1500));
    await pool.kill();
    say(`kill ${kill} at ${ledger.acked} acknowledged shares`);
    await pool.start();
  }
  const acked = ledger.acked;
  await waitFor('acknowledged shares', 60_000, () => ledger.acked > acked + 500);
  farm.stop();
  await waitFor('the last answers', DRAIN_TIMEOUT_MS, () => farm.unanswered === 0).catch(() => undefined);
  const result = await ledger.reconcile(pool);
  failed = result.lost > 0 || result.duplicated > 0 || result.rows !== result.rollupShares || !result.rollupsEqual;
  say(`rejected: ${JSON.stringify(result.rejected)}; rollups equal raw shares: ${result.rollupsEqual}`);
  const { acked: told, rows, distinct, rollupShares, lost, duplicated } = result;
  const report = { seed, acked: told, rows, distinct, rollupShares, lost, duplicated, kills };
  process.stdout.write((values.json ? JSON.stringify(report) : `${failed ? 'FAILED' : 'passed'}: ${JSON.stringify(report)}`) + '\n');
} finally {
  farm.stop();
  if (failed) say(`the pool's last output:\n${pool.output.slice(-4000)}`);
  await pool.dispose();
}
process.exit(failed ? 1 : 0);
