// What one tenant holds of another's machines, or all that is one's own: per day what was promised and what was got.
// Invariant: only whole minutes that lie within the holding count, for that is what history is kept by; the minutes it begins and ends in, if it
// does so within one, are nobody's.
import { MICROS_PER_MINUTE, MICROS_PER_SECOND } from '@assay/kernel';
import { tenantOf, type Ownership } from '@assay/tenancy';
import type { LocalDay } from './local-days.ts';
import { addWeighted, NO_WORK, weightedSums, type SumsByPlace, type WeightedSums, type Weights } from './place-sums.ts';

export interface Holding extends Pick<Ownership, 'of' | 'holder' | 'fraction' | 'fromUs' | 'untilUs'> {
  readonly id: string;
  /** For the holder's fraction, hashes per second; undefined where nothing is on record. */
  readonly promisedHashRateHs: number | undefined;
  /** What the fraction of the machines should do by what is known of them, whatever was promised; undefined where that is not known. */
  readonly expectedHashRateHs: number | undefined;
}

/** A stretch of time in whole minutes, UNIX seconds. */
export interface Span {
  readonly fromSeconds: number;
  readonly untilSeconds: number;
}

const MINUTE_SECONDS = MICROS_PER_MINUTE / MICROS_PER_SECOND;

/** The whole minutes in which it is held. */
export function heldSpan({ fromUs, untilUs = Infinity }: Pick<Holding, 'fromUs' | 'untilUs'>): Span {
  return {
    fromSeconds: Math.ceil(fromUs / MICROS_PER_MINUTE) * MINUTE_SECONDS,
    untilSeconds: Math.floor(untilUs / MICROS_PER_MINUTE) * MINUTE_SECONDS,
  };
}

export function daySpan({ fromUs, untilUs }: LocalDay): Span {
  return { fromSeconds: fromUs / MICROS_PER_SECOND, untilSeconds: untilUs / MICROS_PER_SECOND };
}

/** What two stretches have in common; undefined when that is nothing. */
export function overlap(a: Span, b: Span): Span | undefined {
  const fromSeconds = Math.max(a.fromSeconds, b.fromSeconds);
  const untilSeconds = Math.min(a.untilSeconds, b.untilSeconds);
  return untilSeconds > fromSeconds ? { fromSeconds, untilSeconds } : undefined;
}

/**
 * Moments between which everybody's part stays the same and the day too, ascending, UNIX seconds: sums over the stretches between them are enough to
 * work out every figure. The first is the beginning of the first day, the last the end of the last.
 */
export function cutsOf(days: readonly LocalDay[], holdings: readonly Holding[]): number[] {
  const first = days[0];
  const last = days.at(-1);
  if (first === undefined || last === undefined) return [];
  const whole: Span = { fromSeconds: daySpan(first).fromSeconds, untilSeconds: daySpan(last).untilSeconds };
  const cuts = new Set([...days.flatMap((day) => Object.values(daySpan(day)) as number[])]);
  for (const holding of holdings) {
    const span = overlap(heldSpan(holding), whole);
    if (span === undefined) continue;
    cuts.add(span.fromSeconds);
    cuts.add(span.untilSeconds);
  }
  return [...cuts].sort((a, b) => a - b);
}

/** The places whose sums are needed. */
export function placesOf(tenant: string, holdings: readonly Holding[]): string[] {
  return [...new Set([tenant, ...holdings.map(({ of }) => of)])];
}

/** Work of a fraction of a place, over the part of a day in which it was held. */
export function heldWork(
  { of, fraction }: Holding,
  span: Span,
  cuts: readonly number[],
  sums: SumsByPlace,
): WeightedSums {
  const weights: Weights = new Map([[of, fraction]]);
  return sumOver(span, cuts, (atSeconds) => weightedSums(sums, atSeconds, weights));
}

/** Work that is a tenant's over a stretch: of its own machines what it did not give away, and its part of what it holds of others'. */
export function contributedWork(
  tenant: string,
  holdings: readonly Holding[],
  span: Span,
  cuts: readonly number[],
  sums: SumsByPlace,
): WeightedSums {
  return sumOver(span, cuts, (atSeconds) => {
    const weights = new Map([[tenant, 1]]);
    for (const holding of holdings) {
      const { fromSeconds, untilSeconds } = heldSpan(holding);
      if (atSeconds < fromSeconds || atSeconds >= untilSeconds) continue;
      const { of, holder, fraction } = holding;
      // Who holds their own machines has them anyway.
      const sign = (holder === tenant ? 1 : 0) - (tenantOf(of) === tenant ? 1 : 0);
      if (sign !== 0) weights.set(of, (weights.get(of) ?? 0) + sign * fraction);
    }
    return weightedSums(sums, atSeconds, weights);
  });
}

function sumOver(span: Span, cuts: readonly number[], at: (atSeconds: number) => WeightedSums): WeightedSums {
  let sum = NO_WORK;
  for (const atSeconds of cuts)
    if (atSeconds >= span.fromSeconds && atSeconds < span.untilSeconds) sum = addWeighted(sum, at(atSeconds));
  return sum;
}
