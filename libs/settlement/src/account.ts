// A tenant's account of a range of days: what it held and gave, per day with what was promised and got, and what it contributed in all.
// Pure. Invariant: a figure says of which time it is, so that a first, a last or a present day is never compared with the promise of a whole one.
import { MICROS_PER_SECOND } from '@assay/kernel';
import { ALGORITHMS, type Algorithm } from '@assay/mining';
import { tenantOf } from '@assay/tenancy';
import { contributedWork, daySpan, heldSpan, heldWork, overlap, type Holding, type Span } from './holding.ts';
import type { LocalDay } from './local-days.ts';
import { addWeighted, measured, NO_WORK, type Measured, type SumsByPlace, type WeightedSums } from './place-sums.ts';

/** Shares of whole machines: no share is half somebody's. */
export interface ShareSums {
  readonly accepted: number;
  /** Rejected, in the order of the caller's reasons. */
  readonly reasons: readonly number[];
}

export interface DayFigures {
  readonly date: string;
  /** The part of the day that is spoken of, in whole minutes; of a day under way what has passed of it. */
  readonly span: Span;
  /** Whether that is all of the day. */
  readonly isWholeDay: boolean;
  readonly hashes: Measured;
  /** What was promised for the same time; undefined where nothing was. */
  readonly promisedHashes: number | undefined;
  readonly shares: ShareSums;
  /** Estimate at FPPS, whole coins; undefined where no work of the day has a price. */
  readonly coins: Measured | undefined;
  /** Part of the work that has a price, 0 to 1; 1 without work. */
  readonly pricedFraction: number;
  /** Whether all that it needs is still kept: of hours that a day or a holding begins or ends within, minutes are needed, which are kept for less long. */
  readonly isComplete: boolean;
}

/** The same over all days. */
export type TotalFigures = Omit<DayFigures, 'date' | 'span' | 'isWholeDay'> & {
  /** Days in which there was something to speak of. */
  readonly days: number;
};

export interface HoldingAccount {
  readonly holding: Holding;
  readonly days: readonly DayFigures[];
  readonly total: TotalFigures;
}

export interface AccountBasis {
  readonly tenant: string;
  readonly algorithm: Algorithm;
  readonly days: readonly LocalDay[];
  /** In which the tenant has part on either side. */
  readonly holdings: readonly Holding[];
  readonly cuts: readonly number[];
  readonly sums: SumsByPlace;
  readonly nowUs: number;
  /** What all of the tenant's own machines should do, hashes per second; undefined where it has some and nobody said of any. */
  readonly ownExpectedHashRateHs: number | undefined;
  /** Nothing is kept from before, UNIX seconds: of hours, and of minutes. */
  readonly hoursKeptSinceSeconds: number;
  readonly minutesKeptSinceSeconds: number;
  /** How many reasons shares are rejected for. */
  readonly reasons: number;
}

export interface TenantAccount {
  readonly held: readonly HoldingAccount[];
  readonly given: readonly HoldingAccount[];
  readonly contributed: { readonly days: readonly DayFigures[]; readonly total: TotalFigures };
}

const HOUR_SECONDS = 3600;

interface Piece {
  readonly day: LocalDay;
  readonly span: Span;
  readonly sums: WeightedSums;
  readonly promisedHashes: number | undefined;
  readonly shares: ShareSums;
}

export function tenantAccount(basis: AccountBasis): TenantAccount {
  const { tenant, holdings } = basis;
  const accounts = holdings.map((holding) => ({ holding, ...figuresOf(basis, holdingPieces(basis, holding)) }));
  return {
    held: accounts.filter(({ holding }) => holding.holder === tenant),
    given: accounts.filter(({ holding }) => holding.holder !== tenant),
    contributed: figuresOf(basis, contributedPieces(basis)),
  };
}

function holdingPieces(basis: AccountBasis, holding: Holding): Piece[] {
  const { cuts, sums } = basis;
  return passedDays(basis).flatMap(({ day, passed }) => {
    const span = overlap(passed, heldSpan(holding));
    if (span === undefined) return [];
    return [
      {
        day,
        span,
        sums: heldWork(holding, span, cuts, sums),
        promisedHashes: promisedOver(holding.promisedHashRateHs, span),
        shares: sharesOver(basis, new Map([[holding.of, span]])),
      },
    ];
  });
}

function contributedPieces(basis: AccountBasis): Piece[] {
  const { tenant, holdings, cuts, sums } = basis;
  return passedDays(basis).map(({ day, passed }) => ({
    day,
    span: passed,
    sums: contributedWork(tenant, holdings, passed, cuts, sums),
    promisedHashes: expectedHashes(basis, passed),
    shares: contributedShares(basis, passed),
  }));
}

