// What a worker's series says beyond its shares: what was expected in each step, and what its work took of power over the range.
import { contribution } from '@assay/rollup';
import { efficiencyOver, type Efficiency } from '../../machines/efficiency.ts';
import { meanOver, type Expectation } from '../../machines/expectation.ts';
import type { MachineRecord } from '../../machines/machine-record.ts';
import type { SparseSeries } from '../../queries/share-series.ts';
import type { RangePlan } from '../../series/range-plan.ts';
import type { SeriesPoint } from '../../series/series-points.ts';
import type { WorkerSource } from '../worker.ts';

interface MachineSeriesParts {
  readonly record: MachineRecord;
  readonly plan: RangePlan;
  readonly steps: SparseSeries;
  readonly points: readonly SeriesPoint[];
  readonly nowUs: number;
  readonly uptime: () => Promise<readonly (number | undefined)[]>;
}

/** Fields are worked out when a client selects them. */
export function machineSeries({ facts, moment }: WorkerSource, parts: MachineSeriesParts) {
  const { record, plan, steps, points, nowUs, uptime } = parts;
  let asked: Promise<readonly Expectation[]> | undefined;
  const line = () => (asked ??= record.lineOf(facts, moment, Math.max(plan.startSeconds * 1e6, facts.firstSeenUs)));
  const expectedIn = async (index: number) => {
    const startUs = points[index]!.atSeconds * 1e6;
    const fromUs = Math.max(startUs, facts.firstSeenUs);
    const untilUs = Math.min(startUs + plan.stepSeconds * 1e6, nowUs);
    const expected = fromUs < untilUs ? meanOver(await line(), 'hashRateHs', fromUs, untilUs) : undefined;
    return expected && { ...expected, counted: (untilUs - fromUs) / (untilUs - startUs) };
  };
  return {
    pointValue: (index: number) => ({
      expectedHashRate: async () => (await expectedIn(index))?.mean,
      contribution: async () => {
        const expected = await expectedIn(index);
        // The rate is over all of the step, also where the worker was first seen within it.
        return expected?.isThroughout ? contribution(points[index]!.rate, expected.mean * expected.counted) : undefined;
      },
    }),
    efficiency: async () => {
      const { algorithm, firstSeenUs } = facts;
      if (record.powerOf(facts, moment) === undefined) return undefined;
      const [known, up] = await Promise.all([line(), uptime()]);
      return efficiencyValue(
        efficiencyOver({ algorithm, plan, steps, uptime: up, line: known, sinceUs: firstSeenUs, nowUs }),
      );
    },
  };
}

export function efficiencyValue<E extends Efficiency>(efficiency: E | undefined) {
  return efficiency && { ...efficiency, high: efficiency.high ?? null };
}
