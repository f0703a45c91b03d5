// Machines whose shares come as they do in a mine on a bad day: hours without a gap, gaps of a minute to a day, shares that came late and stand in rows
// of their own.
import type { AnalyticsStore } from '@assay/analytics';
import type { Random } from '@assay/kernel';
import { DIFFICULTY, tenantOf } from './sample-farm.ts';

/** A minute with shares, since 1970. */
export interface MinuteOfShares {
  readonly minute: number;
  readonly accepted: number;
  readonly stale: number;
  /** Stands in rows of its own. */
  readonly isLate: boolean;
}

/** Of the `hours` before a minute, and a little of its own hour. */
export function randomMachine(random: Random, nowMinute: number, hours: number): MinuteOfShares[] {
  const minutes: MinuteOfShares[] = [];
  // From each minute to one in some.
  const every = random.chance(0.6) ? 1 : 1 + random.below(20);
  let minute = nowMinute - hours * 60 + random.below(hours * 10);
  while (minute <= nowMinute) {
    minutes.push({
      minute,
      accepted: 1 + random.below(30),
      stale: random.chance(0.1) ? 1 : 0,
      isLate: random.chance(0.05),
    });
    if (random.chance(0.002)) minute += 1 + random.below(400);
    else if (random.chance(0.03)) minute += 1 + random.below(8);
    else minute += every === 1 ? 1 : 1 + random.below(every);
  }
  return minutes;
}

/** As the aggregator writes them: rows that add up. */
export async function insertHours(
  store: AnalyticsStore,
  worker: string,
  minutes: readonly MinuteOfShares[],
  algorithm = 'sha256d',
): Promise<void> {
  if (minutes.length === 0) return;
  // As one text that is taken apart there: literals by the thousand take ClickHouse seconds to parse.
  const text = minutes
    .map(({ minute, accepted, stale, isLate }) => `${minute},${accepted},${stale},${Number(isLate)}`)
    .join(' ');
  const from = `FROM (
      SELECT arrayMap(n -> toUInt32(n), splitByChar(',', arrayJoin(splitByChar(' ', '${text}')))) AS row, row[1] AS minute, row[2] AS shares, row[3] AS stale, row[4] AS late
    ) GROUP BY bucket, late`;
  const columns =
    'tenant, worker, algorithm, at, accepted, rejected, rejected_stale, work, work_squared, best_share, first_share, last_share';
  const sums = (start: string): string =>
    `SELECT '${tenantOf(worker)}', '${worker}', '${algorithm}', ${start}(toDateTime(minute * 60, 'UTC')) AS bucket, sum(shares), sum(stale), sum(stale),
       sum(shares) * ${DIFFICULTY}, sum(shares) * ${DIFFICULTY ** 2}, 99999, toDateTime64(bucket, 6, 'UTC'), toDateTime64(bucket, 6, 'UTC') + 50`;
  await store.command(`INSERT INTO assay.rollup_1m (${columns}) ${sums('toStartOfMinute')} ${from}`);
  await store.command(
    `INSERT INTO assay.rollup_1h (${columns}, active_minutes) ${sums('toStartOfHour')}, groupBitOr(bitShiftLeft(toUInt64(1), minute % 60)) ${from}`,
  );
}
