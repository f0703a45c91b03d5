import { ALGORITHMS } from '@assay/mining';
import { MINIMUM_SILENCE_SECONDS, plausibleSilenceSeconds } from '@assay/rollup';
import { describe, expect, it } from 'vitest';
import type { DetectionMinute } from './detector.ts';
import { Silence, SILENCE_DEFAULTS } from './silence.ts';

const DIFFICULTY = 1024;
const START = 29_000_000;
const rateFor = (sharesPerMinute: number): number =>
  (sharesPerMinute * DIFFICULTY * ALGORITHMS.sha256d.hashesPerDifficulty) / 60;

function minuteOf(minute: number, shares: number, more: Partial<DetectionMinute> = {}): DetectionMinute {
  return {
    minute,
    algorithm: 'sha256d',
    shares,
    work: shares * DIFFICULTY,
    rejected: {},
    difficulty: DIFFICULTY,
    connected: true,
    expectedHashRateHs: rateFor(2),
    ...more,
  };
}

const offline = (): Silence => new Silence({ kind: 'offline', ...SILENCE_DEFAULTS });
const idle = (): Silence => new Silence({ kind: 'idle', ...SILENCE_DEFAULTS });

/** Minutes until something other than healthy is said. */
function minutesUntilRaised(detector: Silence, from: number, minute: (minute: number) => DetectionMinute): number {
  for (let i = 1; i < 5000; i++) {
    const { type } = detector.minute(minute(from + i - 1));
    if (type === 'healthy') continue;
    expect(type).toBe('raised');
    return i;
  }
  throw new Error('never raised');
}

describe('offline', () => {
  it('is found when silence has been longer than plausible, and over with the first share', () => {
    const detector = offline();
    detector.minute(minuteOf(START, 2));
    const minutes = minutesUntilRaised(detector, START + 1, (m) => minuteOf(m, 0));
    // At 2 shares a minute 13.87 gaps, once a year by chance, are a little more than the 13.82 of a gap in a million.
    expect(plausibleSilenceSeconds('sha256d', DIFFICULTY, rateFor(2))).toBeCloseTo(414.5, 1);
    expect(minutes).toBe(7);
    expect(detector.minute(minuteOf(START + 8, 0))).toMatchObject({
      type: 'firing',
      evidence: { kind: 'offline', reason: 'no_shares', sinceMinute: START + 1, silentSeconds: 480 },
    });
    expect(detector.minute(minuteOf(START + 9, 1)).type).toBe('cleared');
    expect(detector.minute(minuteOf(START + 10, 0)).type).toBe('healthy');
  });

  it('waits longer where false alarms are to be rarer, and never less than a minute', () => {
    const strict = new Silence({ ...SILENCE_DEFAULTS, kind: 'offline', falseAlarmsPerWorkerYear: 0.01 });
    strict.minute(minuteOf(START, 2));
    expect(minutesUntilRaised(strict, START + 1, (m) => minuteOf(m, 0))).toBe(10);
    const fast = offline();
    const often = { expectedHashRateHs: rateFor(600) };
    fast.minute(minuteOf(START, 600, often));
    expect(minutesUntilRaised(fast, START + 1, (m) => minuteOf(m, 0, often))).toBe(MINIMUM_SILENCE_SECONDS / 60);
  });

  it('is found by a lost connection, sooner than by silence where shares are rare', () => {
    const detector = offline();
    detector.minute(minuteOf(START, 2));
    expect(minutesUntilRaised(detector, START + 1, (m) => minuteOf(m, 0, { connected: false }))).toBe(3);
    expect(detector.minute(minuteOf(START + 4, 0))).toMatchObject({
      type: 'firing',
      evidence: { reason: 'disconnected', sinceMinute: START + 1 },
    });
  });

  it('takes a rejected share for a sign of life', () => {
    const detector = offline();
    for (let i = 0; i < 60; i++)
      expect(detector.minute(minuteOf(START + i, 0, { rejected: { stale: 1 } })).type).toBe('healthy');
  });

  it('counts a silence through changes of difficulty in shares that were missing', () => {
    const detector = offline();
    detector.minute(minuteOf(START, 2));
    // Vardiff halves the difficulty of a silent worker minute by minute, so each minute says twice as much as the one before: 4, not 7.
    expect(
      minutesUntilRaised(detector, START + 1, (m) => minuteOf(m, 0, { difficulty: DIFFICULTY / 2 ** (m - START) })),
    ).toBe(4);
  });

  it('learns the rate of a worker that nobody configured, so that a slow one is given its time', () => {
    const slow = { expectedHashRateHs: undefined };
    const detector = offline();
    for (let i = 0; i < 2000; i++) {
      const verdict = detector.minute(minuteOf(START + i, i % 10 === 0 ? 1 : 0, slow));
      if (i > 20) expect(verdict.type).toBe('healthy');
    }
    const minutes = minutesUntilRaised(detector, START + 2000, (m) => minuteOf(m, 0, slow));
    expect(minutes).toBeGreaterThan(100);
    expect(minutes).toBeLessThan(180);
  });

  it('is taken back by shares that come late', () => {
    const detector = offline();
    detector.minute(minuteOf(START, 2));
    minutesUntilRaised(detector, START + 1, (m) => minuteOf(m, 0));
    const late = { shares: 1, work: DIFFICULTY, rejected: {} };
    expect(detector.late({ ...late, minute: START }).type).toBe('firing');
    expect(detector.late({ ...late, minute: START + 6 }).type).toBe('cleared');
    // The one silent minute after the late share counts on.
    expect(minutesUntilRaised(detector, START + 8, (m) => minuteOf(m, 0))).toBe(6);
  });

  it('goes on from its saved state', () => {
    const detector = offline();
    detector.minute(minuteOf(START, 2));
    for (let i = 1; i < 5; i++) detector.minute(minuteOf(START + i, 0));
    const state = JSON.parse(JSON.stringify(detector.save())) as number[];
    const restored = new Silence({ kind: 'offline', ...SILENCE_DEFAULTS }, state);
    expect(minutesUntilRaised(restored, START + 5, (m) => minuteOf(m, 0))).toBe(3);
    expect(Float64Array.from(state).byteLength).toBeLessThan(200);
  });
});

describe('idle', () => {
  it('is a worker that is connected and delivers nothing that counts', () => {
    const detector = idle();
    detector.minute(minuteOf(START, 2));
    expect(minutesUntilRaised(detector, START + 1, (m) => minuteOf(m, 0, { rejected: { stale: 1 } }))).toBe(7);
    expect(detector.minute(minuteOf(START + 8, 0, { connected: false })).type).toBe('cleared');
  });

  it('is not a worker that is not connected, or of which nobody knows', () => {
    for (const connected of [false, undefined]) {
      const detector = idle();
      for (let i = 0; i < 60; i++) expect(detector.minute(minuteOf(START + i, 0, { connected })).type).toBe('healthy');
    }
  });
});
