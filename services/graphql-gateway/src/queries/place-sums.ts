// Work of places over stretches of time. Whole hours come from the hourly rollup; of hours in which a stretch begins or ends, the minutes do. What
// the tenant itself and its sites did is read from the sums of sites, some thousands of rows where their machines have millions. Of others' places, of
// which a viewer may see some machines at other times than the whole, and of what lies deeper, the machines' rows are added up.
import type { Algorithm } from '@assay/mining';
import type { PlaceSums, SumsByPlace } from '@assay/settlement';
import { siteOf, tenantOf } from '@assay/tenancy';
import { REASONS, SHARE_SUMS, type ShareSumsRow } from './rollup-sums.ts';
import type { NamedQuery, RowReader } from './store-reader.ts';

const HOUR_SECONDS = 3600;
/** So many places are read one by one, each by the primary key. Of more, the machines of all their tenants are read at once, and their places looked up. */
const FEW_PLACES = 16;

const COLUMNS = `worker, at, accepted, ${REASONS.map((reason) => `rejected_${reason}`).join(', ')}, work, work_squared`;

interface Rollups {
  readonly hours: string;
  readonly minutes: string;
}

const SITES: Rollups = { hours: 'site_1h', minutes: 'site_1m' };
const MACHINES: Rollups = { hours: 'rollup_1h', minutes: 'rollup_1m' };

/** Rows of whole hours, and of minutes for hours that are cut, each with the price of its hour. */
function pricedRows({ hours, minutes }: Rollups, where: string): string {
  const hour = `intDiv(toUnixTimestamp(at), ${HOUR_SECONDS})`;
  const wanted = `algorithm IN {algorithms:Array(String)} AND at >= fromUnixTimestamp({from:Int64}) AND at < fromUnixTimestamp({until:Int64}) AND ${where}`;
  return `
        SELECT ${COLUMNS}, transform(${hour}, {priceHours:Array(UInt32)}, {prices:Array(Float64)}, 0.) AS price
        FROM
        (
            SELECT ${COLUMNS} FROM assay.${hours}
            WHERE ${wanted} AND NOT has({cutHours:Array(UInt32)}, ${hour})
            UNION ALL
            SELECT ${COLUMNS} FROM assay.${minutes}
            WHERE ${wanted} AND has({cutHours:Array(UInt32)}, ${hour})
        )`;
}

const CUT = 'roundDown(toInt64(toUnixTimestamp(r.at)), {cuts:Array(Int64)}) AS cut_at';
const COINS = 'sum(toFloat64(r.work) * r.price) AS coins, sumIf(toFloat64(r.work), r.price = 0) AS unpriced_work';

/** What lies below a place begins with its name and a point, after which comes a slash. */
export const IN_PLACE = `tenant = {tenant:String} AND ({whole:UInt8} = 1 OR worker = {place:String}
            OR (worker >= concat({place:String}, '.') AND worker < concat({place:String}, '/')))`;

const onePlace = (name: string, rollups: Rollups): NamedQuery => ({
  name,
  sql: `
SELECT ${CUT}, toString(sum(r.work)) AS work_text, sum(r.work_squared) AS work_squared_sum, ${COINS}, ${SHARE_SUMS}
FROM
(${pricedRows(rollups, IN_PLACE)}
) AS r
GROUP BY cut_at
LIMIT {limit:UInt32}`,
});

const manyPlaces = (name: string, rollups: Rollups): NamedQuery => ({
  name,
  sql: `
SELECT arrayJoin(arrayFilter(
           place -> has({places:Array(String)}, place),
           arrayMap(n -> arrayStringConcat(arraySlice(splitByChar('.', name), 1, n), '.'), range(1, toUInt64(length(splitByChar('.', name)) + 1))))) AS place_name, cut_at,
       toString(sum(work_exact)) AS work_text, sum(squared) AS work_squared_sum, sum(coin_sum) AS coins, sum(unpriced) AS unpriced_work,
       sum(accepted_sum) AS accepted_shares, sumForEach(reason_sums) AS reasons
FROM
(
    SELECT name, cut_at, work_exact, squared, coins AS coin_sum, unpriced_work AS unpriced, accepted_shares AS accepted_sum, reasons AS reason_sums
    FROM
    (
        SELECT toString(r.worker) AS name, ${CUT}, sum(r.work) AS work_exact, sum(r.work_squared) AS squared, ${COINS}, ${SHARE_SUMS}
        FROM
        (${pricedRows(rollups, 'tenant IN {tenants:Array(String)}')}
        ) AS r
        GROUP BY r.worker, cut_at
    )
)
GROUP BY place_name, cut_at
LIMIT {limit:UInt32}`,
});

