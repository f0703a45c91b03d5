// Series for the sample fleet: a repeatable noise per worker and step, with the failure of the worker's kind in it.
import { hashesPerShareOf, type SampleWorker, withInterval } from './sample-fleet.ts';

interface RangeInput {
  from: string;
  to: string;
  maxPoints?: number;
}

const STEPS = [60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400];
const REASONS = ['stale', 'low_difficulty', 'duplicate', 'unknown_job'] as const;

/** Uniform in [0, 1), the same for the same seed and index. */
function noise(seed: number, index: number): number {
  let z = Math.imul(seed ^ Math.imul(index, 0x9e3779b1), 0x85ebca6b);
  z ^= z >>> 13;
  z = Math.imul(z, 0xc2b2ae35);
  return ((z ^ (z >>> 16)) >>> 0) / 2 ** 32;
}

function bell(seed: number, index: number): number {
  return noise(seed, index * 3) + noise(seed, index * 3 + 1) + noise(seed, index * 3 + 2) - 1.5;
}

/** Whether the worker was delivering in a step: how its kind fails, made visible. */
function delivering(worker: SampleWorker, atMs: number, index: number): number {
  if (worker.lastShareAtMs !== null && atMs > worker.lastShareAtMs && worker.status !== 'ONLINE') return 0;
  if (worker.kind === 'flapping') return noise(worker.seed, Math.floor(index / 3)) < 0.15 ? 0 : 1;
  return noise(worker.seed ^ 0x55, Math.floor(index / 4)) < 0.004 ? 0.4 : 1;
}

function stepSecondsOf({ from, to, maxPoints = 300 }: RangeInput): number {
  const seconds = (Date.parse(to) - Date.parse(from)) / 1000;
  return STEPS.find((step) => seconds / step <= maxPoints) ?? 86_400;
}

/** How long the worker takes to answer: some 20 to 60 ms, and now and then much longer; not while it is away. Every tenth is silent. */
export function latenciesOf(worker: SampleWorker, range: RangeInput): object {
  const stepSeconds = stepSecondsOf(range);
  const first = Math.ceil(Date.parse(range.from) / (stepSeconds * 1000));
  const count = Math.ceil(Date.parse(range.to) / (stepSeconds * 1000)) - first;
  const points = Array.from({ length: count }, (_, i) => {
    const index = first + i;
    const at = new Date(index * stepSeconds * 1000).toISOString();
    const isMeasured = worker.seed % 10 !== 0 && delivering(worker, index * stepSeconds * 1000, index) > 0;
    if (!isMeasured) return { at, meanMs: null, slowestMs: null, answers: 0 };
    const slow = noise(worker.seed ^ 0x77, Math.floor(index / 5)) < 0.05 ? 180 : 0;
    const meanMs = 20 + (worker.seed % 40) + 6 * bell(worker.seed ^ 0x33, index) + slow;
    return { at, meanMs, slowestMs: meanMs * (1.1 + noise(worker.seed, index)), answers: stepSeconds / 60 };
  });
  return { stepSeconds, points };
}

export function seriesOf(workers: readonly SampleWorker[], range: RangeInput): object {
  const from = Date.parse(range.from);
  const to = Date.parse(range.to);
  const stepSeconds = stepSecondsOf(range);
  // A few stand for many: the shape is what a chart is developed against, and ten thousand workers by 300 steps would take a second.
  const sample = workers.slice(0, 40);
  const scale = sample.length === 0 ? 0 : workers.length / sample.length;
  const points: object[] = [];
  for (let at = Math.ceil(from / (stepSeconds * 1000)) * stepSeconds * 1000; at < to; at += stepSeconds * 1000) {
    points.push(pointOf(sample, scale, at, stepSeconds));
  }
  return { stepSeconds, points };
}

function pointOf(sample: readonly SampleWorker[], scale: number, at: number, stepSeconds: number): object {
  const index = Math.floor(at / 1000 / stepSeconds);
  let rate = 0;
  let variance = 0;
  let accepted = 0;
  let uptime = 0;
  const reasons = new Map<string, number>();
  const seen = sample.filter((worker) => at + stepSeconds * 1000 > worker.firstSeenMs);
  for (const worker of seen) {
    const up = delivering(worker, at, index);
    uptime += up;
    const base = worker.status === 'ONLINE' ? worker.hashRate : (worker.expected ?? worker.hashRate);
    const shares = (base * up * stepSeconds) / hashesPerShareOf(worker);
    const count = Math.max(0, Math.round(shares + bell(worker.seed, index) * 2 * Math.sqrt(shares / scale)));
    accepted += count;
    rate += (count * hashesPerShareOf(worker)) / stepSeconds;
    variance += count * (hashesPerShareOf(worker) / stepSeconds) ** 2;
    const rejected = Math.round(count * (worker.invalidFraction ?? 0) * 2 * noise(worker.seed ^ 0x77, index));
    if (rejected > 0) {
      const second = Math.round(rejected * 0.25 * noise(worker.seed, index + 9));
      reasons.set(worker.rejectReason, (reasons.get(worker.rejectReason) ?? 0) + rejected - second);
      const other = REASONS[(index + worker.seed) % REASONS.length]!;
      if (second > 0) reasons.set(other, (reasons.get(other) ?? 0) + second);
    }
  }
  const half = 1.96 * Math.sqrt(variance) * Math.sqrt(scale);
  const total = rate * scale;
  const single =
    sample.length === 1
      ? withInterval(sample[0]!, stepSeconds, rate)
      : { hashRate: total, low: Math.max(0, total - half), high: total + half };
  const byReason = [...reasons].map(([reason, count]) => ({ reason, count: Math.round(count * scale) }));
  const expected = sample.length === 1 ? sample[0]!.expected : null;
  return {
    at: new Date(at).toISOString(),
    ...single,
    expectedHashRate: expected,
    contribution:
      expected === null
        ? null
        : { fraction: single.hashRate / expected, low: single.low / expected, high: single.high / expected },
    accepted: Math.round(accepted * scale),
    rejected: byReason.reduce((sum, each) => sum + each.count, 0),
    byReason,
    uptime: seen.length === 0 ? null : uptime / seen.length,
  };
}
