// Shares the gateway accepts per second of its own CPU time, full check and durable log on, against a bare line echo. Both get the
// same lines from the same client over as many connections, in turns; both are measured from outside, all threads counted.
import { assert } from '@assay/kernel';
import { BenchProcess } from './bench-process.ts';
import type { BenchRow } from './bench-row.ts';
import { RawConnection } from './raw-connection.ts';
import { openMiners } from './ready-miner.ts';
import { summarizeRounds, type Round } from './round-summary.ts';
import { mineSubmits, SubmitLoad } from './submit-load.ts';

const CONNECTIONS = 100;
/** Per round and connection. */
const SHARES = 250;
const WARM_UPS = 2;
const ROUNDS = 7;

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

/** The row of BENCHMARKS.md about submits; takes about half a minute. `nodeOptions` go to the gateway's process. */
export async function gatewaySubmit(nodeOptions: readonly string[] = []): Promise<BenchRow[]> {
  const gateway = await BenchProcess.start('gateway-process', SUBMIT_SETTINGS, nodeOptions);
  const echo = await BenchProcess.start('echo-process');
  const miners = await openMiners(CONNECTIONS, await gateway.call<number>('port'));
  const lines = miners.map((miner) => mineSubmits(miner, SHARES * (WARM_UPS + ROUNDS)));
  const submits = new SubmitLoad(
    miners.map(({ connection }) => connection),
    lines,
  );
  const echoes = new SubmitLoad(
    await RawConnection.openMany(CONNECTIONS, await echo.call<number>('port'), (connection) => connection),
    lines,
  );
  const rounds: Round[] = [];
  for (let round = 0; round < WARM_UPS + ROUNDS; round++) {
    const turn = { ours: await ratePerCpuSecond(gateway, submits), baseline: await ratePerCpuSecond(echo, echoes) };
    if (round >= WARM_UPS) rounds.push(turn);
  }
  const accepted = await gateway.call<number>('accepted');
  const submitted = CONNECTIONS * SHARES * (WARM_UPS + ROUNDS);
  assert(accepted === submitted, `the gateway accepted ${accepted} of ${submitted} shares`);
  submits.close();
  echoes.close();
  await Promise.all([gateway.stop(), echo.stop()]);
  return [
    {
      name: 'gateway submit, 100 connections',
      unit: 'accepted shares per CPU-second',
      baseline: 'bare TCP echo of the same lines',
      ...summarizeRounds(rounds),
    },
  ];
}
