// When a worker was delivering, as a strip on the time axis of the charts above it.
import { useMemo, type ReactNode } from 'react';
import type { Series } from '../api/schema-types.ts';
import { formatUptime } from '../format/fraction.ts';
import { formatAxisMoment, formatDuration } from '../format/time.ts';
import { longestOutage, meanUptime, uptimeRuns, type UptimeRun } from './series-data.ts';

/** Of the drawing. Milliseconds would be too large for the single precision that browsers draw with. */
const WIDTH = 1000;

function className(run: UptimeRun): string {
  if (run.fraction === null) return 'unknown';
  if (run.fraction === 1) return 'up';
  return run.fraction === 0 ? 'down' : 'partial';
}

function title(run: UptimeRun, rangeMs: number): string {
  const span = `${formatAxisMoment(new Date(run.fromMs), rangeMs)}–${formatAxisMoment(new Date(run.toMs), rangeMs)}`;
  if (run.fraction === null) return `${span}: not known yet`;
  return `${span}: ${run.fraction === 1 ? 'delivering' : run.fraction === 0 ? 'not delivering' : `delivering ${formatUptime(run.fraction)}`}`;
}

export function UptimeStrip({ series }: { series: Series }): ReactNode {
  const runs = useMemo(() => uptimeRuns(series), [series]);
  const first = runs[0];
  const last = runs.at(-1);
  if (!first || !last) return null;
  const rangeMs = last.toMs - first.fromMs;
  const outage = longestOutage(runs);
  const summary = `Delivering ${formatUptime(meanUptime(series.points))} of the ${first.fraction === null ? 'time since it was first seen' : 'range'}${
    outage
      ? `; longest outage ${formatDuration(outage.toMs - outage.fromMs)} from ${formatAxisMoment(new Date(outage.fromMs), rangeMs)}`
      : '; no outage'
  }`;
  return (
    <figure className="chart">
      <figcaption className="reading">
        <span>{summary}</span>
      </figcaption>
      <svg
        className="uptime-strip"
        viewBox={`0 0 ${WIDTH} 10`}
        preserveAspectRatio="none"
        role="img"
        aria-label={summary}
      >
        {runs.map((run) => (
          <rect
            key={run.fromMs}
            className={className(run)}
            x={((run.fromMs - first.fromMs) / rangeMs) * WIDTH}
            width={((run.toMs - run.fromMs) / rangeMs) * WIDTH}
            height="10"
          >
            <title>{title(run, rangeMs)}</title>
          </rect>
        ))}
      </svg>
    </figure>
  );
}
