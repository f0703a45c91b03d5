// What was verified of each upstream's work, whether or not any of it was passed on: all accepted shares of its jobs, and those of them that
// it should credit. Raw shares are read, since no rollup knows which source a share's job came from.
import type { Algorithm } from '@assay/mining';
import { windowHashRate, ZERO_HASH_RATE, type HashRate } from '@assay/rollup';
import { algorithmOf } from './rollup-sums.ts';
import type { NamedQuery, RowReader } from './store-reader.ts';

export interface UpstreamVerified {
  readonly source: string;
  readonly endpoint: string;
  readonly verified: number;
  /** Those that reach the upstream's difficulty. */
  readonly qualifying: number;
  readonly verifiedRate: HashRate;
}

const MAX_ROWS = 500;
/** A job is given out at most this long before its last share. */
const JOB_US = 86_400e6;

const VERIFIED: NamedQuery = {
  name: 'upstream_verified',
  lookups: ['upstream_jobs'],
  sql: `
SELECT toString(j.source) AS source, toString(j.endpoint) AS endpoint, toString(any(s.algorithm)) AS algorithm,
       toFloat64(count()) AS verified, toFloat64(countIf(s.share_difficulty >= j.upstream_difficulty)) AS qualifying,
       sum(s.difficulty) AS work, sum(s.difficulty * s.difficulty) AS work_squared
FROM
(
    SELECT gateway, job_hash, submitted_at, algorithm, difficulty, share_difficulty FROM assay.shares
    WHERE verdict = 'accepted' AND submitted_at >= fromUnixTimestamp64Micro({fromUs:Int64}, 'UTC')
      AND ({everyTenant:UInt8} = 1 OR tenant = {tenant:String})
) AS s
ASOF INNER JOIN
(
    SELECT gateway, job_hash, at, source, endpoint, upstream_difficulty FROM assay.upstream_jobs
    WHERE at >= fromUnixTimestamp64Micro({jobsFromUs:Int64}, 'UTC')
) AS j ON j.gateway = s.gateway AND j.job_hash = s.job_hash AND s.submitted_at >= j.at
GROUP BY j.source, j.endpoint
ORDER BY source, endpoint
LIMIT {limit:UInt32}`,
};

interface Row {
  readonly source: string;
  readonly endpoint: string;
  readonly algorithm: string;
  readonly verified: number;
  readonly qualifying: number;
  readonly work: number;
  readonly work_squared: number;
}

/** By source and endpoint of the jobs, for shares submitted in the last `hours`; of one tenant's machines, or of all. */
export async function upstreamVerified(
  store: RowReader,
  tenant: string | undefined,
  nowUs: number,
  hours: number,
): Promise<UpstreamVerified[]> {
  const seconds = hours * 3600;
  const fromUs = nowUs - seconds * 1e6;
  const rows = await store.rows<Row>(VERIFIED, {
    fromUs,
    jobsFromUs: Math.max(0, fromUs - JOB_US),
    everyTenant: tenant === undefined ? 1 : 0,
    tenant: tenant ?? '',
    limit: MAX_ROWS,
  });
  return rows.map(({ source, endpoint, verified, qualifying, work, work_squared, ...row }) => {
    const algorithm: Algorithm | undefined = algorithmOf(row.algorithm);
    const verifiedRate =
      algorithm === undefined
        ? ZERO_HASH_RATE
        : windowHashRate({ algorithm, work, workSquared: work_squared, seconds });
    return { source, endpoint, verified, qualifying, verifiedRate };
  });
}
