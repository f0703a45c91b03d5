// Contribution against expectation: the figure, and a bar from 0 to 125 % with a mark at 100 % and the 95 % interval as a whisker.
import type { ReactNode } from 'react';
import type { Contribution } from '../api/schema-types.ts';
import { formatContribution, formatContributionInterval } from '../format/fraction.ts';
import { isLow } from './contribution.ts';

const FULL = 1.25;
const percent = (fraction: number): string => `${Math.min(1, Math.max(0, fraction / FULL)) * 100}%`;

interface ContributionBarProps {
  readonly contribution: Contribution;
  readonly interval?: boolean;
}

export function ContributionBar({ contribution, interval = true }: ContributionBarProps): ReactNode {
  const { fraction, low, high } = contribution;
  const text = `${formatContribution(fraction, contribution)} of expectation, 95 % interval ${formatContributionInterval(contribution)}`;
  return (
    <span className={`contribution live ${isLow(contribution) ? 'low' : ''}`} title={text}>
      <span className="figure">{formatContribution(fraction, contribution)}</span>
      <span className="gauge" aria-hidden="true">
        <span className="fill" style={{ width: percent(fraction) }} />
        <span className="whisker" style={{ left: percent(low), right: `calc(100% - ${percent(high)})` }} />
        <span className="target" style={{ left: percent(1) }} />
      </span>
      {interval && <span className="muted">{formatContributionInterval(contribution)}</span>}
    </span>
  );
}
