// A farm mines through the gateway at two pools that misbehave, for a while; then three records of every share are set against each other.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random } from '@assay/kernel';
import { ALGORITHMS } from '@assay/mining';
import { CountingPool, Farm, type MachineSpec } from '@assay/sim';
import { Ledger } from '../harness/ledger.ts';
import { PoolProcess } from '../harness/pool-process.ts';
import { waitFor } from '../harness/wait-for.ts';
import { chooseDisturbance, disturb, type Disturbance } from './disturbances.ts';
import { problemsOf, reconcileThreeWays, type ThreeWayLedger } from './three-way-ledger.ts';

export interface UpstreamRun {
  readonly seed: number;
  readonly machines: number;
  readonly seconds: number;
  /** Time between two disturbances, on average. */
  readonly disturbSeconds: number;
  readonly say: (text: string) => void;
}

export interface UpstreamReport extends Omit<ThreeWayLedger, 'submitted'> {
  readonly seed: number;
  readonly machines: number;
  readonly seconds: number;
  /** Acknowledged to machines, and verified by us. */
  readonly submitted: number;
  readonly verified: number;
  readonly rejectedByUs: Readonly<Record<string, number>>;
  readonly disturbances: Readonly<Partial<Record<Disturbance, number>>>;
  readonly problems: readonly string[];
}

/** What a machine's share is worth about: one in four of them reaches the pools' first difficulty. */
const MACHINE_DIFFICULTY = 1e-7;
const POOL_DIFFICULTY = 4e-7;
const SHARES_PER_SECOND = 1;
const ANSWERS_TIMEOUT_MS = 30_000;

export async function runUpstream({
  seed,
  machines,
  seconds,
  disturbSeconds,
  say,
}: UpstreamRun): Promise<UpstreamReport> {
  const random = new Random(seed);
  const dir = mkdtempSync(join(tmpdir(), 'assay-upstream-'));
  const pools = [
    new CountingPool({ seed: 1, difficulty: POOL_DIFFICULTY, resumes: true }),
    new CountingPool({ seed: 2, difficulty: POOL_DIFFICULTY, versionMask: 0x00ffe000 }),
  ];
  let pool: PoolProcess | undefined;
  let farm: Farm | undefined;
  try {
    for (const one of pools) await one.start();
    const endpoints = pools.map(({ port }) => ({
      url: `stratum+tcp://127.0.0.1:${port}`,
      user: 'farm',
      password: 'x',
    }));
    const jobsFile = join(dir, 'jobs.json');
    const main = { type: 'pool', endpoints, failBackSeconds: 3, retrySeconds: 1, answerSeconds: 5, onLoss: 'hold' };
    writeFileSync(jobsFile, JSON.stringify({ sources: { main } }));
    pool = await PoolProcess.launch({
      ASSAY_JOBS_FILE: jobsFile,
      ASSAY_MIN_DIFFICULTY: '0.00000001',
      ASSAY_START_DIFFICULTY: String(MACHINE_DIFFICULTY),
      ASSAY_START_DIFFICULTY_ROLLING: String(MACHINE_DIFFICULTY),
      ASSAY_SHARES_PER_MINUTE: String(60 * SHARES_PER_SECOND),
    });
    const ledger = new Ledger();
    farm = new Farm(specs(machines), { host: '127.0.0.1', port: pool.ports.stratum }, seed, {
      onAnswer: ledger.record,
    });
    const disturbances = await disturbFor(seconds, disturbSeconds, pools, random, say);
    farm.halt();
    const owed = farm;
    await waitFor('all answers', ANSWERS_TIMEOUT_MS, async () => owed.unanswered === 0).catch(() => undefined);
    farm.stop();
    // What the gateway still waits for from its pools is settled when it stops; it is started again so that it can be asked.
    await pool.stop();
    await pool.start();
    const three = await reconcileThreeWays(ledger, pool, pools);
    const { submitted, ...rest } = three;
    return {
      seed,
      machines,
      seconds,
      submitted: submitted.acked,
      verified: submitted.rows,
      ...rest,
      rejectedByUs: submitted.rejected,
      disturbances,
      problems: problemsOf(three),
    };
  } finally {
    farm?.stop();
    await pool?.dispose();
    for (const one of pools) await one.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Disturbs one pool at a time, at random moments, so that there is always another one to go on with. */
async function disturbFor(
  seconds: number,
  every: number,
  pools: readonly CountingPool[],
  random: Random,
  say: (text: string) => void,
): Promise<Partial<Record<Disturbance, number>>> {
  const counts: Partial<Record<Disturbance, number>> = {};
  const endMs = Date.now() + seconds * 1000;
  for (;;) {
    const pauseMs = Math.min(random.exponential(every) * 1000, Math.max(0, endMs - Date.now()));
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    if (Date.now() >= endMs) return counts;
    const which = Math.floor(random.float() * pools.length);
    const disturbance = chooseDisturbance(random);
    counts[disturbance] = (counts[disturbance] ?? 0) + 1;
    say(`pool ${which + 1}: ${disturbance}`);
    await disturb(pools[which]!, disturbance, POOL_DIFFICULTY, random);
  }
}

function specs(count: number): MachineSpec[] {
  const hashRateHs = MACHINE_DIFFICULTY * ALGORITHMS.sha256d.hashesPerDifficulty * SHARES_PER_SECOND;
  return Array.from({ length: count }, (_, i) => ({
    algorithm: 'sha256d',
    username: `tenant${i % 3}.site${i % 2}.m${String(i).padStart(4, '0')}`,
    password: 'x',
    userAgent: 'upstream/1.0',
    versionMask: i % 2 === 0 ? 0x1fffe000 : 0,
    hashRateHs,
    ailment: { type: 'healthy' },
  }));
}
