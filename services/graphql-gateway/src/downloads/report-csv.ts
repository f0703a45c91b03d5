// The report as a table: a line per day of what was contributed in all, and of each holding. Every number as it is known, unrounded.
import { ALGORITHMS } from '@assay/mining';
import type { DayFigures, Holding } from '@assay/settlement';
import { ownerOf, type ReadAccount } from '../accounts/account-reader.ts';
import type { UptimeByDay } from '../accounts/account-uptime.ts';
import { networkDays, type NetworkDay } from '../accounts/network-days.ts';
import { REASONS } from '../queries/rollup-sums.ts';
import { csvLine, csvTime, type CsvValue } from './csv.ts';
import { CSV_TYPE, type Download, type DownloadRequest } from './download.ts';
import { reportAccount } from './report-account.ts';

const COLUMNS = [
  'part',
  'holding',
  'of',
  'owner',
  'holder',
  'fraction',
  'date',
  'time_zone',
  'from',
  'until',
  'whole_day',
  'algorithm',
  'hashes',
  'hashes_low',
  'hashes_high',
  'promised_hashes',
  'contribution',
  'contribution_low',
  'contribution_high',
  'uptime',
  'accepted_shares',
  'rejected_shares',
  ...REASONS.map((reason) => `rejected_${reason}`),
  'fpps_coins_estimate',
  'fpps_coins_low',
  'fpps_coins_high',
  'priced_fraction',
  'network_difficulty',
  'block_reward',
  'complete',
] as const;

export async function reportCsv(request: DownloadRequest): Promise<Download> {
  const { account, fileName } = await reportAccount(request);
  return { fileName: `${fileName}.csv`, contentType: CSV_TYPE, chunks: reportLines(account) };
}

async function* reportLines(account: ReadAccount): AsyncIterable<string> {
  yield csvLine(COLUMNS);
  const { contributed, held, given, range, uptime } = account;
  const network = new Map(networkDays(account.network, range.days).map((day) => [day.date, day]));
  const lines = (part: string, days: readonly DayFigures[], ups: UptimeByDay, holding?: Holding): string =>
    days.map((day) => dayLine(account, part, day, ups, network.get(day.date), holding)).join('');
  yield lines('contributed', contributed.days, await uptime.contributed());
  for (const [part, holdings] of [['held', held] as const, ['given', given] as const])
    for (const { holding, days } of holdings) yield lines(part, days, await uptime.ofHolding(holding), holding);
}

function dayLine(
  { range, algorithm, showsMoney }: ReadAccount,
  part: string,
  day: DayFigures,
  uptime: UptimeByDay,
  network: NetworkDay | undefined,
  holding: Holding | undefined,
): string {
  const { hashes, promisedHashes, shares, span } = day;
  const over = (value: number): CsvValue =>
    promisedHashes !== undefined && promisedHashes > 0 ? value / promisedHashes : undefined;
  const coins = showsMoney ? day.coins : undefined;
  return csvLine([
    part,
    holding?.id,
    holding?.of,
    holding && ownerOf(holding),
    holding?.holder,
    holding?.fraction,
    day.date,
    range.timeZone,
    csvTime(span.fromSeconds * 1e6),
    csvTime(span.untilSeconds * 1e6),
    day.isWholeDay,
    ALGORITHMS[algorithm].algorithm,
    hashes.value,
    hashes.low,
    hashes.high,
    promisedHashes,
    over(hashes.value),
    over(hashes.low),
    over(hashes.high),
    uptime.days.get(day.date),
    shares.accepted,
    shares.reasons.reduce((sum, count) => sum + count, 0),
    ...shares.reasons,
    coins?.value,
    coins?.low,
    coins?.high,
    showsMoney ? day.pricedFraction : undefined,
    network?.difficulty,
    showsMoney ? network?.reward : undefined,
    day.isComplete,
  ]);
}
