// The active minutes of every machine of some places: what their uptime is made of.
import type { Algorithm } from '@assay/mining';
import { placesAbove, type MachineHours } from '@assay/settlement';
import { tenantOf } from '@assay/tenancy';
import { MAX_WORKER_HOURS } from './active-minutes.ts';
import { IN_PLACE } from './place-sums.ts';
import type { RowReader } from './store-reader.ts';

const QUERY = {
  name: 'machine_minutes',
  sql: `
SELECT name, sum(accepted_shares) AS accepted, arraySort(groupArray((hour_minute, toUInt32(bitAnd(mask, 4294967295)), toUInt32(bitShiftRight(mask, 32))))) AS hours
FROM
(
    SELECT toString(r.worker) AS name, intDiv(toUnixTimestamp(r.at), 60) AS hour_minute, toFloat64(sum(r.accepted)) AS accepted_shares, groupBitOr(r.active_minutes) AS mask
    FROM assay.rollup_1h AS r
    WHERE r.algorithm = {algorithm:String} AND r.at >= fromUnixTimestamp({from:Int64}) AND r.at < fromUnixTimestamp({until:Int64})
      AND ${IN_PLACE}
    GROUP BY r.worker, r.at
    HAVING groupBitOr(r.active_minutes) > 0
    LIMIT {limit:UInt32}
)
GROUP BY name`,
};

interface Row {
  readonly name: string;
  readonly accepted: number;
  /** Start in minutes since 1970, and the two halves of the mask. */
  readonly hours: readonly (readonly [number, number, number])[];
}

/** By worker, of hours that overlap the range in UNIX seconds; undefined when that is more than can be looked through. */
export async function machineMinutes(
  store: RowReader,
  {
    places,
    algorithm,
    from,
    until,
  }: {
    readonly places: readonly string[];
    readonly algorithm: Algorithm;
    readonly from: number;
    readonly until: number;
  },
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, MachineHours> | undefined> {
  const all = new Set(places);
  const outermost = places.filter((place) => !placesAbove(place).some((above) => all.has(above)));
  const rows: Row[] = [];
  let hours = 0;
  for (const place of outermost) {
    const where = { tenant: tenantOf(place), place, whole: place === tenantOf(place) ? 1 : 0 };
    const limit = MAX_WORKER_HOURS - hours + 1;
    const params = { ...where, algorithm, from: Math.floor(from / 3600) * 3600, until, limit };
    const found = await store.rows<Row>(QUERY, params, signal);
    hours += found.reduce((sum, row) => sum + row.hours.length, 0);
    if (hours > MAX_WORKER_HOURS) return undefined;
    rows.push(...found);
  }
  return new Map(
    rows.map(({ name, accepted, hours }) => [
      name,
      { accepted, hours: hours.map(([hourMinute, low, high]) => ({ hourMinute, low, high })) },
    ]),
  );
}
