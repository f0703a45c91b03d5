// The worker over time: hash rate, uptime and rejects below each other on one time axis.
import { useId, type ReactNode } from 'react';
import { useQuery } from '../../api/use-query.ts';
import { HashRateChart } from '../../charts/hash-rate-chart.tsx';
import { RejectsChart } from '../../charts/rejects-chart.tsx';
import { SeriesTable } from '../../charts/series-table.tsx';
import { UptimeStrip } from '../../charts/uptime-strip.tsx';
import type { Series } from '../../api/schema-types.ts';
import { Failure, StaleFailure } from '../../components/messages.tsx';
import { Panel } from '../../components/panel.tsx';
import { Segmented } from '../../components/segmented.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { formatHashRate } from '../../format/hash-rate.ts';
import { useSearchParams } from '../../router/location.ts';
import { isRangeName, RANGE_NAMES, rangePollMs, type RangeName } from '../range.ts';
import { useLastAnswer } from '../use-last-answer.ts';
import { useRange } from '../use-range.ts';
import { WORKER_SERIES } from './worker-documents.ts';

const RANGE_WORDS: Record<RangeName, string> = {
  '1h': 'last hour',
  '6h': 'last 6 hours',
  '24h': 'last 24 hours',
  '7d': 'last 7 days',
  '30d': 'last 30 days',
};

export function WorkerCharts({ name, expected }: { name: string; expected: number | null }): ReactNode {
  const [params, setParams] = useSearchParams();
  const asked = params.get('range');
  const rangeName: RangeName = isRangeName(asked) ? asked : '24h';
  const range = useRange(rangeName);
  const { data, error, refetch } = useQuery(WORKER_SERIES, { name, range }, { pollMs: rangePollMs(rangeName) });
  const series = useLastAnswer(data?.worker?.series ?? undefined, rangeName);
  return (
    <Panel
      title="History"
      end={
        <Segmented
          label="Range"
          value={rangeName}
          choices={RANGE_NAMES.map((value) => ({ value, label: value }))}
          onChoose={(value) => setParams({ range: value === '24h' ? null : value }, { replace: true })}
        />
      }
    >
      {!series && error && <Failure error={error} onRetry={refetch} />}
      {!series && !error && <ChartSkeleton />}
      {series && (
        <div className="panel-body charts">
          {error && <StaleFailure error={error} onRetry={refetch} />}
          <p className="sr-only">{summary(series, RANGE_WORDS[rangeName])}</p>
          <SeriesCharts series={series} expected={expected} />
          <SeriesTable series={series} label={`${name}, ${RANGE_WORDS[rangeName]}`} />
        </div>
      )}
    </Panel>
  );
}

function SeriesCharts({ series, expected }: { series: Series; expected: number | null }): ReactNode {
  const syncKey = useId();
  return (
    <>
      <section>
        <h3>Hash rate</h3>
        <HashRateChart series={series} expected={expected} height={250} syncKey={syncKey} />
      </section>
      <section>
        <h3>Uptime</h3>
        <UptimeStrip series={series} />
      </section>
      <section>
        <h3>Rejected shares by reason</h3>
        <RejectsChart series={series} syncKey={syncKey} />
      </section>
    </>
  );
}

function ChartSkeleton(): ReactNode {
  return (
    <div className="panel-body charts" role="status" aria-label="Loading charts">
      <Skeleton width="100%" height={290} />
      <Skeleton width="100%" height={40} />
      <Skeleton width="100%" height={150} />
    </div>
  );
}

function summary({ points }: Series, words: string): string {
  if (points.length === 0) return `No data in the ${words}.`;
  const mean = points.reduce((sum, point) => sum + point.hashRate, 0) / points.length;
  const rejected = points.reduce((sum, point) => sum + point.rejected, 0);
  return `In the ${words}: mean hash rate ${formatHashRate(mean)}, ${rejected} rejected shares.`;
}
