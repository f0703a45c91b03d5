// A farm of 10,000 machines on one gateway: what it takes in memory, how long a new job takes to the last of them, and how long until all
// are at work again after the pool was killed. The machines are in a process of their own.
import { assert } from '@assay/kernel';
import { PoolProcess } from '../harness/pool-process.ts';
import { BenchProcess } from './bench-process.ts';
import type { BenchRow } from './bench-row.ts';
import type { Arrival, Mined, OpenFarm, Recovery } from './farm-client-process.ts';
import { SUBMIT_SETTINGS } from './gateway-submit.bench.ts';
import { median, summarizeRounds, type Round } from './round-summary.ts';

export const FARM = 10_000;
const WARM_UPS = 3;
const ROUNDS = 15;
const STORMS = 3;
/** From the easiest on: a machine that does not resume where it was would send 16 times its shares. */
const DIFFICULTIES = [1e-8, 4e-8, 16e-8];
const SHARES_PER_MINUTE = 6;
const MINING_SECONDS = 60;
const MIB = 2 ** 20;

const STORM_SETTINGS: Readonly<Record<string, string>> = {
  ASSAY_MIN_DIFFICULTY: '0.00000001',
  ASSAY_START_DIFFICULTY: '0.00000001',
  ASSAY_START_DIFFICULTY_ROLLING: '0.00000001',
  ASSAY_SHARES_PER_MINUTE: String(SHARES_PER_MINUTE),
  ASSAY_JOB_SECONDS: '55',
};

/** The rows of BENCHMARKS.md about a large farm; together they take about six minutes. */
export const FARM_BENCHMARKS: Readonly<Record<string, () => Promise<BenchRow[]>>> = {
  'farm-fan-out': memoryAndFanOut,
  'farm-proxied-fan-out': proxiedFanOut,
  'farm-reconnect-storm': reconnectStorm,
};

const openFarm = (port: number, difficulties: readonly number[]): OpenFarm => ({ port, machines: FARM, difficulties });

async function memoryAndFanOut(): Promise<BenchRow[]> {
  const [gateway, bare] = [
    await BenchProcess.start('gateway-process', SUBMIT_SETTINGS),
    await BenchProcess.start('echo-process'),
  ];
  const [farm, others] = [
    await BenchProcess.start('farm-client-process'),
    await BenchProcess.start('farm-client-process'),
  ];
  const empty = { ours: await gateway.usageAfterCollection(), baseline: await bare.usageAfterCollection() };
  await farm.call('open', openFarm(await gateway.call<number>('port'), [1e-8]));
  await others.call('openBare', openFarm(await bare.call<number>('port'), []));
  assert((await gateway.call<number>('connections')) === FARM, 'not every machine is connected');
  const full = { ours: await gateway.usageAfterCollection(), baseline: await bare.usageAfterCollection() };
  const each = (of: 'ours' | 'baseline'): number => (full[of].rssBytes - empty[of].rssBytes) / FARM;

  const turns: { ours: FanOut; baseline: FanOut }[] = [];
  for (let round = 0; round < WARM_UPS + ROUNDS; round++) {
    const ours = await fanOut(farm, 'watchJob', () => gateway.call<bigint>('refreshJob'));
    // As many bytes as a job's line has.
    const line = Buffer.concat([Buffer.alloc(JOB_BYTES - 1, 0x20), Buffer.from('\n')]);
    const baseline = await fanOut(others, 'watchLine', () => bare.call<bigint>('writeToAll', line));
    if (round >= WARM_UPS) turns.push({ ours, baseline });
  }
  await Promise.all([farm.stop(), others.stop()]);
  await Promise.all([gateway.stop(), bare.stop()]);
  const rounds = (figure: (turn: FanOut) => number): Round[] =>
    turns.map(({ ours, baseline }) => ({ ours: figure(ours), baseline: figure(baseline) }));
  const loop = 'bare loop writing as many bytes';
  return [
    {
      name: `farm memory, ${FARM} machines at work, each`,
      unit: 'bytes of RSS',
      value: each('ours'),
      baseline: 'bare TCP server holding as many',
      baselineValue: each('baseline'),
      ratio: each('ours') / each('baseline'),
    },
    {
      name: `farm memory, ${FARM} machines at work, gateway process`,
      unit: 'MiB of RSS',
      value: full.ours.rssBytes / MIB,
      baseline: 'the same without machines',
      baselineValue: empty.ours.rssBytes / MIB,
      ratio: full.ours.rssBytes / empty.ours.rssBytes,
    },
    {
      name: `job fan-out ${FARM.toLocaleString('en-US')}, notify to last machine`,
      unit: 'ms',
      baseline: loop,
      ...summarizeRounds(rounds(({ commandToLastMs }) => commandToLastMs)),
    },
    {
      name: `job fan-out ${FARM.toLocaleString('en-US')}, first to last byte`,
      unit: 'ms',
      baseline: loop,
      ...summarizeRounds(rounds(({ firstToLastMs }) => firstToLastMs)),
    },
  ];
}

