// The active minutes of every machine of some places: what their uptime is made of.
import type { Algorithm } from '@assay/mining';
import { minutesFromMasks } from '@assay/rollup';
import type { MachineMinutes } from '@assay/settlement';
import { tenantOf } from '@assay/tenancy';
import { MAX_WORKER_HOURS } from './active-minutes.ts';
import type { RowReader } from './store-reader.ts';

const QUERY = {
  name: 'machine_minutes',
  sql: `
SELECT name, sum(accepted_shares) AS accepted, arraySort(groupArray((hour_minute, mask))) AS hours
FROM
(
    SELECT toString(r.worker) AS name, intDiv(toUnixTimestamp(r.at), 60) AS hour_minute, toFloat64(sum(r.accepted)) AS accepted_shares, toString(groupBitOr(r.active_minutes)) AS mask
    FROM assay.rollup_1h AS r
    WHERE r.algorithm = {algorithm:String} AND r.at >= fromUnixTimestamp({from:Int64}) AND r.at < fromUnixTimestamp({until:Int64})
      AND (r.tenant = {tenant:String} OR (r.tenant IN {tenants:Array(String)}
           AND arrayExists(place -> r.worker = place OR startsWith(toString(r.worker), concat(place, '.')), {places:Array(String)})))
    GROUP BY r.worker, r.at
    HAVING groupBitOr(r.active_minutes) > 0
    LIMIT {limit:UInt32}
)
GROUP BY name`,
};

interface Row {
  readonly name: string;
  readonly accepted: number;
  readonly hours: readonly (readonly [number, string])[];
}

/** By worker, of hours that overlap the range in UNIX seconds; undefined when that is more than can be looked through. */
export async function machineMinutes(
  store: RowReader,
  {
    tenant,
    places,
    algorithm,
    from,
    until,
  }: {
    readonly tenant: string;
    readonly places: readonly string[];
    readonly algorithm: Algorithm;
    readonly from: number;
    readonly until: number;
  },
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, MachineMinutes> | undefined> {
  const others = places.filter((place) => place !== tenant);
  const params = {
    tenant,
    tenants: [...new Set(others.map(tenantOf))],
    places: others,
    algorithm,
    from: Math.floor(from / 3600) * 3600,
    until,
    limit: MAX_WORKER_HOURS + 1,
  };
  const rows = await store.rows<Row>(QUERY, params, signal);
  if (rows.reduce((sum, { hours }) => sum + hours.length, 0) > MAX_WORKER_HOURS) return undefined;
  return new Map(
    rows.map(({ name, accepted, hours }) => [
      name,
      {
        accepted,
        activeMinutes: minutesFromMasks(hours.map(([hourMinute, mask]) => ({ hourMinute, mask: BigInt(mask) }))),
      },
    ]),
  );
}
