// The report for print. Bounded: one line per day and one per holding, of which an account has 500 at most; the CSV has each holding day by day.
import { isUnder } from '@assay/tenancy';
import type { HoldingAccount, Measured } from '@assay/settlement';
import { ownerOf, type ReadAccount } from '../accounts/account-reader.ts';
import { missingParts } from '../accounts/missing-parts.ts';
import { networkDays } from '../accounts/network-days.ts';
import { reasonCounts } from '../resolvers/share-values.ts';
import { invalidFraction } from '../queries/share-counts.ts';
import type { Download, DownloadRequest } from './download.ts';
import { reportAccount } from './report-account.ts';
import { drawDays } from './report-chart.ts';
import { MUTED, Sheet, type Column } from './report-sheet.ts';
import { coinText, countText, momentText, percent, reasonText, spread, withPrefix } from './report-text.ts';

export async function reportPdf(request: DownloadRequest): Promise<Download> {
  const { account, period, fileName } = await reportAccount(request);
  const { live } = await request.moment.snapshot();
  const sheet = new Sheet({
    title: `Hash power of ${account.name}, ${period}`,
    foot: `${account.tenant} · ${period} · made ${momentText(account.nowUs)}`,
    madeAt: new Date(account.nowUs / 1000),
  });
  await print(sheet, account, period, await missingParts(account, { live }));
  sheet.end();
  return { fileName: `${fileName}.pdf`, contentType: 'application/pdf', chunks: sheet.doc };
}

async function print(sheet: Sheet, account: ReadAccount, period: string, missing: readonly string[]): Promise<void> {
  const { range, algorithm, contributed, held, given } = account;
  sheet.text(`Hash power report, ${period}`, { size: 17, bold: true, gap: 2 });
  sheet.text(`${account.name} (${account.tenant})`, { size: 11, gap: 2 });
  sheet.text(
    `Days in ${range.timeZone} · ${algorithm} · ${range.days[0]!.date} to ${range.days.at(-1)!.date} · made ${momentText(account.nowUs)}`,
    { size: 8, colour: MUTED, gap: 12 },
  );
  await printSummary(sheet, account);
  if (contributed.days.length > 0) {
    sheet.heading('Day by day');
    drawDays(sheet, contributed.days);
    await printDays(sheet, account);
  }
  printReasons(sheet, account);
  await printHoldings(sheet, account, 'Held of others', held, ({ holding }) => ownerOf(holding), 'Owner');
  await printHoldings(sheet, account, 'Given to others', given, ({ holding }) => holding.holder, 'Holder');
  sheet.heading('What is missing');
  if (missing.length === 0) sheet.text('Nothing that is known of.');
  for (const sentence of missing) sheet.text(`• ${sentence}`, { size: 8 });
  printMethod(sheet, account);
}

async function printSummary(sheet: Sheet, { contributed, uptime, showsMoney }: ReadAccount): Promise<void> {
  const { hashes, promisedHashes, shares, coins, pricedFraction } = contributed.total;
  const seconds = contributed.days.reduce((sum, { span }) => sum + span.untilSeconds - span.fromSeconds, 0);
  const rejected = shares.reasons.reduce((sum, count) => sum + count, 0);
  const up = (await uptime.contributed()).total;
  sheet.figures([
    { label: 'Hashes contributed', value: withPrefix(hashes.value, 'H'), note: interval(hashes, 'H') },
    {
      label: 'Mean hash rate',
      value: seconds === 0 ? '–' : withPrefix(hashes.value / seconds, 'H/s'),
      note: seconds === 0 ? '' : interval(scaled(hashes, 1 / seconds), 'H/s'),
    },
    {
      label: 'Against expectation',
      value: promisedHashes ? percent(hashes.value / promisedHashes) : '–',
      note: promisedHashes
        ? `${percent(hashes.low / promisedHashes)} to ${percent(hashes.high / promisedHashes)}`
        : 'nothing is on record',
    },
    { label: 'Uptime', value: percent(up), note: 'of machines that sent a share' },
    {
      label: 'Accepted shares',
      value: countText(shares.accepted),
      note: `${countText(rejected)} invalid, ${percent(invalidFraction({ ...shares, rejected }), 2)}`,
    },
    ...(showsMoney
      ? [
          {
            label: 'Estimate at FPPS, coins',
            value: coinText(coins?.value),
            note: coins
              ? `${coinText(coins.low)} to ${coinText(coins.high)}${pricedFraction < 1 ? `, of ${percent(pricedFraction)} of the work` : ''}`
              : 'no price is on record',
          },
        ]
      : []),
  ]);
}

const DAY_COLUMNS: readonly Column[] = [
  { title: 'Day', width: 12 },
  { title: 'Hashes', width: 11, align: 'right' },
  { title: 'Hash rate', width: 12, align: 'right' },
  { title: '95 %', width: 9, align: 'right' },
  { title: 'Of expected', width: 11, align: 'right' },
  { title: 'Uptime', width: 9, align: 'right' },
  { title: 'Invalid', width: 9, align: 'right' },
  { title: 'Difficulty', width: 11, align: 'right' },
];
const COIN_COLUMN: Column = { title: 'Coins, est.', width: 15, align: 'right' };

