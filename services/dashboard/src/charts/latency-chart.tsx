// Latency over time: the mean of each step as a line, the slowest answer as the upper edge of a band. The reading under the pointer stands above it.
import { useCallback, useMemo, useState, type ReactNode } from 'react';
import type uPlot from 'uplot';
import type { LatencyPoint, LatencySeries } from '../api/schema-types.ts';
import { formatMilliseconds } from '../format/milliseconds.ts';
import { formatQuantity } from '../format/number.ts';
import { formatAxisMoment } from '../format/time.ts';
import { resolveColour } from '../theme/theme.ts';
import { CHART_PADDING, QUIET_CURSOR, timeAxis, valueAxis } from './axes.ts';
import { Plot } from './plot.tsx';

/** Fewer known points than this are marked one by one. */
const DOTS_BELOW = 8;

interface LatencyChartProps {
  readonly series: LatencySeries;
  readonly syncKey: string;
}

export function LatencyChart({ series, syncKey }: LatencyChartProps): ReactNode {
  const [index, setIndex] = useState<number | null>(null);
  const { points, stepSeconds } = series;
  const data = useMemo<uPlot.AlignedData>(
    () => [
      points.map(({ at }) => Date.parse(at) / 1000),
      points.map(({ slowestMs }) => slowestMs),
      points.map(({ meanMs }) => meanMs),
    ],
    [points],
  );
  const known = points.filter(isMeasured);
  const dots = known.length < DOTS_BELOW;
  const options = useCallback(() => latencyOptions(dots, syncKey), [dots, syncKey]);
  if (known.length === 0)
    return (
      <p className="chart-empty">Not measured in this range: it was not connected, or its firmware does not answer.</p>
    );
  const shown = index === null ? undefined : points[index];
  return (
    <figure className="chart">
      <figcaption className="reading">
        {shown ? <Reading point={shown} rangeMs={points.length * stepSeconds * 1000} /> : <Legend known={known} />}
      </figcaption>
      <Plot options={options} data={data} height={130} onCursor={setIndex} />
    </figure>
  );
}

type Measured = LatencyPoint & { readonly meanMs: number; readonly slowestMs: number };

function isMeasured(point: LatencyPoint): point is Measured {
  return point.meanMs !== null && point.slowestMs !== null;
}

function Legend({ known }: { known: readonly Measured[] }): ReactNode {
  const answers = known.reduce((sum, point) => sum + point.answers, 0);
  const mean = known.reduce((sum, point) => sum + point.meanMs * point.answers, 0) / answers;
  const slowest = known.reduce((most, point) => Math.max(most, point.slowestMs), 0);
  return (
    <>
      <span className="key line">
        Mean <strong>{formatMilliseconds(mean)}</strong>
      </span>
      <span className="key band">
        Slowest <strong>{formatMilliseconds(slowest)}</strong>
      </span>
    </>
  );
}

function Reading({ point, rangeMs }: { point: LatencyPoint; rangeMs: number }): ReactNode {
  return (
    <>
      <strong>{formatAxisMoment(new Date(point.at), rangeMs)}</strong>
      {isMeasured(point) ? (
        <>
          <span>{formatMilliseconds(point.meanMs)}</span>
          <span className="muted">
            slowest {formatMilliseconds(point.slowestMs)}, {formatQuantity(point.answers, 'answer')}
          </span>
        </>
      ) : (
        <span className="muted">not measured</span>
      )}
    </>
  );
}

function latencyOptions(dots: boolean, syncKey: string): Omit<uPlot.Options, 'width' | 'height'> {
  const line = resolveColour('--chart-line');
  return {
    legend: { show: false },
    padding: CHART_PADDING,
    cursor: { ...QUIET_CURSOR, sync: { key: syncKey } },
    scales: { y: { range: (_plot, _low, high) => [0, Math.max(1, high * 1.1)] } },
    axes: [timeAxis(), valueAxis(formatMilliseconds, 28)],
    bands: [{ series: [1, 2], fill: resolveColour('--chart-band') }],
    series: [
      {},
      { stroke: 'transparent', width: 0, points: { show: false } },
      { stroke: line, width: 1.75, points: { show: dots, size: 6, fill: line } },
    ],
  };
}
