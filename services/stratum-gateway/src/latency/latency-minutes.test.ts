import { MAX_TIMED_WORKERS, type WorkerLatencies } from '@assay/tenancy';
import { describe, expect, it } from 'vitest';
import { LatencyMinutes, MAX_WORKERS } from './latency-minutes.ts';

const MINUTE_US = 60e6;
const START_US = 29_459_520 * MINUTE_US;

function minutes(): { at: LatencyMinutes; records: WorkerLatencies[]; dropped: () => number } {
  const records: WorkerLatencies[] = [];
  let dropped = 0;
  const at = new LatencyMinutes(
    'g',
    (record) => records.push(record),
    () => dropped++,
  );
  return { at, records, dropped: () => dropped };
}

describe('latencies of a minute', () => {
  it('are summed by worker and handed on when the minute is over, and not before', () => {
    const { at, records } = minutes();
    at.add('acme.n.m1', 3000, START_US + 1);
    at.add('acme.n.m1', 5000, START_US + 59_999_999);
    at.add('acme.n.m2', 700, START_US + 2);
    at.passed(START_US + 59_999_999);
    expect(records).toEqual([]);
    at.passed(START_US + MINUTE_US);
    const workers = [
      ['acme.n.m1', 2, 8000, 5000],
      ['acme.n.m2', 1, 700, 700],
    ];
    expect(records).toEqual([{ gateway: 'g', atUs: START_US, workers }]);
    at.passed(START_US + 2 * MINUTE_US);
    expect(records).toHaveLength(1);
  });

  it('that come before anybody looked go with their own minute, and a clock that goes back makes none', () => {
    const { at, records } = minutes();
    at.add('acme.n.m1', 1000, START_US);
    at.add('acme.n.m1', 2000, START_US + MINUTE_US);
    at.add('acme.n.m1', 3000, START_US + MINUTE_US - 1);
    at.handOn();
    expect(records.map(({ atUs, workers }) => [atUs, workers])).toEqual([
      [START_US, [['acme.n.m1', 1, 1000, 1000]]],
      [START_US + MINUTE_US, [['acme.n.m1', 2, 5000, 3000]]],
    ]);
  });

  it('take as many records as they need, and no more workers than the bound', () => {
    const { at, records, dropped } = minutes();
    for (let i = 0; i < MAX_WORKERS + 3; i++) at.add(`acme.n.m${i}`, 1, START_US);
    at.add('acme.n.m0', 1, START_US);
    at.handOn();
    expect(records).toHaveLength(MAX_WORKERS / MAX_TIMED_WORKERS);
    expect(records.every(({ workers }) => workers.length === MAX_TIMED_WORKERS)).toBe(true);
    expect(records[0]!.workers[0]).toEqual(['acme.n.m0', 2, 2, 1]);
    expect(dropped()).toBe(3);
  });
});
