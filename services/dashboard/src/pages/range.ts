// Time ranges for charts. A range ends at the last full step, a little in the past: a step still filling up would show as a drop.
import type { RangeInput } from '../api/schema-types.ts';

export type RangeName = '1h' | '6h' | '24h' | '7d' | '30d';

const HOUR = 3600;

/** In a sentence. */
export const RANGE_WORDS: Record<RangeName, string> = {
  '1h': 'last hour',
  '6h': 'last 6 hours',
  '24h': 'last 24 hours',
  '7d': 'last 7 days',
  '30d': 'last 30 days',
};

/** Length and step in seconds; length over step is the number of points asked for. */
const RANGES: Record<RangeName, { seconds: number; step: number }> = {
  '1h': { seconds: HOUR, step: 60 },
  '6h': { seconds: 6 * HOUR, step: 60 },
  '24h': { seconds: 24 * HOUR, step: 300 },
  '7d': { seconds: 7 * 24 * HOUR, step: HOUR },
  '30d': { seconds: 30 * 24 * HOUR, step: 4 * HOUR },
};

export const RANGE_NAMES = Object.keys(RANGES) as RangeName[];

/** Shares take some seconds from the miner into the record; a minute that ended just now is not whole yet. */
const SETTLING_MS = 15_000;

export function rangeEndingAt(name: RangeName, nowMs: number): RangeInput {
  const { seconds, step } = RANGES[name];
  const stepMs = step * 1000;
  const to = Math.floor((nowMs - SETTLING_MS) / stepMs) * stepMs;
  return {
    from: new Date(to - seconds * 1000).toISOString(),
    to: new Date(to).toISOString(),
    maxPoints: seconds / step,
  };
}

export function isRangeName(text: string | null): text is RangeName {
  return text !== null && text in RANGES;
}

/** How often a range is worth asking for again. */
export function rangePollMs(name: RangeName): number {
  return name === '1h' || name === '6h' ? 20_000 : 60_000;
}
