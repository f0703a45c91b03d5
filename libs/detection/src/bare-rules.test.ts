// The rules that promise nothing about chance: bare threshold on the rate, flapping, latency; and rules as data.
import { ALGORITHMS } from '@assay/mining';
import { describe, expect, it } from 'vitest';
import type { DetectionMinute, Detector, Verdict } from './detector.ts';
import { evidenceText, hashRateText } from './evidence-text.ts';
import { detectorFactory, type DetectionRule } from './rule.ts';

const START = 29_000_000;
const DIFFICULTY = 65536;
const EXPECTED_HS = (20 * DIFFICULTY * ALGORITHMS.sha256d.hashesPerDifficulty) / 60;

function minuteOf(minute: number, more: Partial<DetectionMinute> = {}): DetectionMinute {
  const { shares = 20 } = more;
  return {
    minute,
    algorithm: 'sha256d',
    shares,
    work: shares * DIFFICULTY,
    rejected: {},
    difficulty: DIFFICULTY,
    connected: true,
    expectedHashRateHs: EXPECTED_HS,
    ...more,
  };
}

const types = (detector: Detector, minutes: readonly DetectionMinute[]): Verdict['type'][] =>
  minutes.map((minute) => detector.minute(minute).type);

describe('the bare threshold', () => {
  const make = detectorFactory({ type: 'threshold', windowMinutes: 10, belowFraction: 0.8, clearFraction: 0.9 });

  it('judges the mean of the window once half of it is known, and clears at its own fraction', () => {
    const detector = make();
    expect(
      types(
        detector,
        [0, 1, 2, 3].map((i) => minuteOf(START + i)),
      ),
    ).toEqual(Array(4).fill('unknown'));
    expect(
      types(
        detector,
        [4, 5, 6, 7, 8, 9].map((i) => minuteOf(START + i)),
      ),
    ).toEqual(Array(6).fill('healthy'));
    // Each silent minute takes a tenth: at exactly 80 % it is not below.
    expect(
      types(
        detector,
        [10, 11, 12].map((i) => minuteOf(START + i, { shares: 0 })),
      ),
    ).toEqual(['healthy', 'healthy', 'raised']);
    // Healthy minutes replace healthy ones until the silent ones leave the window: back at 90 % when one is left of them.
    const back = types(
      detector,
      Array.from({ length: 10 }, (_, i) => minuteOf(START + 13 + i)),
    );
    expect(back).toEqual([...Array<string>(8).fill('firing'), 'cleared', 'healthy']);
  });

  it('takes a minute that nobody handed in out of the mean, and adds shares that come late', () => {
    const detector = make();
    types(
      detector,
      [0, 1, 2, 3, 4, 5, 6].map((i) => minuteOf(START + i)),
    );
    const verdict = detector.minute(minuteOf(START + 9, { shares: 0 }));
    expect(verdict.type).toBe('healthy'); // 7 of 8 known minutes.
    expect(detector.minute(minuteOf(START + 10, { shares: 0 })).type).toBe('raised'); // 6 of 8.
    const late = { minute: START + 10, shares: 20, work: 20 * DIFFICULTY, rejected: {} };
    expect(detector.late({ ...late, minute: START + 8 }).type).toBe('firing'); // Nobody handed that minute in.
    expect(detector.late(late).type).toBe('firing'); // 7 of 8 are below the 90 % that clear.
    expect(detector.late({ ...late, minute: START + 9 }).type).toBe('cleared');
  });
});

describe('flapping', () => {
  it('counts connections in its window, and is over at half of the limit', () => {
    const detector = detectorFactory({ type: 'flapping', windowMinutes: 10, connects: 4 })();
    const connects = [1, 1, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0];
    const verdicts = types(
      detector,
      connects.map((n, i) => minuteOf(START + i, { connects: n })),
    );
    expect(verdicts.slice(0, 5)).toEqual(['healthy', 'healthy', 'healthy', 'healthy', 'raised']);
    expect(verdicts.slice(5)).toEqual([...Array<string>(6).fill('firing'), 'cleared']);
  });
});

