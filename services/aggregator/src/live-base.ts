// What a live state starts from, as ClickHouse knows it: who there is, what is connected, and each rate's decayed sums up to a cut.
//
// A rate decays by exp(-age / T), so old shares need no fine resolution: minutes of the hours before the cut, hours of the days before
// those, cut at exact times, each share in one of them. Eight days reach back to e^-8 of the longest window: what is left out is
// 0.03 % of its rate. Shares from the cut on are not here; each partition adds its own (live-missing.ts).
import type { AnalyticsStore } from '@assay/analytics';
import { MICROS_PER_DAY, MICROS_PER_HOUR, MICROS_PER_SECOND } from '@assay/kernel';
import type { LiveConnection, LiveSnapshot } from '@assay/live-state';
import { ALGORITHMS } from '@assay/mining';
import type { Algorithm } from '@assay/mining';
import { decayedOf, decaySums, micros, type DecayColumns } from './decay-sql.ts';

const MINUTES_US = 8 * MICROS_PER_HOUR;
const HOURS_US = 8 * MICROS_PER_DAY;
/** Workers restored at most, those seen last; the live state has a bound too. */
const MAX_WORKERS = 250_000;

interface FactRow {
  readonly tenant: string;
  readonly worker: string;
  readonly algorithm: string;
  readonly user_agent: string;
  readonly remote_address: string;
  readonly first_seen_us: number;
  readonly last_share_us: number;
  readonly best_share: number;
  readonly difficulty: number;
  readonly authorized_us: number;
  readonly expected_hash_rate: number;
}

interface ConnectionRow {
  readonly worker: string;
  readonly gateway: string;
  readonly connection: string;
  readonly since_us: number;
}

interface DecayRow extends DecayColumns {
  readonly worker: string;
  readonly algorithm: string;
}

/** Every worker, with the work of shares submitted before `cutUs`, a whole minute. Throws AnalyticsError. */
export async function readLiveWorkers(store: Pick<AnalyticsStore, 'query'>, cutUs: number): Promise<LiveSnapshot[]> {
  // One after the other: together they would ask for the memory of all three.
  const facts = await store.query<FactRow>(FACTS_SQL, { limit: MAX_WORKERS });
  const connections = await store.query<ConnectionRow>(CONNECTIONS_SQL);
  const decayed = await store.query<DecayRow>(DECAYED_SQL, decayParams(cutUs));

  const connectionsOf = new Map<string, LiveConnection[]>();
  for (const { worker, gateway, connection, since_us: sinceUs } of connections) {
    const open = connectionsOf.get(worker) ?? [];
    open.push({ gateway, connection, sinceUs });
    connectionsOf.set(worker, open);
  }
  const decayOf = new Map(decayed.map((row) => [`${row.worker}\n${row.algorithm}`, row]));
  return facts.flatMap((fact) => {
    if (!(fact.algorithm in ALGORITHMS)) return [];
    const algorithm = fact.algorithm as Algorithm;
    return {
      tenant: fact.tenant,
      worker: fact.worker,
      algorithm,
      userAgent: fact.user_agent,
      remoteAddress: fact.remote_address,
      connections: connectionsOf.get(fact.worker) ?? [],
      authorizedAtUs: fact.authorized_us,
      firstSeenUs: fact.first_seen_us,
      lastShareAtUs: fact.last_share_us === 0 ? undefined : fact.last_share_us,
      // That of the last connection; shares since the cut bring theirs.
      difficulty: fact.difficulty,
      bestShareDifficulty: fact.best_share,
      expectedHashRateHs: fact.expected_hash_rate > 0 ? fact.expected_hash_rate : undefined,
      decayed: decayedOf(decayOf.get(`${fact.worker}\n${algorithm}`), cutUs),
    };
  });
}

