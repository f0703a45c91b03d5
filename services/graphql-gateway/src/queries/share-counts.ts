// Accepted and rejected shares per worker over the last hours: whole hours from the hourly rollup, the part of the first hour
// from the minutes. So a day of 10,000 workers reads about half a million rows, and the window slides by the minute.
import { REASONS, SHARE_SUMS, type ShareSumsRow } from './rollup-sums.ts';
import { Slices } from '../slices.ts';
import type { RowReader } from './store-reader.ts';

/** Shares of one worker or of many. */
export interface ShareCounts {
  readonly accepted: number;
  readonly rejected: number;
  /** In the order of REASONS. */
  readonly reasons: readonly number[];
}

export const NO_SHARES: ShareCounts = { accepted: 0, rejected: 0, reasons: REASONS.map(() => 0) };

/** Twice the most workers that are ever listed; a guard, not a page. */
const MAX_ROWS = 400_000;

/** Workers whose counts are sent as one row of columns: of a hundred thousand that parses many times as fast as a row each. */
const WORKERS_PER_PART = 400;
function sumsByWorker(workers: string, minutes = 'rollup_1m', hours = 'rollup_1h'): string {
  const columns = ['worker', 'accepted', ...REASONS.map((reason) => `rejected_${reason}`)].join(', ');
  return `
SELECT toString(r.worker) AS name, ${SHARE_SUMS}
FROM
(
    SELECT ${columns} FROM assay.${minutes}
    WHERE at >= fromUnixTimestamp({from:UInt32}) AND at < fromUnixTimestamp({firstHour:UInt32}) ${workers}
    UNION ALL
    SELECT ${columns} FROM assay.${hours}
    WHERE at >= fromUnixTimestamp({firstHour:UInt32}) ${workers}
) AS r
GROUP BY r.worker
LIMIT {limit:UInt32}`;
}

const EVERY_WORKER = {
  name: 'share_counts_fleet',
  sql: `
SELECT groupArray(name) AS names, groupArray(accepted_shares) AS accepted, groupArray(reasons) AS rejected
FROM
(${sumsByWorker('')})
GROUP BY cityHash64(name) % {parts:UInt32}
SETTINGS max_threads = 1`,
};
const EVERY_SITE = { name: 'share_counts_sites', sql: sumsByWorker('', 'site_1m', 'site_1h') };
const NAMED_WORKERS = {
  name: 'share_counts_workers',
  sql: sumsByWorker('AND tenant IN {tenants:Array(String)} AND worker IN {workers:Array(String)}'),
};

interface Row extends ShareSumsRow {
  readonly name: string;
}

interface Part {
  readonly names: readonly string[];
  readonly accepted: readonly number[];
  /** In the order of REASONS each. */
  readonly rejected: readonly (readonly number[])[];
}

/** @param sinceUs the window begins no earlier than the first whole minute after this */
function window(nowUs: number, hours: number, sinceUs = 0): { readonly from: number; readonly firstHour: number } {
  const from = Math.max(Math.floor(nowUs / 60e6) * 60 - hours * 3600, Math.ceil(sinceUs / 60e6) * 60);
  return { from, firstHour: Math.ceil(from / 3600) * 3600 };
}

/** By worker; a worker without shares in the last `hours` has no entry. @param workers that may be expected */
export async function shareCountsOfEveryWorker(
  store: RowReader,
  nowUs: number,
  hours: number,
  workers: number,
): Promise<ReadonlyMap<string, ShareCounts>> {
  const params = {
    ...window(nowUs, hours),
    limit: MAX_ROWS,
    parts: Math.max(1, Math.ceil(workers / WORKERS_PER_PART)),
  };
  const parts = await store.rows<Part>(EVERY_WORKER, params);
  const counts = new Map<string, ShareCounts>();
  const slices = new Slices();
  for (const { names, accepted, rejected } of parts)
    for (const [i, name] of names.entries()) {
      if (slices.isOver()) await slices.next();
      const reasons = rejected[i]!;
      counts.set(name, { accepted: accepted[i]!, rejected: total(reasons), reasons });
    }
  return counts;
}

/** The same by site, `tenant.site`. */
export async function shareCountsOfEverySite(
  store: RowReader,
  nowUs: number,
  hours: number,
): Promise<ReadonlyMap<string, ShareCounts>> {
  return byWorker(await store.rows<Row>(EVERY_SITE, { ...window(nowUs, hours), limit: MAX_ROWS }));
}

/** The same for up to some hundreds of named workers. @param sinceUs when they came into sight, if they have not been always */
export async function shareCountsOf(
  store: RowReader,
  names: { readonly tenants: readonly string[]; readonly workers: readonly string[] },
  nowUs: number,
  hours: number,
  signal?: AbortSignal,
  sinceUs?: number,
): Promise<ReadonlyMap<string, ShareCounts>> {
  const params = { ...window(nowUs, hours, sinceUs), ...names, limit: MAX_ROWS };
  return byWorker(await store.rows<Row>(NAMED_WORKERS, params, signal));
}

function byWorker(rows: readonly Row[]): ReadonlyMap<string, ShareCounts> {
  return new Map(
    rows.map((row) => [
      row.name,
      { accepted: row.accepted_shares, rejected: total(row.reasons), reasons: row.reasons },
    ]),
  );
}

/** Adds up counts. */
export function sumShares(counts: Iterable<ShareCounts>): ShareCounts {
  let accepted = 0;
  const reasons = REASONS.map(() => 0);
  for (const one of counts) {
    accepted += one.accepted;
    for (let i = 0; i < reasons.length; i++) reasons[i]! += one.reasons[i]!;
  }
  return { accepted, rejected: total(reasons), reasons };
}

/** rejected / (accepted + rejected); undefined without shares. */
export function invalidFraction({ accepted, rejected }: ShareCounts): number | undefined {
  return accepted + rejected === 0 ? undefined : rejected / (accepted + rejected);
}

function total(reasons: readonly number[]): number {
  return reasons.reduce((sum, count) => sum + count, 0);
}
