// The active minutes of every machine, by stretches of whole hours: what uptime is made of. Of an hour in which a machine was up throughout one bit is
// sent, as of nearly all hours of a machine that works; of the others their minutes. Rows come as columns of some hundreds of machines each, which
// parse many times as fast as a row per machine, and in pieces small enough that nobody else waits for them.
import type { Algorithm } from '@assay/mining';
import { fullHours, type ActiveHour } from '@assay/settlement';
import { tenantOf } from '@assay/tenancy';
import { IN_PLACE } from './place-sums.ts';
import type { NamedQuery, RowReader } from './store-reader.ts';

/** Hours a stretch may have: a day on which clocks are set back in a zone whose days do not begin with an hour has 26. */
export const MAX_STRETCH_HOURS = 26;
const HOUR_SECONDS = 3600;

/** The minutes of an hour without a share, as bits. */
const ZEROS = 'bitXor(mask, 1152921504606846975)';
/**
 * Whether a machine was up in all of an hour: it has a share in the first minute and in the last, and no gap is longer than the five minutes that every
 * machine is allowed, which is no six zeros in a row.
 */
const UP = `bitAnd(mask, 576460752303423489) = 576460752303423489 AND ${Array.from({ length: 5 }, (_, i) => i + 1).reduce((sum, i) => `bitAnd(${sum}, bitShiftRight(${ZEROS}, ${i}))`, ZEROS)} = 0`;

/** One pass over the rows: an array of masks for each machine and stretch costs a third of a group for each of its hours. */
function sql(where: string): string {
  return `
SELECT groupArray(name) AS names, groupArray(stretch) AS stretches, groupArray(accepted_shares) AS accepted,
       groupArray(toUInt32(arraySum(mask -> bitCount(mask), masks))) AS minutes,
       groupArray(toUInt32(arraySum((up, hour) -> bitShiftLeft(toUInt32(up), hour), ups, range(${MAX_STRETCH_HOURS})))) AS full,
       groupArray(arrayFlatten(arrayMap(hour -> [toUInt32(hour - 1), toUInt32(bitAnd(masks[hour], 4294967295)), toUInt32(bitShiftRight(masks[hour], 32))],
           arrayFilter((hour, mask, up) -> mask != 0 AND up = 0, range(1, ${MAX_STRETCH_HOURS + 1}), masks, ups)))) AS partial
FROM
(
    SELECT name, stretch, accepted_shares, masks, arrayMap(mask -> ${UP}, masks) AS ups
    FROM
    (
        SELECT toString(r.worker) AS name, toUInt32(roundDown(toInt64(toUnixTimestamp(r.at)), {cuts:Array(Int64)})) AS stretch, toFloat64(sum(r.accepted)) AS accepted_shares,
               groupBitOrResample(0, ${MAX_STRETCH_HOURS}, 1)(r.active_minutes, toUInt32(intDiv(toUnixTimestamp(r.at) - stretch, ${HOUR_SECONDS}))) AS masks
        FROM assay.rollup_1h AS r
        WHERE ${where} AND r.at >= fromUnixTimestamp({from:Int64}) AND r.at < fromUnixTimestamp({until:Int64})
        GROUP BY r.worker, stretch
        HAVING groupBitOr(r.active_minutes) > 0
    )
)
GROUP BY cityHash64(name) % {parts:UInt32}
SETTINGS max_threads = 1`;
}

const OF_PLACE = { name: 'machine_hours', sql: sql(`r.algorithm = {algorithm:String} AND ${IN_PLACE}`) };
const OF_ALL = { name: 'machine_hours_fleet', sql: sql('1') };

/** Hours of some hundreds of machines, as columns. All stretches of a machine are in the same part. */
export interface HoursPart {
  readonly names: readonly string[];
  /** Where the stretch begins, UNIX seconds. */
  readonly stretches: readonly number[];
  readonly accepted: readonly number[];
  /** With an accepted share. */
  readonly minutes: readonly number[];
  /** Bit h is set where it was up in all of hour h of the stretch. */
  readonly full: readonly number[];
  /** Of each other hour its index, and the two halves of its mask. */
  readonly partial: readonly (readonly number[])[];
}

