// A new job to 5,000 miners: how long from the first byte that reaches one to the last byte that reaches the last, and from the
// operator's command to that last byte. Against a bare loop that writes the same bytes to as many connections. The miners are in
// this process, the servers in theirs; all use the machine's monotonic clock.
import { assert } from '@assay/kernel';
import { BenchProcess } from './bench-process.ts';
import type { BenchRow } from './bench-row.ts';
import { SUBMIT_SETTINGS } from './gateway-submit.bench.ts';
import { RawConnection } from './raw-connection.ts';
import { openMiners } from './ready-miner.ts';
import { summarizeRounds } from './round-summary.ts';

const CONNECTIONS = 5000;
const WARM_UPS = 3;
const ROUNDS = 15;
const LINE_FEED = 10;

interface FanOut {
  readonly firstToLastMs: number;
  readonly commandToLastMs: number;
  /** The line everybody got. */
  readonly line: Uint8Array;
}

/** Has the server write one line to every connection, and watches it arrive. */
async function watch(connections: readonly RawConnection[], command: () => Promise<bigint>): Promise<FanOut> {
  let first = 0n;
  let missing = connections.length;
  let line = new Uint8Array(0);
  const arrived = new Promise<bigint>((resolve, reject) => {
    for (const connection of connections) {
      connection.onLost = reject;
      connection.onBytes = (bytes) => {
        if (first === 0n) first = process.hrtime.bigint();
        // Long lines may come in pieces; only the last ends with a line feed.
        if (bytes[bytes.length - 1] !== LINE_FEED) return;
        if (--missing > 0) return;
        line = bytes.slice();
        resolve(process.hrtime.bigint());
      };
    }
  });
  const [commanded, last] = await Promise.all([command(), arrived]);
  return { firstToLastMs: Number(last - first) / 1e6, commandToLastMs: Number(last - commanded) / 1e6, line };
}

/** The rows of BENCHMARKS.md about jobs going out; takes about fifteen seconds. */
export async function jobFanOut(): Promise<BenchRow[]> {
  const gateway = await BenchProcess.start('gateway-process', SUBMIT_SETTINGS);
  const bare = await BenchProcess.start('echo-process');
  const miners = (await openMiners(CONNECTIONS, await gateway.call<number>('port'))).map(
    ({ connection }) => connection,
  );
  const others = await RawConnection.openMany(CONNECTIONS, await bare.call<number>('port'), (connection) => connection);
  const turns: { ours: FanOut; baseline: FanOut }[] = [];
  for (let round = 0; round < WARM_UPS + ROUNDS; round++) {
    const ours = await watch(miners, () => gateway.call<bigint>('refreshJob'));
    assert(ours.line.includes(LINE_FEED) && ours.line.length > 100, 'what arrived is no job');
    const baseline = await watch(others, () => bare.call<bigint>('writeToAll', ours.line));
    if (round >= WARM_UPS) turns.push({ ours, baseline });
  }
  for (const connection of [...miners, ...others]) connection.close();
  await Promise.all([gateway.stop(), bare.stop()]);
  const row = (name: string, figure: (fanOut: FanOut) => number): BenchRow => ({
    name: `job fan-out, ${CONNECTIONS} connections, ${name}`,
    unit: 'ms',
    baseline: 'bare loop writing the same bytes',
    ...summarizeRounds(turns.map(({ ours, baseline }) => ({ ours: figure(ours), baseline: figure(baseline) }))),
  });
  return [
    row('first to last byte', ({ firstToLastMs }) => firstToLastMs),
    row('command to last byte', ({ commandToLastMs }) => commandToLastMs),
  ];
}
