import { ALGORITHMS } from '@assay/mining';
import { describe, expect, it } from 'vitest';
import type { RangePlan } from '../series/range-plan.ts';
import { efficiencyAt, efficiencyOfAll, efficiencyOver, type MeasuredRange } from './efficiency.ts';

const rate = (hashRateHs: number, lowHs: number, highHs: number) => ({ hashRateHs, lowHs, highHs });

describe('efficiency', () => {
  it('is power over rate, its interval that of the rate turned round', () => {
    expect(efficiencyAt(3000, rate(1e14, 8e13, 1.2e14))).toEqual({
      joulesPerHash: 3e-11,
      low: 2.5e-11,
      high: 3.75e-11,
      ratedPowerWatts: 3000,
    });
    expect(efficiencyAt(3000, rate(1e14, 0, 1.2e14))?.high).toBeUndefined();
    expect(efficiencyAt(3000, rate(0, 0, 1e12))).toBeUndefined();
  });

  it('of several is that of all power and all work, expected of those alone of which something is', () => {
    const together = efficiencyOfAll([
      { powerWatts: 3000, rate: rate(1e14, 9e13, 1.1e14), expectedHashRateHs: 1.2e14 },
      { powerWatts: 1000, rate: rate(6e13, 6e13, 6e13), expectedHashRateHs: undefined },
    ]);
    expect(together).toMatchObject({ joulesPerHash: 2.5e-11, expectedJoulesPerHash: 2.5e-11, ratedPowerWatts: 4000 });
    expect(efficiencyOfAll([])).toBeUndefined();
  });
});

describe('efficiency over a range', () => {
  const plan: RangePlan = {
    table: 'rollup_1h',
    stepSeconds: 3600,
    startSeconds: 0,
    endSeconds: 14_400,
    points: 4,
    hoursKept: true,
  };
  const work = { accepted: 100, reasons: [], work: 100, workSquared: 100 };
  const range = (more: Partial<MeasuredRange>): MeasuredRange => ({
    algorithm: 'sha256d',
    plan,
    steps: new Map([0, 1, 2, 3].map((i) => [i, work])),
    uptime: [1, 1, 1, 1],
    line: [{ fromUs: 0, hashRateHs: undefined, powerWatts: 1000 }],
    sinceUs: 0,
    nowUs: 14_400e6,
    ...more,
  });
  const perHash = 3600e3 / (100 * ALGORITHMS.sha256d.hashesPerDifficulty);

  it('takes the power only while the machine delivered', () => {
    const steps = new Map([
      [0, work],
      [1, { ...work, work: 50, workSquared: 50 }],
    ]);
    expect(efficiencyOver(range({}))?.joulesPerHash).toBeCloseTo(perHash, 20);
    expect(efficiencyOver(range({ steps, uptime: [1, 0.5, 0, 0] }))?.joulesPerHash).toBeCloseTo(perHash, 20);
  });

  it('leaves out steps of which uptime or power are not known, with their work', () => {
    expect(efficiencyOver(range({ uptime: [1, undefined, undefined, 1] }))?.joulesPerHash).toBeCloseTo(perHash, 20);
    const line = [
      { fromUs: 0, hashRateHs: undefined, powerWatts: undefined },
      { fromUs: 5400e6, hashRateHs: undefined, powerWatts: 1000 },
    ];
    expect(efficiencyOver(range({ line }))?.joulesPerHash).toBeCloseTo(perHash, 20);
  });

  it('counts a step under way up to now, and a first one since the machine was seen', () => {
    const half = { ...work, work: 50, workSquared: 50 };
    const steps = new Map([
      [0, half],
      [1, half],
    ]);
    const found = efficiencyOver(range({ steps, uptime: [1, 1], sinceUs: 1800e6, nowUs: 5400e6 }));
    expect(found?.joulesPerHash).toBeCloseTo(perHash, 20);
    expect(found!.low).toBeLessThan(perHash);
    expect(found!.high).toBeGreaterThan(perHash);
    expect(found!.ratedPowerWatts).toBeCloseTo(1000, 9);
  });

  it('is not known without power or work', () => {
    expect(efficiencyOver(range({ steps: new Map() }))).toBeUndefined();
    expect(efficiencyOver(range({ line: [] }))).toBeUndefined();
  });
});
