// Rejected shares over time, stacked by reason, with each reason's total as the legend.
import { useCallback, useMemo, type ReactNode } from 'react';
import uPlot from 'uplot';
import type { Series } from '../api/schema-types.ts';
import { formatCount } from '../format/number.ts';
import { formatReason } from '../format/reason.ts';
import { resolveColour } from '../theme/theme.ts';
import { CHART_PADDING, QUIET_CURSOR, timeAxis, valueAxis } from './axes.ts';
import { Plot } from './plot.tsx';
import { reasonColour } from './reject-colours.ts';
import { rejectStacks } from './series-data.ts';

export function RejectsChart({ series, syncKey }: { series: Series; syncKey: string }): ReactNode {
  const { reasons, tops } = useMemo(() => rejectStacks(series.points), [series]);
  const data = useMemo<uPlot.AlignedData>(
    // The tallest stack is drawn first, so that the lower ones paint over it.
    () => [series.points.map((point) => Date.parse(point.at) / 1000), ...[...tops].reverse()],
    [series, tops],
  );
  const names = reasons.map(({ reason }) => reason).join();
  const options = useCallback(
    () => rejectOptions(names === '' ? [] : names.split(',').reverse(), syncKey),
    [names, syncKey],
  );
  if (reasons.length === 0) return <p className="chart-empty">No rejected shares in this range.</p>;
  return (
    <figure className="chart">
      <figcaption className="reading">
        {reasons.map(({ reason, count }) => (
          <span key={reason} className="key block">
            <i style={{ background: `var(${reasonColour(reason)})` }} />
            {formatReason(reason)} <strong>{formatCount(count)}</strong>
          </span>
        ))}
      </figcaption>
      <Plot options={options} data={data} height={130} />
    </figure>
  );
}

function rejectOptions(topDown: readonly string[], syncKey: string): Omit<uPlot.Options, 'width' | 'height'> {
  const bars = uPlot.paths.bars!({ size: [0.8, 14, 1], gap: 0 });
  return {
    legend: { show: false },
    padding: CHART_PADDING,
    cursor: { ...QUIET_CURSOR, sync: { key: syncKey } },
    scales: { y: { range: (_plot, _low, high) => [0, Math.max(4, high * 1.1)] } },
    axes: [timeAxis(), valueAxis((value) => (Number.isInteger(value) ? formatCount(value) : ''), 28)],
    series: [
      {},
      ...topDown.map((reason) => {
        const colour = resolveColour(reasonColour(reason));
        return { stroke: colour, fill: colour, width: 0, paths: bars, points: { show: false } };
      }),
    ],
  };
}
