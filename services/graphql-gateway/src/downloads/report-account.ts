// The account that a report is made from: of a tenant and a month, or of some days.
import { daysFrom, daysOfMonth, timeZoneOf, type AccountRange } from '../accounts/account-range.ts';
import type { ReadAccount } from '../accounts/account-reader.ts';
import { ClientError } from '../errors.ts';
import { bad, namePart, type DownloadRequest } from './download.ts';

/** What the values of a report come to, roughly, whatever the tenant has part in. */
const REPORT_COST = 20_000;

export interface ReportAccount {
  readonly account: ReadAccount;
  /** As people call it: `November 2026`, or the first and the last day. */
  readonly period: string;
  /** Without an ending. */
  readonly fileName: string;
}

/** Throws ClientError, NOT_FOUND also where the tenant is none of the viewer's. */
export async function reportAccount({ params, moment, ports, spend }: DownloadRequest): Promise<ReportAccount> {
  const tenant = params.required('tenant');
  const month = params.text('month');
  const from = params.text('from');
  if ((month === undefined) === (from === undefined)) throw bad('Give either `month` or `from` and `days`.');
  const { accounts } = ports;
  const timeZone = timeZoneOf(tenant, accounts.state);
  const range = (): AccountRange =>
    month === undefined
      ? daysFrom(from, params.whole('days', 1, 93, 31), timeZone, accounts.nowUs)
      : daysOfMonth(month, timeZone);
  // Told the same whether there is the tenant or not.
  range();
  const algorithm = params.algorithm() ?? 'sha256d';
  spend(REPORT_COST);
  const account = await accounts.read(tenant, algorithm, range, moment, true);
  if (account === undefined) throw new ClientError('NOT_FOUND', 'There is no such tenant that you may see all of.');
  const first = account.range.days[0]!.date;
  const last = account.range.days.at(-1)!.date;
  return {
    account,
    period: month === undefined ? `${first} to ${last}` : monthName(month),
    fileName: `assay-${namePart(tenant)}-${month ?? `${first}-to-${last}`}`,
  };
}

const MONTHS = 'January February March April May June July August September October November December'.split(' ');

function monthName(month: string): string {
  return `${MONTHS[Number(month.slice(5)) - 1]!} ${month.slice(0, 4)}`;
}
