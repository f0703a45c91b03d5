// Whether the live state, after all that befell it, says what ClickHouse and the miners know: it calls itself live, every machine has its
// one connection, and each worker's rates are those of its raw shares.
import { openRedisLiveState } from '@assay/adapter-redis';
import { MICROS_PER_SECOND, systemClock } from '@assay/kernel';
import { LIVE_WINDOWS, type LiveWindow, type LiveWorker } from '@assay/live-state';
import { decayedHashRate } from '@assay/rollup';
import type { SqlSource } from '../../harness/ask.ts';
import { waitFor } from '../../harness/wait-for.ts';

/** Long enough that the live state's slots of 5 s do not show. */
const COMPARED: readonly LiveWindow[] = ['15m', '1h', '1d'];
const TOLERANCE = 0.01;
const LIVE_TIMEOUT_MS = 60_000;

/** What is wrong; empty when all is well. */
export async function checkLiveState(
  source: SqlSource,
  redisUrl: string,
  keyPrefix: string,
  machines: number,
): Promise<string[]> {
  const live = await openRedisLiveState({ url: redisUrl, keyPrefix, clock: systemClock });
  try {
    const says = async (): Promise<boolean> => (await live.standing(systemClock.nowUs())).live;
    const isLive = await waitFor('the live state to be live', LIVE_TIMEOUT_MS, says).catch(() => false);
    if (!isLive) return ['the live state does not say that it is live'];
    const nowUs = systemClock.nowUs();
    const workers = await live.workers(nowUs);
    const connections = workers.reduce((sum, worker) => sum + worker.connections, 0);
    const wrong: string[] = [];
    if (workers.length !== machines) wrong.push(`${workers.length} workers instead of ${machines}`);
    if (connections !== machines) wrong.push(`${connections} connections instead of ${machines}`);
    for (const window of COMPARED) wrong.push(...(await compareRates(source, workers, window, nowUs)));
    return wrong;
  } finally {
    await live.close();
  }
}

async function compareRates(
  source: SqlSource,
  workers: readonly LiveWorker[],
  window: LiveWindow,
  nowUs: number,
): Promise<string[]> {
  const { seconds } = LIVE_WINDOWS.find(({ name }) => name === window)!;
  const weight = `exp(-({nowUs:Int64} - toUnixTimestamp64Micro(submitted_at)) / ${seconds * MICROS_PER_SECOND})`;
  const rows = await source.sql<{ worker: string; work: number; squared: number }>(
    `SELECT toString(worker) AS worker, sum(difficulty * ${weight}) AS work, sum(pow(difficulty * ${weight}, 2)) AS squared
     FROM assay.shares WHERE verdict = 'accepted' GROUP BY worker`,
    { nowUs },
  );
  const workOf = new Map(rows.map((row) => [row.worker, row]));
  const wrong = workers.flatMap(({ worker, algorithm, firstSeenUs: sinceUs, difficulty, rates }) => {
    const { work = 0, squared = 0 } = workOf.get(worker) ?? {};
    const query = { algorithm, timeConstantSeconds: seconds, nowUs, sinceUs, difficulty };
    const expected = decayedHashRate({ atUs: nowUs, work, workSquared: squared }, query).hashRateHs;
    const shown = rates[window].hashRateHs;
    return Math.abs(shown - expected) <= TOLERANCE * expected ? [] : [`${worker} ${shown} instead of ${expected} H/s`];
  });
  return wrong.length === 0 ? [] : [`${wrong.length} wrong rates over ${window}, such as ${wrong[0]}`];
}
