// Which minutes of a range each worker had an accepted share in: what uptime is made of. Read as hourly masks, 60 bits a row.
import { minutesFromMasks } from '@assay/rollup';
import type { RowReader } from './store-reader.ts';

const QUERY = {
  name: 'active_minutes',
  sql: `
SELECT name, arraySort(groupArray((hour_minute, mask))) AS hours
FROM
(
    SELECT toString(r.worker) AS name, intDiv(toUnixTimestamp(r.at), 60) AS hour_minute, toString(groupBitOr(r.active_minutes)) AS mask
    FROM assay.rollup_1h AS r
    WHERE r.tenant IN {tenants:Array(String)} AND r.worker IN {workers:Array(String)}
      AND r.at >= fromUnixTimestamp({from:UInt32}) AND r.at < fromUnixTimestamp({to:UInt32})
    GROUP BY r.worker, r.at
    HAVING groupBitOr(r.active_minutes) > 0
    LIMIT {limit:UInt32}
)
GROUP BY name`,
};

/** Hours of workers one answer may hold: 1,000 workers over a month. */
export const MAX_WORKER_HOURS = 750_000;

interface Row {
  readonly name: string;
  /** Hour start as minutes since 1970, and its mask as a decimal. */
  readonly hours: readonly (readonly [number, string])[];
}

/**
 * Whole minutes since 1970, ascending, by worker, of the hours that overlap [fromMinute, toMinute). The caller keeps
 * workers x hours below MAX_WORKER_HOURS.
 */
export async function activeMinutesOf(
  store: RowReader,
  names: { readonly tenants: readonly string[]; readonly workers: readonly string[] },
  fromMinute: number,
  toMinute: number,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const from = Math.floor(fromMinute / 60) * 3600;
  const rows = await store.rows<Row>(QUERY, { ...names, from, to: toMinute * 60, limit: MAX_WORKER_HOURS }, signal);
  return new Map(
    rows.map(({ name, hours }) => [
      name,
      minutesFromMasks(hours.map(([hourMinute, mask]) => ({ hourMinute, mask: BigInt(mask) }))),
    ]),
  );
}
