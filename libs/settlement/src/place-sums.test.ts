import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { measured, placesAbove, weightedSums, type PlaceSums } from './place-sums.ts';

interface Share {
  readonly worker: string;
  /** Whole difficulty. */
  readonly difficulty: number;
}

/** Sums as the store makes them: of every share below a place. */
function sumsOf(shares: readonly Share[], places: readonly string[]): Map<string, Map<number, PlaceSums>> {
  return new Map(
    places.map((place) => {
      const below = shares.filter(({ worker }) => worker === place || worker.startsWith(`${place}.`));
      const sums: PlaceSums = {
        workUnits: below.reduce((sum, { difficulty }) => sum + BigInt(difficulty) * 100_000_000n, 0n),
        workSquared: below.reduce((sum, { difficulty }) => sum + difficulty ** 2, 0),
        accepted: below.length,
        reasons: [],
        coins: below.reduce((sum, { difficulty }) => sum + difficulty * 3, 0),
        unpricedWork: 0,
      };
      return [place, new Map([[0, sums]])] as const;
    }),
  );
}

const WORKERS = ['a.n.r1.m1', 'a.n.r1.m2', 'a.n.r2.m3', 'a.s.r1.m4', 'b.x.r1.m1', 'b.x.r1.m2'];
const PLACES = ['a', 'a.n', 'a.n.r1', 'a.n.r1.m1', 'a.s', 'b.x', 'b.x.r1', 'b.x.r1.m2'];

describe('weighted sums of places', () => {
  it('are what each share counts, whichever places lie in each other', () => {
    const share = fc.record({ worker: fc.constantFrom(...WORKERS), difficulty: fc.integer({ min: 1, max: 1e6 }) });
    const weight = fc.double({ min: -1, max: 1, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(share, { maxLength: 30 }),
        fc.dictionary(fc.constantFrom(...PLACES), weight),
        (shares, weightOf) => {
          const weights = new Map(Object.entries(weightOf));
          const got = weightedSums(sumsOf(shares, PLACES), 0, weights);
          const each = shares.map(({ worker, difficulty }) => {
            const places = [worker, ...placesAbove(worker)];
            return difficulty * places.reduce((sum, place) => sum + (weights.get(place) ?? 0), 0);
          });
          expect(got.work).toBeCloseTo(
            each.reduce((sum, one) => sum + one, 0),
            3,
          );
          expect(got.workSquared).toBeCloseTo(
            each.reduce((sum, one) => sum + one ** 2, 0),
            0,
          );
          expect(got.coins).toBeCloseTo(3 * got.work, 2);
        },
      ),
    );
  });

  it('are exact for what is held whole', () => {
    const shares = Array.from({ length: 9 }, () => ({ worker: 'a.n.r1.m1', difficulty: 999_999_999_999_999 }));
    const { work } = weightedSums(sumsOf(shares, ['a']), 0, new Map([['a', 1]]));
    expect(work).toBe(8_999_999_999_999_991);
  });
});

describe('a measured quantity', () => {
  it('has the interval of its shares', () => {
    // Garwood's 95 % interval for 100 events is 81.36 to 121.63.
    const { value, low, high } = measured({ work: 400, workSquared: 1600, coins: 0, unpricedWork: 0 }, 2, 4);
    expect(value).toBe(800);
    expect(low / 8).toBeCloseTo(81.36, 2);
    expect(high / 8).toBeCloseTo(121.63, 2);
  });

  it('has an upper end where there were no shares', () => {
    const { value, low, high } = measured({ work: 0, workSquared: 0, coins: 0, unpricedWork: 0 }, 1, 4);
    expect([value, low]).toEqual([0, 0]);
    expect(high).toBeCloseTo(4 * 3.689, 2);
  });
});
