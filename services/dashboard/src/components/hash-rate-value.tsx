// A hash rate as it is shown everywhere: value and unit, with the 95 % interval beside it. Null means that nobody knows it right now.
import type { ReactNode } from 'react';
import type { HashRate } from '../api/schema-types.ts';
import { formatHashRateInterval, splitHashRate } from '../format/hash-rate.ts';

interface HashRateValueProps {
  readonly rate: HashRate | null;
  readonly interval?: boolean;
}

export function HashRateValue({ rate, interval = true }: HashRateValueProps): ReactNode {
  if (rate === null) {
    return (
      <span className="rate muted" title="Not known while the live state is being rebuilt">
        <span className="figure">–</span>
      </span>
    );
  }
  const { value, unit } = splitHashRate(rate.hashRate);
  return (
    <span className="rate live">
      <span className="figure">
        {value} <span className="unit">{unit}</span>
      </span>
      {interval && (
        <>
          {' '}
          <span className="interval" title="95 % interval of the estimate">
            {formatHashRateInterval(rate.low, rate.high, rate.hashRate)}
          </span>
        </>
      )}
    </span>
  );
}
