// Some of the jobs that were given out, hour by hour: what they say of the network is nearly the same within one.
import type { Algorithm } from '@assay/mining';
import type { JobSample } from '@assay/settlement';
import type { RowReader } from './store-reader.ts';

/** Drawn by their hashes, which is as good as by lot. */
const JOBS_PER_HOUR = 4;
const MAX_JOBS = 100_000;

const QUERY = {
  name: 'job_samples',
  sql: `
SELECT toFloat64(toUnixTimestamp64Micro(j.first_seen)) AS at_us, j.network_difficulty AS difficulty, j.coinbase1 AS coinbase1, j.coinbase2 AS coinbase2
FROM assay.jobs AS j
WHERE j.algorithm = {algorithm:String}
  AND j.first_seen >= fromUnixTimestamp64Micro({fromUs:Int64}, 'UTC') AND j.first_seen < fromUnixTimestamp64Micro({untilUs:Int64}, 'UTC')
ORDER BY j.hash
LIMIT ${JOBS_PER_HOUR} BY intDiv(toUnixTimestamp(j.first_seen), 3600)
LIMIT ${MAX_JOBS}`,
};

interface Row {
  readonly at_us: number;
  readonly difficulty: number;
  readonly coinbase1: string;
  readonly coinbase2: string;
}

export async function jobSamples(
  store: RowReader,
  algorithm: Algorithm,
  fromUs: number,
  untilUs: number,
): Promise<JobSample[]> {
  const rows = await store.rows<Row>(QUERY, { algorithm, fromUs, untilUs });
  return rows.map(({ at_us, difficulty, coinbase1, coinbase2 }) => ({
    firstSeenUs: at_us,
    networkDifficulty: difficulty,
    coinbase1: bytesOf(coinbase1),
    coinbase2: bytesOf(coinbase2),
  }));
}

function bytesOf(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, 'hex'));
}
