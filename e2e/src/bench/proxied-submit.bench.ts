// What mining at an upstream pool adds to a submit, and how soon the pool's job reaches everybody. Two gateways in turns, one with jobs of
// its own, one with those of a pool that proves every share; 1,000 machines each, at the pace of real ones. A machine is answered when its
// share is in the log: the pool's verdict is not waited for.
import { assert } from '@assay/kernel';
import { BenchProcess } from './bench-process.ts';
import type { BenchRow } from './bench-row.ts';
import { SUBMIT_SETTINGS } from './gateway-submit.bench.ts';
import { openMiners } from './ready-miner.ts';
import { summarizeRounds, type Round } from './round-summary.ts';
import { mineSubmits, PacedLoad } from './submit-load.ts';

const MACHINES = 1000;
/** A share of a machine every three seconds, as vardiff has it. */
const SHARES_PER_SECOND = MACHINES / 3;
const ROUND_SHARES = 2000;
const WARM_UPS = 1;
const ROUNDS = 7;
/** One share in ten is good enough for the pool: far more than a pool wants of a real farm. */
const POOL_DIFFICULTY = 1e-7;

/** The rows of BENCHMARKS.md about upstream pools; takes about two minutes. */
export async function proxiedSubmit(): Promise<BenchRow[]> {
  const pool = await BenchProcess.start('upstream-process', { ASSAY_BENCH_DIFFICULTY: String(POOL_DIFFICULTY) });
  const upstream = {
    ASSAY_UPSTREAM_URL: `stratum+tcp://127.0.0.1:${await pool.call<number>('port')}`,
    ASSAY_UPSTREAM_USER: 'farm',
  };
  const gateways = {
    ours: await BenchProcess.start('gateway-process', { ...SUBMIT_SETTINGS, ...upstream }),
    baseline: await BenchProcess.start('gateway-process', SUBMIT_SETTINGS),
  };
  const load = async (gateway: BenchProcess): Promise<PacedLoad> => {
    const miners = await openMiners(MACHINES, await gateway.call<number>('port'));
    const each = Math.ceil(((WARM_UPS + ROUNDS) * ROUND_SHARES) / MACHINES);
    const lines = miners.map((miner) => mineSubmits(miner, each));
    return new PacedLoad(
      miners.map(({ connection }) => connection),
      lines,
    );
  };
  const loads = { ours: await load(gateways.ours), baseline: await load(gateways.baseline) };
  const p50: Round[] = [];
  const p99: Round[] = [];
  for (let round = 0; round < WARM_UPS + ROUNDS; round++) {
    const ours = await loads.ours.run(ROUND_SHARES, SHARES_PER_SECOND);
    const baseline = await loads.baseline.run(ROUND_SHARES, SHARES_PER_SECOND);
    if (round < WARM_UPS) continue;
    p50.push({ ours: quantile(ours, 0.5), baseline: quantile(baseline, 0.5) });
    p99.push({ ours: quantile(ours, 0.99), baseline: quantile(baseline, 0.99) });
  }
  const accepted = await gateways.ours.call<number>('accepted');
  const submitted = (WARM_UPS + ROUNDS) * ROUND_SHARES;
  assert(accepted === submitted, `the gateway accepted ${accepted} of ${submitted} shares`);
  const [credited, faults] = [await pool.call<number>('credited'), await pool.call<number>('faults')];
  assert(credited > submitted / 20 && faults === 0, `the pool credited ${credited} shares and refused ${faults}`);
  for (const one of Object.values(loads)) one.close();
  await Promise.all([...Object.values(gateways), pool].map((process) => process.stop()));
  const of = { unit: 'ms', baseline: 'the same with jobs of our own' };
  return [
    { name: 'proxied submit, 1,000 machines, p50', ...of, ...summarizeRounds(p50) },
    { name: 'proxied submit, 1,000 machines, p99', ...of, ...summarizeRounds(p99) },
    added('proxied submit added p99', p99),
  ];
}

/** The difference, round by round: what a ratio of two small times would hide. */
function added(name: string, rounds: readonly Round[]): BenchRow {
  const differences = rounds.map(({ ours, baseline }) => ours - baseline).sort((a, b) => a - b);
  const { baselineValue, ratio } = summarizeRounds(rounds);
  const spread = `${differences[0]!.toFixed(2)}..${differences.at(-1)!.toFixed(2)} ms over ${rounds.length} rounds`;
  const value = differences[Math.floor(differences.length / 2)]!;
  return { name, unit: 'ms more', value, baseline: 'p99 with jobs of our own', baselineValue, ratio, spread };
}

function quantile(values: readonly number[], at: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(at * sorted.length))]!;
}
