import { ALGORITHMS } from '@assay/mining';
import { describe, expect, it } from 'vitest';
import type { DetectionMinute, Verdict } from './detector.ts';
import type { RateEvidence } from './evidence.ts';
import { RateBank } from './rate-bank.ts';
import { SequentialRate } from './sequential-rate.ts';

const DIFFICULTY = 65536;
const HASHES = ALGORITHMS.sha256d.hashesPerDifficulty;
/** What 20 shares a minute are worth. */
const EXPECTED_HS = (20 * DIFFICULTY * HASHES) / 60;
const BANK = new RateBank();
const START = 29_000_000;

function minuteOf(minute: number, shares: number, more: Partial<DetectionMinute> = {}): DetectionMinute {
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

/** Hands in minutes that all have the same shares, until a verdict other than `before` comes; fails after `limit`. */
function until(
  detector: SequentialRate,
  from: number,
  before: Verdict['type'],
  minute: (minute: number) => DetectionMinute,
  limit = 5000,
): { verdict: Verdict; minutes: number } {
  for (let i = 0; i < limit; i++) {
    const verdict = detector.minute(minute(from + i));
    if (verdict.type !== before) return { verdict, minutes: i + 1 };
  }
  throw new Error(`nothing but ${before} in ${limit} minutes`);
}

function evidenceOf(verdict: Verdict): RateEvidence {
  if (!('evidence' in verdict) || verdict.evidence.kind !== 'rate') throw new Error(`no evidence in ${verdict.type}`);
  return verdict.evidence;
}

describe('a worker with a configured expectation', () => {
  it('is healthy while it does what it should, and found when it loses a tenth, with the numbers to show for it', () => {
    const detector = new SequentialRate(BANK);
    for (let i = 0; i < 500; i++) expect(detector.minute(minuteOf(START + i, 20)).type).toBe('healthy');
    const { verdict, minutes } = until(detector, START + 500, 'healthy', (m) => minuteOf(m, 18));
    expect(verdict.type).toBe('raised');
    const evidence = evidenceOf(verdict);
    expect(evidence).toMatchObject({
      sinceMinute: START + 500,
      untilMinute: START + 500 + minutes - 1,
      expectedHashRateHs: EXPECTED_HS,
      expectation: 'configured',
      shares: 18 * minutes,
      factor: 0.9,
      falseAlarmsPerWorkerYear: 1,
      withdrawn: false,
    });
    expect(evidence.expectedShares).toBeCloseTo(20 * minutes, 6);
    expect(evidence.observed.hashRateHs / EXPECTED_HS).toBeCloseTo(0.9, 9);
    expect(evidence.observed.lowHs).toBeLessThan(evidence.observed.hashRateHs);
    expect(evidence.observed.highHs / EXPECTED_HS).toBeLessThan(1);
    expect(evidence.missingHashes / (EXPECTED_HS * 0.1 * 60 * minutes)).toBeCloseTo(1, 9);
    // Every share short of the expectation speaks for the loss with informationWhenLow(0.9).
    expect(evidence.logLikelihoodRatio).toBeCloseTo(minutes * (18 * Math.log(0.9) + 0.1 * 20), 9);
  });

  it('is found dead after the silence that the threshold for it asks for', () => {
    const detector = new SequentialRate(BANK);
    for (let i = 0; i < 100; i++) detector.minute(minuteOf(START + i, 20));
    const { verdict, minutes } = until(detector, START + 100, 'healthy', (m) => minuteOf(m, 0));
    expect(verdict.type).toBe('raised');
    expect(minutes).toBe(1);
    expect(evidenceOf(verdict).observed.hashRateHs).toBe(0);
    expect(evidenceOf(verdict).observed.highHs).toBeGreaterThan(0);
  });

  it('recovers, and says when the loss began and ended', () => {
    const detector = new SequentialRate(BANK);
    detector.minute(minuteOf(START, 20));
    const lost = until(detector, START + 1, 'healthy', (m) => minuteOf(m, 10)).minutes + 30;
    for (let m = START + lost - 29; m <= START + lost; m++)
      expect(detector.minute(minuteOf(m, 10)).type).toBe('firing');
    const { verdict } = until(detector, START + lost + 1, 'firing', (m) => minuteOf(m, 20));
    expect(verdict.type).toBe('cleared');
    expect(evidenceOf(verdict)).toMatchObject({ sinceMinute: START + 1, untilMinute: START + lost, shares: 10 * lost });
    expect(detector.minute(minuteOf(START + 5000, 20)).type).toBe('healthy');
  });

  it('does not take a minute that nobody handed in for silence', () => {
    const detector = new SequentialRate(BANK);
    detector.minute(minuteOf(START, 20));
    expect(detector.minute(minuteOf(START + 600, 20)).type).toBe('healthy');
  });

  it('gives way to shares that come late: a suspicion falls, and so does a finding', () => {
    const suspected = new SequentialRate(BANK);
    const found = new SequentialRate(BANK);
    for (let i = 0; i < 60; i++) for (const one of [suspected, found]) one.minute(minuteOf(START + i, 18));
    const { minutes } = until(found, START + 60, 'healthy', (m) => minuteOf(m, 18));
    for (let i = 0; i < 60; i++) suspected.late({ minute: START + i, shares: 2, work: 2 * DIFFICULTY, rejected: {} });
    // As if it had never been suspected: the next loss takes as long as it takes a new worker.
    const anew = new SequentialRate(BANK);
    const ofNew = until(anew, START, 'healthy', (m) => minuteOf(m, 18)).minutes;
    expect(until(suspected, START + 60, 'healthy', (m) => minuteOf(m, 18)).minutes).toBe(ofNew);

    const verdicts: Verdict[] = [];
    for (let i = 0; i < 60 + minutes; i++)
      verdicts.push(found.late({ minute: START + i, shares: 2, work: 2 * DIFFICULTY, rejected: {} }));
    const cleared = verdicts.filter(({ type }) => type === 'cleared');
    expect(cleared).toHaveLength(1);
    expect(evidenceOf(cleared[0]!).withdrawn).toBe(true);
  });

  it('goes on from its saved state as if it had never stopped', () => {
    const [whole, early] = [new SequentialRate(BANK), new SequentialRate(BANK)];
    for (let i = 0; i < 50; i++) for (const one of [whole, early]) one.minute(minuteOf(START + i, 17 + (i % 4)));
    const late = new SequentialRate(BANK, JSON.parse(JSON.stringify(early.save())) as number[]);
    for (let i = 50; i < 600; i++) {
      const minute = minuteOf(START + i, i < 400 ? 17 + (i % 3) : 21);
      expect(late.minute(minute)).toEqual(whole.minute(minute));
    }
    expect(late.save()).toEqual(whole.save());
    expect(Float64Array.from(whole.save()).byteLength).toBeLessThan(200);
  });

  it('refuses minutes out of order and states of another layout', () => {
    const detector = new SequentialRate(BANK);
    detector.minute(minuteOf(START, 20));
    expect(() => detector.minute(minuteOf(START, 20))).toThrow('ascending');
    expect(() => new SequentialRate(BANK, [2, 0, 0])).toThrow('layout');
  });
});

describe('a change of difficulty', () => {
  it('changes nothing about a worker that goes on as before', () => {
    const detector = new SequentialRate(BANK);
    let minute = START;
    for (const difficulty of [DIFFICULTY, 4 * DIFFICULTY, DIFFICULTY / 2, DIFFICULTY]) {
      for (let i = 0; i < 400; i++) {
        const shares = (20 * DIFFICULTY) / difficulty;
        const verdict = detector.minute(minuteOf(minute++, shares, { work: 20 * DIFFICULTY, difficulty }));
        expect(verdict.type).toBe('healthy');
      }
    }
  });

  it('counts a minute of two difficulties as if all of it had been of the harder one', () => {
    const [mixed, plain] = [new SequentialRate(BANK), new SequentialRate(BANK)];
    const hard = 2 * DIFFICULTY;
    mixed.minute(minuteOf(START, 4, { work: 4 * hard, difficulty: hard }));
    plain.minute(minuteOf(START, 4, { work: 4 * hard, difficulty: hard }));
    // Half a minute each: 4 shares of the harder difficulty, 8 of the easier.
    mixed.minute(minuteOf(START + 1, 12, { work: 4 * hard + 8 * DIFFICULTY, difficulty: DIFFICULTY }));
    plain.minute(minuteOf(START + 1, 8, { work: 8 * hard, difficulty: hard }));
    expect(mixed.save().slice(8)).toEqual(plain.save().slice(8));
  });
});

describe('a tolerance', () => {
  it('lets a worker be that much below, and finds what is beyond', () => {
    const detector = new SequentialRate(new RateBank({ tolerance: 0.1 }));
    for (let i = 0; i < 2000; i++) expect(detector.minute(minuteOf(START + i, 18)).type).toBe('healthy');
    const { verdict } = until(detector, START + 2000, 'healthy', (m) => minuteOf(m, 16));
    expect(evidenceOf(verdict).expectedHashRateHs).toBe(EXPECTED_HS);
    expect(evidenceOf(verdict).observed.hashRateHs / EXPECTED_HS).toBeCloseTo(0.8, 9);
  });
});

describe('a worker that nobody configured', () => {
  const unconfigured = { expectedHashRateHs: undefined };
  it('is judged by its own past, once there is some, and the past does not learn a loss that was found', () => {
    const detector = new SequentialRate(BANK);
    let minute = START;
    const learned = until(detector, minute, 'unknown', (m) => minuteOf(m, 20, unconfigured));
    // Two hours, and a little more since the past forgets while it is learned.
    expect(learned.minutes).toBeGreaterThan(120);
    expect(learned.minutes).toBeLessThan(125);
    minute += learned.minutes;
    for (let i = 0; i < 3000; i++) expect(detector.minute(minuteOf(minute++, 20, unconfigured)).type).toBe('healthy');
    const loss = until(detector, minute, 'healthy', (m) => minuteOf(m, 18, unconfigured));
    minute += loss.minutes;
    expect(evidenceOf(loss.verdict).expectation).toBe('learned');
    expect(evidenceOf(loss.verdict).expectedHashRateHs / EXPECTED_HS).toBeCloseTo(1, 9);
    for (let i = 0; i < 20_000; i++) detector.minute(minuteOf(minute++, 18, unconfigured));
    const still = detector.minute(minuteOf(minute++, 18, unconfigured));
    expect(still.type).toBe('firing');
    expect(evidenceOf(still).expectedHashRateHs / EXPECTED_HS).toBeCloseTo(1, 9);
  });

  it('takes longer to find a loss the less of the past it knows', () => {
    const after = (minutes: number): number => {
      const detector = new SequentialRate(BANK);
      for (let i = 0; i < minutes; i++) detector.minute(minuteOf(START + i, 20, unconfigured));
      return until(detector, START + minutes, 'healthy', (m) => minuteOf(m, 18, unconfigured)).minutes;
    };
    const configured = new SequentialRate(BANK);
    const known = until(configured, START, 'healthy', (m) => minuteOf(m, 18)).minutes;
    const [short, long] = [after(400), after(10_000)];
    expect(short).toBeGreaterThan(long);
    expect(long).toBeGreaterThanOrEqual(known);
    expect(long).toBeLessThan(1.1 * known);
  });

  it('does not learn shares of a minute whose difficulty nobody knew', () => {
    const detector = new SequentialRate(BANK);
    detector.minute(minuteOf(START, 0, { ...unconfigured, difficulty: 0 }));
    expect(detector.late({ minute: START, shares: 500, work: 500, rejected: {} }).type).toBe('unknown');
    expect(detector.minute(minuteOf(START + 1, 20, unconfigured)).type).toBe('unknown');
    expect(detector.save().every(Number.isFinite)).toBe(true);
  });

  it('says that a finding is overtaken when somebody configures an expectation', () => {
    const detector = new SequentialRate(BANK);
    for (let i = 0; i < 500; i++) detector.minute(minuteOf(START + i, 20, unconfigured));
    const { minutes } = until(detector, START + 500, 'healthy', (m) => minuteOf(m, 10, unconfigured));
    const verdict = detector.minute(minuteOf(START + 500 + minutes, 10, { expectedHashRateHs: EXPECTED_HS / 2 }));
    expect(verdict.type).toBe('cleared');
    expect(evidenceOf(verdict).withdrawn).toBe(true);
    expect(detector.minute(minuteOf(START + 501 + minutes, 10, { expectedHashRateHs: EXPECTED_HS / 2 })).type).toBe(
      'healthy',
    );
  });
});