/** From the upstream pool's notify to the last machine: the pool, the gateway and the machines have a process each. */
async function proxiedFanOut(): Promise<BenchRow[]> {
  const pool = await BenchProcess.start('upstream-process', { ASSAY_BENCH_DIFFICULTY: '1' });
  const upstream = {
    ASSAY_UPSTREAM_URL: `stratum+tcp://127.0.0.1:${await pool.call<number>('port')}`,
    ASSAY_UPSTREAM_USER: 'farm',
  };
  const gateway = await BenchProcess.start('gateway-process', { ...SUBMIT_SETTINGS, ...upstream });
  const farm = await BenchProcess.start('farm-client-process');
  await farm.call('open', openFarm(await gateway.call<number>('port'), [1e-8]));
  const rounds: Round[] = [];
  for (let round = 0; round < WARM_UPS + ROUNDS; round++) {
    const { commandToLastMs } = await fanOut(farm, 'watchJob', () => pool.call<bigint>('newJob'));
    if (round >= WARM_UPS) rounds.push({ ours: commandToLastMs, baseline: TARGET_MS });
  }
  await farm.stop();
  await gateway.stop();
  await pool.stop();
  const name = `job fan-out ${FARM.toLocaleString('en-US')}, upstream pool's notify to last machine`;
  return [{ name, unit: 'ms', baseline: 'the target', ...summarizeRounds(rounds) }];
}

const TARGET_MS = 250;

/** A job of 12 branches. */
const JOB_BYTES = 1200;

interface FanOut {
  readonly firstToLastMs: number;
  readonly commandToLastMs: number;
}

async function fanOut(farm: BenchProcess, watch: string, command: () => Promise<bigint>): Promise<FanOut> {
  await farm.call(watch);
  const [commandedNs, { firstNs, lastNs }] = await Promise.all([command(), farm.call<Arrival>('arrived')]);
  return { firstToLastMs: Number(lastNs - firstNs) / 1e6, commandToLastMs: Number(lastNs - commandedNs) / 1e6 };
}

interface Storm {
  readonly restartToLastS: number;
  readonly firstToLastS: number;
  readonly lost: number;
  /** Accepted shares in the first minute to those vardiff aims at. */
  readonly pace: number;
}

/** The whole pool is killed and started again, with nothing but its disk to remember by. */
async function reconnectStorm(): Promise<BenchRow[]> {
  const pool = await PoolProcess.launch(STORM_SETTINGS);
  const farm = await BenchProcess.start('farm-client-process');
  const storms: Storm[] = [];
  try {
    await farm.call('open', openFarm(pool.ports.stratum, DIFFICULTIES));
    const aim = (FARM * SHARES_PER_MINUTE * MINING_SECONDS) / 60;
    const mine = (): Promise<Mined> =>
      farm.call<Mined>('mine', { seconds: MINING_SECONDS, sharesPerMinute: SHARES_PER_MINUTE });
    await mine();
    for (let storm = 0; storm < STORMS; storm++) {
      // Vardiff may have moved one since, in silence; that is not on record, and one start from there is as good.
      const before = await farm.call<number[]>('recorded');
      await farm.call('watchRecovery');
      const killedNs = process.hrtime.bigint();
      await pool.kill();
      const [{ firstWorkNs, lastWorkNs, lost }] = await Promise.all([farm.call<Recovery>('recovered'), pool.start()]);
      const after = await farm.call<number[]>('recorded');
      const moved = before.findIndex((difficulty, machine) => after[machine] !== difficulty);
      assert(moved < 0, `machine ${moved} last mined at difficulty ${before[moved]} and came back at ${after[moved]}`);
      const { accepted, rejected } = await mine();
      assert(rejected < accepted / 1000, `${rejected} shares were refused after the restart`);
      storms.push({
        restartToLastS: Number(lastWorkNs - killedNs) / 1e9,
        firstToLastS: Number(lastWorkNs - firstWorkNs) / 1e9,
        lost,
        pace: accepted / aim,
      });
    }
  } finally {
    await farm.stop();
    await pool.dispose();
  }
  const spread = (figure: (storm: Storm) => number): string => {
    const all = storms.map(figure);
    return `${Math.min(...all).toFixed(2)}..${Math.max(...all).toFixed(2)} over ${STORMS} restarts`;
  };
  const row = (name: string, unit: string, baseline: string, baselineValue: number, figure: (one: Storm) => number) => {
    const value = median(storms.map(figure));
    return {
      name: `reconnect storm, ${FARM} machines, ${name}`,
      unit,
      value,
      baseline,
      baselineValue,
      ratio: value / baselineValue,
      spread: spread(figure),
    };
  };
  return [
    row('kill to the last at work', 's', 'the target', 30, ({ restartToLastS }) => restartToLastS),
    row('first let in to the last at work', 's', 'the target', 30, ({ firstToLastS }) => firstToLastS),
    row('shares of the first minute', 'of those aimed at', 'as many as aimed at', 1, ({ pace }) => pace),
    row('connections refused or broken meanwhile', 'connections', 'machines', FARM, ({ lost }) => lost),
  ];
}
