// The live state as ClickHouse knows it, to start from: who there is, what is connected, and each rate's decayed sums.
//
// A rate decays by exp(-age / T), so old shares need no fine resolution and the three sources are cut at exact times, each share
// in one of them: raw shares of the last quarter of an hour by the live slot, minutes of the hours before, hours of the days
// before. Eight days reach back to e^-8 of the longest window: what is left out is 0.03 % of its rate.
import type { AnalyticsStore } from '@assay/analytics';
import { MICROS_PER_DAY, MICROS_PER_HOUR, MICROS_PER_MINUTE, MICROS_PER_SECOND } from '@assay/kernel';
import type { LiveConnection, LiveSnapshot, LiveWindow } from '@assay/live-state';
import { LIVE_SLOT_US, LIVE_WINDOWS } from '@assay/live-state';
import { ALGORITHMS } from '@assay/mining';
import type { Algorithm } from '@assay/mining';
import type { DecayedWork } from '@assay/rollup';

const RAW_US = 15 * MICROS_PER_MINUTE;
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

type DecayRow = {
  readonly worker: string;
  readonly algorithm: string;
  readonly difficulty: number;
  readonly difficulty_us: number;
} & Readonly<Record<`${'work' | 'squared'}_${LiveWindow}`, number>>;

/** Reads everything as of `nowUs`. Throws AnalyticsError. */
export async function readLiveSnapshot(store: AnalyticsStore, nowUs: number): Promise<LiveSnapshot[]> {
  // One after the other: together they would ask for the memory of all three.
  const facts = await store.query<FactRow>(FACTS_SQL, { limit: MAX_WORKERS });
  const connections = await store.query<ConnectionRow>(CONNECTIONS_SQL);
  const decayed = await store.query<DecayRow>(DECAYED_SQL, decayParams(nowUs));

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
    const decay = decayOf.get(`${fact.worker}\n${algorithm}`);
    return {
      tenant: fact.tenant,
      worker: fact.worker,
      algorithm,
      userAgent: fact.user_agent,
      remoteAddress: fact.remote_address,
      connections: connectionsOf.get(fact.worker) ?? [],
      firstSeenUs: fact.first_seen_us,
      lastShareAtUs: fact.last_share_us === 0 ? undefined : fact.last_share_us,
      // That of the last share, unless the worker has connected anew since.
      difficulty: decay !== undefined && decay.difficulty_us > fact.authorized_us ? decay.difficulty : fact.difficulty,
      bestShareDifficulty: fact.best_share,
      expectedHashRateHs: fact.expected_hash_rate > 0 ? fact.expected_hash_rate : undefined,
      decayed: decayedWork(decay, nowUs),
    };
  });
}

function decayedWork(row: DecayRow | undefined, nowUs: number): Record<LiveWindow, DecayedWork> {
  const of = (name: LiveWindow): DecayedWork => ({
    atUs: nowUs,
    work: row?.[`work_${name}`] ?? 0,
    workSquared: row?.[`squared_${name}`] ?? 0,
  });
  return Object.fromEntries(LIVE_WINDOWS.map(({ name }) => [name, of(name)])) as Record<LiveWindow, DecayedWork>;
}

const micros = (column: string): string => `toFloat64(toUnixTimestamp64Micro(${column}))`;

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

// A slot's middle may lie ahead of now; further ahead than a slot no share is taken to be.
const SLOT_SECONDS = LIVE_SLOT_US / MICROS_PER_SECOND;

function decaySums(): string {
  return LIVE_WINDOWS.map(({ name, seconds }) => {
    const factor = `exp(-(greatest({now_s:Float64} - d.at_s, -${SLOT_SECONDS})) / ${seconds})`;
    return `sum(d.work * ${factor}) AS work_${name}, sum(d.squared * ${factor} * ${factor}) AS squared_${name}`;
  }).join(',\n  ');
}

const DECAYED_SQL = `
SELECT d.worker AS worker, d.algorithm AS algorithm, max(d.difficulty) AS difficulty, max(d.difficulty_us) AS difficulty_us,
  ${decaySums()}
FROM
(
  SELECT
    toString(s.worker) AS worker, toString(s.algorithm) AS algorithm,
    (intDiv(toUnixTimestamp64Micro(s.submitted_at), ${LIVE_SLOT_US}) + 0.5) * ${SLOT_SECONDS} AS at_s,
    sum(s.difficulty) AS work, sum(s.difficulty * s.difficulty) AS squared, toFloat64(0) AS difficulty, toFloat64(0) AS difficulty_us
  FROM assay.shares AS s
  WHERE s.submitted_at >= fromUnixTimestamp64Micro({raw_us:Int64}, 'UTC') AND s.verdict = 'accepted'
  GROUP BY worker, algorithm, at_s
  UNION ALL
  SELECT toString(l.worker), toString(l.algorithm), toFloat64(0), toFloat64(0), toFloat64(0), argMax(l.difficulty, l.submitted_at),
    ${micros('max(l.submitted_at)')}
  FROM assay.shares AS l
  WHERE l.submitted_at >= fromUnixTimestamp64Micro({raw_us:Int64}, 'UTC')
  GROUP BY l.worker, l.algorithm
  UNION ALL
  SELECT toString(m.worker), toString(m.algorithm), toFloat64(toUnixTimestamp(m.at)) + 30, toFloat64(sum(m.work)), sum(m.work_squared), toFloat64(0), toFloat64(0)
  FROM assay.rollup_1m AS m
  WHERE m.at >= toDateTime({minutes_s:UInt32}, 'UTC') AND m.at < toDateTime({raw_s:UInt32}, 'UTC')
  GROUP BY m.worker, m.algorithm, m.at
  UNION ALL
  SELECT toString(h.worker), toString(h.algorithm), toFloat64(toUnixTimestamp(h.at)) + 1800, toFloat64(sum(h.work)), sum(h.work_squared), toFloat64(0), toFloat64(0)
  FROM assay.rollup_1h AS h
  WHERE h.at >= toDateTime({hours_s:UInt32}, 'UTC') AND h.at < toDateTime({minutes_s:UInt32}, 'UTC')
  GROUP BY h.worker, h.algorithm, h.at
) AS d
GROUP BY worker, algorithm`;

function decayParams(nowUs: number): Record<string, number> {
  const rawUs = Math.floor((nowUs - RAW_US) / MICROS_PER_MINUTE) * MICROS_PER_MINUTE;
  const minutesUs = Math.floor((nowUs - MINUTES_US) / MICROS_PER_HOUR) * MICROS_PER_HOUR;
  return {
    now_s: nowUs / MICROS_PER_SECOND,
    raw_us: rawUs,
    raw_s: rawUs / MICROS_PER_SECOND,
    minutes_s: minutesUs / MICROS_PER_SECOND,
    hours_s: (minutesUs - HOURS_US) / MICROS_PER_SECOND,
  };
}
