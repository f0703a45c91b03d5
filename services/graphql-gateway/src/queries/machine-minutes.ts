// The active minutes of every machine of some places: what their uptime is made of.
import type { Algorithm } from '@assay/mining';
import { fullHours, placesAbove, type ActiveHour, type MachineHours } from '@assay/settlement';
import { tenantOf } from '@assay/tenancy';
import { IN_PLACE } from './place-sums.ts';
import type { RowReader } from './store-reader.ts';

/** The minutes of an hour without a share, as bits. */
const ZEROS = 'bitXor(mask, 1152921504606846975)';
/**
 * Whether a machine was up in all of an hour: it has a share in the first minute and in the last, and no gap is longer than the five minutes that every
 * machine is allowed, which is no six zeros in a row. Nearly all hours of a machine that works are such, so that little is sent of it.
 */
const UP = `bitAnd(mask, 576460752303423489) = 576460752303423489 AND ${Array.from({ length: 5 }, (_, i) => i + 1).reduce((sum, i) => `bitAnd(${sum}, bitShiftRight(${ZEROS}, ${i}))`, ZEROS)} = 0`;

const QUERY = {
  name: 'machine_minutes',
  sql: `
SELECT name, sum(accepted_shares) AS accepted, toFloat64(sum(bitCount(mask))) AS minutes, arraySort(groupArrayIf(hour, ${UP})) AS full,
       arrayFilter((hour, step) -> step != 1, full, arrayDifference(full)) AS run_starts,
       arrayFilter((hour, next) -> next != hour + 1, full, arrayResize(arrayPopFront(full), length(full), 0)) AS run_ends,
       arraySort(groupArrayIf((hour, toUInt32(bitAnd(mask, 4294967295)), toUInt32(bitShiftRight(mask, 32))), NOT (${UP}))) AS partial
FROM
(
    SELECT toString(r.worker) AS name, toInt32(intDiv(toUnixTimestamp(r.at), 3600)) AS hour, toFloat64(sum(r.accepted)) AS accepted_shares, groupBitOr(r.active_minutes) AS mask
    FROM assay.rollup_1h AS r
    WHERE r.algorithm = {algorithm:String} AND r.at >= fromUnixTimestamp({from:Int64}) AND r.at < fromUnixTimestamp({until:Int64})
      AND ${IN_PLACE}
    GROUP BY r.worker, r.at
    HAVING groupBitOr(r.active_minutes) > 0
)
GROUP BY name
LIMIT {limit:UInt32}`,
};

/** Machines whose minutes are looked through for one account. */
const MAX_MACHINES = 20_000;

interface Row {
  readonly name: string;
  readonly accepted: number;
  /** With an accepted share. */
  readonly minutes: number;
  /** Hours since 1970 that begin and end a run of hours in all of which it was up. */
  readonly run_starts: readonly number[];
  readonly run_ends: readonly number[];
  /** Other hours, each with the two halves of its mask. */
  readonly partial: readonly (readonly [number, number, number])[];
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
): Promise<ReadonlyMap<string, MachineHours> | undefined> {
  const all = new Set(places);
  const outermost = places.filter((place) => !placesAbove(place).some((above) => all.has(above)));
  const rows: Row[] = [];
  for (const place of outermost) {
    const where = { tenant: tenantOf(place), place, whole: place === tenantOf(place) ? 1 : 0 };
    const limit = MAX_MACHINES - rows.length + 1;
    const params = { ...where, algorithm, from: Math.floor(from / 3600) * 3600, until, limit };
    rows.push(...(await store.rows<Row>(QUERY, params)));
    if (rows.length > MAX_MACHINES) return undefined;
  }
  return new Map(rows.map((row) => [row.name, { accepted: row.accepted, minutes: row.minutes, hours: hoursOf(row) }]));
}

function hoursOf({ run_starts: starts, run_ends: ends, partial }: Row): ActiveHour[] {
  const full = starts.map((start, i) => fullHours(start * 60, ends[i]! - start + 1));
  const others = partial.map(([hour, low, high]) => ({ hourMinute: hour * 60, low, high }));
  return [...full, ...others].sort((a, b) => a.hourMinute - b.hourMinute);
}