/** What its own machines should do, less the part of that in what it gave, and what it was promised of others'. */
function expectedHashes({ tenant, holdings, ownExpectedHashRateHs }: AccountBasis, span: Span): number | undefined {
  let hashes = promisedOver(ownExpectedHashRateHs, span);
  for (const holding of holdings) {
    const held = overlap(span, heldSpan(holding));
    const isGiven = tenantOf(holding.of) === tenant;
    if (held === undefined || (isGiven && holding.holder === tenant)) continue;
    const part = promisedOver(isGiven ? holding.expectedHashRateHs : holding.promisedHashRateHs, held);
    hashes = hashes === undefined || part === undefined ? undefined : hashes + (isGiven ? -part : part);
  }
  return hashes === undefined ? undefined : Math.max(0, hashes);
}

/** Days that have begun, and what has passed of them. */
function passedDays({ days, nowUs }: AccountBasis): { readonly day: LocalDay; readonly passed: Span }[] {
  const now: Span = { fromSeconds: 0, untilSeconds: Math.floor(nowUs / MICROS_PER_SECOND / 60) * 60 };
  return days.flatMap((day) => {
    const passed = overlap(daySpan(day), now);
    return passed === undefined ? [] : [{ day, passed }];
  });
}

function promisedOver(hashRateHs: number | undefined, span: Span): number | undefined {
  return hashRateHs === undefined ? undefined : hashRateHs * (span.untilSeconds - span.fromSeconds);
}

/** Of all machines a tenant has part in: its own, and those of each place it holds something of, each place once. */
function contributedShares(basis: AccountBasis, span: Span): ShareSums {
  const { tenant, holdings } = basis;
  const held = holdings.filter(({ holder }) => holder === tenant).map(({ of }) => of);
  const outermost = held.filter((of) => !held.some((other) => of !== other && of.startsWith(`${other}.`)));
  return sharesOver(basis, new Map([tenant, ...outermost].map((place) => [place, span])));
}

function sharesOver({ cuts, sums, reasons }: AccountBasis, spans: ReadonlyMap<string, Span>): ShareSums {
  let accepted = 0;
  const rejected = new Array<number>(reasons).fill(0);
  for (const [place, { fromSeconds, untilSeconds }] of spans)
    for (const atSeconds of cuts) {
      const own = atSeconds >= fromSeconds && atSeconds < untilSeconds ? sums.get(place)?.get(atSeconds) : undefined;
      if (own === undefined) continue;
      accepted += own.accepted;
      own.reasons.forEach((count, i) => (rejected[i]! += count));
    }
  return { accepted, reasons: rejected };
}

function figuresOf(
  basis: AccountBasis,
  pieces: readonly Piece[],
): { readonly days: DayFigures[]; readonly total: TotalFigures } {
  const whole = pieces.reduce((sum, { sums }) => addWeighted(sum, sums), NO_WORK);
  // A day without shares could have had one more of the kind that others have.
  const nextWeight = whole.work > 0 ? whole.workSquared / whole.work : 0;
  const figures = (sums: WeightedSums) => ({
    hashes: measured(sums, ALGORITHMS[basis.algorithm].hashesPerDifficulty, nextWeight),
    ...money(sums, nextWeight),
  });
  const days = pieces.map(({ day, span, sums, promisedHashes, shares }): DayFigures => {
    const { fromSeconds, untilSeconds } = daySpan(day);
    return {
      date: day.date,
      span,
      isWholeDay: span.fromSeconds === fromSeconds && span.untilSeconds === untilSeconds,
      ...figures(sums),
      promisedHashes,
      shares,
      isComplete: isKept(basis, span),
    };
  });
  const promised = pieces.map(({ promisedHashes }) => promisedHashes);
  return {
    days,
    total: {
      days: days.length,
      ...figures(whole),
      promisedHashes:
        promised.length === 0 || promised.includes(undefined)
          ? undefined
          : promised.reduce<number>((sum, one) => sum + one!, 0),
      shares: {
        accepted: pieces.reduce((sum, { shares }) => sum + shares.accepted, 0),
        reasons: Array.from({ length: basis.reasons }, (_, i) =>
          pieces.reduce((sum, { shares }) => sum + shares.reasons[i]!, 0),
        ),
      },
      isComplete: days.every(({ isComplete }) => isComplete),
    },
  };
}

/** Coins are the work's, at the price of its hours, and have its interval: what is not known of the work is not known of them. */
function money(sums: WeightedSums, nextWeight: number): Pick<DayFigures, 'coins' | 'pricedFraction'> {
  const { work, coins, unpricedWork } = sums;
  if (!(work > 0)) return { coins: { value: 0, low: 0, high: 0 }, pricedFraction: 1 };
  const pricedFraction = Math.min(1, Math.max(0, 1 - unpricedWork / work));
  if (!(coins > 0)) return { coins: undefined, pricedFraction };
  return { coins: measured(sums, coins / work, nextWeight), pricedFraction };
}

function isKept({ hoursKeptSinceSeconds, minutesKeptSinceSeconds }: AccountBasis, span: Span): boolean {
  const needsMinutes = span.fromSeconds % HOUR_SECONDS !== 0 || span.untilSeconds % HOUR_SECONDS !== 0;
  return span.fromSeconds >= (needsMinutes ? minutesKeptSinceSeconds : hoursKeptSinceSeconds);
}
