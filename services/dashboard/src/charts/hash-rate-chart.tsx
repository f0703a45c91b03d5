// Hash rate over time: the estimate as a line, its 95 % interval as a band, the expectation dashed, in steps where it changed. The reading under
// the pointer stands above the chart.
import { useCallback, useMemo, useState, type ReactNode } from 'react';
import uPlot from 'uplot';
import type { Series, SeriesPoint } from '../api/schema-types.ts';
import { formatHashRate, formatHashRateInterval } from '../format/hash-rate.ts';
import { formatCount } from '../format/number.ts';
import { formatAxisMoment } from '../format/time.ts';
import { resolveColour } from '../theme/theme.ts';
import { CHART_PADDING, QUIET_CURSOR, timeAxis, valueAxis } from './axes.ts';
import { drawMarks, type ChartMark } from './marks.ts';
import { Plot } from './plot.tsx';
import { expectedColumn, hashRateColumns, isKnown } from './series-data.ts';

/** Fewer known points than this are marked one by one. */
const DOTS_BELOW = 8;
const NO_MARKS: readonly ChartMark[] = [];

interface HashRateChartProps {
  readonly series: Series;
  /** Now; where the points say what was expected then, the line is of that. */
  readonly expected: number | null;
  readonly marks?: readonly ChartMark[];
  readonly height?: number;
  readonly syncKey?: string;
  /** Let the value axis begin near the lowest value: for a fleet, whose dips would not show on an axis from zero. */
  readonly near?: boolean;
}

export function HashRateChart({
  series,
  expected,
  marks = NO_MARKS,
  height = 220,
  syncKey,
  near = false,
}: HashRateChartProps): ReactNode {
  const [index, setIndex] = useState<number | null>(null);
  const { points } = series;
  const data = useMemo<uPlot.AlignedData>(() => {
    const { at, rate, low, high } = hashRateColumns(points);
    return [at, low, high, expectedColumn(points, expected), rate];
  }, [points, expected]);
  // A line needs neighbours: the first minutes of a pool are shown as dots.
  const dots = points.filter(isKnown).length < DOTS_BELOW;
  const options = useCallback(() => hashRateOptions(near, dots, syncKey, marks), [near, dots, syncKey, marks]);
  const rangeMs = points.length * series.stepSeconds * 1000;
  const shown = index === null ? undefined : points[index];
  return (
    <figure className="chart">
      <figcaption className="reading">
        {shown ? (
          <Reading point={shown} rangeMs={rangeMs} />
        ) : (
          <Legend expected={expectedWords(points, expected)} stepSeconds={series.stepSeconds} />
        )}
      </figcaption>
      <Plot options={options} data={data} height={height} onCursor={setIndex} />
    </figure>
  );
}

/** Room for the values to move in is left at both ends, so that small changes do not look like large ones. */
function valueRange(near: boolean): uPlot.Range.Function {
  return (_plot, low, high) => {
    const top = high > 0 ? high : 1;
    const bottom = near && low !== null ? Math.max(0, low - 2 * (top - low)) : 0;
    return [bottom, top + 0.06 * (top - bottom)];
  };
}

function hashRateOptions(
  near: boolean,
  dots: boolean,
  syncKey: string | undefined,
  marks: readonly ChartMark[],
): Omit<uPlot.Options, 'width' | 'height'> {
  const line = resolveColour('--chart-line');
  const hidden = { stroke: 'transparent', width: 0, points: { show: false } };
  return {
    legend: { show: false },
    padding: CHART_PADDING,
    cursor: { ...QUIET_CURSOR, ...(syncKey === undefined ? {} : { sync: { key: syncKey } }) },
    scales: { y: { range: valueRange(near) } },
    axes: [timeAxis(), valueAxis(formatHashRate)],
    bands: [{ series: [2, 1], fill: resolveColour('--chart-band') }],
    hooks: { draw: [drawMarks(marks)] },
    series: [
      {},
      hidden,
      hidden,
      {
        stroke: resolveColour('--chart-expected'),
        width: 1.5,
        dash: [5, 4],
        points: { show: false },
        paths: uPlot.paths.stepped!({ align: 1 }),
      },
      { stroke: line, width: 1.75, points: { show: dots, size: 6, fill: line } },
    ],
  };
}

/** `Expected 110 TH/s`, or that it changed; undefined where nothing is. */
function expectedWords(points: readonly SeriesPoint[], now: number | null): string | undefined {
  const values = [...new Set(expectedColumn(points, now))].filter((value) => value !== null);
  if (values.length === 0) return undefined;
  return values.length === 1 ? `Expected ${formatHashRate(values[0]!)}` : 'Expected, as it was then';
}

function Reading({ point, rangeMs }: { point: SeriesPoint; rangeMs: number }): ReactNode {
  return (
    <>
      <strong>{formatAxisMoment(new Date(point.at), rangeMs)}</strong>
      <span>
        {formatHashRate(point.hashRate)}{' '}
        <span className="muted">{formatHashRateInterval(point.low, point.high, point.hashRate)}</span>
      </span>
      {typeof point.expectedHashRate === 'number' && (
        <span className="muted">expected {formatHashRate(point.expectedHashRate)}</span>
      )}
      <span className="muted">
        {formatCount(point.accepted)} accepted, {formatCount(point.rejected)} rejected
      </span>
    </>
  );
}

function Legend({ expected, stepSeconds }: { expected: string | undefined; stepSeconds: number }): ReactNode {
  const step =
    stepSeconds < 3600
      ? `${stepSeconds / 60} min`
      : stepSeconds < 86_400
        ? `${stepSeconds / 3600} h`
        : `${stepSeconds / 86_400} d`;
  return (
    <>
      <span className="key line">Mean over {step}</span>
      <span className="key band">95 % interval</span>
      {expected !== undefined && <span className="key dashed">{expected}</span>}
    </>
  );
}
