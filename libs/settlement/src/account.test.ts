// A tenant's account against sums of the shares themselves, share by share and without any of the code under test.
import { Random } from '@assay/kernel';
import { ALGORITHMS } from '@assay/mining';
import { isUnder } from '@assay/tenancy';
import { describe, expect, it } from 'vitest';
import { tenantAccount, type AccountBasis } from './account.ts';
import { cutsOf, placesOf, type Holding } from './holding.ts';
import { localDays } from './local-days.ts';
import type { PlaceSums } from './place-sums.ts';

const HASHES = ALGORITHMS.sha256d.hashesPerDifficulty;
const at = (iso: string): number => Date.parse(iso) * 1000;

interface Share {
  readonly worker: string;
  readonly atUs: number;
  readonly difficulty: number;
  readonly accepted: boolean;
}

const PRICE = 1e-9;

function accountOf(
  tenant: string,
  shares: readonly Share[],
  holdings: readonly Holding[],
  days: ReturnType<typeof localDays>,
  more: Partial<AccountBasis> = {},
) {
  const cuts = cutsOf(days, holdings);
  const sums = new Map<string, Map<number, PlaceSums>>();
  for (const place of placesOf(tenant, holdings)) {
    const ofPlace = new Map<number, PlaceSums>();
    cuts.slice(0, -1).forEach((from, i) => {
      const own = shares.filter(
        ({ worker, atUs }) => isUnder(worker, place) && atUs >= from * 1e6 && atUs < cuts[i + 1]! * 1e6,
      );
      const taken = own.filter(({ accepted }) => accepted);
      const work = taken.reduce((sum, { difficulty }) => sum + difficulty, 0);
      ofPlace.set(from, {
        workUnits: BigInt(work) * 100_000_000n,
        workSquared: taken.reduce((sum, { difficulty }) => sum + difficulty ** 2, 0),
        accepted: taken.length,
        reasons: [own.length - taken.length],
        coins: work * PRICE,
        unpricedWork: 0,
      });
    });
    sums.set(place, ofPlace);
  }
  return tenantAccount({
    tenant,
    algorithm: 'sha256d',
    days,
    holdings,
    cuts,
    sums,
    nowUs: at('2027-01-01T00:00:00Z'),
    ownExpectedHashRateHs: undefined,
    hoursKeptSinceSeconds: 0,
    minutesKeptSinceSeconds: 0,
    reasons: 1,
    ...more,
  });
}

const holding = (of: string, fraction: number, from: string, until?: string, promised?: number): Holding => ({
  id: `${of} ${from}`,
  of,
  holder: 'globex',
  fraction,
  fromUs: at(from),
  untilUs: until === undefined ? undefined : at(until),
  promisedHashRateHs: promised,
  expectedHashRateHs: promised === undefined ? undefined : promised / 2,
});