const ONE_OF_SITES = onePlace('place_sums_sites', SITES);
const ONE_OF_MACHINES = onePlace('place_sums', MACHINES);
const MANY_OF_SITES = manyPlaces('place_sums_many_sites', SITES);
const MANY_OF_MACHINES = manyPlaces('place_sums_many', MACHINES);

interface Row extends ShareSumsRow {
  readonly place_name?: string;
  readonly cut_at: string | number;
  readonly work_text: string;
  readonly work_squared_sum: number;
  readonly coins: number;
  readonly unpriced_work: number;
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
): Promise<SumsByPlace> {
  const sums = new Map<string, Map<number, PlaceSums>>();
  if (cuts.length < 2) return sums;
  const starts = cuts.slice(0, -1);
  const params = {
    // Shares that name no job we know have no algorithm; they are rejected ones.
    algorithms: [algorithm, ''],
    from: cuts[0]!,
    until: cuts.at(-1)!,
    cuts: starts,
    cutHours: [...new Set(cuts.filter((cut) => cut % HOUR_SECONDS !== 0).map((cut) => Math.floor(cut / HOUR_SECONDS)))],
    priceHours: [0, ...prices.keys()],
    prices: [0, ...prices.values()],
  };
  const add = (place: string, row: Row): void => {
    const ofPlace = sums.get(place) ?? new Map<number, PlaceSums>();
    sums.set(place, ofPlace);
    ofPlace.set(Number(row.cut_at), sumsOf(row));
  };
  const hasSiteSums = (place: string): boolean =>
    place === tenant || (tenantOf(place) === tenant && place === siteOf(place));
  const one = async (place: string): Promise<void> => {
    const where = { tenant: tenantOf(place), place, whole: place === tenantOf(place) ? 1 : 0 };
    const query = hasSiteSums(place) ? ONE_OF_SITES : ONE_OF_MACHINES;
    const rows = await store.rows<Row>(query, { ...params, ...where, limit: starts.length });
    for (const row of rows) add(place, row);
  };
  const many = async (query: NamedQuery, named: readonly string[]): Promise<void> => {
    const where = { tenants: [...new Set(named.map(tenantOf))], places: named };
    const limit = named.length * starts.length;
    const rows = await store.rows<Row>(query, { ...params, ...where, limit });
    for (const row of rows) add(row.place_name!, row);
  };
  const read = async (query: NamedQuery, named: readonly string[]): Promise<void> => {
    if (named.length > FEW_PLACES) await many(query, named);
    else await Promise.all(named.map(one));
  };
  const ofSites = places.filter((place) => place !== tenant && hasSiteSums(place));
  const deeper = places.filter((place) => !hasSiteSums(place));
  await Promise.all([one(tenant), read(MANY_OF_SITES, ofSites), read(MANY_OF_MACHINES, deeper)]);
  return sums;
}

function sumsOf(row: Row): PlaceSums {
  return {
    workUnits: unitsOf(row.work_text),
    workSquared: row.work_squared_sum,
    accepted: row.accepted_shares,
    reasons: row.reasons,
    coins: row.coins,
    unpricedWork: row.unpriced_work,
  };
}

const WORK_DIGITS = 8;

/** A Decimal(38, 8) as text, its trailing zeros left out. */
function unitsOf(text: string): bigint {
  const [whole = '0', fraction = ''] = text.split('.');
  return BigInt(whole + fraction.padEnd(WORK_DIGITS, '0'));
}
