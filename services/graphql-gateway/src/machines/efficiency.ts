// Joules per hash, from rated power and proven work. Power is what people entered: nobody measures it, so where a machine draws more or less than
// that, this is off by as much. Pure.
import { ALGORITHMS, type Algorithm } from '@assay/mining';
import { sumHashRates, workInterval, type HashRate } from '@assay/rollup';
import type { SparseSeries } from '../queries/share-series.ts';
import type { RangePlan } from '../series/range-plan.ts';
import { meanOver, type Expectation } from './expectation.ts';

export interface Efficiency {
  readonly joulesPerHash: number;
  readonly low: number;
  /** Undefined where too few shares came to bound it. */
  readonly high: number | undefined;
  readonly ratedPowerWatts: number;
}

/** At the rated power and this rate; undefined without work. */
export function efficiencyAt(powerWatts: number, { hashRateHs, lowHs, highHs }: HashRate): Efficiency | undefined {
  if (!(hashRateHs > 0)) return undefined;
  return {
    joulesPerHash: powerWatts / hashRateHs,
    low: powerWatts / highHs,
    high: lowHs > 0 ? powerWatts / lowHs : undefined,
    ratedPowerWatts: powerWatts,
  };
}

export interface PoweredWorker {
  readonly powerWatts: number;
  readonly rate: HashRate;
  readonly expectedHashRateHs: number | undefined;
}

export interface TogetherEfficiency extends Efficiency {
  readonly expectedJoulesPerHash: number | undefined;
}

/** Of several machines together: all their power over all their rates. */
export function efficiencyOfAll(workers: readonly PoweredWorker[]): TogetherEfficiency | undefined {
  const powerWatts = workers.reduce((sum, worker) => sum + worker.powerWatts, 0);
  const efficiency = efficiencyAt(powerWatts, sumHashRates(workers.map(({ rate }) => rate)));
  if (efficiency === undefined) return undefined;
  let watts = 0;
  let expectedHs = 0;
  for (const { powerWatts: own, expectedHashRateHs } of workers) {
    if (expectedHashRateHs === undefined) continue;
    watts += own;
    expectedHs += expectedHashRateHs;
  }
  return { ...efficiency, expectedJoulesPerHash: expectedHs > 0 ? watts / expectedHs : undefined };
}

export interface MeasuredRange {
  readonly algorithm: Algorithm;
  readonly plan: RangePlan;
  readonly steps: SparseSeries;
  /** By step; undefined where nothing is decided. */
  readonly uptime: readonly (number | undefined)[];
  readonly line: readonly Expectation[];
  /** Nothing is known of the time before. */
  readonly sinceUs: number;
  readonly nowUs: number;
}

/** Over a range: the power it was rated at in each step, for as long as it delivered in it, over the work of the same steps. */
export function efficiencyOver(range: MeasuredRange): Efficiency | undefined {
  const { algorithm, plan, steps, uptime, line, sinceUs, nowUs } = range;
  let joules = 0;
  let seconds = 0;
  let work = 0;
  let workSquared = 0;
  for (let i = 0; i < plan.points; i++) {
    const startUs = (plan.startSeconds + i * plan.stepSeconds) * 1e6;
    const fromUs = Math.max(startUs, sinceUs);
    const untilUs = Math.min(startUs + plan.stepSeconds * 1e6, nowUs);
    const power = fromUs < untilUs ? meanOver(line, 'powerWatts', fromUs, untilUs) : undefined;
    const up = uptime[i];
    if (!power?.isThroughout || up === undefined) continue;
    const upSeconds = (up * (untilUs - fromUs)) / 1e6;
    joules += power.mean * upSeconds;
    seconds += upSeconds;
    work += steps.get(i)?.work ?? 0;
    workSquared += steps.get(i)?.workSquared ?? 0;
  }
  if (!(work > 0 && joules > 0)) return undefined;
  const hashes = ALGORITHMS[algorithm].hashesPerDifficulty;
  const { low, high } = workInterval({ work, workSquared, nextWeight: 0 });
  return {
    joulesPerHash: joules / (work * hashes),
    low: joules / (high * hashes),
    high: low > 0 ? joules / (low * hashes) : undefined,
    ratedPowerWatts: joules / seconds,
  };
}
