// Marks on a chart's time axis: a line at the moment, and at its top the number by which the text below the chart names it.
import type uPlot from 'uplot';
import { resolveColour } from '../theme/theme.ts';

export interface ChartMark {
  /** Seconds since 1970. */
  readonly at: number;
  /** Counted from 1. */
  readonly number: number;
}

const RADIUS = 7;

/** A hook that draws them over the lines. */
export function drawMarks(marks: readonly ChartMark[]): (plot: uPlot) => void {
  return (plot) => {
    const { ctx, bbox } = plot;
    const ratio = devicePixelRatio || 1;
    const colour = resolveColour('--chart-expected');
    const onMark = resolveColour('--surface');
    for (const { at, number } of marks) {
      const x = Math.round(plot.valToPos(at, 'x', true));
      if (x < bbox.left || x > bbox.left + bbox.width) continue;
      const y = bbox.top + RADIUS * ratio;
      ctx.save();
      ctx.strokeStyle = colour;
      ctx.lineWidth = ratio;
      ctx.setLineDash([2 * ratio, 3 * ratio]);
      ctx.beginPath();
      ctx.moveTo(x, y);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      ctx.setLineDash([]);
      ctx.fillStyle = colour;
      ctx.beginPath();
      ctx.arc(x, y, RADIUS * ratio, 0, 2 * Math.PI);
      ctx.fill();
      ctx.fillStyle = onMark;
      ctx.font = `600 ${10 * ratio}px ui-sans-serif, system-ui, sans-serif`;
      ctx.textAlign = 'center';
      ctx.textBaseline = 'middle';
      ctx.fillText(String(number), x, y + 0.5 * ratio);
      ctx.restore();
    }
  };
}
