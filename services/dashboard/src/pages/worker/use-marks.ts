// Which changes of expectation lie within a chart's range: those are marked in it and numbered, the oldest first.
import { useMemo } from 'react';
import type { Series } from '../../api/schema-types.ts';
import type { ChartMark } from '../../charts/marks.ts';
import type { ExpectationChange } from './worker-documents.ts';

/** More would lie over each other; the newest are marked. */
const MAX_MARKS = 12;

export interface MarkedChanges {
  /** Ascending; the first is number 1. */
  readonly numbered: readonly ExpectationChange[];
  readonly marks: readonly ChartMark[];
  /** The others, the newest first. */
  readonly earlier: readonly ExpectationChange[];
}

/** @param changes the newest first */
export function markedChanges(changes: readonly ExpectationChange[], { points, stepSeconds }: Series): MarkedChanges {
  const startMs = points.length === 0 ? Infinity : Date.parse(points[0]!.at);
  // A range ends a little in the past: what changed since stands at its end.
  const lastMs = startMs + (points.length - 1) * stepSeconds * 1000;
  const at = (change: ExpectationChange): number => Date.parse(change.at);
  const within = changes.filter((change) => at(change) >= startMs).slice(0, MAX_MARKS);
  const numbered = [...within].reverse();
  return {
    numbered,
    marks: numbered.map((change, i) => ({ at: Math.min(at(change), lastMs) / 1000, number: i + 1 })),
    earlier: changes.filter((change) => !within.includes(change)),
  };
}

/** The same as long as neither changes nor range are others, so that a chart is not drawn anew for nothing. */
export function useMarks(changes: readonly ExpectationChange[], series: Series): MarkedChanges {
  const found = useMemo(() => markedChanges(changes, series), [changes, series]);
  const key = JSON.stringify(found.marks);
  const marks = useMemo(() => found.marks, [key]);
  return { ...found, marks };
}
