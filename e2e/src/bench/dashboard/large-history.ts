// Ninety days of rollups of the farm, made inside ClickHouse: shares that scatter as Poisson's law has it (its normal limit), machines that are away for hours and days, some that are
// slow, difficulties that change, and rejected shares of the usual reasons. Minutes for as long as a pool of this size keeps them.
import type { AnalyticsStore } from '@assay/analytics';
import { DIFFICULTIES, MACHINES_PER_RACK, RACKS_PER_SITE, SHARES_PER_MINUTE, type FarmSize } from './large-farm.ts';

const say = (text: string): void => void process.stderr.write(`history: ${text}\n`);

/** Seconds a statement may take on a machine that has others to serve. */
const PATIENCE = 1800;

/** Machines as rows: n, tenant, worker, difficulty. As workerOfMachine has them. */
function machines(workers: number): string {
  return `(
    SELECT number AS n,
      multiIf(n < ${workers * 0.4}, 'acme', n < ${workers * 0.6}, 'globex',
        concat('tenant', toString(1 + least(7, intDiv(n - toUInt64(${workers * 0.6}), toUInt64(${workers * 0.05})))))) AS tenant,
      intDiv(n, ${MACHINES_PER_RACK}) AS rack,
      concat(tenant, '.site', toString(intDiv(rack, ${RACKS_PER_SITE})), '.rack', toString(rack), '.m', toString(n)) AS worker,
      [${DIFFICULTIES.join(', ')}][n % ${DIFFICULTIES.length} + 1] AS base
    FROM numbers(${workers}))`;
}

/**
 * Rows of one span of time. A machine is away for a whole day one time in two hundred, and for any hour one time in a hundred; one in fifty does four
 * fifths of what it should; for ten days of each thirty its difficulty is half, and its shares twice as many.
 */
function rollup(table: 'rollup_1h' | 'rollup_1m', workers: number, from: number, steps: number): string {
  const seconds = table === 'rollup_1h' ? 3600 : 60;
  const shares = (SHARES_PER_MINUTE * seconds) / 60;
  return `INSERT INTO assay.${table}
  (tenant, worker, algorithm, at, accepted, rejected, rejected_stale, rejected_low_difficulty, rejected_duplicate,
   work, work_squared, best_share, first_share, last_share${table === 'rollup_1h' ? ', active_minutes' : ''})
  SELECT tenant, worker, 'sha256d', toDateTime(at_s), accepted, stale + low + duplicate, stale, low, duplicate,
    toDecimal128(accepted * difficulty, 8), accepted * difficulty * difficulty, difficulty * shares_mean,
    toDateTime64(at_s + 1, 6), toDateTime64(at_s + ${seconds - 2}, 6)${table === 'rollup_1h' ? ', 1152921504606846975' : ''}
  FROM (
    SELECT tenant, worker, ${from} + step * ${seconds} AS at_s,
      intDiv(at_s, 864000) % 3 = 0 AS is_halved,
      if(is_halved, base / 2, base) AS difficulty,
      ${shares} * if(is_halved, 2, 1) * if(n % 50 = 3, 0.8, 1) AS shares_mean,
      toUInt64(greatest(0, round(shares_mean + sqrt(shares_mean) * randNormal(0, 1)))) AS accepted,
      toUInt64(floor(shares_mean * 0.002 + randUniform(0, 1, 1))) AS stale,
      toUInt64(floor(shares_mean * 0.0004 + randUniform(0, 1, 2))) AS low,
      toUInt64(floor(shares_mean * 0.0001 + randUniform(0, 1, 3))) AS duplicate
    FROM ${machines(workers)} ARRAY JOIN range(${steps}) AS step
    WHERE cityHash64(n, intDiv(at_s, 86400)) % 200 != 0 AND cityHash64(n, intDiv(at_s, 3600), 1) % 100 != 0)
  WHERE accepted > 0`;
}

function daysFrom(workers: number, from: number): string {
  return `INSERT INTO assay.rollup_1d
  (tenant, worker, algorithm, at, accepted, rejected, rejected_stale, rejected_low_difficulty, rejected_duplicate,
   work, work_squared, best_share, first_share, last_share, active_hours)
  SELECT tenant, worker, algorithm, toDateTime(${from}), sum(accepted), sum(rejected), sum(rejected_stale), sum(rejected_low_difficulty),
    sum(rejected_duplicate), sum(work), sum(work_squared), max(best_share), min(first_share), max(last_share),
    groupBitOr(bitShiftLeft(toUInt32(1), toHour(at)))
  FROM assay.rollup_1h WHERE at >= toDateTime(${from}) AND at < toDateTime(${from + 86_400})
  GROUP BY tenant, worker, algorithm`;
}

