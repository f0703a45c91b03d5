// npm run spool in short: see outage.ts. The full size is ten minutes at 2,000 shares a second.
import { expect, it } from 'vitest';
import { runOutage } from './outage.ts';

it(
  'answers miners while every broker is away, a gateway killed meanwhile included, and counts exactly',
  { timeout: 300_000 },
  async () => {
    const steps: string[] = [];
    const { report } = await runOutage({
      seed: 1,
      seconds: 15,
      rate: 300,
      machines: 60,
      gateways: 2,
      brokers: 1,
      say: (text) => void steps.push(text),
    });
    const told = `${steps.join('\n')}\n${JSON.stringify(report)}`;
    expect({ lost: report.lost, duplicated: report.duplicated, rejected: report.rejected }, told).toEqual({
      lost: 0,
      duplicated: 0,
      rejected: 0,
    });
    expect(report.ackedAway, told).toBeGreaterThan(1500);
    expect(report.peakSpoolRecords, told).toBeGreaterThan(100);
    expect([report.distinct, report.rollupShares], told).toEqual([report.rows, report.rows]);
  },
);
