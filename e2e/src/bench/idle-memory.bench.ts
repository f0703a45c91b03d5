// Memory of one idle authorized connection: resident memory of the gateway's process with 5,000 miners that have their first job
// and are silent, less its resident memory without them, after garbage collection both times. Against a bare TCP server that holds
// as many connections. Every round takes new processes, since a freed page need not go back to the system.
import { BenchProcess } from './bench-process.ts';
import type { BenchRow } from './bench-row.ts';
import { SUBMIT_SETTINGS } from './gateway-submit.bench.ts';
import { RawConnection } from './raw-connection.ts';
import { openMiners } from './ready-miner.ts';
import { summarizeRounds, type Round } from './round-summary.ts';

const CONNECTIONS = 5000;
/** Opened and closed before anything is measured, so that code and pools that every process needs are not counted. */
const WARM_UP_CONNECTIONS = 100;
const ROUNDS = 3;

type Open = (count: number, port: number) => Promise<RawConnection[]>;

const openBare: Open = (count, port) => RawConnection.openMany(count, port, (connection) => connection);
const openAuthorized: Open = async (count, port) => (await openMiners(count, port)).map(({ connection }) => connection);

async function bytesPerConnection(server: BenchProcess, open: Open): Promise<number> {
  const port = await server.call<number>('port');
  for (const connection of await open(WARM_UP_CONNECTIONS, port)) connection.close();
  while ((await server.call<number>('connections')) > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  const before = await server.usageAfterCollection();
  const connections = await open(CONNECTIONS, port);
  const after = await server.usageAfterCollection();
  for (const connection of connections) connection.close();
  await server.stop();
  return (after.rssBytes - before.rssBytes) / CONNECTIONS;
}

/** The row of BENCHMARKS.md about idle connections; takes about twenty seconds. */
export async function idleMemory(): Promise<BenchRow[]> {
  const rounds: Round[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    rounds.push({
      ours: await bytesPerConnection(await BenchProcess.start('gateway-process', SUBMIT_SETTINGS), openAuthorized),
      baseline: await bytesPerConnection(await BenchProcess.start('echo-process'), openBare),
    });
  }
  return [
    {
      name: `idle connection memory, ${CONNECTIONS} authorized`,
      unit: 'bytes of RSS each',
      baseline: 'bare TCP server holding as many',
      ...summarizeRounds(rounds),
    },
  ];
}
