import { MICROS_PER_MINUTE } from '@assay/kernel';
import { REJECT_CODE, REJECT_REASONS } from '@assay/mining';
import type { RejectReason } from '@assay/mining';
import { Rollup } from '@assay/rollup';
import { describe, expect, it } from 'vitest';
import { RejectBurstDetector } from './reject-bursts.ts';
import type { Burst } from './reject-bursts.ts';

type Minute = readonly [minute: number, accepted: number, rejected: number, reason?: RejectReason];

function minutes(...rows: Minute[]): Rollup {
  const rollup = new Rollup(MICROS_PER_MINUTE);
  for (const [minute, accepted, rejected, reason = 'stale'] of rows) {
    const row = rollup.rowOf(rollup.groupOf('acme', 'acme.m1', 'sha256d'), minute);
    rollup.accepted[row]! += accepted;
    rollup.rejected[row * REJECT_REASONS.length + REJECT_CODE[reason]]! += rejected;
    rollup.noteLast(row, minute * MICROS_PER_MINUTE + 30e6, 1);
  }
  return rollup;
}

class Feed {
  readonly detector = new RejectBurstDetector();
  #offset = 0;
  batch(...rows: Minute[]): readonly Burst[] {
    return this.batchOf(0, ...rows);
  }
  batchOf(partition: number, ...rows: Minute[]): readonly Burst[] {
    const from = this.#offset++;
    return this.detector.observe(partition, { from, to: from + 1 }, minutes(...rows));
  }
}

describe('reject bursts', () => {
  it('begin at 20 shares of a minute of which 30 % are rejected, and say the most frequent reason', () => {
    const feed = new Feed();
    expect(feed.batch([100, 0, 19])).toEqual([]);
    expect(feed.batch([101, 71, 29])).toEqual([]);
    expect(feed.batch([102, 14, 2, 'duplicate'], [102, 0, 4])).toEqual([
      {
        tenant: 'acme',
        worker: 'acme.m1',
        atUs: 102 * MICROS_PER_MINUTE + 30e6,
        reason: 'stale',
        accepted: 14,
        rejected: 6,
      },
    ]);
  });

  it('are counted over the partitions that a worker is spread over', () => {
    const feed = new Feed();
    expect(feed.batchOf(0, [100, 5, 4])).toEqual([]);
    expect(feed.batchOf(1, [100, 5, 5])).toEqual([]);
    expect(feed.batchOf(2, [100, 0, 1])).toMatchObject([{ accepted: 10, rejected: 10 }]);
  });

  it('are told once while they last, however they waver', () => {
    const feed = new Feed();
    expect(feed.batch([100, 10, 10])).toHaveLength(1);
    expect(feed.batch([100, 0, 10])).toEqual([]);
    expect(feed.batch([101, 80, 20])).toEqual([]);
    expect(feed.batch([102, 10, 20])).toEqual([]);
    expect(feed.batch([103, 90, 10])).toEqual([]); // Over.
    expect(feed.batch([104, 10, 10])).toHaveLength(1);
    expect(feed.batch([106, 10, 10])).toHaveLength(1); // A silent minute ends it too.
  });

  it('take late shares to their own minute, and forget old minutes', () => {
    const feed = new Feed();
    feed.batch([100, 10, 4]);
    feed.batch([102, 30, 0]);
    expect(feed.batch([100, 0, 6])).toHaveLength(1);
    expect(feed.batch([97, 0, 50])).toEqual([]);
  });

  it('give the same again for the same batch, and count it once', () => {
    const { detector } = new Feed();
    const batch = { from: 0, to: 5 };
    const first = detector.observe(0, batch, minutes([100, 10, 10]));
    expect(first).toHaveLength(1);
    expect(detector.observe(0, batch, minutes([100, 10, 10]))).toEqual(first);
    const counted = new RejectBurstDetector();
    for (let again = 0; again < 3; again++) expect(counted.observe(0, batch, minutes([100, 9, 10]))).toEqual([]);
    expect(counted.observe(0, { from: 5, to: 6 }, minutes([100, 0, 1]))).toMatchObject([{ accepted: 9, rejected: 11 }]);
  });

  it('go on from what was stored: counts below the offset, and bursts already told', () => {
    const rejected = REJECT_REASONS.map((reason) => (reason === 'stale' ? 10 : 0));
    const past = { worker: 'acme.m1', minute: 100, accepted: 9, rejected };
    const untold = new RejectBurstDetector();
    untold.restore(0, 5, { minutes: [past], told: [] });
    expect(untold.observe(0, { from: 5, to: 6 }, minutes([100, 0, 1]))).toMatchObject([{ accepted: 9, rejected: 11 }]);

    for (const toldAt of [100, 98, 70]) {
      const told = new RejectBurstDetector();
      told.restore(0, 5, { minutes: [{ ...past, accepted: 10 }], told: [{ worker: 'acme.m1', minute: toldAt }] });
      expect(told.observe(0, { from: 5, to: 6 }, minutes([101, 10, 10]))).toEqual([]);
    }
  });
});
