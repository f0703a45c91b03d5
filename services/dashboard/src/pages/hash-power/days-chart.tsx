// Mean hash rate of each day as a step, its 95 % interval as a band, and what was promised dashed. The day under the pointer stands above.
import { useMemo, useState, type ReactNode } from 'react';
import uPlot from 'uplot';
import { CHART_PADDING, QUIET_CURSOR, timeAxis, valueAxis } from '../../charts/axes.ts';
import { Plot } from '../../charts/plot.tsx';
import { formatHashRate, formatHashRateInterval } from '../../format/hash-rate.ts';
import { resolveColour } from '../../theme/theme.ts';
import { daysColumns, secondsOf, type AccountDay } from './figures.ts';

const HEIGHT = 230;

interface DaysChartProps {
  readonly days: readonly AccountDay[];
  readonly promisedLabel: 'Promised' | 'Expected';
}

export function DaysChart({ days, promisedLabel }: DaysChartProps): ReactNode {
  const [index, setIndex] = useState<number | null>(null);
  const data = useMemo<uPlot.AlignedData>(() => {
    const { at, rate, low, high, expected } = daysColumns(days);
    return [at, low, high, expected, rate];
  }, [days]);
  const shown = index === null ? undefined : days[Math.min(index, days.length - 1)];
  return (
    <figure className="chart">
      <figcaption className="reading">
        {shown ? (
          <Reading day={shown} promisedLabel={promisedLabel} />
        ) : (
          <Legend days={days} promisedLabel={promisedLabel} />
        )}
      </figcaption>
      <Plot options={daysOptions} data={data} height={HEIGHT} onCursor={setIndex} />
    </figure>
  );
}

function daysOptions(): Omit<uPlot.Options, 'width' | 'height'> {
  // Each value holds from its moment to the next.
  const paths = uPlot.paths.stepped!({ align: 1 });
  const points = { show: false };
  const hidden = { stroke: 'transparent', width: 0, points, paths };
  return {
    legend: { show: false },
    padding: CHART_PADDING,
    cursor: QUIET_CURSOR,
    scales: { y: { range: (_plot, _low, high) => [0, 1.06 * (high > 0 ? high : 1)] } },
    axes: [timeAxis(), valueAxis(formatHashRate)],
    bands: [{ series: [2, 1], fill: resolveColour('--chart-band') }],
    series: [
      {},
      hidden,
      hidden,
      { stroke: resolveColour('--chart-expected'), width: 1.5, dash: [5, 4], points, paths },
      { stroke: resolveColour('--chart-line'), width: 1.75, points, paths },
    ],
  };
}

function Reading({ day, promisedLabel }: { day: AccountDay } & Pick<DaysChartProps, 'promisedLabel'>): ReactNode {
  const { hashRate, low, high } = day.hashRate;
  return (
    <>
      <strong>{day.date}</strong>
      <span>
        {formatHashRate(hashRate)} <span className="muted">{formatHashRateInterval(low, high, hashRate)}</span>
      </span>
      {day.promisedHashes !== null && (
        <span className="muted">
          {promisedLabel.toLowerCase()} {formatHashRate(day.promisedHashes / secondsOf(day))}
        </span>
      )}
      {!day.isWholeDay && <span className="muted">part of the day</span>}
    </>
  );
}

function Legend({ days, promisedLabel }: DaysChartProps): ReactNode {
  return (
    <>
      <span className="key line">Mean of the day</span>
      <span className="key band">95 % interval</span>
      {days.some(({ promisedHashes }) => promisedHashes !== null) && (
        <span className="key dashed">{promisedLabel}</span>
      )}
    </>
  );
}
