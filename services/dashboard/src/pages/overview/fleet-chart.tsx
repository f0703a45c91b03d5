// The fleet's last 24 hours.
import type { ReactNode } from 'react';
import { useQuery } from '../../api/use-query.ts';
import type { Algorithm } from '../../api/schema-types.ts';
import { HashRateChart } from '../../charts/hash-rate-chart.tsx';
import { SeriesTable } from '../../charts/series-table.tsx';
import { Failure, StaleFailure } from '../../components/messages.tsx';
import { Panel } from '../../components/panel.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { formatHashRate } from '../../format/hash-rate.ts';
import { useLastAnswer } from '../use-last-answer.ts';
import { useRange } from '../use-range.ts';
import { FLEET_SERIES } from './overview-documents.ts';

const HEIGHT = 230;

export function FleetChart({ algorithm, expected }: { algorithm: Algorithm; expected: number | null }): ReactNode {
  const range = useRange('24h');
  const { data, error, refetch } = useQuery(FLEET_SERIES, { algorithm, range }, { pollMs: 60_000 });
  const series = useLastAnswer(data?.fleet.series ?? undefined, algorithm);
  return (
    <Panel title="Hash rate, last 24 h">
      {!series && error && <Failure error={error} onRetry={refetch} />}
      {!series && !error && (
        <div className="panel-body" role="status" aria-label="Loading chart">
          <Skeleton width="100%" height={HEIGHT + 28} />
        </div>
      )}
      {series && (
        <div className="panel-body">
          {error && <StaleFailure error={error} onRetry={refetch} />}
          <p className="sr-only">{summary(series.points.map((point) => point.hashRate))}</p>
          <HashRateChart series={series} expected={expected} height={HEIGHT} near />
          <SeriesTable series={series} label="Fleet hash rate, last 24 h" />
        </div>
      )}
    </Panel>
  );
}

function summary(rates: readonly number[]): string {
  if (rates.length === 0) return 'No data in the last 24 hours.';
  const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
  return `Fleet hash rate over the last 24 hours: mean ${formatHashRate(mean)}, lowest ${formatHashRate(Math.min(...rates))}, highest ${formatHashRate(Math.max(...rates))}, latest ${formatHashRate(rates.at(-1)!)}.`;
}