async function printDays(sheet: Sheet, account: ReadAccount): Promise<void> {
  const { contributed, range, showsMoney } = account;
  const ups = await account.uptime.contributed();
  const network = new Map(networkDays(account.network, range.days).map((day) => [day.date, day]));
  const rows = contributed.days.map(({ date, isWholeDay, span, hashes, promisedHashes, shares, coins }) => {
    const rejected = shares.reasons.reduce((sum, count) => sum + count, 0);
    const difficulty = network.get(date)?.difficulty;
    return [
      isWholeDay ? date : `${date} *`,
      withPrefix(hashes.value, 'H'),
      withPrefix(hashes.value / (span.untilSeconds - span.fromSeconds), 'H/s'),
      spread(hashes),
      promisedHashes ? percent(hashes.value / promisedHashes) : '–',
      percent(ups.days.get(date)),
      percent(invalidFraction({ ...shares, rejected }), 2),
      difficulty === undefined ? '–' : withPrefix(difficulty, '').trim(),
      ...(showsMoney ? [coinText(coins?.value)] : []),
    ];
  });
  sheet.table(showsMoney ? [...DAY_COLUMNS, COIN_COLUMN] : DAY_COLUMNS, rows);
  if (contributed.days.some(({ isWholeDay }) => !isWholeDay))
    sheet.text('* Part of the day.', { size: 7, colour: MUTED });
}

function printReasons(sheet: Sheet, { contributed }: ReadAccount): void {
  const counts = reasonCounts(contributed.total.shares.reasons);
  if (counts.length === 0) return;
  const all = contributed.total.shares.accepted + counts.reduce((sum, { count }) => sum + count, 0);
  sheet.heading('Invalid shares by reason');
  sheet.table(
    [
      { title: 'Reason', width: 40 },
      { title: 'Shares', width: 15, align: 'right' },
      { title: 'Of all', width: 15, align: 'right' },
      { title: '', width: 30 },
    ],
    counts.map(({ reason, count }) => [reasonText(reason), countText(count), percent(count / all, 2), '']),
  );
}

async function printHoldings(
  sheet: Sheet,
  { uptime, showsMoney }: ReadAccount,
  title: string,
  holdings: readonly HoldingAccount[],
  partyOf: (one: HoldingAccount) => string,
  party: string,
): Promise<void> {
  if (holdings.length === 0) return;
  sheet.heading(title);
  const columns: Column[] = [
    { title: 'Machines', width: 20 },
    { title: party, width: 10 },
    { title: 'Part', width: 8, align: 'right' },
    { title: 'From', width: 14, align: 'right' },
    { title: 'Until', width: 14, align: 'right' },
    { title: 'Promised', width: 13, align: 'right' },
    { title: 'Got', width: 12, align: 'right' },
    { title: 'Of it', width: 9, align: 'right' },
    { title: '95 %', width: 15, align: 'right' },
    { title: 'Uptime', width: 10, align: 'right' },
    ...(showsMoney ? [COIN_COLUMN] : []),
  ];
  const rows: string[][] = [];
  for (const one of holdings) {
    const { holding, days, total } = one;
    const seconds = days.reduce((sum, { span }) => sum + span.untilSeconds - span.fromSeconds, 0);
    const { hashes, promisedHashes } = total;
    rows.push([
      holding.of,
      partyOf(one),
      percent(holding.fraction, Number.isInteger(holding.fraction * 100) ? 0 : 2),
      dateText(holding.fromUs),
      holding.untilUs === undefined ? 'open' : dateText(holding.untilUs),
      holding.promisedHashRateHs === undefined ? '–' : withPrefix(holding.promisedHashRateHs, 'H/s'),
      seconds === 0 ? '–' : withPrefix(hashes.value / seconds, 'H/s'),
      promisedHashes ? percent(hashes.value / promisedHashes) : '–',
      promisedHashes
        ? `${((100 * hashes.low) / promisedHashes).toFixed(1)}–${percent(hashes.high / promisedHashes)}`
        : '–',
      percent((await uptime.ofHolding(holding)).total),
      ...(showsMoney ? [coinText(total.coins?.value)] : []),
    ]);
  }
  sheet.table(columns, rows);
  if (holdings.some(({ holding }) => holdings.some((other) => isWithin(holding.of, other.holding.of))))
    sheet.text('Holdings may lie in each other: a machine then stands in more than one line.', {
      size: 7,
      colour: MUTED,
    });
}

function isWithin(place: string, other: string): boolean {
  return place !== other && isUnder(place, other);
}

function printMethod(sheet: Sheet, { showsMoney, algorithm }: ReadAccount): void {
  sheet.heading('How the figures are worked out');
  const lines = [
    `Hashes are the assigned difficulty of accepted shares times the hashes a share of difficulty 1 stands for (${algorithm}). Every share was proved by hashing it again. Intervals are those of 95 % that the number of shares allows (Garwood; Fay and Feuer for unequal difficulties).`,
    'Contributed is the work of a tenant’s own machines less what it gave to others, and its part of what it holds of others’. Shares are counted of whole machines.',
    'Expected is what machines are entered or say to do now, and for a holding what was promised, each for the time that is counted.',
    'Uptime: minutes with a share, or in a gap between two such of five minutes or, for a slow machine, of what one in ten thousand gaps exceeds; over all minutes from a machine’s first share on.',
    ...(showsMoney
      ? [
          'The estimate at FPPS is, for every hour, work over network difficulty times what a block paid: subsidy and fees as the coinbases of that hour’s jobs have them. It is no account of what was paid: pools take fees, price fees over other periods, and count their own shares.',
        ]
      : []),
  ];
  for (const line of lines) sheet.text(line, { size: 7.5, colour: MUTED, gap: 4 });
}

function interval({ low, high }: Measured, unit: string): string {
  return `${withPrefix(low, unit)} to ${withPrefix(high, unit)}`;
}

function scaled({ value, low, high }: Measured, by: number): Measured {
  return { value: value * by, low: low * by, high: high * by };
}

function dateText(us: number): string {
  return new Date(us / 1000).toISOString().slice(0, 10);
}