describe('latency', () => {
  it('is found after minutes in a row above the limit, and over after as many below', () => {
    const detector = detectorFactory({ type: 'latency', limitMs: 200, minutes: 2 })();
    const latencies = [100, 300, 100, 300, undefined, 300, 300, 100, 100];
    expect(
      types(
        detector,
        latencies.map((latencyMs, i) => minuteOf(START + i, { latencyMs })),
      ),
    ).toEqual(['healthy', 'healthy', 'healthy', 'healthy', 'unknown', 'raised', 'firing', 'firing', 'cleared']);
  });
});

const RULES: readonly DetectionRule[] = [
  { type: 'rate' },
  { type: 'offline' },
  { type: 'idle' },
  { type: 'rejected' },
  { type: 'threshold', windowMinutes: 60, belowFraction: 0.9 },
  { type: 'flapping' },
  { type: 'latency', limitMs: 100 },
];
/** A fault that each of them finds: no shares but stale ones, connections over and over, a slow network. */
const fault = (minute: number, type: DetectionRule['type']): DetectionMinute =>
  minuteOf(minute, { shares: 0, rejected: type === 'offline' ? {} : { stale: 5 }, connects: 1, latencyMs: 250 });

describe.each(RULES)('a rule of type $type', (rule) => {
  it('raises once, fires while the fault lasts, clears once, and says in a sentence why', () => {
    const detector = detectorFactory(rule)();
    const verdicts: Verdict[] = [];
    for (let i = 0; i < 60; i++) verdicts.push(detector.minute(minuteOf(START + i, { latencyMs: 20 })));
    for (let i = 60; i < 120; i++) verdicts.push(detector.minute(fault(START + i, rule.type)));
    for (let i = 120; i < 400; i++) verdicts.push(detector.minute(minuteOf(START + i, { latencyMs: 20 })));
    const order = verdicts.map(({ type }) => type).filter((type, i, all) => i === 0 || all[i - 1] !== type);
    expect(order.filter((type) => type !== 'unknown')).toEqual(['healthy', 'raised', 'firing', 'cleared', 'healthy']);
    for (const verdict of verdicts) {
      if (!('evidence' in verdict)) continue;
      expect(evidenceText(verdict.evidence)).toMatch(/^[A-Z0-9].*\.$/);
      expect(evidenceText(verdict.evidence)).not.toMatch(/NaN|undefined|Infinity/);
    }
  });

  it('goes on from a state that went through JSON at any minute', () => {
    const make = detectorFactory(rule);
    const whole = make();
    let restarted = make();
    for (let i = 0; i < 400; i++) {
      const minute = i % 150 > 90 ? fault(START + i, rule.type) : minuteOf(START + i, { latencyMs: 20 });
      expect(restarted.minute(minute)).toEqual(whole.minute(minute));
      restarted = make(JSON.parse(JSON.stringify(restarted.save())) as number[]);
    }
  });
});

describe.each(RULES)('a rule of type $type before its first minute', (rule) => {
  it('has nothing to say of late shares', () => {
    const detector = detectorFactory(rule)();
    const late = { minute: START, shares: 5, work: 5 * DIFFICULTY, rejected: { stale: 50 } };
    expect(['unknown', 'healthy']).toContain(detector.late(late).type);
    expect(['unknown', 'healthy']).toContain(detector.minute(minuteOf(START + 1, { latencyMs: 20 })).type);
  });
});

describe('hash rates in words', () => {
  it('have three digits and a prefix', () => {
    expect(hashRateText(104e12)).toBe('104 TH/s');
    expect(hashRateText(93_600_000_000_000)).toBe('93.6 TH/s');
    expect(hashRateText(1000)).toBe('1 kH/s');
    expect(hashRateText(0)).toBe('0 H/s');
    expect(hashRateText(5e23)).toBe('500 ZH/s');
  });
});
