import type { Algorithm, Job } from '@assay/mining';
import { REJECT_REASONS } from '@assay/mining';
import type { VerifiedBlock } from '@assay/share-block';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Rollup } from './rollup.ts';
import { summarise } from './summarise.ts';
import { workNumber, workUnits } from './work-sum.ts';

const SLOT_US = 5_000_000;
const MINUTE_US = 60_000_000;
const HOUR_US = 60 * MINUTE_US;
const DAY_US = 24 * HOUR_US;
const BASE_US = Math.floor(1_760_000_000_000_000 / DAY_US) * DAY_US;

interface Share {
  tenant: number;
  worker: number;
  job: number;
  atUs: number;
  units: number;
  rejectCode: number;
  achieved: number;
}

const job = (algorithm: Algorithm): Job => ({
  algorithm,
  prevHash: new Uint8Array(32),
  coinbase1: new Uint8Array(0),
  coinbase2: new Uint8Array(0),
  merkleBranches: new Uint8Array(0),
  version: 0,
  nbits: 0,
  ntime: 0,
  hash: algorithm,
});
const JOBS = [job('sha256d'), job('scrypt')];
const TENANTS = ['a', 'b'];
const WORKERS = ['a.s.1', 'a.s.2', 'b.s.1'];

/** Difficulties as multiples of 1e-8: tiny, fractional and very large ones. */
const units = fc.oneof(
  fc.integer({ min: 1, max: 1e8 }),
  fc.integer({ min: 1, max: 2 ** 20 }).map((n) => n * 1e8),
  fc.integer({ min: 1, max: 2 ** 50 }),
);
const share: fc.Arbitrary<Share> = fc.record({
  tenant: fc.integer({ min: 0, max: 1 }),
  worker: fc.integer({ min: 0, max: 2 }),
  job: fc.integer({ min: -1, max: 1 }),
  atUs: fc.integer({ min: 0, max: 2 * DAY_US - 1 }),
  units,
  rejectCode: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: REJECT_REASONS.length - 1 })),
  achieved: fc.double({ min: 0, max: 1e12, noNaN: true }),
});

function block(shares: readonly Share[]): VerifiedBlock {
  const count = shares.length;
  const empty = { offsets: new Int32Array(count + 1), bytes: new Uint8Array(0) };
  return {
    count,
    gateway: 'g',
    submittedAtUs: Float64Array.from(shares, (s) => BASE_US + s.atUs),
    tenant: { codes: Uint32Array.from(shares, (s) => s.tenant), values: TENANTS },
    worker: { codes: Uint32Array.from(shares, (s) => s.worker), values: WORKERS },
    jobs: JOBS,
    job: Int32Array.from(shares, (s) => s.job),
    extranonce1: empty,
    extranonce2: empty,
    ntime: new Uint32Array(count),
    nonce: new Uint32Array(count),
    versionBits: new Uint32Array(count),
    versionMask: new Uint32Array(count),
    difficulty: Float64Array.from(shares, (s) => s.units / 1e8),
    rejectCode: new Uint8Array(count),
    verifiedRejectCode: Uint8Array.from(shares, (s) => s.rejectCode),
    hashes: new Uint8Array(32 * count),
    shareDifficulty: Float64Array.from(shares, (s) => s.achieved),
    blockCandidate: new Uint8Array(count),
  };
}

function summed(shares: readonly Share[], bucketUs = SLOT_US): Rollup {
  const rollup = new Rollup(bucketUs);
  summarise(rollup, block(shares));
  return rollup;
}

/** Rows by key, exact columns exact; the sum of squares is a double whose last digits depend on the order of adding. */
function rows(rollup: Rollup): Record<string, unknown> {
  const out: [string, unknown][] = [];
  for (let row = 0; row < rollup.size; row++) {
    const { tenant, worker, algorithm } = rollup.groups[rollup.group[row]!]!;
    out.push([
      `${tenant} ${worker} ${algorithm} ${rollup.startUs[row]}`,
      {
        accepted: rollup.accepted[row],
        rejected: Array.from(rollup.rejected.subarray(row * REJECT_REASONS.length, (row + 1) * REJECT_REASONS.length)),
        work: workUnits(rollup.work, row),
        workSquared: rollup.workSquared[row] === 0 ? 0 : Number(rollup.workSquared[row]!.toPrecision(9)),
        best: rollup.bestShare[row],
        first: rollup.firstAcceptedUs[row],
        last: rollup.lastAcceptedUs[row],
        lastShare: [rollup.lastShareUs[row], rollup.lastDifficulty[row]],
        active: [rollup.activeLow[row], rollup.activeHigh[row]],
      },
    ]);
  }
  return Object.fromEntries(out.sort(([a], [b]) => (a < b ? -1 : 1)));
}

