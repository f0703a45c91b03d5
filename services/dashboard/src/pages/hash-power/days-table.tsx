// The days of an account as a table.
import type { ReactNode } from 'react';
import { DataTable, type Column } from '../../components/table.tsx';
import { formatContribution, formatContributionInterval, formatInvalid, formatUptime } from '../../format/fraction.ts';
import { formatHashRate, formatHashRateInterval } from '../../format/hash-rate.ts';
import { formatDifficulty } from '../../format/number.ts';
import { formatCoins, secondsOf, type AccountDay } from './figures.ts';

interface DaysTableProps {
  readonly label: string;
  readonly days: readonly AccountDay[];
  /** By date. */
  readonly difficulty?: ReadonlyMap<string, number>;
  readonly promisedLabel?: string;
}

export function DaysTable({ label, days, difficulty, promisedLabel = 'Promised' }: DaysTableProps): ReactNode {
  const hasMoney = days.some(({ coins }) => coins !== null);
  const columns: readonly Column<AccountDay>[] = [
    { title: 'Day', cell: (day) => <DayName day={day} /> },
    {
      title: promisedLabel,
      isNumber: true,
      cell: (day) => (day.promisedHashes === null ? '–' : formatHashRate(day.promisedHashes / secondsOf(day))),
    },
    { title: 'Got', isNumber: true, cell: ({ hashRate }) => formatHashRate(hashRate.hashRate) },
    {
      title: '95 % interval',
      isNumber: true,
      cell: ({ hashRate: { low, high, hashRate } }) => (
        <span className="muted">{formatHashRateInterval(low, high, hashRate)}</span>
      ),
    },
    {
      title: `Got / ${promisedLabel.toLowerCase()}`,
      isNumber: true,
      cell: ({ contribution }) =>
        contribution === null ? (
          '–'
        ) : (
          <span>
            {formatContribution(contribution.fraction, contribution)}{' '}
            <span className="muted">{formatContributionInterval(contribution)}</span>
          </span>
        ),
    },
    { title: 'Uptime', isNumber: true, cell: ({ uptime }) => formatUptime(uptime) },
    { title: 'Invalid', isNumber: true, cell: ({ shares }) => formatInvalid(shares.invalidFraction) },
    ...(difficulty === undefined
      ? []
      : [
          { title: 'Difficulty', isNumber: true, cell: ({ date }: AccountDay) => difficultyText(difficulty.get(date)) },
        ]),
    ...(hasMoney
      ? [{ title: 'FPPS estimate', isNumber: true, cell: ({ coins }: AccountDay) => formatCoins(coins) }]
      : []),
  ];
  return <DataTable label={label} className="days-table" columns={columns} rows={days} keyOf={({ date }) => date} />;
}

function difficultyText(difficulty: number | undefined): string {
  return difficulty === undefined ? '–' : formatDifficulty(difficulty);
}

function DayName({ day: { date, isWholeDay, isComplete } }: { day: AccountDay }): ReactNode {
  return (
    <>
      <span className="nowrap">{date}</span>
      {!isWholeDay && <span className="part-mark">part</span>}
      {!isComplete && (
        <span className="part-mark" title="Minutes that this day needs are not kept any more: the figures are too low.">
          not complete
        </span>
      )}
    </>
  );
}
