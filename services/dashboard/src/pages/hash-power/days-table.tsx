// The days of an account as a table.
import type { ReactNode } from 'react';
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
  const money = days.some(({ coins }) => coins !== null);
  return (
    <div className="scroll-x" tabIndex={0} role="region" aria-label={label}>
      <table className="simple-table days-table">
        <caption className="sr-only">{label}</caption>
        <thead>
          <tr>
            <th scope="col">Day</th>
            <Head>{promisedLabel}</Head>
            <Head>Got</Head>
            <Head>95 % interval</Head>
            <Head>Got / {promisedLabel.toLowerCase()}</Head>
            <Head>Uptime</Head>
            <Head>Invalid</Head>
            {difficulty && <Head>Difficulty</Head>}
            {money && <Head>FPPS estimate</Head>}
          </tr>
        </thead>
        <tbody>
          {days.map((day) => (
            <Day key={day.date} day={day} money={money} difficulty={difficulty} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Head({ children }: { children: ReactNode }): ReactNode {
  return (
    <th scope="col" className="number">
      {children}
    </th>
  );
}

function Day({
  day,
  money,
  difficulty,
}: {
  day: AccountDay;
  money: boolean;
  difficulty: ReadonlyMap<string, number> | undefined;
}): ReactNode {
  const { hashRate, low, high } = day.hashRate;
  const { contribution, promisedHashes } = day;
  const ofDay = difficulty?.get(day.date);
  return (
    <tr>
      <th scope="row">
        <span className="nowrap">{day.date}</span>
        {!day.isWholeDay && <span className="part-mark">part</span>}
        {!day.isComplete && (
          <span
            className="part-mark"
            title="Minutes that this day needs are not kept any more: the figures are too low."
          >
            not complete
          </span>
        )}
      </th>
      <td className="number">{promisedHashes === null ? '–' : formatHashRate(promisedHashes / secondsOf(day))}</td>
      <td className="number">{formatHashRate(hashRate)}</td>
      <td className="number muted">{formatHashRateInterval(low, high, hashRate)}</td>
      <td className="number">
        {contribution === null ? (
          '–'
        ) : (
          <>
            {formatContribution(contribution.fraction, contribution)}{' '}
            <span className="muted">{formatContributionInterval(contribution)}</span>
          </>
        )}
      </td>
      <td className="number">{formatUptime(day.uptime)}</td>
      <td className="number">{formatInvalid(day.shares.invalidFraction)}</td>
      {difficulty && <td className="number">{ofDay === undefined ? '–' : formatDifficulty(ofDay)}</td>}
      {money && <td className="number">{formatCoins(day.coins)}</td>}
    </tr>
  );
}
