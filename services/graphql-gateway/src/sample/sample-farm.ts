// A small farm with known numbers, for tests: what it wrote to ClickHouse over the last day, and what the live state knows of it.
import type { AnalyticsStore } from '@assay/analytics';
import { decayedFrom, type LiveDelta, type LiveState } from '@assay/live-state';
import { MICROS_PER_DAY } from '@assay/kernel';
import { REJECT_REASONS } from '@assay/mining';
import type { WorkerEvent } from '@assay/tenancy';

/** Noon plus half a minute of the day the tests run in: tables forget what is too old by the real clock. */
export const NOW_US = Math.floor(Date.now() / 86_400_000) * 86_400_000_000 + 12 * 3_600_000_000 + 30_000_000;
export const NOW_MINUTE = Math.floor(NOW_US / 60e6);
export const DIFFICULTY = 1024;
export const EXPECTED_HS = 5e11;

/** Shares of one worker: the same number in every minute from the first (inclusive) to the last (exclusive). */
export interface Mining {
  readonly worker: string;
  readonly fromMinute: number;
  readonly toMinute: number;
  readonly accepted: number;
  readonly stale?: number;
  readonly algorithm?: string;
}

export function tenantOf(worker: string): string {
  return worker.split('.', 1)[0]!;
}

const REASON_COLUMNS = REJECT_REASONS.filter((reason) => reason !== '').map((reason) => `rejected_${reason}`);
const COUNTS = ['accepted', 'rejected', ...REASON_COLUMNS, 'work', 'work_squared'];
const SUMS = COUNTS.map((column) => `sum(r.${column})`).join(', ');

/** Writes the minutes, and the hours and days they add up to. Every minute becomes two rows, as an aggregator's deltas may. */
export async function insertMining(store: AnalyticsStore, minings: readonly Mining[]): Promise<void> {
  await store.command('DROP TABLE IF EXISTS assay.sample_minutes');
  await store.command('CREATE TABLE assay.sample_minutes AS assay.rollup_1m ENGINE = Memory');
  for (const { worker, fromMinute, toMinute, accepted, stale = 0, algorithm = 'sha256d' } of minings) {
    const half = accepted / 2;
    await store.command(`
      INSERT INTO assay.sample_minutes (tenant, worker, algorithm, at, accepted, rejected, rejected_stale, work, work_squared, best_share, first_share, last_share)
      SELECT '${tenantOf(worker)}', '${worker}', '${algorithm}', fromUnixTimestamp(toUInt32((${fromMinute} + intDiv(number, 2)) * 60)) AS minute,
             ${half}, if(number % 2 = 0, ${stale}, 0), if(number % 2 = 0, ${stale}, 0), ${half * DIFFICULTY}, ${half * DIFFICULTY ** 2}, 99999,
             minute, toDateTime64(minute, 6, 'UTC') + 50
      FROM numbers(${2 * (toMinute - fromMinute)})`);
  }
  const edges = 'max(r.best_share), min(r.first_share), max(r.last_share)';
  const edgeColumns = 'best_share, first_share, last_share';
  await store.command('INSERT INTO assay.rollup_1m SELECT * FROM assay.sample_minutes');
  await store.command(`
    INSERT INTO assay.rollup_1h (tenant, worker, algorithm, at, ${COUNTS.join(', ')}, ${edgeColumns}, active_minutes)
    SELECT tenant, worker, algorithm, toStartOfHour(r.at) AS hour, ${SUMS}, ${edges}, groupBitOr(bitShiftLeft(toUInt64(r.accepted > 0), toMinute(r.at)))
    FROM assay.sample_minutes AS r GROUP BY tenant, worker, algorithm, hour`);
  await store.command(`
    INSERT INTO assay.rollup_1d (tenant, worker, algorithm, at, ${COUNTS.join(', ')}, ${edgeColumns}, active_hours)
    SELECT tenant, worker, algorithm, toStartOfDay(r.at) AS day, ${SUMS}, ${edges}, groupBitOr(bitShiftLeft(toUInt32(r.accepted > 0), toHour(r.at)))
    FROM assay.sample_minutes AS r GROUP BY tenant, worker, algorithm, day`);
  await store.command('DROP TABLE assay.sample_minutes');
}

export interface KnownSample {
  readonly worker: string;
  readonly firstSeenUs: number;
  readonly expectedHs?: number;
  readonly algorithm?: string;
  readonly userAgent?: string;
  readonly remoteAddress?: string;
}

