// Work of places over stretches of time: every machine's rows are added up per stretch, and then to each place its name lies in. Whole hours come
// from the hourly rollup; of hours in which a stretch begins or ends, the minutes do.
import type { Algorithm } from '@assay/mining';
import type { PlaceSums, SumsByPlace } from '@assay/settlement';
import { placesAbove } from '@assay/settlement';
import { tenantOf } from '@assay/tenancy';
import { REASONS, SHARE_SUMS, type ShareSumsRow } from './rollup-sums.ts';
import type { RowReader } from './store-reader.ts';

const HOUR_SECONDS = 3600;
/** Beyond so many, every machine of their tenants is read and the places looked up afterwards: names are compared one by one. */
const FEW_PLACES = 16;

const COLUMNS = `worker, at, accepted, ${REASONS.map((reason) => `rejected_${reason}`).join(', ')}, work, work_squared`;
const WANTED = `algorithm IN {algorithms:Array(String)} AND at >= fromUnixTimestamp({from:Int64}) AND at < fromUnixTimestamp({until:Int64})
      AND (tenant = {tenant:String} OR (tenant IN {tenants:Array(String)}
           AND ({many:UInt8} = 1 OR arrayExists(place -> worker = place OR startsWith(toString(worker), concat(place, '.')), {places:Array(String)}))))`;

const QUERY = {
  name: 'place_sums',
  sql: `
SELECT arrayJoin(arrayFilter(
           place -> has({places:Array(String)}, place),
           arrayMap(n -> arrayStringConcat(arraySlice(splitByChar('.', name), 1, n), '.'), range(1, toUInt64(length(splitByChar('.', name)) + 1))))) AS place_name, cut_at, toString(sum(work_exact)) AS work_text, sum(squared) AS work_squared_sum, sum(coin_sum) AS coins, sum(unpriced) AS unpriced_work,
       sum(accepted_shares) AS accepted, sumForEach(reasons) AS rejected
FROM
(
    SELECT toString(r.worker) AS name, roundDown(toInt64(toUnixTimestamp(r.at)), {cuts:Array(Int64)}) AS cut_at,
           sum(r.work) AS work_exact, sum(r.work_squared) AS squared, ${SHARE_SUMS},
           sum(toFloat64(r.work) * r.price) AS coin_sum, sumIf(toFloat64(r.work), r.price = 0) AS unpriced
    FROM
    (
        SELECT ${COLUMNS}, transform(intDiv(toUnixTimestamp(at), ${HOUR_SECONDS}), {priceHours:Array(UInt32)}, {prices:Array(Float64)}, 0.) AS price
        FROM
        (
            SELECT ${COLUMNS} FROM assay.rollup_1h
            WHERE ${WANTED} AND NOT has({cutHours:Array(UInt32)}, intDiv(toUnixTimestamp(at), ${HOUR_SECONDS}))
            UNION ALL
            SELECT ${COLUMNS} FROM assay.rollup_1m
            WHERE ${WANTED} AND has({cutHours:Array(UInt32)}, intDiv(toUnixTimestamp(at), ${HOUR_SECONDS}))
        )
    ) AS r
    GROUP BY r.worker, cut_at
)
GROUP BY place_name, cut_at
LIMIT {limit:UInt32}`,
};

interface Row {
  readonly place_name: string;
  readonly cut_at: string | number;
  readonly work_text: string;
  readonly work_squared_sum: number;
  readonly coins: number;
  readonly unpriced_work: number;
  readonly accepted: ShareSumsRow['accepted_shares'];
  readonly rejected: ShareSumsRow['reasons'];
}

export interface PlaceSumsQuery {
  readonly tenant: string;
  readonly algorithm: Algorithm;
  /** Ascending UNIX seconds at whole minutes, the first and the last being the ends of the range. */
  readonly cuts: readonly number[];
  readonly places: readonly string[];
  /** Coins per difficulty by hours since 1970. */
  readonly prices: ReadonlyMap<number, number>;
}

export async function placeSums(
  store: RowReader,
  { tenant, algorithm, cuts, places, prices }: PlaceSumsQuery,
  signal?: AbortSignal,
): Promise<SumsByPlace> {
  const sums = new Map<string, Map<number, PlaceSums>>();
  if (cuts.length < 2) return sums;
  const cutHours = new Set(cuts.filter((cut) => cut % HOUR_SECONDS !== 0).map((cut) => Math.floor(cut / HOUR_SECONDS)));
  const starts = cuts.slice(0, -1);
  const others = outermost(places.filter((place) => place !== tenant));
  const params = {
    tenant,
    tenants: [...new Set(others.map(tenantOf))],
    places,
    many: others.length > FEW_PLACES ? 1 : 0,
    // Shares that name no job we know have no algorithm; they are rejected ones.
    algorithms: [algorithm, ''],
    from: cuts[0]!,
    until: cuts.at(-1)!,
    cuts: starts,
    cutHours: [...cutHours],
    priceHours: [0, ...prices.keys()],
    prices: [0, ...prices.values()],
    limit: places.length * starts.length,
  };
  for (const row of await store.rows<Row>(QUERY, params, signal)) {
    const ofPlace = sums.get(row.place_name) ?? new Map<number, PlaceSums>();
    sums.set(row.place_name, ofPlace);
    ofPlace.set(Number(row.cut_at), {
      workUnits: unitsOf(row.work_text),
      workSquared: row.work_squared_sum,
      accepted: row.accepted,
      reasons: row.rejected,
      coins: row.coins,
      unpricedWork: row.unpriced_work,
    });
  }
  return sums;
}

/** Those that lie in no other. */
function outermost(places: readonly string[]): string[] {
  const all = new Set(places);
  return places.filter((place) => !placesAbove(place).some((above) => all.has(above)));
}

const WORK_DIGITS = 8;

/** A Decimal(38, 8) as text, its trailing zeros left out. */
function unitsOf(text: string): bigint {
  const [whole = '0', fraction = ''] = text.split('.');
  return BigInt(whole + fraction.padEnd(WORK_DIGITS, '0'));
}
