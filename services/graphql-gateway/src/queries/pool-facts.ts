// Facts about the whole pool: how new the newest share is, and the network difficulties its jobs had.
import type { Algorithm } from '@assay/mining';
import type { RowReader } from './store-reader.ts';

// Shares are partitioned by this column, so that ClickHouse answers from what it keeps of each part and reads no rows.
const NEWEST_SHARE = {
  name: 'newest_share',
  sql: 'SELECT toFloat64(toUnixTimestamp64Micro(max(s.submitted_at))) AS at_us FROM assay.shares AS s',
};

/** Microseconds since 1970; undefined before the first share. */
export async function newestShareUs(store: RowReader): Promise<number | undefined> {
  const [row] = await store.rows<{ readonly at_us: number }>(NEWEST_SHARE, {});
  return row === undefined || row.at_us <= 0 ? undefined : row.at_us;
}

const NETWORK_DIFFICULTY = {
  name: 'network_difficulty',
  sql: `
SELECT toFloat64(toUnixTimestamp64Micro(first_us)) AS at_us, difficulty, nbits
FROM
(
    SELECT seen AS first_us, difficulty, nbits, lagInFrame(nbits, 1, '') OVER (ORDER BY seen, nbits ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS nbits_before
    FROM
    (
        SELECT min(j.first_seen) AS seen, any(j.network_difficulty) AS difficulty, any(j.nbits) AS nbits
        FROM assay.jobs AS j
        WHERE j.algorithm = {algorithm:String}
        GROUP BY j.hash
        ORDER BY seen DESC
        LIMIT {scan:UInt32}
    )
)
WHERE nbits != nbits_before
ORDER BY first_us DESC
LIMIT {limit:UInt32}`,
};

/** Jobs looked at for changes of difficulty: about a year of them at one every 30 seconds. */
const MAX_JOBS = 1_000_000;

export interface NetworkDifficultyChange {
  readonly atUs: number;
  readonly difficulty: number;
  readonly nbits: string;
}

/** Changes of the network difficulty seen in jobs, newest first. */
export async function networkDifficulty(
  store: RowReader,
  algorithm: Algorithm,
  limit: number,
  signal?: AbortSignal,
): Promise<NetworkDifficultyChange[]> {
  const rows = await store.rows<{ at_us: number; difficulty: number; nbits: string }>(
    NETWORK_DIFFICULTY,
    { algorithm, scan: MAX_JOBS, limit },
    signal,
  );
  return rows.map(({ at_us, difficulty, nbits }) => ({ atUs: at_us, difficulty, nbits }));
}
