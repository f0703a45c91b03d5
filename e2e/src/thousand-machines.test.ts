// A thousand machines for a short while. `npm run chaos -- --kills 0 --machines 1000 --rate 0.3 --seconds 600` is the long form.
import { describe, expect, it } from 'vitest';
import { runKills } from './chaos/kills.ts';

describe('a thousand machines', () => {
  it('have every acknowledged share in ClickHouse exactly once, and rollups that equal the raw shares', async () => {
    const { report, failed } = await runKills({ seed: 7, kills: 1, machines: 1000, sharesPerSecond: 0.5, seconds: 20 });
    expect(report).toMatchObject({ lost: 0, duplicated: 0, kills: 1 });
    expect(report.acked).toBeGreaterThan(1000);
    expect(report.rows).toBe(report.rollupShares);
    expect(failed).toBe(false);
  });
});
