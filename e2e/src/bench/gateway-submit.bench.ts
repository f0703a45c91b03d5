// Shares the gateway accepts per second of its own CPU time, full check and durable log on, against a bare line echo. Both get the
// same lines from the same client over as many connections, in turns; both are measured from outside, all threads counted.
import { assert } from '@assay/kernel';
import { BenchProcess } from './bench-process.ts';
import type { BenchRow } from './bench-row.ts';
import { RawConnection } from './raw-connection.ts';
import { openMiners } from './ready-miner.ts';
import { median, summarizeRounds, type Round } from './round-summary.ts';
import { mineSubmits, SubmitLoad } from './submit-load.ts';

const CONNECTIONS = 100;
/** Per round and connection. */
const SHARES = 250;
const WARM_UPS = 2;
const ROUNDS = 7;
/** Of single submits, for the latency, after each round. */
const LONE_SHARES = 1;
const LINES = (SHARES + LONE_SHARES) * (WARM_UPS + ROUNDS);

/** Shares that cost some 43 hashes, no vardiff, no submit too fast, and jobs that stay valid for minutes. */
export const SUBMIT_SETTINGS: Readonly<Record<string, string>> = {
  ASSAY_STRATUM_PORT: '0',
  ASSAY_MIN_DIFFICULTY: '0.00000001',
  ASSAY_MAX_DIFFICULTY: '0.00000001',
  ASSAY_JOB_SECONDS: '55',
  ASSAY_BLOCK_SECONDS: '0',
  ASSAY_SUBMITS_PER_SECOND: '1000000',
};

/** Answers per second of the process's CPU time. */
async function ratePerCpuSecond(server: BenchProcess, load: SubmitLoad): Promise<number> {
  const before = await server.usage();
  const answers = await load.run(SHARES);
  const after = await server.usage();
  return answers / ((after.cpuUs - before.cpuUs) / 1e6);
}

/** The rows of BENCHMARKS.md about submits; takes about half a minute. `nodeOptions` go to the gateway's process. */
export async function gatewaySubmit(nodeOptions: readonly string[] = []): Promise<BenchRow[]> {
  const gateway = await BenchProcess.start('gateway-process', SUBMIT_SETTINGS, nodeOptions);
  const echo = await BenchProcess.start('echo-process');
  const miners = await openMiners(CONNECTIONS, await gateway.call<number>('port'));
  const lines = miners.map((miner) => mineSubmits(miner, LINES));
  const submits = new SubmitLoad(
    miners.map(({ connection }) => connection),
    lines,
  );
  const echoes = new SubmitLoad(
    await RawConnection.openMany(CONNECTIONS, await echo.call<number>('port'), (connection) => connection),
    lines,
  );
  const rates: Round[] = [];
  const latencies: Round[] = [];
  for (let round = 0; round < WARM_UPS + ROUNDS; round++) {
    const rate = { ours: await ratePerCpuSecond(gateway, submits), baseline: await ratePerCpuSecond(echo, echoes) };
    const latency = {
      ours: median(await submits.roundTrips(LONE_SHARES)),
      baseline: median(await echoes.roundTrips(LONE_SHARES)),
    };
    if (round < WARM_UPS) continue;
    rates.push(rate);
    latencies.push(latency);
  }
  const accepted = await gateway.call<number>('accepted');
  const submitted = CONNECTIONS * LINES;
  assert(accepted === submitted, `the gateway accepted ${accepted} of ${submitted} shares`);
  submits.close();
  echoes.close();
  await Promise.all([gateway.stop(), echo.stop()]);
  return [
    {
      name: 'gateway submit, 100 connections',
      unit: 'accepted shares per CPU-second',
      baseline: 'bare TCP echo of the same lines',
      ...summarizeRounds(rates),
    },
    {
      name: 'acknowledgement latency, one share at a time, p50',
      unit: 'ms',
      baseline: 'bare TCP echo of the same lines',
      ...summarizeRounds(latencies),
    },
  ];
}