describe('an account', () => {
  const days = localDays('2026-10-24', 3, 'Europe/Berlin');
  const random = new Random(5);
  const workers = ['acme.n.r1.m1', 'acme.n.r1.m2', 'acme.n.r2.m1', 'acme.s.r1.m1', 'globex.o.r1.m1'];
  const shares = Array.from({ length: 4000 }, (): Share => ({
    worker: workers[Math.floor(random.float() * workers.length)]!,
    atUs: Math.floor(days[0]!.fromUs + random.float() * 73 * 3600e6),
    difficulty: [1024, 4096, 65_536][Math.floor(random.float() * 3)]!,
    accepted: random.float() < 0.95,
  }));
  const holdings = [
    holding('acme.n', 0.25, '2026-10-24T10:00:00Z', undefined, 1e9),
    holding('acme.n.r1', 0.5, '2026-10-25T05:30:00Z', '2026-10-26T01:15:00Z', 2e9),
    holding('acme.s.r1.m1', 1, '2026-10-01T00:00:00Z', '2026-10-25T12:00:00Z'),
  ];
  const heldFraction = (worker: string, us: number): number =>
    holdings
      .filter(({ of, fromUs, untilUs = Infinity }) => isUnder(worker, of) && us >= fromUs && us < untilUs)
      .reduce((sum, { fraction }) => sum + fraction, 0);
  const inDay = (i: number) => shares.filter(({ atUs }) => atUs >= days[i]!.fromUs && atUs < days[i]!.untilUs);

  it('gives the holder what its fraction of each share comes to, per local day', () => {
    const { held, given } = accountOf('globex', shares, holdings, days);
    expect(given).toEqual([]);
    expect(held).toHaveLength(3);
    for (const { holding: one, days: figures, total } of held) {
      for (const { date, hashes, coins, shares: counts } of figures) {
        const { fromUs, untilUs = Infinity } = one;
        const own = inDay(days.findIndex((day) => day.date === date)).filter(
          ({ worker, atUs }) => isUnder(worker, one.of) && atUs >= fromUs && atUs < untilUs,
        );
        const work = own.filter(({ accepted }) => accepted).reduce((sum, { difficulty }) => sum + difficulty, 0);
        expect(hashes.value).toBeCloseTo(work * one.fraction * HASHES, -3);
        expect(coins!.value).toBeCloseTo(work * one.fraction * PRICE, 9);
        expect(counts.accepted).toBe(own.filter(({ accepted }) => accepted).length);
        expect(counts.reasons).toEqual([own.filter(({ accepted }) => !accepted).length]);
        expect(hashes.low).toBeLessThan(hashes.value);
        expect(hashes.high).toBeGreaterThan(hashes.value);
      }
      const sum = figures.reduce((all, { hashes }) => all + hashes.value, 0);
      expect(total.hashes.value / sum).toBeCloseTo(1, 12);
    }
  });

  it('promises only for the time that is held, of days of 23 to 25 hours', () => {
    const { held } = accountOf('globex', shares, holdings, days);
    const [north, rack, single] = held.map((one) => one.days);
    // From noon (10:00 UTC) to midnight of the first day, then the day on which clocks go back.
    expect(north!.map(({ promisedHashes }) => promisedHashes)).toEqual([12 * 3600e9, 25 * 3600e9, 24 * 3600e9]);
    expect(north!.map(({ isWholeDay }) => isWholeDay)).toEqual([false, true, true]);
    expect(rack!.map(({ promisedHashes }) => promisedHashes! / 2e9)).toEqual([17.5 * 3600, 2.25 * 3600]);
    expect(single!.map(({ promisedHashes }) => promisedHashes)).toEqual([undefined, undefined]);
  });

  it('adds up: what is given is missing from the owner, and nothing is lost or made', () => {
    const acme = accountOf('acme', shares, holdings, days).contributed;
    const globex = accountOf('globex', shares, holdings, days).contributed;
    days.forEach((_, i) => {
      const accepted = inDay(i).filter((share) => share.accepted);
      const all = accepted.reduce((sum, { difficulty }) => sum + difficulty, 0) * HASHES;
      expect((acme.days[i]!.hashes.value + globex.days[i]!.hashes.value) / all).toBeCloseTo(1, 12);
      const ofGlobex = accepted.reduce(
        (sum, { worker, atUs, difficulty }) =>
          sum + difficulty * (worker.startsWith('globex.') ? 1 : heldFraction(worker, atUs)),
        0,
      );
      expect(globex.days[i]!.hashes.value / (ofGlobex * HASHES)).toBeCloseTo(1, 12);
    });
    expect(acme.total.shares.accepted).toBe(shares.filter((s) => s.accepted && s.worker.startsWith('acme.')).length);
  });

  it('shows the owner the same figures under what it gave', () => {
    const given = accountOf('acme', shares, holdings, days).given;
    const { held } = accountOf('globex', shares, holdings, days);
    expect(given).toEqual(held);
  });

  it('speaks of a day under way up to the present minute, and of no day to come', () => {
    const nowUs = at('2026-10-25T08:00:30Z');
    const { held } = accountOf('globex', shares, holdings, days, { nowUs });
    const north = held[0]!.days;
    expect(north.map(({ date, isWholeDay }) => [date, isWholeDay])).toEqual([
      ['2026-10-24', false],
      ['2026-10-25', false],
    ]);
    // Midnight in Berlin was 22:00 UTC.
    expect(north[1]!.promisedHashes).toBe(10 * 3600e9);
  });

  it('says where the minutes that a cut needs are no longer kept', () => {
    const minutesKeptSinceSeconds = at('2026-11-01T00:00:00Z') / 1e6;
    const { held } = accountOf('globex', shares, holdings, days, { minutesKeptSinceSeconds });
    // Begins at half past and ends at a quarter past; the others at whole hours.
    expect(held.map(({ total }) => total.isComplete)).toEqual([true, false, true]);
    const kolkata = accountOf('globex', shares, holdings, localDays('2026-10-24', 3, 'Asia/Kolkata'), {
      minutesKeptSinceSeconds,
    });
    expect(kolkata.contributed.total.isComplete).toBe(false);
  });

  it('expects of a tenant what it has left and what it was promised', () => {
    const priced = holdings.slice(0, 2);
    const globex = accountOf('globex', shares, priced, days, { ownExpectedHashRateHs: 1e8 }).contributed;
    expect(globex.days[0]!.promisedHashes).toBe(24 * 3600e8 + 12 * 3600e9);
    const acme = accountOf('acme', shares, priced, days, { ownExpectedHashRateHs: 5e9 }).contributed;
    expect(acme.days[0]!.promisedHashes).toBe(24 * 3600 * 5e9 - (12 * 3600e9) / 2);
    // Of the third nobody has said what it should do.
    expect(
      accountOf('globex', shares, holdings, days, { ownExpectedHashRateHs: 1e8 }).contributed.total.promisedHashes,
    ).toBe(undefined);
  });

  it('has no price for work of hours that have none', () => {
    const { contributed } = accountOf('globex', [], [], days);
    expect(contributed.total).toMatchObject({ coins: { value: 0 }, pricedFraction: 1, promisedHashes: undefined });
  });
});
