// The axes all charts share: local 24-hour time below, quiet grid lines, numbers in the unit of the largest value.
import type uPlot from 'uplot';
import { resolveColour } from '../theme/theme.ts';

const FONT = '11px ui-sans-serif, system-ui, sans-serif';

/** The width of the value axis, the same for all charts, so that charts below each other share their time axis. */
export const VALUE_AXIS_WIDTH = 62;

/** Top, right, bottom, left, in pixels. The right one is that of the uptime strip in the style sheet too. */
export const CHART_PADDING: uPlot.Padding = [8, 16, 0, 0];

const two = (value: number): string => String(value).padStart(2, '0');

/** Ticks of a day or more carry the date, shorter ones the time; the first tick of a day carries its date too. */
function timeLabels(_plot: uPlot, splits: number[], _axis: number, _space: number, increment: number): string[] {
  let day = -1;
  return splits.map((seconds) => {
    const at = new Date(seconds * 1000);
    const date = at.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' });
    if (increment >= 86_400) return date;
    const time = `${two(at.getHours())}:${two(at.getMinutes())}`;
    const newDay = day !== -1 && at.getDate() !== day;
    day = at.getDate();
    return newDay && at.getHours() === 0 ? date : time;
  });
}

export function timeAxis(): uPlot.Axis {
  return {
    stroke: resolveColour('--chart-axis'),
    font: FONT,
    size: 26,
    gap: 6,
    space: 64,
    grid: { show: false },
    ticks: { show: true, stroke: resolveColour('--chart-grid'), width: 1, size: 4 },
    values: timeLabels,
  };
}

export function valueAxis(label: (value: number) => string, space = 34): uPlot.Axis {
  return {
    stroke: resolveColour('--chart-axis'),
    font: FONT,
    size: VALUE_AXIS_WIDTH,
    gap: 8,
    space,
    grid: { stroke: resolveColour('--chart-grid'), width: 1 },
    ticks: { show: false },
    values: (_plot, splits) => splits.map((value) => (value === null ? '' : label(value))),
  };
}

export const QUIET_CURSOR: uPlot.Cursor = { y: false, drag: { x: false, y: false }, points: { show: false } };