describe('rollups', () => {
  it('do not depend on how shares are split into batches, nor on the order of merging', () => {
    fc.assert(
      fc.property(
        fc.array(share, { maxLength: 60 }),
        fc.array(fc.nat(2), { minLength: 60, maxLength: 60 }),
        (shares, part) => {
          const parts = [0, 1, 2].map((p) => shares.filter((_, i) => part[i] === p));
          const [a, b, c] = parts.map((p) => summed(p)) as [Rollup, Rollup, Rollup];
          const merged = (...order: Rollup[]): Rollup => {
            const total = new Rollup(SLOT_US);
            for (const one of order) total.merge(one);
            return total;
          };
          const whole = rows(summed(shares));
          expect(rows(merged(a, b, c))).toEqual(whole);
          expect(rows(merged(c, a, b))).toEqual(whole);
          expect(rows(merged(a, merged(b, c)))).toEqual(whole);
        },
      ),
    );
  });

  it('hours and days follow from minutes, and each share counts once in each', () => {
    fc.assert(
      fc.property(fc.array(share, { maxLength: 60 }), (shares) => {
        const minutes = summed(shares).coarsen(MINUTE_US);
        expect(rows(minutes)).toEqual(rows(summed(shares, MINUTE_US)));
        const hours = minutes.coarsen(HOUR_US, 60);
        const days = minutes.coarsen(DAY_US, 24);
        expect(rows(hours.coarsen(DAY_US, 24))).toEqual(rows(days));
        for (const rollup of [minutes, hours, days]) {
          let accepted = 0;
          let rejected = 0;
          let work = 0n;
          for (let row = 0; row < rollup.size; row++) {
            accepted += rollup.accepted[row]!;
            rejected += rollup.rejectedTotal(row);
            work += workUnits(rollup.work, row);
          }
          const good = shares.filter((s) => s.rejectCode === 0);
          expect([accepted, rejected]).toEqual([good.length, shares.length - good.length]);
          expect(work).toBe(good.reduce((sum, s) => sum + BigInt(s.units), 0n));
        }
      }),
    );
  });

  it('mark the minutes of an hour and the hours of a day that have an accepted share', () => {
    fc.assert(
      fc.property(fc.array(share, { maxLength: 30 }), (shares) => {
        const one = shares.map((s) => ({ ...s, tenant: 0, worker: 0, job: 0, atUs: s.atUs % DAY_US }));
        const minutes = summed(one).coarsen(MINUTE_US);
        const hours = minutes.coarsen(HOUR_US, 60);
        for (let row = 0; row < hours.size; row++) {
          const mask = (BigInt(hours.activeHigh[row]!) << 32n) | BigInt(hours.activeLow[row]!);
          const hour = hours.startUs[row]! - BASE_US;
          const wanted = new Set(
            one
              .filter((s) => s.rejectCode === 0 && Math.floor(s.atUs / HOUR_US) * HOUR_US === hour)
              .map((s) => Math.floor((s.atUs - hour) / MINUTE_US)),
          );
          for (let minute = 0; minute < 64; minute++)
            expect((mask >> BigInt(minute)) & 1n).toBe(wanted.has(minute) ? 1n : 0n);
        }
        const days = minutes.coarsen(DAY_US, 24);
        const activeHours = new Set(one.filter((s) => s.rejectCode === 0).map((s) => Math.floor(s.atUs / HOUR_US)));
        let dayMask = 0;
        for (let row = 0; row < days.size; row++) dayMask |= days.activeLow[row]!;
        for (let hour = 0; hour < 24; hour++) expect((dayMask >>> hour) & 1).toBe(activeHours.has(hour) ? 1 : 0);
      }),
    );
  });

  it('keep work exact where doubles do not', () => {
    const tenth: Share = { tenant: 0, worker: 0, job: 0, atUs: 0, units: 10_000_000, rejectCode: 0, achieved: 1 };
    const huge = { ...tenth, units: 2 ** 53 - 1 };
    const rollup = summed([...Array<Share>(30_000).fill(tenth), ...Array<Share>(1000).fill(huge)]);
    expect(workUnits(rollup.work, 0)).toBe(30_000n * 10_000_000n + 1000n * (2n ** 53n - 1n));
    expect(workNumber(rollup.work, 0)).toBeCloseTo((30_000 * 1e7 + 1000 * (2 ** 53 - 1)) / 1e8, -1);
  });
});
