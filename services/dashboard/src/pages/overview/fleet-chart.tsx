// The fleet over time: the last day or, while the pool is younger than that, the last hour, unless another range is chosen.
import { useState, type ReactNode } from 'react';
import { useQuery } from '../../api/use-query.ts';
import type { Algorithm, Series, SeriesPoint } from '../../api/schema-types.ts';
import { HashRateChart } from '../../charts/hash-rate-chart.tsx';
import { isKnown } from '../../charts/series-data.ts';
import { SeriesTable } from '../../charts/series-table.tsx';
import { Failure, StaleFailure } from '../../components/messages.tsx';
import { Panel } from '../../components/panel.tsx';
import { Segmented } from '../../components/segmented.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { formatHashRate } from '../../format/hash-rate.ts';
import { useTenant } from '../../router/tenant.ts';
import { RANGE_NAMES, RANGE_WORDS, rangePollMs, type RangeName } from '../range.ts';
import { useLastAnswer } from '../use-last-answer.ts';
import { useRange } from '../use-range.ts';
import { FLEET_SERIES } from './overview-documents.ts';

const HEIGHT = 230;
/** With less than this many steps of the day known (two hours), a day would be an empty chart. */
const YOUNG_BELOW = 24;

interface FleetChartProps {
  readonly algorithm: Algorithm;
  readonly expected: number | null;
}

export function FleetChart({ algorithm, expected }: FleetChartProps): ReactNode {
  const [chosen, setChosen] = useState<RangeName>();
  const day = useFleetSeries(algorithm, '24h', true);
  const young = day.series !== undefined && day.series.points.filter(isKnown).length < YOUNG_BELOW;
  const name = chosen ?? (young ? '1h' : '24h');
  const other = useFleetSeries(algorithm, name, name !== '24h');
  const { series, error, refetch } = name === '24h' ? day : other;
  return (
    <Panel
      title="Hash rate"
      end={
        <Segmented
          label="Range"
          value={name}
          choices={RANGE_NAMES.map((value) => ({ value, label: value }))}
          onChoose={setChosen}
        />
      }
    >
      {!series && error && <Failure error={error} onRetry={refetch} />}
      {!series && !error && (
        <div className="panel-body" role="status" aria-label="Loading chart">
          <Skeleton width="100%" height={HEIGHT + 28} />
        </div>
      )}
      {series && (
        <div className="panel-body">
          {error && <StaleFailure error={error} onRetry={refetch} />}
          <p className="sr-only">{summary(series.points.filter(isKnown), RANGE_WORDS[name])}</p>
          <HashRateChart series={series} expected={expected} height={HEIGHT} near />
          <SeriesTable series={series} label={`Fleet hash rate, ${RANGE_WORDS[name]}`} />
        </div>
      )}
    </Panel>
  );
}

interface FleetSeries {
  readonly series: Series | undefined;
  readonly error: ReturnType<typeof useQuery>['error'];
  readonly refetch: () => void;
}

function useFleetSeries(algorithm: Algorithm, name: RangeName, enabled: boolean): FleetSeries {
  const range = useRange(name);
  const tenant = useTenant();
  const { data, error, refetch } = useQuery(
    FLEET_SERIES,
    { algorithm, tenant, range },
    { pollMs: rangePollMs(name), enabled },
  );
  return {
    series: useLastAnswer(data?.fleet.series ?? undefined, `${algorithm} ${tenant ?? ''} ${name}`),
    error,
    refetch,
  };
}

function summary(known: readonly SeriesPoint[], words: string): string {
  const last = known.at(-1);
  if (!last) return `No data in the ${words}.`;
  const rates = known.map((point) => point.hashRate);
  const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
  return `Fleet hash rate over the ${words}: mean ${formatHashRate(mean)}, lowest ${formatHashRate(Math.min(...rates))}, highest ${formatHashRate(Math.max(...rates))}, latest ${formatHashRate(last.hashRate)}.`;
}