function workersTable(workers: number, nowUs: number): string {
  const at = (daysAgo: number): string => `fromUnixTimestamp64Micro(toInt64(${nowUs - daysAgo * 86_400e6}))`;
  return `INSERT INTO assay.workers (tenant, worker, site, first_seen, last_seen, latest)
  SELECT tenant, worker, splitByChar('.', worker)[2], ${at(90)}, ${at(20)},
    (${at(20)}, 'sha256d', if(n % 3 = 0, 'bmminer/2.0.0', 'cgminer/4.12.0'), '10.0.0.1', 'gateway-1', toFloat64(base),
      base * 4294967296 * ${SHARES_PER_MINUTE} / 60, 0.)
  FROM ${machines(workers)}`;
}

/** Answers of every machine, one a minute; that of hours the view makes of minutes where there are any. */
function latencies(table: 'latency_1h' | 'latency_1m', workers: number, from: number, steps: number): string {
  const seconds = table === 'latency_1h' ? 3600 : 60;
  return `INSERT INTO assay.${table} (tenant, worker, at, answers, total_ms, slowest_ms)
  SELECT tenant, worker, toDateTime(${from} + step * ${seconds}), ${seconds / 60}, ${seconds / 60} * ms, ms * ${table === 'latency_1h' ? 4 : 1}
  FROM (
    SELECT tenant, worker, step, round(20 + n % 60 + randExponential(0.1), 1) AS ms
    FROM ${machines(workers)} ARRAY JOIN range(${steps}) AS step)`;
}

/** Connects and disconnects: a machine in fifty has both on any day. */
function events(workers: number, from: number): string {
  return `INSERT INTO assay.events (tenant, worker, at, type, id, gateway, connection, algorithm, remote_address, user_agent, difficulty, reason, log_topic)
  SELECT tenant, worker, toDateTime64(${from} + cityHash64(n, ${from}) % 80000 + if(kind = 'authorized', 600, 0), 6), kind,
    concat('worker.events:0:', toString(${from} * 100 + n * 2 + (kind = 'authorized'))), 'gateway-1', toString(n), 'sha256d', '10.0.0.1', 'bmminer/2.0.0',
    toFloat64(base), if(kind = 'authorized', '', 'closed'), 'worker.events'
  FROM ${machines(workers)} ARRAY JOIN ['disconnected', 'authorized'] AS kind
  WHERE cityHash64(n, ${from}, 2) % 50 = 0`;
}

/** Writes all of it into an empty, migrated store; ends with now, a whole minute. */
export async function writeHistory(store: AnalyticsStore, size: FarmSize, nowSeconds: number): Promise<void> {
  const { workers, days } = size;
  const run = (sql: string): Promise<void> => patiently(store, sql);
  const began = performance.now();
  const today = Math.floor(nowSeconds / 86_400) * 86_400;
  const minutesFrom = firstMinute(size, nowSeconds);
  await run(workersTable(workers, nowSeconds * 1e6));
  for (let day = today - (days - 1) * 86_400; day <= today; day += 86_400) {
    const hours = Math.min(24, Math.floor((nowSeconds - day) / 3600));
    if (hours > 0) await run(rollup('rollup_1h', workers, day, hours));
    const timed = Math.min(hours, Math.floor((minutesFrom - day) / 3600));
    if (timed > 0) await run(latencies('latency_1h', workers, day, timed));
    await run(daysFrom(workers, day));
    await run(events(workers, day));
    if (((today - day) / 86_400) % 15 === 0)
      say(`${(today - day) / 86_400} days to go, ${((performance.now() - began) / 1000).toFixed(0)} s`);
  }
  await writeMinutes(store, size, nowSeconds);
  say(`written in ${((performance.now() - began) / 1000).toFixed(0)} s`);
}

/** An hour at a time. */
export async function writeMinutes(store: AnalyticsStore, size: FarmSize, nowSeconds: number): Promise<void> {
  for (let at = firstMinute(size, nowSeconds); at < nowSeconds; at += 3600) {
    const minutes = Math.min(60, Math.floor((nowSeconds - at) / 60));
    await patiently(store, rollup('rollup_1m', size.workers, at, minutes));
    await patiently(store, latencies('latency_1m', size.workers, at, minutes));
  }
}

/** From where on there are rows by the minute. */
function firstMinute({ minuteDays }: FarmSize, nowSeconds: number): number {
  return Math.floor(nowSeconds / 3600) * 3600 - minuteDays * 86_400;
}

function patiently(store: AnalyticsStore, sql: string): Promise<void> {
  return store.command(`${sql} SETTINGS max_execution_time = ${PATIENCE}`);
}