// A worker is known from an authorization or an accepted share. The latest share names its algorithm where no authorization does.
const FACTS_SQL = `
SELECT
  f.tenant AS tenant, f.worker AS worker,
  if(max(f.said), argMax(f.said_algorithm, f.said), argMax(f.mined_algorithm, f.last_share_us)) AS algorithm,
  max(f.user_agent) AS user_agent, max(f.remote_address) AS remote_address,
  min(f.first_seen_us) AS first_seen_us, max(f.last_share_us) AS last_share_us, max(f.best_share) AS best_share,
  max(f.difficulty) AS difficulty, max(f.authorized_us) AS authorized_us, max(f.expected_hash_rate) AS expected_hash_rate
FROM
(
  SELECT
    toString(w.tenant) AS tenant, w.worker AS worker, latest.1 > toDateTime64(0, 6, 'UTC') AS said,
    latest.2 AS said_algorithm, '' AS mined_algorithm, latest.3 AS user_agent, latest.4 AS remote_address,
    ${micros('seen')} AS first_seen_us, toFloat64(0) AS last_share_us, toFloat64(0) AS best_share,
    latest.6 AS difficulty, ${micros('latest.1')} AS authorized_us, latest.7 AS expected_hash_rate
  FROM (SELECT tenant, worker, min(first_seen) AS seen, max(latest) AS latest FROM assay.workers GROUP BY tenant, worker) AS w
  UNION ALL
  SELECT
    toString(tenant), toString(worker), 0, '', toString(algorithm), '', '',
    ${micros('assumeNotNull(min(first_share))')}, ${micros('assumeNotNull(max(last_share))')}, max(best_share), toFloat64(0), toFloat64(0), toFloat64(0)
  FROM assay.rollup_1d
  GROUP BY tenant, worker, algorithm
  HAVING sum(accepted) > 0
) AS f
GROUP BY tenant, worker
ORDER BY greatest(last_share_us, first_seen_us) DESC
LIMIT {limit:UInt32}`;

// Open: authorized after its gateway's last start, and not disconnected since.
const CONNECTIONS_SQL = `
SELECT
  toString(e.worker) AS worker, toString(e.gateway) AS gateway, e.connection AS connection,
  ${micros("minIf(e.at, e.type = 'authorized')")} AS since_us
FROM assay.events AS e
LEFT JOIN
(
  SELECT gateway, max(at) AS started FROM assay.events WHERE type = 'gateway_started' GROUP BY gateway
) AS g ON g.gateway = e.gateway
WHERE e.type IN ('authorized', 'disconnected') AND e.at >= g.started
GROUP BY worker, gateway, connection
HAVING countIf(e.type = 'authorized') > 0 AND maxIf(e.at, e.type = 'authorized') > maxIf(e.at, e.type = 'disconnected')`;

const DECAYED_SQL = `
SELECT d.worker AS worker, d.algorithm AS algorithm,
  ${decaySums()}
FROM
(
  SELECT toString(m.worker) AS worker, toString(m.algorithm) AS algorithm,
    (toFloat64(toUnixTimestamp(m.at)) + 30) * ${MICROS_PER_SECOND} AS at_us, toFloat64(sum(m.work)) AS work, sum(m.work_squared) AS squared
  FROM assay.rollup_1m AS m
  WHERE m.at >= toDateTime({minutes_s:UInt32}, 'UTC') AND m.at < toDateTime({cut_s:UInt32}, 'UTC')
  GROUP BY m.worker, m.algorithm, m.at
  UNION ALL
  SELECT toString(h.worker), toString(h.algorithm), (toFloat64(toUnixTimestamp(h.at)) + 1800) * ${MICROS_PER_SECOND}, toFloat64(sum(h.work)), sum(h.work_squared)
  FROM assay.rollup_1h AS h
  WHERE h.at >= toDateTime({hours_s:UInt32}, 'UTC') AND h.at < toDateTime({minutes_s:UInt32}, 'UTC')
  GROUP BY h.worker, h.algorithm, h.at
) AS d
GROUP BY worker, algorithm`;

function decayParams(cutUs: number): Record<string, number> {
  const minutesUs = Math.floor((cutUs - MINUTES_US) / MICROS_PER_HOUR) * MICROS_PER_HOUR;
  return {
    now_us: cutUs,
    cut_s: cutUs / MICROS_PER_SECOND,
    minutes_s: minutesUs / MICROS_PER_SECOND,
    hours_s: (minutesUs - HOURS_US) / MICROS_PER_SECOND,
  };
}
