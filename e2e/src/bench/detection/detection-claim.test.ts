// The benchmark's claim, small: it fails where the detector misses what theory allows, or alarms more often than stated.
import { describe, expect, it } from 'vitest';
import { brokenClaims, detectionFigures } from './detection.bench.ts';
import { alarmRate } from './false-alarms.ts';
import { lordensDelayMinutes } from './theory.ts';

describe('detection', () => {
  const { alarms, delays, rows } = detectionFigures({ sharesPerMinute: [20], years: 5, trials: 150, newWorkers: 20 });

  it('finds a tenth lost at 20 shares a minute within what theory allows, with no more false alarms than stated', () => {
    expect(lordensDelayMinutes(20, 0.9)).toBeCloseTo(127.3, 1);
    expect(brokenClaims({ alarms, delays })).toEqual([]);
  });

  it('has a delay for every fault, of ours and of what it is compared with', () => {
    expect(delays).toHaveLength(7);
    for (const { ours, usual } of delays) {
      expect(ours.found).toBe(1);
      expect(ours.median).toBeGreaterThanOrEqual(1);
      expect(usual.length).toBeGreaterThan(0);
    }
  });

  it('is no more than a third slower than the best usual rule for each fault, tuned to as many false alarms', () => {
    const ratios = rows.filter(({ baseline }) => baseline.startsWith('best usual rule')).map(({ ratio }) => ratio);
    expect(ratios).toHaveLength(7);
    expect(Math.max(...ratios)).toBeLessThan(4 / 3);
  });

  it('has its claims broken by a rule that is late, and by one that alarms too often', () => {
    const late = delays.map((line) => ({ ...line, ours: { ...line.ours, median: 128 } }));
    expect(brokenClaims({ alarms, delays: late })).toHaveLength(1);
    expect(brokenClaims({ alarms, delays: [] })).toHaveLength(1);
    expect(brokenClaims({ alarms: new Map([['rate', alarmRate(16, 8)]]), delays })).toHaveLength(1);
    expect(brokenClaims({ alarms: new Map([['rate', alarmRate(31, 30)]]), delays })).toHaveLength(1);
    expect(brokenClaims({ alarms: new Map([['rate', alarmRate(29, 30)]]), delays })).toEqual([]);
  });
});