/** Writes what the store remembers of workers. */
export async function insertWorkers(store: AnalyticsStore, samples: readonly KnownSample[]): Promise<void> {
  const rows = samples.map(({ worker, firstSeenUs, expectedHs = EXPECTED_HS, algorithm = 'sha256d', ...said }) => {
    const { userAgent = 'sample-miner/1.0', remoteAddress = '10.0.0.7' } = said;
    const at = `fromUnixTimestamp64Micro(${firstSeenUs}, 'UTC')`;
    const site = worker.split('.')[1] ?? '';
    return `('${tenantOf(worker)}', '${worker}', '${site}', ${at}, ${at}, (${at}, '${algorithm}', '${userAgent}', '${remoteAddress}', 'gateway-1', ${DIFFICULTY}, ${expectedHs}, 0))`;
  });
  await store.command(`INSERT INTO assay.workers (tenant, worker, site, first_seen, last_seen, latest) SELECT * FROM VALUES(
    'tenant String, worker String, site String, first_seen DateTime64(6, ''UTC''), last_seen DateTime64(6, ''UTC''), latest Tuple(at DateTime64(6, ''UTC''), algorithm String, user_agent String, remote_address String, gateway String, difficulty Float64, expected_hash_rate Float64, reporting_interval Float64)',
    ${rows.join(',\n')})`);
}

export interface LiveSample {
  readonly worker: string;
  readonly connectedSinceUs: number;
  /** Of the shares sent so far; undefined for none. */
  readonly lastShareAtUs?: number;
  readonly work?: number;
  readonly disconnectedAtUs?: number;
  readonly expectedHs?: number;
  readonly difficulty?: number;
  readonly userAgent?: string;
  readonly remoteAddress?: string;
}

const PLACE = { topic: 'shares.verified', partition: 0 };
const offsets = new WeakMap<LiveState, number>();

/** An empty live state of one partition. @param reachedUs up to when it is complete; without one, for longer than any test runs */
export async function beginLive(live: LiveState, reachedUs = NOW_US + MICROS_PER_DAY): Promise<void> {
  await live.rebuild('', async () => ({ workers: [], partitions: [{ ...PLACE, fromOffset: 0, submittedFromUs: 0 }] }));
  const nothing = { ...PLACE, lineage: 'sample', fromOffset: 0, endOffset: 0, reachedUs, deltas: [], events: [] };
  const outcome = await live.apply(nothing);
  if (outcome.kind !== 'behind') throw new Error(`the live state is not new but ${outcome.kind}`);
  await live.apply({ ...nothing, fills: outcome.gap.token });
  offsets.set(live, 0);
}

/** Tells the live state of workers and of the shares they sent. */
export async function applyLive(live: LiveState, samples: readonly LiveSample[]): Promise<void> {
  const events: WorkerEvent[] = [];
  const deltas: LiveDelta[] = [];
  for (const sample of samples) {
    const {
      worker,
      connectedSinceUs,
      lastShareAtUs,
      disconnectedAtUs,
      expectedHs,
      difficulty = DIFFICULTY,
      work = 100 * difficulty,
      userAgent = 'sample-miner/1.0',
      remoteAddress = '10.0.0.7',
    } = sample;
    const base = { tenant: tenantOf(worker), worker, gateway: 'gateway-1', connection: worker };
    events.push({
      ...base,
      type: 'authorized',
      atUs: connectedSinceUs,
      algorithm: 'sha256d',
      remoteAddress,
      userAgent,
      difficulty,
      ...(expectedHs === undefined ? {} : { expectedHashRateHs: expectedHs }),
    });
    if (disconnectedAtUs !== undefined)
      events.push({ ...base, type: 'disconnected', atUs: disconnectedAtUs, reason: 'closed' });
    if (lastShareAtUs === undefined) continue;
    const slotUs = lastShareAtUs - 5e6;
    deltas.push({
      tenant: base.tenant,
      worker,
      algorithm: 'sha256d',
      accepted: work / difficulty,
      sinceUs: slotUs,
      bestShareDifficulty: 5 * difficulty,
      lastShareAtUs,
      difficulty,
      difficultyAtUs: slotUs,
      decayed: decayedFrom({ atUs: slotUs + 2.5e6, work, workSquared: work * difficulty }),
    });
  }
  const fromOffset = offsets.get(live)!;
  const endOffset = fromOffset + 1;
  offsets.set(live, endOffset);
  const outcome = await live.apply({
    ...PLACE,
    lineage: 'sample',
    fromOffset,
    endOffset,
    reachedUs: 0,
    deltas,
    events,
  });
  if (outcome.kind !== 'applied') throw new Error(`the live state did not take it: ${outcome.kind}`);
}
