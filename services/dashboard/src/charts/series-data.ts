// Turns a series into what the charts draw and what is said about it in words.
import type { Series, SeriesPoint } from '../api/schema-types.ts';

/** False before the first worker was seen, and in the future: there is nothing to draw then, not even a zero. */
export function isKnown({ uptime, accepted, rejected }: SeriesPoint): boolean {
  return uptime !== null || accepted + rejected > 0;
}

export interface HashRateColumns {
  /** Seconds since 1970. */
  readonly at: number[];
  readonly rate: (number | null)[];
  readonly low: (number | null)[];
  readonly high: (number | null)[];
}

/** Columns for uPlot; null where nothing is known. */
export function hashRateColumns(points: readonly SeriesPoint[]): HashRateColumns {
  const columns: HashRateColumns = { at: [], rate: [], low: [], high: [] };
  for (const point of points) {
    const known = isKnown(point);
    columns.at.push(Date.parse(point.at) / 1000);
    columns.rate.push(known ? point.hashRate : null);
    columns.low.push(known ? point.low : null);
    columns.high.push(known ? point.high : null);
  }
  return columns;
}

/** What was expected at each point: as the points say, or else `now` throughout. */
export function expectedColumn(points: readonly SeriesPoint[], now: number | null): (number | null)[] {
  const throughout = now !== null && now > 0 ? now : null;
  return points.map(({ expectedHashRate }) => (expectedHashRate === undefined ? throughout : expectedHashRate));
}

export interface RejectStacks {
  /** Reasons by how often they occur, most often first. */
  readonly reasons: readonly { readonly reason: string; readonly count: number }[];
  /** Per reason the height of the stack up to and including it, in the order of `reasons`. */
  readonly tops: readonly number[][];
}

/** Stacks the rejected shares by reason, the most frequent one at the bottom. */
export function rejectStacks(points: readonly SeriesPoint[]): RejectStacks {
  const totals = new Map<string, number>();
  for (const point of points) {
    for (const { reason, count } of point.byReason) totals.set(reason, (totals.get(reason) ?? 0) + count);
  }
  const reasons = [...totals]
    .map(([reason, count]) => ({ reason, count }))
    .sort((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1));
  const heights = points.map(() => 0);
  const tops = reasons.map(({ reason }) =>
    points.map((point, i) => {
      heights[i] = heights[i]! + (point.byReason.find((each) => each.reason === reason)?.count ?? 0);
      return heights[i]!;
    }),
  );
  return { reasons, tops };
}

export interface UptimeRun {
  readonly fromMs: number;
  readonly toMs: number;
  /** Mean fraction of the run in which the worker delivered; null where nobody can know yet. */
  readonly fraction: number | null;
}

/** A step counts as up from this fraction on: a share that falls just past a step's end is no outage. */
const UP_FROM = 0.98;

function level(uptime: number | null): 'unknown' | 'up' | 'partial' | 'down' {
  if (uptime === null) return 'unknown';
  if (uptime >= UP_FROM) return 'up';
  return uptime <= 0 ? 'down' : 'partial';
}

/** Joins neighbouring steps of the same kind: fully up, fully down, unknown. Steps that are up for a part stand alone. */
export function uptimeRuns({ stepSeconds, points }: Series): UptimeRun[] {
  const runs: UptimeRun[] = [];
  for (const point of points) {
    const fromMs = Date.parse(point.at);
    const toMs = fromMs + stepSeconds * 1000;
    const last = runs.at(-1);
    const kind = level(point.uptime);
    if (last && kind !== 'partial' && level(last.fraction) === kind) runs[runs.length - 1] = { ...last, toMs };
    else runs.push({ fromMs, toMs, fraction: kind === 'up' ? 1 : point.uptime });
  }
  return runs;
}

/** Mean uptime of the range; null when no step is known. */
export function meanUptime(points: readonly SeriesPoint[]): number | null {
  let sum = 0;
  let known = 0;
  for (const { uptime } of points) {
    if (uptime === null) continue;
    sum += uptime;
    known++;
  }
  return known === 0 ? null : sum / known;
}

/** The longest stretch without any delivery, or undefined. */
export function longestOutage(runs: readonly UptimeRun[]): UptimeRun | undefined {
  let longest: UptimeRun | undefined;
  for (const run of runs) {
    if (run.fraction !== 0) continue;
    if (!longest || run.toMs - run.fromMs > longest.toMs - longest.fromMs) longest = run;
  }
  return longest;
}
