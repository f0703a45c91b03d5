import { coinbaseHalves } from '@assay/mining';
import { describe, expect, it } from 'vitest';
import { networkHours, subsidyAt, type JobSample } from './network-hours.ts';

const HOUR_US = 3600e6;

function job(atHours: number, difficulty: number, reward: bigint, height = 900_000): JobSample {
  const halves = coinbaseHalves({
    height,
    jobNonce: new Uint8Array(8),
    extranonceSize: 8,
    tag: 'assay',
    outputs: [{ value: reward, script: new Uint8Array(22) }],
  });
  return { firstSeenUs: atHours * HOUR_US, networkDifficulty: difficulty, ...halves };
}

describe('subsidy', () => {
  it('halves every 210,000 blocks until nothing is left', () => {
    expect([0, 209_999, 210_000, 840_000, 900_000, 33 * 210_000, 70 * 210_000].map(subsidyAt)).toEqual([
      5_000_000_000n,
      5_000_000_000n,
      2_500_000_000n,
      312_500_000n,
      312_500_000n,
      0n,
      0n,
    ]);
  });
});

describe('the price of work', () => {
  it('is reward over difficulty, by hand', () => {
    const samples = [job(100, 1e14, 320_000_000n), job(100.5, 1e14, 330_000_000n), job(101.2, 2e14, 312_500_000n)];
    const hours = networkHours(samples, 'sha256d', 100 * HOUR_US, 102 * HOUR_US);
    expect(hours).toHaveLength(2);
    // Mean of 3.20 and 3.30 coins, at a difficulty of 10^14; of that 0.075 and 0.175 are fees.
    expect(hours[0]).toMatchObject({ atSeconds: 360_000, networkDifficulty: 1e14, reward: 3.25, basis: 'coinbase' });
    expect(hours[0]!.coinsPerDifficulty).toBeCloseTo(3.25e-14, 20);
    expect(hours[0]!.fees).toBeCloseTo(0.125, 10);
    expect(hours[1]).toMatchObject({ networkDifficulty: 2e14, reward: 3.125, fees: 0 });
    expect(hours[1]!.coinsPerDifficulty).toBeCloseTo(1.5625e-14, 20);
  });

  it('lasts for a day without a new job, and then is not known', () => {
    const hours = networkHours([job(99.5, 1e14, 312_500_000n)], 'sha256d', 100 * HOUR_US, 200 * HOUR_US);
    expect(hours.map(({ atSeconds }) => atSeconds / 3600)).toEqual(Array.from({ length: 24 }, (_, i) => 100 + i));
  });

  it('is none where jobs pay nobody, as those the pool makes itself', () => {
    const [hour] = networkHours([job(100, 1e14, 0n)], 'sha256d', 100 * HOUR_US, 101 * HOUR_US);
    expect(hour).toMatchObject({ networkDifficulty: 1e14 });
    expect(hour!.coinsPerDifficulty).toBeUndefined();
    expect(hour!.basis).toBeUndefined();
  });

  it('is the subsidy alone where the outputs cannot be read, and says so', () => {
    const cut = { ...job(100, 1e14, 330_000_000n), coinbase2: new Uint8Array(3) };
    expect(networkHours([cut], 'sha256d', 100 * HOUR_US, 101 * HOUR_US)[0]).toMatchObject({
      reward: 3.125,
      basis: 'subsidy',
    });
    // Of another coin the schedule is not known.
    const [scrypt] = networkHours([cut], 'scrypt', 100 * HOUR_US, 101 * HOUR_US);
    expect(scrypt!.reward).toBeUndefined();
  });

  it('says nothing of fees of a coin whose subsidy it does not know', () => {
    const [hour] = networkHours([job(100, 1e9, 625_000_000n)], 'scrypt', 100 * HOUR_US, 101 * HOUR_US);
    expect(hour).toMatchObject({ reward: 6.25, fees: undefined, basis: 'coinbase' });
  });
});