export interface HoursRange {
  /** Where stretches begin, ascending UNIX seconds at whole hours, and where the last one ends. */
  readonly cuts: readonly number[];
  /** Machines that may be expected; only the size of parts depends on it. */
  readonly machines: number;
}

const MACHINES_PER_PART = 400;

/** Of every machine, whatever it mines. */
export function hoursOfAll(store: RowReader, range: HoursRange): Promise<HoursPart[]> {
  return read(store, OF_ALL, {}, range);
}

/** Of the machines of a place. */
export function hoursOfPlace(
  store: RowReader,
  place: string,
  algorithm: Algorithm,
  range: HoursRange,
): Promise<HoursPart[]> {
  return read(store, OF_PLACE, { ...wherePlace(place), algorithm }, range);
}

function read(
  store: RowReader,
  query: NamedQuery,
  where: Readonly<Record<string, string | number>>,
  { cuts, machines }: HoursRange,
): Promise<HoursPart[]> {
  const parts = Math.max(1, Math.ceil((machines * (cuts.length - 1)) / MACHINES_PER_PART));
  return store.rows<HoursPart>(query, {
    ...where,
    cuts: cuts.slice(0, -1),
    from: cuts[0]!,
    until: cuts.at(-1)!,
    parts,
  });
}

const ACCEPTED = (table: string): string => `
SELECT toUInt32(roundDown(toInt64(toUnixTimestamp(r.at)), {cuts:Array(Int64)})) AS stretch, toFloat64(sum(r.accepted)) AS accepted_shares
FROM assay.${table} AS r
WHERE r.algorithm = {algorithm:String} AND r.at >= fromUnixTimestamp({from:Int64}) AND r.at < fromUnixTimestamp({until:Int64}) AND ${IN_PLACE}
GROUP BY stretch`;
const ACCEPTED_BY_SITES = { name: 'accepted_by_stretch_sites', sql: ACCEPTED('site_1h') };
const ACCEPTED_BY_MACHINES = { name: 'accepted_by_stretch', sql: ACCEPTED('rollup_1h') };

/**
 * Accepted shares of a place by where the stretch begins; one without any has no entry.
 * @param isWholeTenant whether the place is a tenant that the viewer sees all of
 */
export async function acceptedByStretch(
  store: RowReader,
  place: string,
  algorithm: Algorithm,
  cuts: readonly number[],
  isWholeTenant: boolean,
): Promise<ReadonlyMap<number, number>> {
  const rows = await store.rows<{ readonly stretch: number; readonly accepted_shares: number }>(
    isWholeTenant ? ACCEPTED_BY_SITES : ACCEPTED_BY_MACHINES,
    { ...wherePlace(place), algorithm, ...rangeOf(cuts) },
  );
  return new Map(rows.map(({ stretch, accepted_shares }) => [stretch, accepted_shares]));
}

function wherePlace(place: string): { readonly tenant: string; readonly place: string; readonly whole: number } {
  return { tenant: tenantOf(place), place, whole: place === tenantOf(place) ? 1 : 0 };
}

function rangeOf(cuts: readonly number[]) {
  return { cuts: cuts.slice(0, -1), from: cuts[0]!, until: cuts.at(-1)! };
}

/** Adds the hours of a stretch to those before it. @param fromMinute of the stretch, since 1970. @param partial as in HoursPart, from an index up to another */
export function addHours(
  hours: ActiveHour[],
  fromMinute: number,
  full: number,
  partial: ArrayLike<number>,
  from = 0,
  until = partial.length,
): void {
  let next = from;
  for (let hour = 0; hour < MAX_STRETCH_HOURS; hour++) {
    if (next < until && partial[next] === hour) {
      hours.push({ hourMinute: fromMinute + 60 * hour, low: partial[next + 1]!, high: partial[next + 2]! });
      next += 3;
      continue;
    }
    if (((full >>> hour) & 1) === 0) continue;
    let end = hour + 1;
    while (end < MAX_STRETCH_HOURS && ((full >>> end) & 1) === 1) end++;
    hours.push(fullHours(fromMinute + 60 * hour, end - hour));
    hour = end - 1;
  }
}
