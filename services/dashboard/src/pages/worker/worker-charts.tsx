// The worker over time: hash rate, uptime and rejects below each other on one time axis.
import { useId, useState, type ReactNode } from 'react';
import { serverNowMs } from '../../api/server-clock.ts';
import { useQuery } from '../../api/use-query.ts';
import { HashRateChart } from '../../charts/hash-rate-chart.tsx';
import { RejectsChart } from '../../charts/rejects-chart.tsx';
import { SeriesTable } from '../../charts/series-table.tsx';
import { isKnown } from '../../charts/series-data.ts';
import { UptimeStrip } from '../../charts/uptime-strip.tsx';
import type { DateTime, Series } from '../../api/schema-types.ts';
import { Failure, StaleFailure } from '../../components/messages.tsx';
import { ExportLink } from '../../components/export-link.tsx';
import { Panel } from '../../components/panel.tsx';
import { Segmented } from '../../components/segmented.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { formatEfficiency, formatEfficiencyInterval } from '../../format/efficiency.ts';
import { formatHashRate } from '../../format/hash-rate.ts';
import { useSearchParams } from '../../router/location.ts';
import { isRangeName, RANGE_NAMES, RANGE_WORDS, rangePollMs, type RangeName } from '../range.ts';
import { useLastAnswer } from '../use-last-answer.ts';
import { useRange } from '../use-range.ts';
import { ExpectationChanges } from './expectation-changes.tsx';
import { LatencySection } from './latency-section.tsx';
import { useMarks } from './use-marks.ts';
import { EXPECTATION_CHANGES, WORKER_SERIES, type ExpectationChange, type WorkerSeries } from './worker-documents.ts';

/** A worker seen for less than this is looked at over an hour unless another range is asked for. */
const YOUNG_MS = 3 * 3_600_000;

/** What a file of the history holds: an hour a line. */
const EXPORTED_DAYS = 30;

const NO_CHANGES: readonly ExpectationChange[] = [];

interface WorkerChartsProps {
  readonly name: string;
  readonly expected: number | null;
  readonly firstSeen: DateTime;
}

export function WorkerCharts({ name, expected, firstSeen }: WorkerChartsProps): ReactNode {
  const [params, setParams] = useSearchParams();
  const asked = params.get('range');
  const syncKey = useId();
  // Decided once: a chart that changes its range by itself would startle.
  const [usual] = useState<RangeName>(() => (serverNowMs() - Date.parse(firstSeen) < YOUNG_MS ? '1h' : '24h'));
  const rangeName = isRangeName(asked) ? asked : usual;
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
          onChoose={(value) => setParams({ range: value === usual ? null : value }, { replace: true })}
        />
      }
    >
      {!series && error && <Failure error={error} onRetry={refetch} />}
      {!series && !error && <ChartSkeleton />}
      {series && (
        <div className="panel-body charts">
          {error && <StaleFailure error={error} onRetry={refetch} />}
          <p className="sr-only">{summary(series, RANGE_WORDS[rangeName])}</p>
          <SeriesCharts name={name} series={series} expected={expected} syncKey={syncKey} />
          <LatencySection name={name} rangeName={rangeName} syncKey={syncKey} />
          <RangeEfficiency efficiency={series.efficiency} words={RANGE_WORDS[rangeName]} />
          <SeriesTable series={series} label={`${name}, ${RANGE_WORDS[rangeName]}`} />
          <div>
            <ExportLink table="history" more={{ worker: name, days: String(EXPORTED_DAYS) }} only={[]} />
          </div>
        </div>
      )}
    </Panel>
  );
}

interface SeriesChartsProps {
  readonly name: string;
  readonly series: Series;
  readonly expected: number | null;
  readonly syncKey: string;
}

function SeriesCharts({ name, series, expected, syncKey }: SeriesChartsProps): ReactNode {
  const { data } = useQuery(EXPECTATION_CHANGES, { name }, { pollMs: 120_000 });
  const { numbered, marks, earlier } = useMarks(data?.worker?.expectationChanges ?? NO_CHANGES, series);
  return (
    <>
      <section>
        <h3>Hash rate</h3>
        <HashRateChart series={series} expected={expected} marks={marks} height={250} syncKey={syncKey} />
        <ExpectationChanges numbered={numbered} earlier={earlier} />
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

interface RangeEfficiencyProps {
  readonly efficiency: WorkerSeries['efficiency'];
  readonly words: string;
}

function RangeEfficiency({ efficiency, words }: RangeEfficiencyProps): ReactNode {
  if (efficiency === null) return null;
  const { joulesPerHash, low, high } = efficiency;
  return (
    <p className="range-figure">
      <strong>{formatEfficiency(joulesPerHash)}</strong>{' '}
      <span className="muted">
        ({formatEfficiencyInterval(low, high, joulesPerHash)}) over the {words}, at its rated power while it delivered
      </span>
    </p>
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
  const known = points.filter(isKnown);
  const mean = known.reduce((sum, point) => sum + point.hashRate, 0) / Math.max(1, known.length);
  const rejected = points.reduce((sum, point) => sum + point.rejected, 0);
  return `In the ${words}: mean hash rate ${formatHashRate(mean)}, ${rejected} rejected shares.`;
}
