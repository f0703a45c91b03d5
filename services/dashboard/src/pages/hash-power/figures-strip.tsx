// The figures of an account or of a holding over all its days.
import type { ReactNode } from 'react';
import { ContributionBar } from '../../components/contribution-bar.tsx';
import { HashRateValue } from '../../components/hash-rate-value.tsx';
import { Stat } from '../../components/stat.tsx';
import { formatInvalid, formatUptime } from '../../format/fraction.ts';
import { formatHashRateInterval } from '../../format/hash-rate.ts';
import { formatCount } from '../../format/number.ts';
import { formatReason } from '../../format/reason.ts';
import { formatCoins, meanRate, type AccountFigures } from './figures.ts';

interface FiguresStripProps {
  readonly figures: AccountFigures;
  readonly promisedLabel?: string;
}

export function FiguresStrip({ figures, promisedLabel = 'promised' }: FiguresStripProps): ReactNode {
  const { contribution, uptime, shares, coins, pricedFraction } = figures.total;
  const rate = meanRate(figures);
  const worst = shares.byReason[0];
  return (
    <dl className="panel stats">
      <Stat
        label="Mean hash rate"
        note={
          rate === null
            ? 'nothing to count'
            : `95 % interval ${formatHashRateInterval(rate.low, rate.high, rate.hashRate)}`
        }
      >
        <HashRateValue rate={rate} interval={false} />
      </Stat>
      <Stat
        label={`Got of what was ${promisedLabel}`}
        note={contribution === null ? `nothing on record was ${promisedLabel}` : 'with its 95 % interval'}
      >
        {contribution === null ? '–' : <ContributionBar contribution={contribution} interval />}
      </Stat>
      <Stat label="Uptime" note="of machines that sent a share">
        {formatUptime(uptime)}
      </Stat>
      <Stat
        label="Invalid shares"
        note={
          worst === undefined
            ? `of ${formatCount(shares.accepted)}`
            : `${formatCount(shares.rejected)}, most ${formatReason(worst.reason)}`
        }
      >
        {formatInvalid(shares.invalidFraction)}
      </Stat>
      {coins !== null && (
        <Stat
          label="Estimate at FPPS, coins"
          note={
            pricedFraction < 1
              ? `of ${(pricedFraction * 100).toFixed(1)} % of the work; the rest has no price on record`
              : 'no account of what was paid'
          }
        >
          {formatCoins(coins)}
        </Stat>
      )}
    </dl>
  );
}
