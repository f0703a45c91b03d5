// The pool under attack: well-behaved miners mine, first in peace, then while another process does everything a hostile one can
// over TCP. Nothing of theirs may be lost, their answers may come at most twice as late (p99), the pool's memory stays flat, and
// every kind of attack shows in the metrics.
import { readFileSync } from 'node:fs';
import { Farm } from '@assay/sim';
import { BenchProcess } from '../bench/bench-process.ts';
import { Ledger } from '../harness/ledger.ts';
import { loadFarm } from '../harness/load-farm.ts';
import { LOAD_SETTINGS, PoolProcess } from '../harness/pool-process.ts';
import { waitFor } from '../harness/wait-for.ts';
import type { AttackName } from './hostile-attacks.ts';
import { counterOf, readCounters, unseenAttacks, type Counters } from './hostile-counters.ts';
import { SubmitLatency } from './hostile-latency.ts';
import type { AttackReport } from './hostile-process.ts';
import type { ChaosReport } from './kills.ts';

export interface HostileReport extends ChaosReport {
  readonly p99QuietMs: number;
  readonly p99AttackMs: number;
  readonly p99Ratio: number;
  /** Resident memory of the pool's process, MiB. */
  readonly rssBeforeMb: number;
  readonly rssAfterMb: number;
  /** Most connections a second that were tried from one address, over the whole attack. */
  readonly connectionsPerSecond: number;
}

const MACHINES = 50;
const SHARES_PER_SECOND = 10;
const WARM_UP_MS = 5_000;
const QUIET_MS = 15_000;
const ATTACK_MS = 20_000;
/** After the attack: what it left behind is closed by then, and memory is read. */
const SETTLE_MS = 8_000;
const TIMEOUT_MS = 60_000;
const MAX_P99_RATIO = 2;
/** Memory may grow by this much: rollups, caches, and buffers of V8 that a garbage collection does not give back. */
const MAX_GROWTH_MB = 64;

/** Connections that never finish their handshake are closed within the attack, and the previous block stays the same. */
const SETTINGS = { ...LOAD_SETTINGS, ASSAY_HANDSHAKE_SECONDS: '5', ASSAY_BLOCK_SECONDS: '0' };

