// Shapes and sums of account figures, for charts, tables and words.
import type { Account } from './account-documents.ts';

export type AccountFigures = Account['contributed'];
export type AccountDay = AccountFigures['days'][number];
export type HeldAccount = Account['held'][number];

/** Of the part of the day that is counted. */
export function secondsOf({ from, until }: Pick<AccountDay, 'from' | 'until'>): number {
  return (Date.parse(until) - Date.parse(from)) / 1000;
}

/** Mean hash rate over all that is counted; null where nothing is. */
export function meanRate({ days, total }: AccountFigures) {
  const seconds = days.reduce((sum, day) => sum + secondsOf(day), 0);
  if (seconds === 0) return null;
  const { value, low, high } = total.hashes;
  return { hashRate: value / seconds, low: low / seconds, high: high / seconds };
}

export interface DaysColumns {
  /** Seconds since 1970. */
  readonly at: number[];
  readonly rate: (number | null)[];
  readonly low: (number | null)[];
  readonly high: (number | null)[];
  readonly expected: (number | null)[];
}

/** Columns for uPlot's steps: each day from its moment on, and the end of the last one. Between days that do not touch nothing is drawn. */
export function daysColumns(days: readonly AccountDay[]): DaysColumns {
  const columns: DaysColumns = { at: [], rate: [], low: [], high: [], expected: [] };
  const push = (at: string, day: AccountDay | undefined): void => {
    columns.at.push(Date.parse(at) / 1000);
    columns.rate.push(day?.hashRate.hashRate ?? null);
    columns.low.push(day?.hashRate.low ?? null);
    columns.high.push(day?.hashRate.high ?? null);
    const promised = day?.promisedHashes ?? null;
    columns.expected.push(day === undefined || promised === null ? null : promised / secondsOf(day));
  };
  days.forEach((day, i) => {
    push(day.from, day);
    const next = days[i + 1];
    if (next === undefined) push(day.until, day);
    else if (next.from !== day.until) push(day.until, undefined);
  });
  return columns;
}

const COIN_DIGITS = 8;

/** To the coin's smallest unit: `0.00012345`. */
export function formatCoins(coins: { readonly value: number } | null): string {
  return coins === null ? '–' : coins.value.toFixed(COIN_DIGITS);
}

/** `50 %`, `33.33 %` */
export function formatPart(fraction: number): string {
  return `${Number((fraction * 100).toFixed(2))}\u00a0%`;
}
