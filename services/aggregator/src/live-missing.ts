// What ClickHouse has of one partition that the live state has not: its shares summed as a batch's are, or its events in their order.
import type { AnalyticsStore } from '@assay/analytics';
import { TOPIC } from '@assay/event-log';
import { MICROS_PER_HOUR } from '@assay/kernel';
import type { LiveDelta, LiveGap, LivePartition } from '@assay/live-state';
import { LIVE_SLOT_US } from '@assay/live-state';
import { ALGORITHMS } from '@assay/mining';
import type { Algorithm } from '@assay/mining';
import type { WorkerEvent } from '@assay/tenancy';
import { decayedOf, decaySums, micros, type DecayColumns } from './decay-sql.ts';
import type { Missing } from './live-keeper.ts';

/** Events read at once; what is beyond is read the next time. */
const MAX_EVENTS = 50_000;
/**
 * Offsets are not what `shares` is ordered by, times are: of a partition that had come to some time, shares submitted up to this much
 * earlier are looked for. One that was later still and came while the live state was away is not in its rates.
 */
const LATE_US = MICROS_PER_HOUR;

interface ShareRow extends DecayColumns {
  readonly tenant: string;
  readonly worker: string;
  readonly algorithm: Algorithm | '';
  readonly accepted: number;
  readonly since_us: number;
  readonly best_share: number;
  readonly last_share_us: number;
  readonly difficulty: number;
  readonly difficulty_us: number;
}

interface EventRow {
  readonly type: 'authorized' | 'disconnected' | 'gateway_started';
  readonly at_us: number;
  readonly tenant: string;
  readonly worker: string;
  readonly gateway: string;
  readonly connection: string;
  readonly algorithm: string;
  readonly remote_address: string;
  readonly user_agent: string;
  readonly difficulty: number;
  readonly expected_hash_rate: number;
  readonly reason: string;
  readonly log_offset: number;
}

/** Throws AnalyticsError. */
export async function readMissing(
  store: Pick<AnalyticsStore, 'query'>,
  { topic, partition }: LivePartition,
  gap: LiveGap,
  endOffset: number,
  nowUs: number,
): Promise<Missing> {
  const range = { partition, from: gap.fromOffset, end: endOffset };
  if (topic === TOPIC.sharesVerified) {
    const since_us = gap.submittedFromUs || Math.max(0, (gap.reachedUs || nowUs) - LATE_US);
    const rows = await store.query<ShareRow>(SHARES_SQL, { ...range, now_us: nowUs, since_us });
    return { deltas: rows.flatMap((row) => delta(row, nowUs)), events: [], endOffset };
  }
  const params = { ...range, topic, since_us: gap.submittedFromUs, limit: MAX_EVENTS };
  const rows = await store.query<EventRow>(EVENTS_SQL, params);
  const end = rows.length < MAX_EVENTS ? endOffset : rows[rows.length - 1]!.log_offset + 1;
  return { deltas: [], events: rows.map(event), endOffset: end };
}

function delta(row: ShareRow, nowUs: number): LiveDelta | [] {
  if (row.algorithm !== '' && !(row.algorithm in ALGORITHMS)) return [];
  return {
    tenant: row.tenant,
    worker: row.worker,
    algorithm: row.algorithm,
    accepted: row.accepted,
    sinceUs: row.since_us,
    bestShareDifficulty: row.best_share,
    lastShareAtUs: Math.min(row.last_share_us, nowUs),
    difficulty: row.difficulty,
    difficultyAtUs: Math.min(row.difficulty_us, nowUs),
    decayed: decayedOf(row, nowUs),
  };
}

function event(row: EventRow): WorkerEvent {
  const happened = { atUs: row.at_us, gateway: row.gateway };
  const toWorker = { ...happened, tenant: row.tenant, worker: row.worker, connection: row.connection };
  switch (row.type) {
    case 'gateway_started':
      return { type: row.type, ...happened };
    case 'disconnected':
      return { type: row.type, ...toWorker, reason: row.reason };
    case 'authorized':
      return {
        type: row.type,
        ...toWorker,
        algorithm: row.algorithm as Algorithm,
        remoteAddress: row.remote_address,
        userAgent: row.user_agent,
        difficulty: row.difficulty,
        ...(row.expected_hash_rate > 0 ? { expectedHashRateHs: row.expected_hash_rate } : {}),
      };
  }
}

const SHARES_SQL = `
SELECT
  d.tenant AS tenant, d.worker AS worker, d.algorithm AS algorithm, toFloat64(sum(d.accepted)) AS accepted,
  min(d.slot_us) AS since_us, max(d.best) AS best_share, max(d.last_accepted_us) AS last_share_us,
  argMax(d.last_difficulty, d.last_us) AS difficulty, max(d.last_us) AS difficulty_us,
  ${decaySums()}
FROM
(
  SELECT
    toString(s.tenant) AS tenant, toString(s.worker) AS worker, toString(s.algorithm) AS algorithm,
    least(toFloat64(intDiv(toUnixTimestamp64Micro(s.submitted_at), ${LIVE_SLOT_US}) * ${LIVE_SLOT_US}), {now_us:Float64}) AS slot_us,
    any(slot_us + ${LIVE_SLOT_US / 2}) AS at_us,
    countIf(s.verdict = 'accepted') AS accepted,
    sumIf(s.difficulty, s.verdict = 'accepted') AS work, sumIf(s.difficulty * s.difficulty, s.verdict = 'accepted') AS squared,
    maxIf(s.share_difficulty, s.verdict = 'accepted') AS best,
    maxIf(${micros('s.submitted_at')}, s.verdict = 'accepted') AS last_accepted_us,
    argMax(s.difficulty, s.submitted_at) AS last_difficulty, ${micros('max(s.submitted_at)')} AS last_us
  FROM assay.shares AS s
  WHERE s.log_partition = {partition:UInt32} AND s.log_offset >= {from:UInt64} AND s.log_offset < {end:UInt64}
    AND s.submitted_at >= fromUnixTimestamp64Micro({since_us:Int64}, 'UTC')
  GROUP BY tenant, worker, algorithm, slot_us
) AS d
GROUP BY tenant, worker, algorithm`;

const EVENTS_SQL = `
SELECT
  toString(e.type) AS type, ${micros('e.at')} AS at_us, toString(e.tenant) AS tenant, toString(e.worker) AS worker,
  toString(e.gateway) AS gateway, e.connection AS connection, toString(e.algorithm) AS algorithm,
  e.remote_address AS remote_address, e.user_agent AS user_agent, e.difficulty AS difficulty,
  e.expected_hash_rate AS expected_hash_rate, toString(e.reason) AS reason, toFloat64(e.log_offset) AS log_offset
FROM assay.events AS e
WHERE e.log_topic = {topic:String} AND e.log_partition = {partition:UInt32}
  AND e.log_offset >= {from:UInt64} AND e.log_offset < {end:UInt64}
  AND e.at >= fromUnixTimestamp64Micro({since_us:Int64}, 'UTC') AND e.type IN ('authorized', 'disconnected', 'gateway_started')
ORDER BY e.log_offset
LIMIT {limit:UInt32}`;