const say = (text: string): void => void process.stderr.write(`hostile: ${text}\n`);
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function rssMb(pool: PoolProcess): number {
  const status = readFileSync(`/proc/${pool.pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)![1]) / 1024;
}

async function counters(pool: PoolProcess): Promise<Counters> {
  const answer = await fetch(`${pool.url}/metrics`);
  return readCounters(await answer.text());
}

/** Two decimals. */
const rounded = (value: number): number => Math.round(value * 100) / 100;

interface Observed {
  readonly quiet: SubmitLatency;
  readonly attacked: SubmitLatency;
  readonly rssBeforeMb: number;
  readonly rssAfterMb: number;
  readonly attack: AttackReport;
  readonly unseen: readonly AttackName[];
}

/** The two phases. The farm mines through both, and until all its submits are answered. */
async function observe(pool: PoolProcess, ledger: Ledger, seed: number): Promise<Observed> {
  let latency = new SubmitLatency();
  const farm = new Farm(loadFarm(MACHINES, SHARES_PER_SECOND), { host: '127.0.0.1', port: pool.ports.stratum }, seed, {
    onSubmit: (work, nonce) => latency.sent(work, nonce),
    onAnswer: (answer) => {
      latency.answered(answer.work, answer.nonce);
      ledger.record(answer);
    },
  });
  const attackers = await BenchProcess.start(new URL('./hostile-process.js', import.meta.url));
  try {
    await waitFor('every machine to be connected', TIMEOUT_MS, () => farm.connected === MACHINES);
    await pause(WARM_UP_MS);
    const quiet = (latency = new SubmitLatency());
    await pause(QUIET_MS);
    const before = await counters(pool);
    const rssBeforeMb = rssMb(pool);
    say(
      `quiet: p99 ${quiet.percentile(0.99).toFixed(1)} ms over ${quiet.count} submits, ${rssBeforeMb.toFixed(0)} MiB`,
    );

    const attacked = (latency = new SubmitLatency());
    await attackers.call('attack', { port: pool.ports.stratum, seed });
    await pause(ATTACK_MS);
    const attack = await attackers.call<AttackReport>('cease');
    latency = new SubmitLatency();
    say(`attacked: p99 ${attacked.percentile(0.99).toFixed(1)} ms over ${attacked.count} submits`);
    say(
      `attacks: ${JSON.stringify(attack.strikes)}; ${attack.connectionsPerSecond.toFixed(0)} connections a second from one address`,
    );

    await pause(SETTLE_MS);
    const rssAfterMb = rssMb(pool);
    const after = await counters(pool);
    const connected = farm.connected;
    if (connected < MACHINES) throw new Error(`only ${connected} of ${MACHINES} machines are still connected`);
    farm.stop();
    for (const answer of attack.accepted) ledger.record(answer);
    const grown = (name: string): number => counterOf(after, name) - counterOf(before, name);
    return { quiet, attacked, rssBeforeMb, rssAfterMb, attack, unseen: unseenAttacks(grown) };
  } finally {
    farm.stop();
    await attackers.stop();
  }
}

/** One run, about two minutes. `failed` says whether anything of what the pool promises did not hold; stderr says what. */
export async function runHostile({
  seed,
}: {
  readonly seed: number;
}): Promise<{ report: HostileReport; failed: boolean }> {
  say(`seed ${seed}, ${MACHINES} machines at ${SHARES_PER_SECOND} shares/s each`);
  const pool = await PoolProcess.launch(SETTINGS);
  const ledger = new Ledger();
  const problems: string[] = [];
  try {
    const { quiet, attacked, rssBeforeMb, rssAfterMb, attack, unseen } = await observe(pool, ledger, seed);
    const { acked, rows, distinct, rollupShares, lost, duplicated, rejected, rollupsEqual } =
      await ledger.reconcile(pool);
    const p99QuietMs = quiet.percentile(0.99);
    const p99AttackMs = attacked.percentile(0.99);
    const p99Ratio = p99AttackMs / p99QuietMs;
    if (lost > 0 || duplicated > 0) problems.push(`${lost} shares lost, ${duplicated} duplicated`);
    if (rows !== rollupShares || !rollupsEqual) problems.push('the rollups differ from the raw shares');
    if (Object.keys(rejected).length > 0)
      problems.push(`shares of well-behaved miners were rejected: ${JSON.stringify(rejected)}`);
    if (unseen.length > 0) problems.push(`the metrics do not show: ${unseen.join(', ')}`);
    if (p99Ratio > MAX_P99_RATIO) problems.push(`the p99 of submits rose ${p99Ratio.toFixed(2)} times`);
    if (rssAfterMb > rssBeforeMb + MAX_GROWTH_MB)
      problems.push(`memory grew from ${rssBeforeMb.toFixed(0)} to ${rssAfterMb.toFixed(0)} MiB`);
    for (const problem of problems) say(problem);
    const report = {
      seed,
      acked,
      rows,
      distinct,
      rollupShares,
      lost,
      duplicated,
      kills: 0,
      p99QuietMs: rounded(p99QuietMs),
      p99AttackMs: rounded(p99AttackMs),
      p99Ratio: rounded(p99Ratio),
      rssBeforeMb: rounded(rssBeforeMb),
      rssAfterMb: rounded(rssAfterMb),
      connectionsPerSecond: Math.round(attack.connectionsPerSecond),
    };
    return { report, failed: problems.length > 0 };
  } catch (error) {
    say(`the pool's last output:\n${pool.output.slice(-4000)}`);
    throw error;
  } finally {
    await pool.dispose();
  }
}
