import { describe, expect, it } from 'vitest';
import { runPipelineSimulation } from './pipeline-simulation.ts';

describe('pipeline simulation', () => {
  it.each([1, 2, 3, 4])(
    'seed %i: nothing lost, nothing twice, rollups and live rates as the shares say',
    async (seed) => {
      const report = await runPipelineSimulation({ seed, steps: 400 });
      expect(report.violations, `npm run sim -- --seed ${seed} --steps 400`).toEqual([]);
      // It is only worth something when things did go wrong.
      expect(report.deaths).toBeGreaterThan(0);
      expect(report.losses).toBeGreaterThan(0);
      expect(report.rebuilds).toBeGreaterThan(0);
      expect(report.catchUps).toBeGreaterThan(0);
      expect(report.insertFailures).toBeGreaterThan(0);
      expect(report.deduplicated).toBeGreaterThan(0);
      expect(report.repeatedRecords).toBeGreaterThan(0);
      expect(report.garbage).toBeGreaterThan(0);
    },
  );

  it('repeats itself from its seed', async () => {
    const [first, second, other] = await Promise.all(
      [7, 7, 8].map((seed) => runPipelineSimulation({ seed, steps: 150 })),
    );
    expect(second).toEqual(first);
    expect(other).not.toEqual({ ...first, seed: 8 });
  });
});
