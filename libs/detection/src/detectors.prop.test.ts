// Whatever minutes come, in whatever mixture with late shares and restarts: no detector breaks, each tells one story after the other,
// and its state is plain JSON.
import type { Algorithm } from '@assay/mining';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DetectionMinute, LateShares, Verdict } from './detector.ts';
import { evidenceText } from './evidence-text.ts';
import type { Evidence } from './evidence.ts';
import { detectorFactory, type DetectionRule } from './rule.ts';

const RULES: readonly DetectionRule[] = [
  { type: 'rate', falseAlarmsPerWorkerYear: 1000 },
  { type: 'offline' },
  { type: 'idle', falseAlarmsPerWorkerYear: 0.01 },
  { type: 'rejected', falseAlarmsPerWorkerYear: 1000 },
  { type: 'threshold', windowMinutes: 7, belowFraction: 0.8, clearFraction: 0.95 },
  { type: 'flapping', windowMinutes: 3, connects: 3 },
  { type: 'latency', limitMs: 100, minutes: 2 },
];

type Step =
  | { readonly type: 'minute'; readonly gap: number; readonly minute: Omit<DetectionMinute, 'minute'> }
  | { readonly type: 'late'; readonly ago: number; readonly late: Omit<LateShares, 'minute'> }
  | { readonly type: 'restart' };

const difficulty = fc.oneof(fc.constantFrom(0, 1e-8, 1, 65536, 2 ** 50), fc.integer({ min: 1, max: 2 ** 20 }));
const counts = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 1_000_000 }));
const rejected = fc.oneof(
  fc.constant({}),
  counts.map((stale) => ({ stale })),
  fc.record({ stale: counts, duplicate: counts }),
);

const minuteStep: fc.Arbitrary<Step> = fc
  .record({
    gap: fc.oneof(
      { weight: 9, arbitrary: fc.constant(1) },
      { weight: 1, arbitrary: fc.integer({ min: 2, max: 20_000 }) },
    ),
    algorithm: fc.constantFrom<Algorithm>('sha256d', 'scrypt'),
    shares: counts,
    difficulty,
    otherDifficulty: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: difficulty }),
    rejected,
    connected: fc.constantFrom(true, true, false, undefined),
    connects: fc.constantFrom(undefined, 0, 1, 4),
    latencyMs: fc.constantFrom(undefined, 20, 500),
    expectedHashRateHs: fc.constantFrom(undefined, 0, 1e3, 1e12, 1e14, 1e14, 1e14, 1e21),
  })
  .map(({ gap, otherDifficulty, ...minute }) => ({
    type: 'minute',
    gap,
    minute: { ...minute, work: minute.shares * (otherDifficulty ?? Math.max(minute.difficulty, 1e-8)) },
  }));
const lateStep: fc.Arbitrary<Step> = fc
  .record({ ago: fc.integer({ min: 0, max: 30 }), shares: counts, difficulty, rejected })
  .map(({ ago, shares, difficulty: d, rejected: r }) => ({
    type: 'late',
    ago,
    late: { shares, work: shares * d, rejected: r },
  }));
const steps = fc.array(
  fc.oneof(
    { weight: 12, arbitrary: minuteStep },
    { weight: 2, arbitrary: lateStep },
    { weight: 1, arbitrary: fc.constant<Step>({ type: 'restart' }) },
  ),
  { maxLength: 120 },
);

function numbersOf(evidence: Evidence): number[] {
  return Object.values(evidence).flatMap((value) =>
    typeof value === 'number' ? [value] : typeof value === 'object' ? Object.values(value as object) : [],
  ) as number[];
}

function expectSound(evidence: Evidence): void {
  for (const value of numbersOf(evidence)) expect(Number.isFinite(value)).toBe(true);
  expect(evidenceText(evidence)).toMatch(/^[A-Z0-9].*\.$/);
  if (!('observed' in evidence)) return;
  const { hashRateHs, lowHs, highHs } = evidence.observed;
  expect(lowHs).toBeLessThanOrEqual(hashRateHs * (1 + 1e-12));
  expect(highHs).toBeGreaterThanOrEqual(hashRateHs * (1 - 1e-12));
}

/** What may follow on what. */
const FOLLOWS: Readonly<Record<Verdict['type'], readonly Verdict['type'][]>> = {
  unknown: ['unknown', 'healthy', 'raised'],
  healthy: ['unknown', 'healthy', 'raised'],
  raised: ['firing', 'cleared'],
  firing: ['firing', 'cleared'],
  cleared: ['unknown', 'healthy', 'raised'],
};

describe.each(RULES)('a rule of type $type', (rule) => {
  it('bears any minutes, late shares and restarts', () => {
    const make = detectorFactory(rule);
    fc.assert(
      fc.property(steps, (sequence) => {
        let detector = make();
        const uninterrupted = make();
        let minute = 29_000_000;
        let before: Verdict['type'] = 'unknown';
        for (const step of sequence) {
          if (step.type === 'restart') {
            const state = detector.save();
            expect(state.every(Number.isFinite)).toBe(true);
            detector = make(JSON.parse(JSON.stringify(state)) as number[]);
            continue;
          }
          if (step.type === 'minute') minute += step.gap;
          const [verdict, same] = [detector, uninterrupted].map((one) =>
            step.type === 'minute'
              ? one.minute({ ...step.minute, minute })
              : one.late({ ...step.late, minute: minute - step.ago }),
          );
          expect(verdict).toEqual(same);
          if (step.type === 'minute') expect(detector.lastMinute).toBe(minute);
          expect(FOLLOWS[before]).toContain(verdict!.type);
          if ('evidence' in verdict!) expectSound(verdict.evidence);
          before = verdict!.type;
        }
      }),
      { numRuns: 300 },
    );
  });
});
