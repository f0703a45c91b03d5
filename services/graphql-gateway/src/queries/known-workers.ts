// Every worker the store remembers, with its last share and best share. Bounded by MAX_WORKERS, the most recently seen first.
import type { Algorithm } from '@assay/mining';
import { Slices } from '../slices.ts';
import type { KnownWorker } from '../workers/worker-facts.ts';
import { algorithmOf } from './rollup-sums.ts';
import type { RowReader } from './store-reader.ts';

const MAX_WORKERS = 200_000;

const QUERY = {
  name: 'known_workers',
  sql: `
SELECT w.tenant AS tenant, w.worker AS name, w.latest.algorithm AS algorithm, w.latest.user_agent AS user_agent,
       w.latest.difficulty AS difficulty, w.latest.expected_hash_rate AS expected,
       toFloat64(toUnixTimestamp64Micro(w.first_seen)) AS first_seen_us,
       d.last_share_us AS last_share_us, d.best AS best
FROM
(
    SELECT tenant, worker, min(workers.first_seen) AS first_seen, max(workers.last_seen) AS last_seen, max(workers.latest) AS latest
    FROM assay.workers
    GROUP BY tenant, worker
) AS w
LEFT JOIN
(
    SELECT tenant, toString(worker) AS worker, toFloat64(toUnixTimestamp64Micro(max(r.last_share))) AS last_share_us, max(r.best_share) AS best
    FROM assay.rollup_1d AS r
    GROUP BY tenant, worker
) AS d ON w.tenant = d.tenant AND w.worker = d.worker
ORDER BY w.last_seen DESC
LIMIT {limit:UInt32}`,
};

interface Row {
  readonly tenant: string;
  readonly name: string;
  readonly algorithm: string;
  readonly user_agent: string;
  readonly difficulty: number;
  readonly expected: number;
  readonly first_seen_us: number;
  readonly last_share_us: number | null;
  readonly best: number | null;
}

export async function knownWorkers(store: RowReader): Promise<ReadonlyMap<string, KnownWorker>> {
  const known = new Map<string, KnownWorker>();
  const slices = new Slices();
  for (const row of await store.rows<Row>(QUERY, { limit: MAX_WORKERS })) {
    known.set(row.name, knownWorker(row));
    if (slices.isOver()) await slices.next();
  }
  return known;
}

function knownWorker(row: Row): KnownWorker {
  const algorithm: Algorithm = algorithmOf(row.algorithm) ?? 'sha256d';
  return {
    tenant: row.tenant,
    worker: row.name,
    algorithm,
    userAgent: row.user_agent,
    difficulty: row.difficulty,
    firstSeenUs: row.first_seen_us,
    expectedHashRateHs: row.expected > 0 ? row.expected : undefined,
    lastShareAtUs: row.last_share_us === null || row.last_share_us <= 0 ? undefined : row.last_share_us,
    bestShareDifficulty: row.best ?? 0,
  };
}
