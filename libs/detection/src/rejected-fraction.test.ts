import { describe, expect, it } from 'vitest';
import type { DetectionMinute, Verdict } from './detector.ts';
import type { RejectedEvidence } from './evidence.ts';
import { RejectedBank, RejectedFraction } from './rejected-fraction.ts';

const START = 29_000_000;
const BANK = new RejectedBank();

function minuteOf(minute: number, accepted: number, rejected: DetectionMinute['rejected']): DetectionMinute {
  return { minute, algorithm: 'sha256d', shares: accepted, work: accepted * 8, rejected, difficulty: 8 };
}

function evidenceOf(verdict: Verdict): RejectedEvidence {
  if (!('evidence' in verdict) || verdict.evidence.kind !== 'rejected') throw new Error(`no evidence: ${verdict.type}`);
  return verdict.evidence;
}

describe('rejected shares', () => {
  it('are no news at the baseline, and found when there are more, with the numbers to show for it', () => {
    const detector = new RejectedFraction(BANK);
    let minute = START;
    // One of a hundred.
    for (let i = 0; i < 2000; i++) {
      const verdict = detector.minute(minuteOf(minute++, 20 - (i % 5 === 0 ? 1 : 0), { stale: i % 5 === 0 ? 1 : 0 }));
      expect(verdict.type).toBe('healthy');
    }
    const began = minute;
    let verdict: Verdict;
    do verdict = detector.minute(minuteOf(minute++, 18, { stale: 1, duplicate: 1 }));
    while (verdict.type === 'healthy' && minute < began + 100);
    expect(verdict.type).toBe('raised');
    const evidence = evidenceOf(verdict);
    expect(minute - began).toBeLessThan(15);
    expect(evidence.fraction).toBeCloseTo(0.1, 1);
    expect(evidence.lowFraction).toBeGreaterThan(evidence.baselineFraction);
    expect(evidence.highFraction).toBeLessThan(0.2);
    expect(evidence.rejected).toBe(Math.round(evidence.fraction * evidence.shares));

    for (let i = 0; i < 30; i++) expect(detector.minute(minuteOf(minute++, 18, { stale: 2 })).type).toBe('firing');
    const over = minute;
    do verdict = detector.minute(minuteOf(minute++, 20, {}));
    while (verdict.type === 'firing' && minute < over + 100);
    expect(verdict.type).toBe('cleared');
    expect(evidenceOf(verdict).untilMinute).toBe(over - 1);
  });

  it('count for the reasons that the rule names alone', () => {
    const detector = new RejectedFraction(new RejectedBank({ reasons: ['stale'] }));
    for (let i = 0; i < 100; i++)
      expect(detector.minute(minuteOf(START + i, 10, { duplicate: 10 })).type).toBe('healthy');
  });

  it('speak with the likelihood ratio of the binomial distribution', () => {
    const bank = new RejectedBank({ baselineFraction: 0.01 });
    // Odds of 1/99 times 5 are 5/99: a fraction of 5/104.
    expect(bank.perRejected[1]).toBeCloseTo(Math.log(5 / 104 / 0.01), 12);
    expect(bank.perAccepted[1]).toBeCloseTo(Math.log(99 / 104 / 0.99), 12);
  });

  it('that come late count too, and so do accepted ones', () => {
    const detector = new RejectedFraction(BANK);
    for (let i = 0; i < 20; i++) detector.minute(minuteOf(START + i, 20, {}));
    detector.minute(minuteOf(START + 20, 0, { stale: 1 }));
    const raised = detector.late({ minute: START + 20, shares: 0, work: 0, rejected: { stale: 20 } });
    expect(raised.type).toBe('raised');
    const cleared = detector.late({ minute: START + 20, shares: 2000, work: 16_000, rejected: {} });
    expect(cleared.type).toBe('cleared');
    expect(evidenceOf(cleared).withdrawn).toBe(true);
  });

  it('go on from a saved state', () => {
    const [whole, early] = [new RejectedFraction(BANK), new RejectedFraction(BANK)];
    const minutes = Array.from({ length: 300 }, (_, i) =>
      minuteOf(START + i, 19, { stale: i > 100 && i < 200 ? 1 : 0 }),
    );
    for (const minute of minutes.slice(0, 150)) for (const one of [whole, early]) one.minute(minute);
    const late = new RejectedFraction(BANK, JSON.parse(JSON.stringify(early.save())) as number[]);
    for (const minute of minutes.slice(150)) expect(late.minute(minute)).toEqual(whole.minute(minute));
    expect(Float64Array.from(whole.save()).byteLength).toBeLessThan(200);
  });
});
